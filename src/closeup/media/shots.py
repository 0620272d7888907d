"""Detection of hard cuts; flashes, strobes, fades and fast pans are not reported."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect import FrameTimecode
from scenedetect.detectors import AdaptiveDetector

from closeup.frames import RGBImage
from closeup.geometry import Box, Size, whole
from closeup.media.bars import Borders, active_areas
from closeup.media.structure import Structure

_NEIGHBOURS = 2
"""Frames on each side with which the change at a cut is compared."""

_RATIO = 2.5
"""Minimum ratio of the change at a cut to that of its neighbours; a pan has about 1."""

_LEAST_CHANGE = 14.0
"""Minimum mean change of the structure at a cut, in grey levels; real cuts have 30."""

_SAME_SCENE = 0.5
"""Correlation above which two pictures are of one shot; see :class:`Structure`."""

_MEMORY = Fraction(1, 2)
"""Seconds before and after a proposed cut that are compared."""

_FLEETING = Fraction(1, 4)
"""Seconds within which a scene that comes back counts as the same shot: the duration of a flash,
or of one beat of a strobe of 4 Hz (half its period is 1/8 s)."""


class _Sight(NamedTuple):
    """A picture that is not flat: its frame's index, and its structure as a unit vector."""

    frame: int
    direction: NDArray[np.float32]


class Shots(NamedTuple):
    """The shots of a video.

    Attributes:
        cuts: Index of the first frame of every shot but the first.
        areas: The part of the picture without bars, one box a shot; see
            :func:`closeup.media.bars.active_areas`.

    """

    cuts: list[int]
    areas: list[Box]


def find_shots(
    thumbnails: Callable[[], Iterable[RGBImage]], borders: Borders, rate: Fraction
) -> Shots:
    """Find cuts and bars, which depend on each other.

    The bars of a first division into shots are cut off, and the cuts are found again: the straight
    ends of bars look the same on both sides of a cut, and can hide it.

    Args:
        thumbnails: Begins to read the thumbnails of all frames anew; see :func:`find_cuts`.
        borders: Borders of the same frames.
        rate: Frames a second.

    """
    cuts = find_cuts(thumbnails(), rate)
    areas = active_areas(borders, cuts)
    if all(area == whole(borders.frame) for area in areas):
        return Shots(cuts, areas)
    cuts = find_cuts(_cropped(thumbnails(), cuts, areas, borders.frame), rate)
    return Shots(cuts, active_areas(borders, cuts))


def _cropped(
    thumbnails: Iterable[RGBImage], cuts: Sequence[int], areas: Sequence[Box], frame: Size
) -> Iterator[RGBImage]:
    """The areas of all thumbnails, enlarged to the size of a thumbnail."""
    for index, thumbnail in enumerate(thumbnails):
        area = areas[bisect_right(cuts, index)]
        size = Size.of(thumbnail)
        x, y = size.width / frame.width, size.height / frame.height
        # Pixels that a bar covers in part are left out.
        columns = slice(ceil((area.x1 + 0.5) * x), floor((area.x2 + 0.5) * x))
        rows = slice(ceil((area.y1 + 0.5) * y), floor((area.y2 + 0.5) * y))
        part = np.ascontiguousarray(thumbnail[rows, columns])
        yield np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def find_cuts(thumbnails: Iterable[RGBImage], rate: Fraction) -> list[int]:
    """Find the hard cuts of a video, frame by frame and in constant memory.

    PySceneDetect's adaptive detector proposes cuts on pictures that are normalised for light
    (:class:`closeup.media.structure.Structure`); pictures that are all black or white are left
    out. A proposal is a cut unless a picture soon after it shows the scene of a picture soon
    before it. Of cuts less than a quarter of a second apart only the one with the greatest change
    is kept. The result depends on the arguments only.

    Args:
        thumbnails: One a frame, RGB uint8 of the same shape (H, W, 3), about 48 pixels wide.
        rate: Frames a second.

    Returns:
        Index of the first frame of each shot but the first one, increasing. After black or white
        frames it is the first frame in which the new scene is visible.

    """
    kept: list[tuple[int, float]] = []
    nearest = max(1, int(_FLEETING * rate))
    for index, likeness in _confirmed(_sights(thumbnails), rate):
        if kept and index - kept[-1][0] <= nearest:
            if likeness < kept[-1][1]:
                kept[-1] = (index, likeness)
        else:
            kept.append((index, likeness))
    return [index for index, _ in kept]


