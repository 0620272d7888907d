"""All faces of a video that must be covered: also in frames in which a face is not found.

A face stays covered for half a second before it is found first and after it is found last, and for
a whole second as long as optical flow follows it well. Flow carries its box forward and backward,
and the box grows with the time. A doubtful face is not covered by itself, but counts as found where
a certain one was, like a weak edge in Canny's detector. A gap between two places of one face is
covered entirely, along the flow from both ends and along the straight line between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.concealing import grown, uncut
from closeup.frames import Frame, GrayImage, RGBImage
from closeup.geometry import (
    Boxes,
    Size,
    areas,
    boxes_around,
    centres_of,
    intersections,
    iou,
    sides_of,
)
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector
from closeup.tracking.flow import flow_boxes

HELD, FOLLOWED = 0.5, 1.0
"""Seconds for which a face that is not found stays covered: in any case, and while flow follows
it."""
_TRUST = 0.6
"""Share of the points of a box that flow must follow."""
_SAME = 0.2
"""Share of the smaller box that two boxes of one face have in common at least."""
_DOUBTFUL = 0.3
"""The same of a face that is doubtful, as intersection over union."""
_DOUBT = 0.3
"""Seconds of growth by which the box of a doubtful face is larger."""
_FLOW_SIDE = 640
"""Longer side of the grey picture in which flow is measured, in pixels."""
_GAP = 3.0
"""Longest gap between two places of one face that is filled, in seconds."""
_STRAY, _SPEED = 0.5, 1.5
"""Distance over which one face may reappear, in its sides, and what each second adds."""
_ZOOM = 2.0
"""Largest ratio of the sides of one face before and after a gap."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverDetector:
    """A face detector for covers.

    Attributes:
        detector: Finds the faces.
        certain: Score from which a face is certain. One with a lower score is covered only where a
            certain face was a moment before or after.

    """

    detector: FaceDetector
    certain: float = 0.0

    def find(self, image: RGBImage) -> tuple[Boxes, NDArray[np.bool_]]:
        """The boxes (n, 4) of the faces of a picture, and which of them are certain (n,)."""
        faces = self.detector.detect(image)
        return faces.boxes, faces.scores >= self.certain


@dataclass(slots=True, eq=False)
class _Cover:
    """A covered face.

    Attributes:
        box: (4,) in the pixels of the grey picture; flow carries it from frame to frame.
        found: Time of the frame in which it was found.
        where: (4,) the box in that frame.
        followed: Whether flow has followed it since.
        doubtful: Whether it was doubtful in that frame; its box is less precise, too.

    """

    box: NDArray[np.float32]
    found: float
    doubtful: bool = False
    where: NDArray[np.float32] = field(init=False)
    followed: bool = True

    def __post_init__(self) -> None:
        self.where = self.box

    def lasts(self, seconds: float) -> bool:
        """Whether the face is still covered in a frame before or after."""
        return abs(seconds - self.found) <= (FOLLOWED if self.followed else HELD)

    def grown(self, seconds: float) -> NDArray[np.float32]:
        """Its box (4,) in a frame, larger the farther away the frame is."""
        return grown(self.box, abs(seconds - self.found) + self.doubtful * _DOUBT)

    def away(self, later: _Cover) -> float:
        """Distance of a face that is found later, in sides; infinite if it is another face."""
        passed = later.found - self.found
        side = np.maximum(sides_of(self.where), sides_of(later.where))
        away = float((np.abs(centres_of(later.where) - centres_of(self.where)) / side).max())
        zoom = float(np.abs(np.log(sides_of(later.where) / sides_of(self.where))).max())
        same = away <= _STRAY + _SPEED * passed and zoom <= np.log(_ZOOM)
        return away if same and passed <= _GAP else np.inf


