"""Follows every head from frame to frame: faces where they are seen, flow and clothes between.

General-purpose trackers (SORT, ByteTrack, OC-SORT) predict by constant velocity, which is
wrong on a stage as soon as detection runs on every fourth frame only. Here the optical flow
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
from closeup.geometry import Boxes, Size, areas, clipped, intersections, iou
from closeup.tracking.association import associate
from closeup.tracking.clothes import (
    BINS,
    Histogram,
    body_boxes,
    find_torso,
    histograms,
    similarity,
    torso_boxes,
)
from closeup.tracking.flow import flow_boxes
from closeup.tracking.observations import CLOTHES, HEAD, OBSERVATION, TrackerState
from closeup.tracks import Source

_LEAST_TRUST = 0.3
"""Flow that fewer of its points support says nothing."""
_SAME_CLOTHES = 0.8
"""Bhattacharyya coefficient from which clothes count as the same."""
_FOUND_CLOTHES = 0.85
"""The same for a torso that was searched for: the best of many places is a biased sample."""
_RECOGNISED = 0.6
"""Clothes must be so similar where a face is not seen in a row: behind a cut, or when it was
hidden. The light may have changed, but another costume is further off."""
_LEARNT = 0.2
"""How much of a head's histogram is renewed when it is confirmed: stage light changes slowly."""
_LEARNT_OF_OTHERS = 0.05
"""The same for clothes that are not like those known: more likely somebody is in front."""
_INSIDE = 0.5
"""A head leaves the picture when less of it than this is inside."""
_ENTERED = 0.85
"""Without a face a head must be inside by so much: at the edge, flow sticks to it."""
_TOUCHING = 0.05
"""A head that is followed back ends where it would overlap another one by more (IoU)."""
_SAME_PLACE = 0.1
"""By more than this share of a torso, another body may be what is seen there."""
_CLEARLY = 0.05
"""By so much clothes must be nearer to one's own than to those of who stands there, too."""
_CARRY_SECONDS = 3.0
"""How long a hidden face is followed by flow and clothes."""
_DOUBT_SECONDS = 0.6
"""How long flow alone may go on: a torso that turns is narrow, and shows what is behind it."""
_SEARCH_SECONDS = 2.0
"""How long a lost head is searched for by its clothes."""


@dataclass(slots=True, eq=False)
class Head:
    """One head that is being followed; see the dtype HEAD for the fields."""

    id: int
    box: NDArray[np.float32]
    seen: int
    checked: int
    clothes: Histogram
    alive: bool = True
    embedded: int = -1
    embeddings: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Look:
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