def _sights(thumbnails: Iterable[RGBImage]) -> Iterator[tuple[_Sight, Structure]]:
    for frame, thumbnail in enumerate(thumbnails):
        structure = Structure(thumbnail)
        if structure.visible:
            yield _Sight(frame, structure.direction()), structure


def _confirmed(
    sights: Iterable[tuple[_Sight, Structure]], rate: Fraction
) -> Iterator[tuple[int, float]]:
    """The confirmed cuts, as frame index and correlation of the pictures on both sides."""
    reach, fleeting = max(1, int(_MEMORY * rate)), max(1, int(_FLEETING * rate))
    recent: deque[_Sight] = deque(maxlen=2 * reach + _NEIGHBOURS + 1)
    proposals: deque[int] = deque()
    proposer = _Proposer()
    seen = 0

    def judged() -> Iterator[tuple[int, float]]:
        place = proposals.popleft() - (seen - len(recent))
        before, after = list(recent)[max(0, place - reach) : place], list(recent)[place:]
        alike = _likeness(before, after[:reach])
        if not _comes_back(alike, fleeting):
            yield after[0].frame, float(alike[-1, 0])

    for sight, structure in sights:
        recent.append(sight)
        seen += 1
        proposals.extend(proposer.watch(structure))
        while proposals and seen >= proposals[0] + reach:
            yield from judged()
    proposals.extend(proposer.end())
    while proposals:
        yield from judged()


def _likeness(before: list[_Sight], after: list[_Sight]) -> NDArray[np.float32]:
    """Correlation of each picture in ``before`` with each in ``after``; shape (b, a)."""
    rows = np.array([sight.direction for sight in before])
    return np.asarray(rows @ np.array([sight.direction for sight in after]).T)


def _comes_back(alike: NDArray[np.float32], fleeting: int) -> bool:
    """Whether a scene before the cut returns with at most ``fleeting`` pictures in between."""
    rows, columns = np.indices(alike.shape)
    between = (len(alike) - 1 - rows) + columns
    return bool(np.any((alike > _SAME_SCENE) & (between <= fleeting)))


class _Proposer:
    """PySceneDetect's adaptive detector, with padding beyond both ends of the video."""

    def __init__(self) -> None:
        self._detector = AdaptiveDetector(
            adaptive_threshold=_RATIO,
            min_scene_len=0,
            window_width=_NEIGHBOURS,
            min_content_val=_LEAST_CHANGE,
            luma_only=True,
        )
        self._fed = 0
        self._last: NDArray[np.uint8] | None = None

    def watch(self, structure: Structure) -> Iterator[int]:
        """Feed the next picture; yields indices of proposed cuts among the pictures so far."""
        picture = np.asarray(cv2.cvtColor(structure.picture(), cv2.COLOR_GRAY2BGR), np.uint8)
        repeats = _NEIGHBOURS if self._last is None else 0
        self._last = picture
        for _ in range(repeats + 1):
            yield from self._feed(picture)

    def end(self) -> Iterator[int]:
        """Indices of proposed cuts among the last pictures."""
        if self._last is not None:
            for _ in range(_NEIGHBOURS):
                yield from self._feed(self._last)

    def _feed(self, picture: NDArray[np.uint8]) -> Iterator[int]:
        # The detector counts in frames; the rate has no effect but must be given.
        found = self._detector.process_frame(FrameTimecode(self._fed, 25.0), picture)
        self._fed += 1
        yield from (timecode.frame_num - _NEIGHBOURS for timecode in found)
