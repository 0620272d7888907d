"""Follows every head from frame to frame: faces where they are seen, flow and clothes between.

General-purpose trackers (SORT, ByteTrack, OC-SORT) predict by constant velocity, which is
wrong on a stage as soon as detection runs on every fifth frame only. Here the optical flow
says where a head went, a detection corrects it, and clothes confirm it while the face is
hidden. ``benchmarks/tracking.py`` measures the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import GrayImage
from closeup.geometry import Boxes, Size, areas, clipped, iou, widths_of
from closeup.tracking.association import associate
from closeup.tracking.clothes import Histogram, TorsoMatch, find_torso, histograms, similarity
from closeup.tracking.flow import flow_boxes
from closeup.tracking.heads import (
    RECOGNISED,
    SAME_CLOTHES,
    TrackedHead,
    boxes_of,
    likeness,
    to_rows,
)
from closeup.tracking.observations import CLOTHES, OBSERVATION, TrackerState
from closeup.tracks import Source

_LEAST_TRUST = 0.3
"""Flow that fewer of its points support says nothing."""
_FOUND_CLOTHES = 0.85
"""The same for a torso that was searched for: the best of many places is a biased sample."""
_INSIDE = 0.5
"""A head leaves the picture when less of it than this is inside."""
_ENTERED = 0.85
"""Without a face a head must be inside by so much: at the edge, flow sticks to it."""
_TOUCHING = 0.05
"""Heads that overlap by more (IoU) may be mixed up."""
_WELL_KNOWN = 3
"""Embeddings that a head keeps on account when it touches another one: it is read more often."""
_CARRY_SECONDS = 3.0
"""How long a hidden face is followed by flow and clothes."""
_DOUBT_SECONDS = 0.6
"""How long flow alone may go on: a torso that turns is narrow, and shows what is behind it."""
_SEARCH_SECONDS = 2.0
"""How long a lost head is searched for by its clothes."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackerView:
    """What the tracker sees of one key frame.

    Attributes:
        gray: The picture that all boxes are measured in, (H, W).
        bins: Its colour bins, at ``scale`` times the size.
        scale: Size of ``bins`` over size of ``gray``.

    """

    gray: GrayImage
    bins: NDArray[np.uint8]
    scale: float

    def clothes(self, faces: Boxes) -> NDArray[np.float32]:
        """Histograms of the clothes under face boxes; shape (n, BINS)."""
        return histograms(self.bins, faces * np.float32(self.scale))

    def find(self, head: TrackedHead, radius: float) -> TorsoMatch | None:
        """Where the clothes of a head are, not further than ``radius`` from where it was."""
        near = head.box * np.float32(self.scale)
        found = find_torso(self.bins, head.clothes, near, radius * self.scale)
        if found is None or found.similarity < _FOUND_CLOTHES:
            return None
        return found._replace(box=found.box / np.float32(self.scale))