class HeadTracker:
    """Follows heads through one pass over a video.

    For every frame call :meth:`step`; on key frames call :meth:`correct` after it. Boxes are
    in the pixels of the grey pictures. What was seen is handed over by :meth:`drain`.

    Args:
        rate: Frames a second, to turn seconds into frames.
        state: Where an earlier tracker stopped, right after a key frame.
        gray: The picture of that key frame; None at the start of a video.
        appearance: Whether clothes may carry a head whose face is hidden.

    """

    def __init__(
        self,
        rate: float,
        state: TrackerState | None = None,
        gray: GrayImage | None = None,
        *,
        appearance: bool = True,
    ) -> None:
        state = state or TrackerState.empty()
        self._heads = [_head(row) for row in state.heads]
        self._next_id = state.next_id
        self._gray = gray
        self._jumped = False
        self._recent: list[tuple[int, GrayImage]] = []
        self._appearance = appearance
        self._carry = round(_CARRY_SECONDS * rate) if appearance else 0
        self._doubt = round(_DOUBT_SECONDS * rate) if appearance else 0
        self._search = round(_SEARCH_SECONDS * rate) if appearance else 0
        self._rows: list[tuple[Any, ...]] = []
        self._wardrobe: list[tuple[int, int, Histogram]] = []
        self._predictions: dict[int, NDArray[np.float32]] = {}

    @property
    def state(self) -> TrackerState:
        """All that is needed to go on after this key frame."""
        heads = np.zeros(len(self._heads), HEAD)
        for row, head in zip(heads, self._heads, strict=True):
            for name in HEAD.names or ():
                row[name] = getattr(head, name)
        return TrackerState(heads, self._next_id)

    @property
    def heads(self) -> list[Head]:
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

    def correct(self, index: int, look: Look, faces: Faces, *, whole: bool = True) -> list[Head]:
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
        least = np.array([self._least_likeness(head) for head in alive], np.float32)
        pairs = associate(_boxes(alive), faces.boxes, _likeness(alive, seen_clothes), least)
        matched = {column: alive[row] for row, column in pairs}
        hidden = [head for head in alive if head not in matched.values()]
        owners = [matched.get(i) or self._enter(box) for i, box in enumerate(faces.boxes)]
        others = [*owners, *hidden]
        places = np.concatenate([faces.boxes, _boxes(hidden)])
        own = [
            _is_own(head, face, clothes, others, places)
            for head, face, clothes in zip(owners, faces.boxes, seen_clothes, strict=True)
        ]
        for i, head in enumerate(owners):
            clothes = seen_clothes[i] if own[i] else np.zeros_like(seen_clothes[i])
            self._see(index, head, faces.boxes[i], float(faces.scores[i]), clothes)
            if i not in matched:
                self._backtrack(index, head)
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

    def _flow(self, heads: list[Head], before: GrayImage, gray: GrayImage) -> None:
        zoom = np.array([head.seen == head.checked for head in heads])
        flow = flow_boxes(before, gray, _boxes(heads), zoom)
        for head, box, trust in zip(heads, flow.boxes, flow.trust, strict=True):
            if trust >= _LEAST_TRUST:
                head.box = box

    def _least_likeness(self, head: Head) -> float:
        """How similar clothes must be for a face to belong to ``head``."""
        in_a_row = head.seen == head.checked and not self._jumped
        return 0.0 if in_a_row or not head.clothes.any() else _RECOGNISED

    def _enter(self, box: NDArray[np.float32]) -> Head:
        nothing = np.zeros(BINS, np.float32)
        head = Head(self._next_id, box, seen=-1, checked=-1, clothes=nothing)
        self._next_id += 1
        self._heads.append(head)
        return head

    def _see(
        self, index: int, head: Head, box: NDArray[np.float32], score: float, clothes: Histogram
    ) -> None:
        self._record(index, head, box, Source.DETECTED, score, checked=True)
        self._wardrobe.append((index, head.id, clothes))
        head.box, head.seen, head.checked = box, index, index
        _remember(head, clothes)

    def _backtrack(self, index: int, head: Head) -> None:
        """Follow a new head back to where it was looked for last, and missed or not there.

        It may have come out from behind somebody, so it is not followed into another head.
        """
        if self._gray is None:
            return
        box, later = head.box[None], self._gray
        for earlier_index, earlier in reversed(self._recent):
            flow = flow_boxes(later, earlier, box, np.array([True]))
            if flow.trust[0] < 2 * _LEAST_TRUST or _inside(flow.boxes[0], earlier) < _ENTERED:
                return
            others = [row[2] for row in self._rows if row[0] == earlier_index]
            if others and iou(flow.boxes, np.array(others, np.float32)).max() > _TOUCHING:
                return
            box, later = flow.boxes, earlier
            if earlier_index < index:
                self._record(earlier_index, head, box[0], Source.TRACKED, 0.5, checked=False)

    def _carry_hidden(self, index: int, hidden: list[Head], seen: list[Head], look: Look) -> None:
        """Follow heads without a face for as long as their own clothes are where they are.

        A place in doubt is not written down, so that its row is missing: nothing around it
        can be trusted, unless the next key frame confirms it.
        """
        worn = look.clothes(_boxes(hidden))
        places = _boxes(seen)
        for head, clothes in zip(hidden, worn, strict=True):
            likeness = float(similarity(clothes, head.clothes))
            confirmed = (
                likeness >= _SAME_CLOTHES
                and index - head.seen <= self._carry
                and _inside(head.box, look.gray) >= _ENTERED
                and _is_own(head, head.box, clothes, seen, places)
            )
            doubtful = index - head.checked <= self._doubt and not self._jumped
            head.alive = (confirmed or doubtful) and _inside(head.box, look.gray) >= _INSIDE
            if head.alive and confirmed:
                head.checked = index
                _remember(head, clothes)
                score = likeness / 2
                self._record(index, head, head.box, Source.TRACKED, score, checked=True)

    def _find_lost(self, index: int, look: Look) -> None:
        """Search lost heads by their clothes, but only where no one else could be meant."""
        for head in self._heads:
            if head.alive or index - head.seen > self._search or not head.clothes.any():
                continue
            rivals = [h for h in self._heads if h is not head and h.clothes.any()]
            if rivals and max(similarity(h.clothes, head.clothes) for h in rivals) > _SAME_CLOTHES:
                continue
            width = head.box[2] - head.box[0]
            radius = float(width * min(3.0, 0.5 + 0.1 * (index - head.checked)))
            near = head.box * np.float32(look.scale)
            found = find_torso(look.bins, head.clothes, near, radius * look.scale)
            if found is None or found.similarity < _FOUND_CLOTHES:
                continue
            box = found.box / np.float32(look.scale)
            others = self.heads
            boxes = _boxes(others)
            taken = len(others) and iou(box[None], boxes).max() > 0
            worn = look.clothes(box[None])[0]
            free = not taken and _is_own(head, box, worn, others, boxes)
            if free and _inside(box, look.gray) >= _INSIDE:
                head.box, head.alive, head.checked = box, True, index
                score = found.similarity / 2
                self._record(index, head, box, Source.TRACKED, score, checked=True)

    def _forget(self, index: int) -> None:
        search = 0 if self._jumped else self._search
        self._heads = [h for h in self._heads if h.alive or index - h.seen <= search]

    def _record(
        self,
        index: int,
        head: Head,
        box: NDArray[np.float32],
        source: Source,
        score: float,
        *,
        checked: bool,
    ) -> None:
        predicted = self._predictions.get(head.id, box)
        self._rows.append((index, head.id, box, predicted, source, score, checked))


