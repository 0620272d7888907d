"""Reflections: heads in a mirror, which move as a head on the stage does, but the other way.

A mirror at the side of the stage shows a performer once more, flipped, as large or smaller. Both
faces are of one person, and they are seen at once; so are twins. The motion distinguishes them: a
reflection repeats each step at the same instant, while two people who dance alike or opposite to
each other are never as exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.conflicts import between_detections
from closeup.fancam.persons import VideoPerson
from closeup.geometry import centres_of, heights_of
from closeup.tracks import Tracklet

_STEP = 0.2
"""Seconds of a step: short enough that two people's steps differ."""
_STEPS = 11
"""Frames, each with the step that begins there, from which two motions are compared."""
_MOVED = 0.1
"""Least variation of the steps in heights of the head: noise is about 0.02."""
_UNLIKE = 0.06
"""Largest share of the motion that a reflection does not repeat. On composed scenes it is 0.00 to
0.06 for reflections, and 0.11 or more for twins who dance opposite to each other."""
_SKEW = 1.5
"""Ratio by which steps to the side may be longer or shorter than the size of the reflection says:
the mirror need not be parallel to the view."""
_SAME_FACE = 3.0
"""Log odds from which two faces may be of one person. Heads in a mirror are small and turned."""
_LARGER = 0.05
"""Difference of the logarithms of two heights from which one of the heads is nearer."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two tracklets that mirror each other.

    Attributes:
        left: Id of the one on the left.
        right: Id of the one on the right.
        frames: Frames that both share.
        growth: Logarithm of the ratio of the left one's height to the right one's.

    """

    left: int
    right: int
    frames: int
    growth: float


def find_reflections(
    tracklets: Sequence[Tracklet],
    conflicts: NDArray[np.bool_],
    alike: NDArray[np.float64],
    shots: NDArray[np.int64],
    seconds: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Find the tracklets of heads in a mirror.

    In each shot the performers are on one side and the reflections on the other: the reflections
    are the smaller heads or, where they are as large, those on the side that shows less of the
    faces. Where the motion shows a mirror, every head on its side is a reflection whose face is
    seen on the other side at the same time.

    Args:
        tracklets: n tracklets.
        conflicts: (n, n), see :func:`closeup.fancam.conflicts.find_conflicts`.
        alike: (n, n) log odds that the faces of two are of one person.
        shots: (n,) number of the shot of each tracklet.
        seconds: Time of each frame.

    Returns:
        (n,) True for reflections.

    """
    found = np.zeros(len(tracklets), bool)
    same = conflicts & (alike >= _SAME_FACE)
    step = max(1, round(_STEP / float(np.median(np.diff(seconds))))) if len(seconds) > 1 else 1
    pairs = list(_pairs(tracklets, np.triu(same), step))
    if not pairs:
        return found
    places = np.array([float(centres_of(t.boxes)[:, 0].mean()) for t in tracklets])
    shown = np.array([float(t.weights.sum()) for t in tracklets])
    more_on_the_left = _balance(pairs, places, shown) >= 0
    for shot in sorted({int(shots[pair.left]) for pair in pairs}):
        own = [pair for pair in pairs if shots[pair.left] == shot]
        growth = float(np.average([p.growth for p in own], weights=[p.frames for p in own]))
        stage_left = growth > 0 if abs(growth) >= _LARGER else more_on_the_left
        behind = _behind_glass(own, places, stage_left=stage_left) & (shots == shot)
        found |= behind & same[:, (shots == shot) & ~behind].any(axis=1)
    return found


def reflected(
    persons: Sequence[VideoPerson], tracklets: Sequence[Tracklet], reflections: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which persons (p,) are a reflection for most of the time in which they are seen.

    Args:
        persons: p persons.
        tracklets: n tracklets.
        reflections: (n,) the result of :func:`find_reflections`.

    """
    lengths = np.array([len(tracklet) for tracklet in tracklets], np.int64)
    shares = [
        np.average(reflections[list(p.tracklets)], weights=lengths[list(p.tracklets)])
        for p in persons
    ]
    return np.asarray(np.array(shares) > 0.5)


def _balance(
    pairs: Sequence[_Pair], places: NDArray[np.float64], shown: NDArray[np.float64]
) -> float:
    """How much more of the faces is shown on the left of the pairs' middle than on the right."""
    middle = np.mean([(places[pair.left] + places[pair.right]) / 2 for pair in pairs])
    return float(shown[places < middle].sum() - shown[places >= middle].sum())


def _behind_glass(
    pairs: Sequence[_Pair], places: NDArray[np.float64], *, stage_left: bool
) -> NDArray[np.bool_]:
    """Which tracklets (n,) are on the side of the reflections."""
    left = max(places[pair.left] for pair in pairs)
    right = min(places[pair.right] for pair in pairs)
    edge = (left + right) / 2
    return np.asarray(places > edge if stage_left else places < edge)


def _pairs(
    tracklets: Sequence[Tracklet], possible: NDArray[np.bool_], step: int
) -> Iterator[_Pair]:
    """Yield the pairs whose motion is that of a head and its reflection."""
    for a, b in np.argwhere(possible).tolist():
        frames, one, other = _together(tracklets[a], tracklets[b])
        if not _mirrored(frames, one, other, step):
            continue
        growth = float(np.log(np.median(heights_of(one)) / np.median(heights_of(other))))
        if centres_of(one)[:, 0].mean() <= centres_of(other)[:, 0].mean():
            yield _Pair(a, b, len(frames), growth)
        else:
            yield _Pair(b, a, len(frames), -growth)


def _together(
    one: Tracklet, other: Tracklet
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """The frames in which two heads are seen, and their boxes there."""
    first, second = between_detections(one), between_detections(other)
    frames, rows, columns = np.intersect1d(
        one.frames[first], other.frames[second], assume_unique=True, return_indices=True
    )
    return frames, one.boxes[first][rows], other.boxes[second][columns]


def _mirrored(
    frames: NDArray[np.int64], one: NDArray[np.float32], other: NDArray[np.float32], step: int
) -> bool:
    """Whether two heads move as one and its reflection do.

    Args:
        frames: (n,) frames that show both.
        one: (n, 4) boxes of one.
        other: (n, 4) boxes of the other.
        step: Frames of a step.

    """
    rows = np.flatnonzero(frames[step:] - frames[:-step] == step)
    if len(rows) < _STEPS:
        return False
    moved, repeated = (_varied(boxes, rows, step) for boxes in (one, other))
    scale = float(np.median(heights_of(other)) / np.median(heights_of(one)))
    side = -float(moved[:, 0] @ repeated[:, 0]) / max(float(moved[:, 0] @ moved[:, 0]), 1e-9)
    side = float(np.clip(side, scale / _SKEW, scale * _SKEW))
    rest = repeated - moved * [-side, scale]
    power = float((repeated**2).sum())
    enough = power >= len(rows) * (_MOVED * float(np.median(heights_of(other)))) ** 2
    return enough and float((rest**2).sum()) <= _UNLIKE * power


def _varied(boxes: NDArray[np.float32], rows: NDArray[np.int64], step: int) -> NDArray[np.float64]:
    """Steps (k, 2) of a head without their mean: two who walk apart evenly mirror nothing."""
    centres = centres_of(boxes).astype(np.float64)
    steps = (centres[step:] - centres[:-step])[rows]
    return np.asarray(steps - steps.mean(axis=0), np.float64)