class HeadTracker:
    """Follows heads through one pass over a video.

    For every frame call :meth:`step`; on key frames call :meth:`correct` after it. Boxes are
    in the pixels of the grey pictures. What was seen is handed over by :meth:`drain`.

    Args:
        rate: Frames a second, to turn seconds into frames.
        state: Where an earlier tracker stopped, right after a key frame.
        last: That key frame and its picture; None at the start of a video.
        appearance: Whether clothes may carry a head whose face is hidden.

    """

    def __init__(
        self,
        rate: float,
        state: TrackerState | None = None,
        last: tuple[int, GrayImage] | None = None,
        *,
        appearance: bool = True,
    ) -> None:
        state = state or TrackerState.empty()
        self._heads = [TrackedHead.from_row(row) for row in state.heads]
        self._next_id = state.next_id
        self._gray = None if last is None else last[1]
        self._jumped = False
        self._recent = [] if last is None else [last]
        self._carry = round(_CARRY_SECONDS * rate) if appearance else 0
        self._doubt = round(_DOUBT_SECONDS * rate) if appearance else 0
        self._search = round(_SEARCH_SECONDS * rate) if appearance else 0
        self._rows: list[tuple[Any, ...]] = []
        self._wardrobe: list[tuple[int, int, Histogram]] = []
        self._predictions: dict[int, NDArray[np.float32]] = {}

    @property
    def state(self) -> TrackerState:
        """All that is needed to go on after this key frame."""
        return TrackerState(to_rows(self._heads), self._next_id)

    @property
    def heads(self) -> list[TrackedHead]:
        """The heads that are being followed now."""
        return [head for head in self._heads if head.alive]

    def step(
        self, index: int, gray: GrayImage, *, key: bool, jump: bool = False, flash: bool = False
    ) -> None:
        """Let the flow move every head to frame ``index``.

        Args:
            index: The frame.
            gray: Its picture.
            key: Whether :meth:`correct` follows and decides what becomes of the heads.
            jump: The picture is another one, as behind a cut.
            flash: It is the same one in another light: heads are where they were, as
                flow cannot tell.

        """
        heads = self.heads
        before, self._gray, self._jumped = self._gray, gray, jump
        if jump or flash or before is None:
            self._recent.clear()
        elif heads:
            self._flow(heads, before, gray)
        self._predictions = {head.id: head.box.copy() for head in heads}
        if not key:
            self._recent.append((index, gray))
            for head in heads:
                self._record(index, head, head.box, Source.TRACKED, 0.5, checked=False)

    def correct(
        self, index: int, look: TrackerView, faces: Faces, *, whole: bool = True
    ) -> list[TrackedHead]:
        """Let the faces found in frame ``index`` correct the heads.

        Args:
            index: The frame.
            look: What is seen of it.
            faces: Found in it.
            whole: Whether small faces were looked for, too. A new head is followed back to
                the last frame for which that holds.

        Returns:
            The head of every face, in the order of ``faces``.

        """
        alive = self.heads
        seen_clothes = look.clothes(faces.boxes)
        least = self._least_likeness(alive)
        pairs = associate(boxes_of(alive), faces.boxes, likeness(alive, seen_clothes), least)
        matched = {column: alive[row] for row, column in pairs}
        hidden = [head for head in alive if head not in matched.values()]
        owners = [matched.get(i) or self._enter(box) for i, box in enumerate(faces.boxes)]
        worn = _own_clothes(owners, hidden, faces.boxes, seen_clothes)
        for i, head in enumerate(owners):
            self._see(index, head, faces.boxes[i], float(faces.scores[i]), worn[i])
            if i not in matched:
                self._backtrack(head)
        self._find_lost(index, look)
        self._carry_hidden(index, hidden, owners, look)
        self._forget(index)
        self._recent = [] if whole else self._recent
        self._recent.append((index, look.gray))
        return owners

    def drain(self) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Hand over what was seen since the last call: arrays of OBSERVATION and CLOTHES."""
        rows, wardrobe = np.array(self._rows, OBSERVATION), np.array(self._wardrobe, CLOTHES)
        self._rows, self._wardrobe = [], []
        return np.sort(rows, order=["frame", "head"]), wardrobe

    def _flow(self, heads: list[TrackedHead], before: GrayImage, gray: GrayImage) -> None:
        zoom = np.array([head.seen == head.checked for head in heads])
        flow = flow_boxes(before, gray, boxes_of(heads), zoom)
        for head, box, trust in zip(heads, flow.boxes, flow.trust, strict=True):
            if trust >= _LEAST_TRUST:
                head.box = box

    def _least_likeness(self, heads: list[TrackedHead]) -> NDArray[np.float32]:
        """How similar clothes must be for a face to belong to each head; shape (n,).

        Heads that touch may be taken for one another: they are embedded anew, too.
        """
        boxes = boxes_of(heads)
        touching = (iou(boxes, boxes) > _TOUCHING).sum(axis=1) > 1
        least = np.zeros(len(heads), np.float32)
        for i, head in enumerate(heads):
            if touching[i]:
                head.embeddings = min(head.embeddings, _WELL_KNOWN)
            in_a_row = head.seen == head.checked and not self._jumped and not touching[i]
            least[i] = 0.0 if in_a_row or not head.dressed else RECOGNISED
        return least

    def _enter(self, box: NDArray[np.float32]) -> TrackedHead:
        head = TrackedHead.new(self._next_id, box)
        self._next_id += 1
        self._heads.append(head)
        return head

    def _see(
        self,
        index: int,
        head: TrackedHead,
        box: NDArray[np.float32],
        score: float,
        clothes: Histogram,
    ) -> None:
        self._record(index, head, box, Source.DETECTED, score, checked=True)
        self._wardrobe.append((index, head.id, clothes))
        head.box, head.seen, head.checked = box, index, index
        head.remember(clothes)

    def _backtrack(self, head: TrackedHead) -> None:
        """Follow a new head back to where it was looked for last, and missed or not there.

        It may have come out from behind somebody, so it is not followed into another head.
        """
        if self._gray is None:
            return
        box, later = head.box[None], self._gray
        for index, earlier in reversed(self._recent):
            flow = flow_boxes(later, earlier, box, np.array([True]))
            if flow.trust[0] < 2 * _LEAST_TRUST or _inside(flow.boxes[0], earlier) < _ENTERED:
                return
            others = [row[2] for row in self._rows if row[0] == index]
            if others and iou(flow.boxes, np.array(others, np.float32)).max() > _TOUCHING:
                return
            box, later = flow.boxes, earlier
            self._record(index, head, box[0], Source.TRACKED, 0.5, checked=False)

    def _carry_hidden(
        self, index: int, hidden: list[TrackedHead], seen: list[TrackedHead], look: TrackerView
    ) -> None:
        """Follow heads without a face for as long as their own clothes are where they are.

        A place in doubt is not written down, so that its row is missing: nothing around it
        can be trusted, unless the next key frame confirms it.
        """
        worn = look.clothes(boxes_of(hidden))
        places = boxes_of(seen)
        for head, clothes in zip(hidden, worn, strict=True):
            likeness = float(similarity(clothes, head.clothes))
            confirmed = (
                likeness >= SAME_CLOTHES
                and index - head.seen <= self._carry
                and _inside(head.box, look.gray) >= _ENTERED
                and head.owns(clothes, head.box, seen, places)
                and not head.is_covered(head.box, seen, places)
            )
            doubtful = index - head.checked <= self._doubt and not self._jumped
            head.alive = (confirmed or doubtful) and _inside(head.box, look.gray) >= _INSIDE
            if head.alive and confirmed:
                head.checked = index
                head.remember(clothes)
                score = likeness / 2
                self._record(index, head, head.box, Source.TRACKED, score, checked=True)

    def _find_lost(self, index: int, look: TrackerView) -> None:
        """Search lost heads by their clothes, but only where no one else could be meant."""
        for head in self._heads:
            lost = not head.alive and head.dressed and index - head.seen <= self._search
            if not lost or self._has_rival(head):
                continue
            width = widths_of(head.box)
            radius = float(width * min(3.0, 0.5 + 0.1 * (index - head.checked)))
            found = look.find(head, radius)
            if found is not None and self._is_free(found.box, head, look):
                head.box, head.alive, head.checked = found.box, True, index
                score = found.similarity / 2
                self._record(index, head, head.box, Source.TRACKED, score, checked=True)

    def _has_rival(self, head: TrackedHead) -> bool:
        rivals = [other for other in self._heads if other is not head and other.dressed]
        return any(similarity(rival.clothes, head.clothes) > SAME_CLOTHES for rival in rivals)

    def _is_free(self, box: NDArray[np.float32], head: TrackedHead, look: TrackerView) -> bool:
        """Whether nobody else is at a place where the clothes of ``head`` were found."""
        others = self.heads
        boxes = boxes_of(others)
        return bool(
            not iou(box[None], boxes).any()
            and head.owns(look.clothes(box[None])[0], box, others, boxes)
            and not head.is_covered(box, others, boxes)
            and _inside(box, look.gray) >= _INSIDE
        )

    def _forget(self, index: int) -> None:
        search = 0 if self._jumped else self._search
        self._heads = [h for h in self._heads if h.alive or index - h.seen <= search]

    def _record(
        self,
        index: int,
        head: TrackedHead,
        box: NDArray[np.float32],
        source: Source,
        score: float,
        *,
        checked: bool,
    ) -> None:
        predicted = self._predictions.get(head.id, box)
        self._rows.append((index, head.id, box, predicted, source, score, checked))


def _own_clothes(
    owners: list[TrackedHead], hidden: list[TrackedHead], faces: Boxes, seen: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What is seen below each face, zeros where it is somebody else who stands there."""
    others, places = [*owners, *hidden], np.concatenate([faces, boxes_of(hidden)])
    own = [
        head.owns(clothes, face, others, places)
        for head, face, clothes in zip(owners, faces, seen, strict=True)
    ]
    return np.where(np.array(own, bool)[:, None], seen, np.float32(0))


def _inside(box: NDArray[np.float32], gray: GrayImage) -> float:
    size = Size.of(gray)
    return float(areas(clipped(box[None], size))[0] / max(areas(box[None])[0], 1e-6))
