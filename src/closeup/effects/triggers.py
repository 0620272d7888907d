"""Triggers: when an effect of surprise begins in a video."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from closeup.effects.face_memory import FaceMemory
from closeup.faces import Faces

_USUAL = 3.0
"""Seconds over which the usual openness of a person's eyes is averaged."""
_WIDER = 0.12
"""Openness above the usual one that counts as widened."""
_HELD = 0.8
"""Seconds for which the effect lasts after the eyes widened."""


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
    usual: float = np.nan
    held: float = 0.0


class WideEyes:
    """A trigger that is on for a moment when a person's eyes open wider than usual.

    Eyes that are wide open all the time cannot widen, so they never trigger. In photos it is on.
    """

    def __init__(self) -> None:
        self._lids = FaceMemory(_Lids)

    def on(self, faces: Faces, row: int) -> bool:
        """See :meth:`Trigger.on`."""
        recalled = self._lids.recall(faces, row)
        if recalled is None or faces.eyes is None:
            return True
        own, passed = recalled
        own.held = max(0.0, own.held - passed)
        openness = faces.eyes.openness[row]
        if np.isfinite(openness).any():
            wide = float(np.nanmean(openness))
            if wide > own.usual + _WIDER:  # false while the usual openness is unknown
                own.held = _HELD
            share = 1.0 if np.isnan(own.usual) else min(1.0, passed / _USUAL)
            own.usual = float(np.nan_to_num(own.usual)) * (1 - share) + share * wide
        return own.held > 0


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
