"""Measures of what may be asked next in a loop on member boxes: proposed boxes, and frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.candidates import LabelCandidates
from closeup.detections import Detections
from closeup.geometry import centres_of, iou, sides_of
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.labelling.shown_pictures import PictureReader
from closeup.pipeline.loop.loop_kind import LabelPool
from closeup.pipeline.loop.members.labels import (
    SAME_HEAD,
    FrameLabels,
    best_first,
    boxes_of,
    score_of,
)
from closeup.pipeline.loop.members.proposals import is_by_model
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem, StoredLabel

_SURE = 0.5
"""Score from which a box that was called false makes its frame worth labelling by hand."""

Found = Sequence[Detections]
"""Detections in one frame by each model of an ensemble."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameView:
    """A frame with all that is known of it.

    Attributes:
        item: The frame.
        place: Its place among the frames.
        labels: Its labels.
        found: What the models find in it.

    """

    item: StoredItem
    place: int
    labels: FrameLabels
    found: Found

    @property
    def undecided(self) -> bool:
        """Whether nobody called the frame complete, or passed it over."""
        return self.item.verdict is None


@dataclass(frozen=True, eq=False)
class StageMeasures:
    """Computes the measures of a stage's frames.

    Attributes:
        frames: Frames in the order of time.
        names: Names of the members, as the models number them.
        reader: Reads the frames, for a network that judges labels.
        quality: Judges proposed boxes; None without one.

    """

    frames: Sequence[FrameView]
    names: Sequence[str]
    reader: PictureReader
    quality: LabelQualityNetwork | None = None
    _judged: dict[tuple[int, str], float] = field(default_factory=dict)

    def to_judge(self) -> LabelPool:
        """The proposed box of each head that nobody is certain of, with its measures."""
        rows = [
            (frame, label)
            for frame in self.frames
            if frame.undecided
            for label in frame.labels.heads()
        ]
        return LabelPool(
            [Unit(frame.item.id, label.object) for frame, label in rows],
            LabelCandidates(
                np.array([frame.item.place for frame, _ in rows], np.int64),
                predictions=self._predictions(rows),
                entropy=_column(rows, self._entropy),
                disagreement=_known(_column(rows, self._disagreement)),
                bad=None if self.quality is None else _column(rows, self._bad),
                change=_known(_column(rows, self._jump)),
            ),
        )

    def to_label(self) -> LabelPool:
        """Frames that nobody called complete or passed over, with the measures of their heads.

        ``entropy`` is the sum over the heads, ``change`` the number of members who are in the
        frames before and after and not in this one, or in this one alone; ``disagreement`` and
        ``bad`` are those of the worst head. Frames in which a head has only a confident box that
        was called false come first.
        """
        frames = [frame for frame in self.frames if frame.undecided]
        first = {
            number: f"the box of {wrong[0].annotation.name} was called false"
            for number, frame in enumerate(frames)
            if (wrong := _without_box(frame.labels))
        }
        return LabelPool(
            [Unit(frame.item.id) for frame in frames],
            LabelCandidates(
                np.array([frame.item.place for frame in frames], np.int64),
                entropy=np.array([sum(self._of_heads(own, self._entropy)) for own in frames]),
                disagreement=_known(self._worst(frames, self._disagreement)),
                bad=None if self.quality is None else self._worst(frames, self._bad),
                change=np.array([self._appearing(own) for own in frames], np.float64),
            ),
            first,
        )

    def _of_heads(
        self, frame: FrameView, measure: Callable[[FrameView, StoredLabel], float]
    ) -> list[float]:
        return [measure(frame, label) for label in frame.labels.heads()]

    def _worst(
        self, frames: Sequence[FrameView], measure: Callable[[FrameView, StoredLabel], float]
    ) -> NDArray[np.float64]:
        values = [self._of_heads(frame, measure) for frame in frames]
        return np.array([max(own, default=np.nan) for own in values], np.float64)

    def _entropy(self, frame: FrameView, label: StoredLabel) -> float:
        """Entropy in nats of right or wrong; the model's score counts if it found the box, too."""
        near = self._match(frame, label)
        score = score_of(label) if near is None else near[1]
        share = min(max(score, 1e-6), 1 - 1e-6)
        return -share * float(np.log(share)) - (1 - share) * float(np.log(1 - share))

    def _disagreement(self, frame: FrameView, label: StoredLabel) -> float:
        """1 minus the overlap of the boxes that faces and the trained detector give this member.

        1 if only one of them has a box with the name; NaN without a trained detector.
        """
        if not frame.found:
            return np.nan
        if not is_by_model(label):
            near = self._match(frame, label)
            return 1.0 if near is None else 1.0 - near[0]
        others = [
            other
            for other in (*frame.labels.certain, *frame.labels.pending)
            if other.annotation.name == label.annotation.name and not is_by_model(other)
        ]
        return 1.0 - float(iou(boxes_of([label]), boxes_of(others)).max(initial=0.0))

    def _match(self, frame: FrameView, label: StoredLabel) -> tuple[float, float] | None:
        """Overlap and score of the first model's best box with that name; None without one."""
        if not frame.found or label.annotation.name not in self.names:
            return None
        same = frame.found[0][frame.found[0].classes == self.names.index(label.annotation.name)]
        overlaps = iou(boxes_of([label]), same.boxes)[0]
        if not (overlaps >= SAME_HEAD).any():
            return None
        best = int(overlaps.argmax())
        return float(overlaps[best]), float(same.scores[best])

    def _bad(self, frame: FrameView, label: StoredLabel) -> float:
        key = frame.item.id, label.object
        if key not in self._judged and self.quality is not None:
            image = self.reader.read(frame.item)
            said = self.quality.assess_label(image, label.annotation)
            self._judged[key] = np.nan if said is None else float(said.bad[0])
        return self._judged[key]

    @cached_property
    def _places(self) -> list[dict[str, NDArray[np.float32]]]:
        """Name → (4,) the most certain box in each frame."""
        places = []
        for frame in self.frames:
            ranked = [*best_first(frame.labels.pending)[::-1], *frame.labels.certain]
            boxes = boxes_of(ranked)
            names = [label.annotation.name for label in ranked]
            places.append(dict(zip(names, boxes, strict=True)))
        return places

    def _neighbours(self, frame: FrameView) -> list[dict[str, NDArray[np.float32]]]:
        """Boxes in the frames before and after, as far as these are among the frames."""
        return [
            self._places[other.place]
            for other in self.frames[max(frame.place - 1, 0) : frame.place + 2]
            if abs(other.item.place - frame.item.place) == 1
        ]

    def _jump(self, frame: FrameView, label: StoredLabel) -> float:
        """Distance from the middle between the frames before and after, in sides of the box."""
        name, around = label.annotation.name, self._neighbours(frame)
        boxes = [own[name] for own in around if name in own]
        if len(boxes) < len(("before", "after")):
            return np.nan
        own = boxes_of([label])[0]
        away = centres_of(own) - centres_of(np.mean(boxes, axis=0))
        return float(np.linalg.norm(away) / sides_of(own).max())

    def _appearing(self, frame: FrameView) -> int:
        around, own = self._neighbours(frame), self._places[frame.place].keys()
        if len(around) < len(("before", "after")):
            return 0
        sides = [place.keys() for place in around]
        return sum(
            (all(name in side for side in sides) and name not in own)
            or (all(name not in side for side in sides) and name in own)
            for name in self.names
        )

    def _predictions(
        self, rows: Sequence[tuple[FrameView, StoredLabel]]
    ) -> NDArray[np.float64] | None:
        """(m, n, 4) edges by each model of an ensemble, in sides of the box; None for one model."""
        count = len(self.frames[0].found) if self.frames else 0
        if count < len(("one", "other")):
            return None
        places = np.full((count, len(rows), 4), np.nan)
        for column, (frame, label) in enumerate(rows):
            own = boxes_of([label])
            for row, found in enumerate(frame.found):
                same = found[found.classes == self.names.index(label.annotation.name)]
                overlaps = iou(own, same.boxes)[0]
                if (overlaps >= SAME_HEAD).any():
                    places[row, column] = same.boxes[overlaps.argmax()] / sides_of(own[0]).max()
        return places


def _column(
    rows: Sequence[tuple[FrameView, StoredLabel]],
    measure: Callable[[FrameView, StoredLabel], float],
) -> NDArray[np.float64]:
    return np.array([measure(frame, label) for frame, label in rows], np.float64)


def _known(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The values; None if there is none but NaN."""
    return values if np.isfinite(values).any() else None


def _without_box(labels: FrameLabels) -> list[StoredLabel]:
    """Confident boxes that were called false, on heads that have no certain box."""
    taken = boxes_of(labels.certain)
    return [
        label
        for label in labels.false
        if score_of(label) >= _SURE and not (iou(boxes_of([label]), taken) >= SAME_HEAD).any()
    ]
