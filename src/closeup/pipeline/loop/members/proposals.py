"""Proposals of member boxes: by faces in the first round, then by the detector that was trained."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.detection.yolo_members import YoloMemberDetector
from closeup.detections import Detections
from closeup.frames import RGBImage
from closeup.geometry import iou
from closeup.identity.gallery import FALSE_ACCEPT_RATE
from closeup.labels import Box
from closeup.open_models import Models
from closeup.pipeline.labelling.label_projects import add_classes
from closeup.pipeline.labelling.proposers import MemberProposer
from closeup.pipeline.loop.members.labels import boxes_of
from closeup.pipeline.people.identify import FaceIdentifier
from closeup.pipeline.people.members import embedder_for, find_members, open_members
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector
from closeup.store.label_records import LabelChange, StoredItem, StoredLabel
from closeup.store.label_store import LabelStore

CANDIDATES = 0.05
"""Least score of a proposed box of a trained detector: low ones are where people teach it most."""

_BY_MODEL = "member-"
"""What the keys of labels by a trained detector begin with."""

_SAME_BOX = 0.6
"""Intersection over union from which two boxes with one name say the same."""


@dataclass(frozen=True, slots=True)
class MemberSource:
    """Where the members' names come from.

    Attributes:
        members: Folder of the members' photos, or a gallery's file.
        detector: Finds the faces; a name or an object.
        embedder: Computes their vectors; a name or an object.

    """

    members: Path
    detector: str | FaceDetector = "auto"
    embedder: str | Embedder = "auto"

    def proposer(
        self, store: LabelStore, models: Models, version: str, progress: Progress
    ) -> MemberProposer:
        """Open what proposes the boxes of the first round, and record the members' names.

        Args:
            store: Receives the names as classes.
            models: Opens models by name.
            version: Version of the proposals.
            progress: Receives messages about the photos.

        Raises:
            InputError: the members cannot be enrolled.
            ModelError: a model cannot be opened.

        """
        found = find_members(self.members, progress)
        detector = models.detector(self.detector, threads=1, progress=progress)
        embedder = models.embedder(embedder_for(found, self.embedder), threads=1)
        of_photos = models.turned_detector(detector, photos=True)
        gallery = open_members(found, of_photos, embedder, progress)
        add_classes(store, gallery.names)
        identifier = FaceIdentifier(detector, embedder, gallery, FALSE_ACCEPT_RATE)
        photos = hashlib.sha256(gallery.vectors.tobytes()).hexdigest()[:8]
        return MemberProposer(identifier, f"{version} {photos}", guesses=True)


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