class HeldCovers:
    """The covered faces of the frames of one video or camera, in order, without a look ahead.

    Attributes:
        lost: The covers of faces that were found in the last seconds and are not found any more.

    """

    def __init__(self) -> None:
        self.lost: list[_Cover] = []
        self._covers: list[_Cover] = []
        self._gray: GrayImage | None = None

    def step(self, frame: Frame, found: Boxes, certain: NDArray[np.bool_]) -> Boxes:
        """The boxes (k, 4) to cover in the next frame, in its pixels.

        Args:
            frame: The frame.
            found: (n, 4) faces that were found in it, xyxy in its pixels.
            certain: (n,) which of them are certain; the others are covered only where a face was.

        """
        gray = frame.gray(frame.size.fitted(_FLOW_SIDE))
        scale = np.float32(frame.size.width / gray.shape[1])
        self.update(gray, found / scale, certain, float(frame.timecode.seconds))
        return uncut(self.boxes(float(frame.timecode.seconds)) * scale, frame.size)

    def update(
        self, gray: GrayImage, found: Boxes, certain: NDArray[np.bool_], seconds: float
    ) -> list[_Cover]:
        """Carry the covers to the next frame and add the found ones.

        Args:
            gray: Grey picture (H, W) of the frame.
            found: (n, 4) faces in its pixels.
            certain: (n,) which of them are certain.
            seconds: Time of the frame.

        Returns:
            The covers of faces that were not covered before.

        """
        if self._gray is not None:
            _carry(self._covers, self._gray, gray)
        self._gray = gray
        sure = [_Cover(box, seconds) for box in found[certain]]
        doubtful = [_Cover(box, seconds, doubtful=True) for box in found[~certain]]
        missing, new = _unmatched(self._covers, sure, _shares, _SAME)
        missing, alone = _unmatched(missing, doubtful, iou, _DOUBTFUL)
        seen = [*sure, *(cover for cover in doubtful if cover not in alone)]
        again = [cover for cover in self._covers if cover not in missing]
        lost = dict.fromkeys([*self.lost, *missing])
        self.lost = [c for c in lost if c not in again and seconds - c.found <= _GAP]
        held = [cover for cover in missing if cover.lasts(seconds) and not _hidden_by(cover, seen)]
        self._covers = held + seen
        return new

    def boxes(self, seconds: float) -> Boxes:
        """The boxes (k, 4) to cover in the last frame, in the pixels of its grey picture."""
        grown = [cover.grown(seconds) for cover in self._covers]
        return np.array(grown, np.float32).reshape(-1, 4)


@dataclass(slots=True, eq=False)
class _Known:
    """What is known of a frame whose boxes later frames may still complete."""

    seconds: float
    scale: np.float32
    size: Size
    doubtful: Boxes
    boxes: list[Boxes] = field(default_factory=list)


class _CoverSearch:
    """Collects the covers of a video frame by frame, and completes those of earlier frames."""

    def __init__(self) -> None:
        self._frames: list[_Known] = []
        self._recent: deque[tuple[_Known, GrayImage]] = deque()
        self._covers = HeldCovers()

    def add(self, frame: Frame, found: Boxes, certain: NDArray[np.bool_]) -> None:
        """Add the faces found in the next frame; see :meth:`HeldCovers.step`."""
        gray = frame.gray(frame.size.fitted(_FLOW_SIDE))
        scale = np.float32(frame.size.width / gray.shape[1])
        found = found / scale
        now = _Known(float(frame.timecode.seconds), scale, frame.size, found[~certain])
        new = self._covers.update(gray, found, certain, now.seconds)
        now.boxes.append(self._covers.boxes(now.seconds))
        while self._recent and now.seconds - self._recent[0][0].seconds > _GAP:
            self._recent.popleft()
        self._cover_before(new, gray)
        self._fill_gaps(new)
        self._frames.append(now)
        self._recent.append((now, gray))

    def result(self) -> list[Boxes]:
        """The boxes (k, 4) of every frame, in its pixels."""
        return [
            uncut(np.concatenate(known.boxes) * known.scale, known.size) for known in self._frames
        ]

    def _cover_before(self, new: list[_Cover], gray: GrayImage) -> None:
        """Cover faces that appear in a frame in the frames before it as well."""
        covers = [_Cover(cover.box, cover.found) for cover in new]
        for earlier, picture in reversed(self._recent):
            _carry(covers, gray, picture)
            again = [_Cover(box, earlier.seconds, doubtful=True) for box in earlier.doubtful]
            missing, alone = _unmatched(covers, again, iou, _DOUBTFUL)
            covers = [cover for cover in missing if cover.lasts(earlier.seconds)]
            covers += [cover for cover in again if cover not in alone]
            if not covers:
                return
            earlier.boxes.append(np.array([cover.grown(earlier.seconds) for cover in covers]))
            gray = picture

    def _fill_gaps(self, new: list[_Cover]) -> None:
        """Cover the straight line from the nearest lost face that may be the same."""
        for later in new:
            lost = min(self._covers.lost, key=lambda lost: lost.away(later), default=None)
            if lost is None or lost.away(later) == np.inf:
                continue
            self._covers.lost.remove(lost)
            for known in reversed(self._frames):
                if known.seconds <= lost.found:
                    break
                known.boxes.append(_between(lost, later, known.seconds)[None])


