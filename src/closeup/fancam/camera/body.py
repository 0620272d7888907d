"""The whole body below a face: the rows it fills, and when a picture can show it.

Proportions are in face heights. They were measured on the drawn figures, whose soles are known,
with boxes of every face detector, and on a photo of a stage with nine marked bodies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.clock import frame_interval
from closeup.fancam.member_detections import MemberDetections
from closeup.geometry import Boxes, Size, centres_of, sides_of
from closeup.sliding import sliding_maximum, sliding_mean, sliding_median, sliding_minimum
from closeup.tracks import Trajectory

Column = NDArray[np.float64]
"""One number a frame, shape (n,)."""

Mask = NDArray[np.bool_]
"""One decision a frame, shape (n,)."""

FACE_SHAPE = 1.25
"""Height of a face over the width of its box. Detectors agree on the width of a face, but some
(MMOD, HOG) end the box at the eyebrows; the larger of the box's height and this multiple of its
width differs by less than 5 % between detectors."""

STANDING = 7.3
"""Usual distance of the soles below the face's centre, of a person who stands."""

LONGEST = 8.2
"""Largest such distance: of tall people with small heads."""

SHORTEST = 5.0
"""Smallest such distance that is believed of a box of a person: a shorter body is covered."""

EDGE = 0.02
"""Share of the picture's height from its lower edge in which a box of a person may be cut off."""

SEEN_MARGIN = 0.4
"""Face heights below the soles that are kept inside where a person detector saw them."""

CROWN = 1.1
"""Usual distance of the upper edge of a person's box above the face's centre."""

REACH = 2.4
"""Distance of the fingertips of raised arms above the face's centre, the elbows slightly bent."""

CALM = 1.0
"""Seconds over which the place of the feet is a median: a nod or a jump does not move the stage."""

CROUCH = 2.5
"""Face heights by which the soles of a standing person may be below the picture while the whole
body stays shown: the head of a person who bends the knees is that much lower."""

NEARER = 1.25
"""Growth of the face, since the soles were last in the picture, from which the camera has come
nearer: then they are below the picture, whereas a crouch hardly changes the face."""

STEADY = 4.0
"""Shortest time in seconds between two changes of the framing in one shot."""

GLIDE = 1.6
"""Seconds in which the crop changes from one framing to the other."""

SMALLEST_SHARE = 0.25
"""Minimum height of a crop that shows the whole body, in heights of the source: the body of a
smaller person would be blurred, and a bust shows more."""


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Rows that the body of one person fills in each frame of a stretch, in source pixels.

    Attributes:
        top: (n,) highest row that raised hands can reach.
        soles: (n,) row of the soles, as far down as they can be.
        standing: (n,) row of the soles of a person of usual proportions who stands.
        unit: (n,) height of the face.

    """

    top: Column
    soles: Column
    standing: Column
    unit: Column


def face_heights(boxes: Boxes) -> Column:
    """Heights of faces, independent of where a detector's box ends at the forehead; (n,)."""
    width, height = sides_of(boxes).astype(np.float64).T
    return np.asarray(np.maximum(height, FACE_SHAPE * width))


def bodies_of(boxes: Boxes, times: Column, seen: Column | None = None) -> Bodies:
    """Rows of the bodies below faces.

    Args:
        boxes: (n, 4) face boxes of one person in successive frames, xyxy in source pixels.
        times: (n,) seconds, increasing.
        seen: (n,) rows in which the soles were seen, NaN in other frames. Near them
            they replace the proportions. None if they were never looked for.

    """
    window = _frames(CALM, times)
    unit = sliding_median(face_heights(boxes), window)
    middle = centres_of(boxes)[:, 1].astype(np.float64)
    steady = sliding_median(middle, window)
    soles, standing = steady + LONGEST * unit, steady + STANDING * unit
    if seen is not None and np.isfinite(seen).any():
        known = np.isfinite(seen)
        rows = np.interp(times, times[known], seen[known])
        before, after = _latest(known), len(known) - 1 - _latest(known[::-1])[::-1]
        near = (before >= 0) & (times - times[before] <= CALM)
        near |= (after < len(known)) & (times[np.minimum(after, len(known) - 1)] - times <= CALM)
        soles = np.where(near, rows + SEEN_MARGIN * unit, soles)
        standing = np.where(near, rows, standing)
    return Bodies(middle - REACH * unit, soles, standing, unit)