def _head(row: NDArray[np.void]) -> Head:
    return Head(
        id=int(row["id"]),
        box=row["box"].copy(),
        seen=int(row["seen"]),
        checked=int(row["checked"]),
        clothes=row["clothes"].copy(),
        alive=bool(row["alive"]),
        embedded=int(row["embedded"]),
        embeddings=int(row["embeddings"]),
    )


def _is_own(
    head: Head,
    face: NDArray[np.float32],
    clothes: Histogram,
    others: list[Head],
    faces: Boxes,
) -> bool:
    """Whether clothes seen below ``face`` are the head's, and not of who stands in front.

    Args:
        head: Whose clothes they might be.
        face: (4,) where the head is.
        clothes: What is seen there.
        others: Heads that may be near; ``head`` itself among them does not matter.
        faces: (n, 4) where they are.

    """
    likeness = similarity(clothes, head.clothes) if head.clothes.any() else _SAME_CLOTHES
    torso = torso_boxes(face[None])
    covered = intersections(torso, body_boxes(faces))[0] / max(float(areas(torso)[0]), 1e-6)
    return not any(
        share > _SAME_PLACE and similarity(clothes, other.clothes) > likeness - _CLEARLY
        for other, share in zip(others, covered, strict=True)
        if other is not head
    )


def _remember(head: Head, clothes: Histogram) -> None:
    if not clothes.any():
        return
    known = head.clothes if head.clothes.any() else clothes
    alike = similarity(clothes, known) >= _RECOGNISED
    share = np.float32(_LEARNT if alike else _LEARNT_OF_OTHERS)
    head.clothes = (1 - share) * known + share * clothes


def _boxes(heads: list[Head]) -> Boxes:
    return np.array([head.box for head in heads], np.float32).reshape(-1, 4)


def _likeness(heads: list[Head], clothes: NDArray[np.float32]) -> NDArray[np.float32]:
    worn = np.array([head.clothes for head in heads], np.float32).reshape(-1, 1, BINS)
    return similarity(worn, clothes[None])


def _inside(box: NDArray[np.float32], gray: GrayImage) -> float:
    size = Size(gray.shape[1], gray.shape[0])
    return float(areas(clipped(box[None], size))[0] / max(areas(box[None])[0], 1e-6))