def find_covers(
    frames: Iterable[Frame], detector: CoverDetector, progress: Progress | None = None
) -> list[Boxes]:
    """Find the faces to cover in every frame of a video.

    Args:
        frames: The frames, in order.
        detector: Finds the faces; it searches every frame.
        progress: Receives a report for every frame; silent if None.

    Returns:
        (k, 4) boxes of every frame, xyxy in its pixels; several may cover one face.

    """
    progress, search = progress or Silent(), _CoverSearch()
    for frame in frames:
        search.add(frame, *detector.find(frame.rgb()))
        progress.advance()
    return search.result()


def _between(before: _Cover, after: _Cover, seconds: float) -> NDArray[np.float32]:
    """The box (4,) on the way between two places of a face, widened by the distance in time."""
    share = np.float32((seconds - before.found) / (after.found - before.found))
    box = (1 - share) * before.where + share * after.where
    return grown(box, min(seconds - before.found, after.found - seconds))


def _carry(covers: Sequence[_Cover], before: GrayImage, after: GrayImage) -> None:
    """Move the boxes of covers from one picture to another."""
    flow = flow_boxes(before, after, _boxes(covers), np.zeros(len(covers), bool))
    for cover, box, trust in zip(covers, flow.boxes, flow.trust, strict=True):
        cover.box, cover.followed = box, cover.followed and bool(trust >= _TRUST)


def _unmatched(
    known: Sequence[_Cover],
    seen: Sequence[_Cover],
    likeness: Callable[[Boxes, Boxes], NDArray[np.floating]],
    least: float,
) -> tuple[list[_Cover], list[_Cover]]:
    """The earlier covers without a seen one, and the seen ones without an earlier one.

    Each seen face belongs to one earlier face at most: a face behind another one is lost, too.
    """
    likenesses = likeness(_boxes(known), _boxes(seen))
    rows, columns = set(range(len(known))), set(range(len(seen)))
    for place in np.argsort(-likenesses, axis=None):
        row, column = divmod(int(place), len(seen))
        if likenesses[row, column] < least:
            break
        if row in rows and column in columns:
            rows.remove(row)
            columns.remove(column)
    return [known[row] for row in sorted(rows)], [seen[column] for column in sorted(columns)]


def _hidden_by(cover: _Cover, seen: Sequence[_Cover]) -> bool:
    """Whether the middle half of a lost face is inside a face that is found."""
    middle = boxes_around(centres_of(cover.box), sides_of(cover.box) / 4)
    return bool(_shares(middle[None], _boxes(seen)).max(initial=0) >= 1 - 1e-3)


def _boxes(covers: Sequence[_Cover]) -> Boxes:
    return np.array([cover.box for cover in covers], np.float32).reshape(-1, 4)


def _shares(first: Boxes, second: Boxes) -> NDArray[np.floating]:
    """Common share (n, m) of the smaller of two boxes each."""
    smaller = np.maximum(np.minimum(areas(first)[:, None], areas(second)), 1e-6)
    return np.asarray(intersections(first, second) / smaller)
