"""Where a performer is and how they stand at any moment, from a few keys."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator

from closeup.errors import InputError
from closeup.synthesis.figures import Look

_TURN = 0.3
"""Seconds that turning away, or back, takes at most."""

_NARROW = 0.55
"""Width of a head in the middle of a turn, in its own widths."""


@dataclass(frozen=True, slots=True)
class Key:
    """A place at a moment.

    Attributes:
        at: Seconds since the shot began.
        x: The face's middle, in widths of the frame; below 0 or above 1 is outside.
        y: The face's middle, in heights of the frame.
        face: Height of the face, in heights of the frame.

    """

    at: float
    x: float
    y: float
    face: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A time in which a performer looks different, and how they look afterwards.

    Attributes:
        look: What the camera sees. ``FRONT`` with ``flip`` is a plain turn to the other side.
        start: Seconds since the shot began.
        stop: Seconds since the shot began.
        flip: Turned to the other side (mirrored) from the middle of the passage on.
        photo: Index of the portrait that is shown from the middle of the passage on.

    """

    look: Look
    start: float
    stop: float
    flip: bool = False
    photo: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What one performer does in one shot.

    Attributes:
        performer: Name of the performer.
        keys: One or more, in order of time; between them the motion is smooth (monotone
            cubic, Fritsch and Carlson 1980), outside them it stands still.
        passages: In order of time, without overlap.
        photo: Index of the portrait at the beginning.
        flip: Mirrored at the beginning.

    Raises:
        InputError: no key, or keys or passages out of order.

    """

    performer: str
    keys: tuple[Key, ...]
    passages: tuple[Passage, ...] = ()
    photo: int = 0
    flip: bool = False

    def __post_init__(self) -> None:
        times = [key.at for key in self.keys]
        if not times or any(b <= a for a, b in pairwise(times)):
            raise InputError(
                f"{self.performer}: key times {times} do not increase; give one key or more"
            )
        edges = [edge for passage in self.passages for edge in (passage.start, passage.stop)]
        if any(b < a for a, b in pairwise(edges)):
            raise InputError(
                f"{self.performer}: passages overlap or end before they start; put them in order"
            )


@dataclass(frozen=True, slots=True)
class Pose:
    """How a performer stands at one moment.

    Attributes:
        x: The face's middle, in widths of the frame.
        y: The face's middle, in heights of the frame.
        face: Height of the face, in heights of the frame.
        stretch: Horizontal factor, negative when mirrored, narrower during a turn.
        look: What the camera sees.
        photo: Index of the portrait.

    """

    x: float
    y: float
    face: float
    stretch: float
    look: Look
    photo: int

    @property
    def faces_camera(self) -> bool:
        """The face is uncovered and not in the narrow part of a turn."""
        return self.look is Look.FRONT and abs(self.stretch) > 0.7


def track(act: Act) -> Callable[[float], Pose]:
    """The act as a function of the seconds since the shot began."""
    places = np.array([(key.x, key.y, key.face) for key in act.keys])
    times = np.array([key.at for key in act.keys])
    path = PchipInterpolator(times, places) if len(times) > 1 else lambda _: places[0]

    def pose(seconds: float) -> Pose:
        x, y, face = path(min(max(seconds, times[0]), times[-1]))
        look, width = _look(act, seconds)
        flip, photo = _after(act, seconds)
        return Pose(float(x), float(y), float(face), -width if flip else width, look, photo)

    return pose


def _look(act: Act, seconds: float) -> tuple[Look, float]:
    """The look and the width of the head, 1 when not in a turn."""
    for passage in act.passages:
        if passage.start <= seconds < passage.stop:
            break
    else:
        return Look.FRONT, 1.0
    if passage.look in (Look.HAND, Look.HAIR):
        return passage.look, 1.0
    turn = min(_TURN, (passage.stop - passage.start) / 2)
    if passage.look is Look.FRONT:
        turn = passage.stop - passage.start
    since = min(seconds - passage.start, passage.stop - seconds)
    done = min(max(since, 0.0) / turn, 1.0)
    width = 1 - (1 - _NARROW) * math.sin(math.pi * done)
    return (passage.look if done >= 0.5 else Look.FRONT), width


def _after(act: Act, seconds: float) -> tuple[bool, int]:
    """Whether the performer is mirrored, and which portrait is shown."""
    flip, photo = act.flip, act.photo
    for passage in act.passages:
        if seconds >= (passage.start + passage.stop) / 2:
            flip ^= passage.flip
            photo = photo if passage.photo is None else passage.photo
    return flip, photo


@dataclass(frozen=True, slots=True)
class Sway:
    """Small motion of a living body, in heights of the face and radians."""

    phase: float

    def at(self, seconds: float) -> tuple[float, float, float]:
        """Offset in x and y (heights of the face), and tilt (radians), at a moment."""
        beat = 2 * math.pi * seconds
        x = 0.08 * math.sin(0.55 * beat + self.phase)
        y = -0.06 * abs(math.sin(beat + self.phase))
        tilt = 0.05 * math.sin(0.4 * beat + 2 * self.phase)
        return x, y, tilt
