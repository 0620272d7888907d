"""Tracks every head from frame to frame by face detections, optical flow and clothes.

General-purpose trackers (SORT, ByteTrack, OC-SORT) predict by constant velocity, which is
wrong on a stage as soon as detection runs on every fifth frame only. Here optical flow predicts
a head's position, a detection corrects it, and clothes confirm it while the face is hidden.
``benchmarks/tracking.py`` measures the difference.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import GrayImage
from closeup.geometry import Boxes, Size, areas, clipped, iou, widths_of
from closeup.tracking.association import Associate, associate
from closeup.tracking.clothes import Histogram, similarity
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
from closeup.tracking.tracker import Tracker, TrackerView
from closeup.tracks import PositionSource

_LEAST_TRUST = 0.3
"""Minimum share of valid flow points; below it the flow is ignored."""
_INSIDE = 0.5
"""Share of a head inside the picture below which it has left the picture."""
_ENTERED = 0.85
"""Share of a head without a face that must be inside: flow sticks to the picture's edge."""
_TOUCHING = 0.05
"""IoU above which two heads may be confused."""
_WELL_KNOWN = 3
"""Value to which a head's count of embeddings is reset when it touches another head, so that
it is embedded more often."""
_CARRY_SECONDS = 3.0
"""Maximum time in which a hidden face is tracked by flow and clothes."""
_DOUBT_SECONDS = 0.6
"""Maximum time of tracking by flow alone: a torso that turns is narrow and shows its background."""
_USUAL_RATE = 25.0
"""Frame rate that is assumed until a pass begins."""
_SEARCH_SECONDS = 2.0
"""Maximum time in which a lost head is searched for by its clothes."""


class HeadTracker(Tracker):
    """The tracker of fancams: optical flow, corrected by faces and confirmed by clothes.

    Args:
        appearance: Whether a head whose face is hidden is tracked by its clothes.
        associate: Function that pairs the predicted boxes of heads with the boxes of faces.

    """

    name = "heads"

    def __init__(self, *, appearance: bool = True, associate: Associate = associate) -> None:
        self._appearance = appearance
        self._associate = associate
        self.begin(_USUAL_RATE)

    def begin(
        self,
        rate: float,
        state: TrackerState | None = None,
        last: tuple[int, GrayImage] | None = None,
    ) -> None:
        """See :meth:`Tracker.begin`."""
        state = state or TrackerState.empty()
        self._heads = [TrackedHead.from_row(row) for row in state.heads]
        self._next_id = state.next_id
        self._gray = None if last is None else last[1]
        self._jumped = False
        self._recent = [] if last is None else [last]
        self._carry = round(_CARRY_SECONDS * rate) if self._appearance else 0
        self._doubt = round(_DOUBT_SECONDS * rate) if self._appearance else 0
        self._search = round(_SEARCH_SECONDS * rate) if self._appearance else 0
        self._rows: list[tuple[Any, ...]] = []
        self._clothes_rows: list[tuple[int, int, Histogram]] = []
        self._predictions: dict[int, NDArray[np.float32]] = {}

    @property
    def state(self) -> TrackerState:
        """The state from which tracking can be resumed after this key frame."""
        return TrackerState(to_rows(self._heads), self._next_id)

    @property
    def heads(self) -> list[TrackedHead]:
        """The heads that are tracked now."""
        return [head for head in self._heads if head.alive]

    def step(
        self, index: int, gray: GrayImage, *, key: bool, jump: bool = False, flash: bool = False
    ) -> None:
        """See :meth:`Tracker.step`; the optical flow moves the heads."""
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
                self._record(index, head, head.box, PositionSource.TRACKED, 0.5, checked=False)

    def correct(
        self, index: int, look: TrackerView, faces: Faces, *, whole: bool = True
    ) -> list[TrackedHead]:
        """See :meth:`Tracker.correct`.

        A new head is tracked back to the last frame in which faces of all sizes were detected.
        """
        alive = self.heads
        seen_clothes = look.clothes(faces.boxes)
        least = self._least_likeness(alive)
        pairs = self._associate(boxes_of(alive), faces.boxes, likeness(alive, seen_clothes), least)
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
        """Return the records since the last call: arrays of the dtypes OBSERVATION and CLOTHES."""
        rows, clothes = np.array(self._rows, OBSERVATION), np.array(self._clothes_rows, CLOTHES)
        self._rows, self._clothes_rows = [], []
        return np.sort(rows, order=["frame", "head"]), clothes

    def _flow(self, heads: list[TrackedHead], before: GrayImage, gray: GrayImage) -> None:
        zoom = np.array([head.seen == head.checked for head in heads])
        flow = flow_boxes(before, gray, boxes_of(heads), zoom)
        for head, box, trust in zip(heads, flow.boxes, flow.trust, strict=True):
            if trust >= _LEAST_TRUST:
                head.box = box

    def _least_likeness(self, heads: list[TrackedHead]) -> NDArray[np.float32]:
        """Clothing similarity that a face needs to continue each head; shape (n,).

        Heads that touch may be confused; they are also embedded again.
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
        self._record(index, head, box, PositionSource.DETECTED, score, checked=True)
        self._clothes_rows.append((index, head.id, clothes))
        head.box, head.seen, head.checked = box, index, index
        head.remember(clothes)

    def _backtrack(self, head: TrackedHead) -> None:
        """Track a new head back to the last frame with full detection, in which it was not found.

        It may have appeared from behind another person, so tracking stops at other heads.
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
            self._record(index, head, box[0], PositionSource.TRACKED, 0.5, checked=False)

    def _carry_hidden(
        self, index: int, hidden: list[TrackedHead], seen: list[TrackedHead], look: TrackerView
    ) -> None:
        """Track heads without a face as long as their clothes are seen at their position.

        A position in doubt is not recorded. The missing row marks the positions around it as
        unreliable, unless the next key frame confirms them.
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
                self._record(index, head, head.box, PositionSource.TRACKED, score, checked=True)

    def _find_lost(self, index: int, look: TrackerView) -> None:
        """Search for lost heads by their clothes if no other head wears similar clothes."""
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
                self._record(index, head, head.box, PositionSource.TRACKED, score, checked=True)

    def _has_rival(self, head: TrackedHead) -> bool:
        rivals = [other for other in self._heads if other is not head and other.dressed]
        return any(similarity(rival.clothes, head.clothes) > SAME_CLOTHES for rival in rivals)

    def _is_free(self, box: NDArray[np.float32], head: TrackedHead, look: TrackerView) -> bool:
        """Whether no other head is at the place where the clothes of ``head`` were found."""
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
        source: PositionSource,
        score: float,
        *,
        checked: bool,
    ) -> None:
        predicted = self._predictions.get(head.id, box)
        self._rows.append((index, head.id, box, predicted, source, score, checked))


def _own_clothes(
    owners: list[TrackedHead], hidden: list[TrackedHead], faces: Boxes, seen: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Clothes seen below each face; zeros where they may be another person's; shape (n, BINS)."""
    others, places = [*owners, *hidden], np.concatenate([faces, boxes_of(hidden)])
    own = [
        head.owns(clothes, face, others, places)
        for head, face, clothes in zip(owners, faces, seen, strict=True)
    ]
    return np.where(np.array(own, bool)[:, None], seen, np.float32(0))


def _inside(box: NDArray[np.float32], gray: GrayImage) -> float:
    size = Size.of(gray)
    return float(areas(clipped(box[None], size))[0] / max(areas(box[None])[0], 1e-6))
