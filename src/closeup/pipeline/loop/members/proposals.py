"""Proposals of member boxes: by faces in the first round, then by the detector that was trained."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.detection.yolo_members import YoloMemberDetector
from closeup.detections import Detections
from closeup.frames import RGBImage
from closeup.geometry import iou
from closeup.labels import Box
from closeup.pipeline.loop.members.labels import boxes_of
from closeup.store.label_records import LabelChange, StoredItem, StoredLabel
from closeup.store.label_store import LabelStore

CANDIDATES = 0.05
"""Least score of a proposed box of a trained detector: low ones are where people teach it most."""

_BY_MODEL = "member-"
"""What the keys of labels by a trained detector begin with."""

_SAME_BOX = 0.6
"""Intersection over union from which two boxes with one name say the same."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainedProposer:
    """Proposes the boxes that a trained detector finds, also those of low scores.

    Attributes:
        detector: The detector of the last round.
        version: Version of the proposals.

    """

    detector: YoloMemberDetector
    version: str

    @property
    def method(self) -> str:
        """Name of the detector's file, with digits of its content."""
        return self.detector.name

    def propose(self, image: RGBImage) -> tuple[Annotation, ...]:
        """See :meth:`closeup.pipeline.labelling.proposers.LabelProposer.propose`."""
        return tuple(self._labels(self.detector.detect(image)))

    def _labels(self, found: Detections) -> Iterator[Annotation]:
        rows = zip(found.boxes, found.scores, found.classes, strict=True)
        for number, (edges, score, name) in enumerate(rows):
            box: Box = tuple(edges.tolist())
            yield Annotation(
                name=self.detector.names[name],
                box=box,
                key=f"{_BY_MODEL}{self.version}-{number}",
                origin=Origin.MODEL,
                method=self.method,
                version=self.version,
                score=round(float(score), 4),
            )


def open_trained(model: Path, least: float = CANDIDATES) -> YoloMemberDetector:
    """Open the detector of a round; it runs on one thread.

    Args:
        model: The file.
        least: Least score of a box.

    Raises:
        ModelError: the file is not such a detector.

    """
    return YoloMemberDetector(model.read_bytes(), model.name, score_threshold=least, threads=1)


def withdraw_outdated(store: LabelStore, frames: Collection[int], version: str) -> None:
    """Take away what detectors of earlier rounds proposed and nobody judged.

    Those of faces stay: they are the opinion of another method.

    Args:
        store: The store; the labels stay in its history.
        frames: Numbers of the items.
        version: Version of the proposals that replace them.

    """
    changes = [
        LabelChange.of_label(
            f"withdrawn-{version}-{item.id}-{label.object}",
            item.id,
            label.object,
            None,
            label.revision,
        )
        for item in store.items(list(frames))
        for label in item.labels
        if is_by_model(label)
        and label.annotation.version != version
        and label.annotation.verdict is None
    ]
    store.write(changes, "")


def is_by_model(label: StoredLabel) -> bool:
    """Whether a trained detector made a label, and no person moved it."""
    return label.object.startswith(_BY_MODEL) and label.annotation.origin is Origin.MODEL


def new_to(item: StoredItem, labels: tuple[Annotation, ...]) -> tuple[Annotation, ...]:
    """The labels that say something which no label of the picture says yet.

    A box with the same name at the same place as another is left out, also if that one was judged:
    nobody is asked twice. A picture whose labels are complete gets no more.
    """
    if item.verdict is LabelVerdict.TRUE:
        return ()
    return tuple(label for label in labels if not any(_says(old, label) for old in item.labels))


def _says(old: StoredLabel, new: Annotation) -> bool:
    if old.annotation.box is None or new.box is None or old.annotation.name != new.name:
        return False
    overlap = iou(boxes_of([old]), np.array([new.box], np.float32))
    return bool(overlap[0, 0] >= _SAME_BOX)
