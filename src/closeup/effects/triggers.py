"""Triggers: when an effect of surprise begins in a video."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.effects.face_memory import FaceMemory
from closeup.effects.face_shapes import face_shapes
from closeup.effects.openness import log_odds
from closeup.faces import Faces
from closeup.geometry import centres_of, sides_of

_REMEMBERED, _LEAST_REMEMBERED = 10.0, 0.5
"""Seconds over which the usual opening of a person's eyes is measured, and least seconds for it."""
_MOST = 0.9
"""Quantile of the openings of that time from which eyes can be wide; blinks hardly change it."""
_WIDER, _SPREADS = (0.4, 1.0), 3.0
"""Least and most log-odds above it that count as widened, and in between its distance from the
median times a factor: more is needed of eyes whose opening varies by itself."""
_FRAMES = 2
"""Frames in succession in which eyes are wide, before the effect begins."""
_HELD = 0.8
"""Seconds for which the effect lasts after the eyes were wide."""
_BLINK = float(log_odds(0.3))
"""Opening up to which eyes are not remembered."""
_TURNED, _CERTAIN = math.radians(30), 0.5
"""Largest turn of a head and least confidence of its eyes, for the opening to be reliable."""
_JUMP = 4.5
"""Box sides a second by which no face moves, grows or shrinks: it is another face, after a cut."""


class TriggerKind(StrEnum):
    """Values of ``--trigger``."""

    ALWAYS = "always"
    WIDE_EYES = "wide-eyes"
    KEY = "key"


class Trigger(Protocol):
    """Decides when the effect on a face is on."""

    def on(self, faces: Faces, row: int) -> bool:
        """Whether the effect on one face of a frame is on.

        Args:
            faces: Tracked faces of a frame, with ``ids`` and ``seconds``.
            row: The face.

        """
        ...


class Always:
    """A trigger that is on in every frame."""

    def on(self, faces: Faces, row: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """See :meth:`Trigger.on`."""
        return True


@dataclass(slots=True)
class KeyTrigger:
    """A trigger that a user switches, as with a key of the camera's window.

    Attributes:
        pressed: Whether the effect is on.

    """

    pressed: bool = False

    def on(self, faces: Faces, row: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """See :meth:`Trigger.on`."""
        return self.pressed


@dataclass(slots=True)
class _Lids:
    """The eyes of one face.

    Attributes:
        openings: Seconds and opening of the frames that are remembered.
        wide: Frames in succession in which the eyes were wide.
        held: Seconds for which the effect goes on.
        box: (4,) the face in the last frame; None before the first.

    """

    openings: deque[tuple[float, float]] = field(default_factory=deque)
    wide: int = 0
    held: float = 0.0
    box: NDArray[np.float64] | None = None

    def step(self, box: NDArray[np.float64], opening: float, seconds: float, passed: float) -> bool:
        """Whether the effect is on; ``opening`` is NaN where it is unknown."""
        if self.box is not None and _jumped(self.box, box, passed):
            self.openings.clear()
        self.box = box
        self.held = max(0.0, self.held - passed)
        while self.openings and seconds - self.openings[0][0] > _REMEMBERED:
            self.openings.popleft()
        self.wide = self.wide + 1 if opening > self._limit(seconds) else 0
        if self.wide >= _FRAMES:
            self.held = _HELD
        if opening > _BLINK:
            self.openings.append((seconds, opening))
        return self.held > 0

    def _limit(self, seconds: float) -> float:
        """Opening above which the eyes are wide; infinite while the usual one is unknown."""
        if not self.openings or seconds - self.openings[0][0] < _LEAST_REMEMBERED:
            return math.inf
        median, most = np.quantile([opening for _, opening in self.openings], (0.5, _MOST)).tolist()
        return float(most + np.clip(_SPREADS * (most - median), *_WIDER))


class WideEyes:
    """A trigger that is on for a moment when a person's eyes open wider than usual.

    The opening is the log-odds of the openness, mean of both eyes, which still grows where the
    openness is almost 1. It is compared with what it mostly was in the last 10 seconds. Eyes that
    are wide open all the time, of turned heads, or hidden never trigger. In photos it is on.
    """

    def __init__(self) -> None:
        self._lids = FaceMemory(_Lids)

    def on(self, faces: Faces, row: int) -> bool:
        """See :meth:`Trigger.on`."""
        recalled = self._lids.recall(faces, row)
        if recalled is None or faces.seconds is None:
            return True
        lids, passed = recalled
        return lids.step(
            faces.boxes[row].astype(float), _opening(faces, row), faces.seconds, passed
        )


def _opening(faces: Faces, row: int) -> float:
    """Mean log-odds of the openness of both eyes; NaN if they are not seen well."""
    shape = next(face_shapes(faces[np.array([row])]), None)
    if shape is None or faces.eyes is None or abs(shape.yaw) > _TURNED:
        return math.nan
    certain = (faces.eyes.confidence[row] >= _CERTAIN).all()
    return float(log_odds(faces.eyes.openness[row]).mean()) if certain else math.nan


def _jumped(before: NDArray[np.float64], after: NDArray[np.float64], passed: float) -> bool:
    """Whether a box (4,) moved or changed its size faster than a face does."""
    old, new = (float(sides_of(box).mean()) for box in (before, after))
    way = float(np.abs(centres_of(after) - centres_of(before)).max())
    return max(way / new, abs(math.log(new / old))) > _JUMP * passed


def open_trigger(kind: TriggerKind | str | Trigger) -> Trigger:
    """A trigger by its name; a trigger is returned as it is.

    Raises:
        ValueError: there is no such trigger.

    """
    if not isinstance(kind, str):
        return kind
    triggers: dict[TriggerKind, type[Always | KeyTrigger | WideEyes]] = {
        TriggerKind.ALWAYS: Always,
        TriggerKind.KEY: KeyTrigger,
        TriggerKind.WIDE_EYES: WideEyes,
    }
    return triggers[TriggerKind(kind)]()