def seen_soles(
    trajectory: Trajectory, persons: MemberDetections, frame: Size
) -> NDArray[np.float64]:
    """Rows in which a person detector saw the soles of one member; (n,), NaN where it did not.

    A box that ends at the lower edge of the picture may end at the knees, and one that is too
    short may be that of a person behind others; both are left out.

    Args:
        trajectory: The member's face boxes in n frames.
        persons: Boxes of persons in some of these frames.
        frame: The source's size in pixels.

    """
    rows = np.full(len(trajectory), np.nan)
    for number, index in enumerate(persons.frames):
        if index >= len(rows) or not trajectory.present[index]:
            continue
        face = trajectory.boxes[index].astype(np.float64)
        unit, (x, y) = face_heights(face[None])[0], centres_of(face)
        boxes = persons.found.boxes[persons.owner == number]
        below = (boxes[:, 3] - y) / unit
        apart = np.abs(boxes[:, [0, 2]].mean(axis=1) - x) / unit
        apart += np.abs((y - boxes[:, 1]) / unit - CROWN)
        whole = (below >= SHORTEST) & (below <= LONGEST + 1) & (boxes[:, 1] < y)
        whole &= (boxes[:, 3] < (1 - EDGE) * frame.height) & (apart < REACH)
        if whole.any():
            rows[index] = boxes[np.argmin(np.where(whole, apart, np.inf)), 3]
    return rows


def whole_body_fits(body: Bodies, heights: Column, times: Column, frame: Size) -> Mask:
    """Frames in which the whole body should be shown: the picture holds it at a fair size.

    The body starts to be shown when the soles of a standing person are in the picture, and stops
    when the camera has come nearer, or when the head is too low even for a crouch. Changes that
    last less than ``STEADY`` seconds, or half of it at an end, are ignored.

    Args:
        body: Rows of the body, n frames of one shot.
        heights: (n,) heights of the crops that would show the whole body, in source pixels.
        times: (n,) seconds, increasing.
        frame: The source's size in pixels.

    Returns:
        (n,) bool.

    """
    below = (body.standing - (frame.height - 0.5)) / body.unit
    held = below <= 0
    before = _latest(held)
    nearer = (before >= 0) & (body.unit > NEARER * body.unit[before])
    lost = (below > CROUCH) | (~held & nearer)
    decided = _latest(held | lost)
    shown = held[np.where(decided < 0, int(np.argmax(held | lost)), decided)]
    shown &= heights >= SMALLEST_SHARE * frame.height
    return _without_short_runs(shown, _frames(STEADY, times))


def _latest(mask: Mask) -> NDArray[np.int64]:
    """Index of the last true frame up to each frame, -1 before the first; shape (n,)."""
    return np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))


def _without_short_runs(mask: Mask, frames: int) -> Mask:
    """Remove true runs, then false runs, that are shorter than ``frames``, or half of it at an end.

    This is a morphological opening and closing of the mask, mirrored at its ends.
    """
    opened = sliding_maximum(sliding_minimum(mask, frames), frames)
    return np.asarray(sliding_minimum(sliding_maximum(opened, frames), frames))


def glided(mask: Mask, times: Column) -> Column:
    """Shares that are 1 where the mask is true and fall to 0 within ``GLIDE`` seconds; (n,)."""
    frames = _frames(GLIDE, times)
    wider = sliding_maximum(mask, frames).astype(np.float64)
    shares = sliding_mean(wider, frames)
    return np.asarray(np.clip(np.round(shares, 9), 0, 1))


def _frames(seconds: float, times: Column) -> int:
    """The odd number of frames nearest to a duration."""
    return 2 * round(seconds / frame_interval(times) / 2) + 1
