"""Shots of a video: cuts of all kinds, and the part of the picture without bars.

Flashes, strobes, fades to black and back, and movements of camera and people are no cuts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, islice
from math import ceil, floor
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Box, Size, whole
from closeup.media.bars import Borders, active_areas
from closeup.media.structure import Structure, comparable
from closeup.media.transitions import ShotChange, abrupt_changes, mixtures, overlap
from closeup.protocols import ShotDetector

_FLEETING = Fraction(1, 4)
"""Seconds within which a scene that comes back counts as the same shot: the duration of a flash,
or of one beat of a strobe of 4 Hz (half its period is 1/8 s)."""

_SAME_SHOT = 0.5
"""Correlation from which a dark picture shows the same shot as a bright one."""

_BLOCK = 1000
"""Pictures that are compared at once, so that memory does not grow with the video."""

_MARGIN = 60
"""Pictures before and after a block that are compared with it: twice the longest dissolve."""


class Shots(NamedTuple):
    """The shots of a video.

    Attributes:
        cuts: Index of the first frame of every shot but the first.
        areas: The part of the picture without bars, one box a shot; see
            :func:`closeup.media.bars.active_areas`.

    """

    cuts: list[int]
    areas: list[Box]


class StructureShotDetector(ShotDetector):
    """Closeup's own shot detector; see :func:`find_cuts`."""

    name = "closeup"

    def find(self, thumbnails: Iterable[RGBImage], rate: Fraction) -> list[int]:
        """See :meth:`closeup.protocols.ShotDetector.find`."""
        return find_cuts(thumbnails, rate)


def find_shots(
    thumbnails: Callable[[], Iterable[RGBImage]],
    borders: Borders,
    rate: Fraction,
    detector: ShotDetector,
) -> Shots:
    """Find cuts and bars, which depend on each other.

    The bars of a first division into shots are cut off, and the cuts are found again: the straight
    ends of bars look the same on both sides of a cut, and can hide it.

    Args:
        thumbnails: Begins to read the thumbnails of all frames anew; see :func:`find_cuts`.
        borders: Borders of the same frames.
        rate: Frames a second.
        detector: Finds the cuts.

    """
    cuts = detector.find(thumbnails(), rate)
    areas = active_areas(borders, cuts)
    if all(area == whole(borders.frame) for area in areas):
        return Shots(cuts, areas)
    cuts = detector.find(_cropped(thumbnails(), cuts, areas, borders.frame), rate)
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
    """Find the cuts of a video, in constant memory.

    Hard cuts, with or without a blended frame, jumps in time in one scene, dissolves of up to 25
    frames, and fades through black to another scene are cuts. Light does not matter
    (:class:`closeup.media.structure.Structure`); pictures that are all black or white are left
    out. See :mod:`closeup.media.transitions`. The result depends on the arguments only.

    Args:
        thumbnails: One a frame, RGB uint8 of the same shape (H, W, 3), about 48 pixels wide.
        rate: Frames a second.

    Returns:
        Index of the first frame of each shot but the first one, increasing. In a dissolve it is
        the first frame in which the new shot dominates; after black or white frames the first one
        in which it is visible. Within 1/4 s of either end of the video, only another scene is a
        cut.

    """
    fleeting = max(1, int(_FLEETING * rate))
    cuts: list[int] = []
    for start, core, block in _blocks(thumbnails):
        middles = (start + change.middle for change in _changes(block, fleeting))
        cuts += sorted(middle for middle in middles if middle in core)
    return cuts


def _blocks(thumbnails: Iterable[RGBImage]) -> Iterator[tuple[int, range, list[Structure]]]:
    """Blocks with their margins: the first picture's index, the block's own, and all pictures."""
    remaining: Iterator[Structure] = map(Structure, thumbnails)
    kept: list[Structure] = []
    start = first = 0
    while True:
        kept += islice(remaining, _BLOCK + _MARGIN - (start + len(kept) - first))
        stop = min(first + _BLOCK, start + len(kept))
        following = next(remaining, None)
        if following is None:
            yield start, range(first, start + len(kept)), kept
            return
        yield start, range(first, stop), kept
        remaining = chain([following], remaining)
        left = max(0, stop - _MARGIN - start)
        kept, start, first = kept[left:], start + left, stop


def _changes(pictures: Sequence[Structure], fleeting: int) -> list[ShotChange]:
    """The cuts among some pictures, in any order."""
    if not pictures:
        return []
    visible = comparable(pictures)
    frames = np.flatnonzero(visible)
    found: list[ShotChange] = []
    if len(frames) > 2:
        directions = np.array([pictures[frame].direction() for frame in frames.tolist()])
        lights = np.array([pictures[frame].light for frame in frames.tolist()], np.float32)
        abrupt = abrupt_changes(directions, frames, lights, fleeting)
        found += _strongest(_in_frames(change, frames, pictures) for change in abrupt)
    # A change at once is no mixture, however much it resembles one that lasts longer.
    mixed = mixtures(np.array([picture.detail for picture in pictures]), visible)
    return found + [change for change in mixed if not any(overlap(change, o) for o in found)]


def _strongest(changes: Iterable[ShotChange]) -> list[ShotChange]:
    """The changes without those that overlap a stronger one."""
    found: list[ShotChange] = []
    for change in sorted(changes, key=lambda change: -change.strength):
        if not any(overlap(change, other) for other in found):
            found.append(change)
    return found


def _in_frames(
    change: ShotChange, frames: NDArray[np.intp], pictures: Sequence[Structure]
) -> ShotChange:
    """A change among visible pictures, as one among all of them.

    Dark pictures before its end that show the later shot already belong to it.
    """
    first, last = int(frames[change.first]), int(frames[change.last])
    middle, later = last, pictures[last].direction()
    while middle - 1 > first and pictures[middle - 1].visible:
        if float((pictures[middle - 1].direction() * later).sum()) < _SAME_SHOT:
            break
        middle -= 1
    return ShotChange(first, last, middle, change.strength)
