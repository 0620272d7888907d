"""Position and pose of a performer at any time, interpolated from a few keys."""

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
"""Longest duration of turning away, or back, in seconds."""

_NARROW = 0.55
"""Width of a head in the middle of a turn, relative to its full width."""


@dataclass(frozen=True, slots=True)
class Key:
    """A position at a point in time.

    Attributes:
        at: Seconds since the start of the shot.
        x: x of the face's middle, in frame widths; below 0 or above 1 is outside.
        y: y of the face's middle, in frame heights.
        face: Height of the face, in frame heights.

    """

    at: float
    x: float
    y: float
    face: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A period in which a performer looks different, and the look afterwards.

    Attributes:
        look: The visible side. ``FRONT`` with ``flip`` is a plain turn to the other side.
        start: Seconds since the start of the shot.
        stop: Seconds since the start of the shot.
        flip: Whether the performer is mirrored from the middle of the passage on.
        photo: Index of the portrait shown from the middle of the passage on.

    """

    look: Look
    start: float
    stop: float
    flip: bool = False
    photo: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """The actions of one performer in one shot.

    Attributes:
        performer: Name of the performer.
        keys: One or more, in order of time; between them the motion is smooth (monotone
            cubic, Fritsch and Carlson 1980), outside them it is constant.
        passages: Passages in order of time, without overlap.
        photo: Index of the portrait at the beginning.
        flip: Whether the performer is mirrored at the beginning.

    Raises:
        InputError: there is no key, or keys or passages are out of order.

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
    """The pose of a performer at one moment.

    Attributes:
        x: x of the face's middle, in frame widths.
        y: y of the face's middle, in frame heights.
        face: Height of the face, in frame heights.
        stretch: Horizontal factor, negative if mirrored, smaller during a turn.
        look: The visible side.
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
        """Whether the face is unoccluded and not in the narrow part of a turn."""
        return self.look in (Look.FRONT, Look.RAISED) and abs(self.stretch) > 0.7


def track(act: Act) -> Callable[[float], Pose]:
    """Return the act as a function of the seconds since the start of the shot."""
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
    """Return the look and the relative width of the head, which is 1 outside turns."""
    for passage in act.passages:
        if passage.start <= seconds < passage.stop:
            break
    else:
        return Look.FRONT, 1.0
    if passage.look in (Look.HAND, Look.HAIR, Look.RAISED):
        return passage.look, 1.0
    turn = min(_TURN, (passage.stop - passage.start) / 2)
    if passage.look is Look.FRONT:
        turn = passage.stop - passage.start
    since = min(seconds - passage.start, passage.stop - seconds)
    done = min(max(since, 0.0) / turn, 1.0)
    width = 1 - (1 - _NARROW) * math.sin(math.pi * done)
    return (passage.look if done >= 0.5 else Look.FRONT), width


def _after(act: Act, seconds: float) -> tuple[bool, int]:
    """Return whether the performer is mirrored, and the index of the portrait shown."""
    flip, photo = act.flip, act.photo
    for passage in act.passages:
        if seconds >= (passage.start + passage.stop) / 2:
            flip ^= passage.flip
            photo = photo if passage.photo is None else passage.photo
    return flip, photo


@dataclass(frozen=True, slots=True)
class Sway:
    """Small motion of a living body, in face heights and radians."""

    phase: float

    def at(self, seconds: float) -> tuple[float, float, float]:
        """Return the offset in x and y (face heights) and the tilt (radians) at a time."""
        beat = 2 * math.pi * seconds
        x = 0.08 * math.sin(0.55 * beat + self.phase)
        y = -0.06 * abs(math.sin(beat + self.phase))
        tilt = 0.05 * math.sin(0.4 * beat + 2 * self.phase)
        return x, y, tilt
