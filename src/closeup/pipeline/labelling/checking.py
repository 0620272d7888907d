"""Checks the labels of a store, and measures how far people agree on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from closeup.annotations import Annotation, Origin
from closeup.labelling.agreement import QUEUE as ADJUDICATE, LabelAgreement, label_agreement
from closeup.labelling.contradictions import ContradictionCheck
from closeup.labelling.suspicions import (
    QUEUE as SUSPICIOUS,
    LabelCheck,
    RankedUnit,
    fill_suspicious,
    find_suspicions,
)
from closeup.labelling.suspicions_model import BoxShapeCheck, MistakennessCheck
from closeup.labelling.suspicions_pictures import EmptyMaskCheck, TwinsCheck
from closeup.labelling.suspicions_places import BorderCheck, ExchangedCheck, OutsideCheck
from closeup.pipeline.labelling.label_projects import MASKS, remembered
from closeup.pipeline.labelling.open_labels import OpenLabels
from closeup.progress import Progress, Silent
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import Subject


def check_labels(
    labels: OpenLabels,
    *,
    queue: str = SUSPICIOUS,
    pixels: bool = True,
    masks: Path | None = None,
    progress: Progress | None = None,
) -> list[RankedUnit]:
    """Find suspicious labels and make a queue of them, the most likely wrong first.

    Args:
        labels: The store.
        queue: Name of the queue, which is replaced.
        pixels: Whether to read the pictures as well, to find twins with other labels.
        masks: Folder of the masks; None for the one with which the store was opened last.
        progress: Receives stages and messages; silent if None.

    Raises:
        OutputError: the store cannot be written.

    """
    progress = progress or Silent()
    labels.complete_sizes(progress)
    checks: list[LabelCheck] = [
        OutsideCheck(),
        BorderCheck(),
        ExchangedCheck(),
        MistakennessCheck(LabelsByModels(labels.store)),
        BoxShapeCheck(),
        ContradictionCheck(),
    ]
    if pixels and labels.source is not None:
        checks.append(TwinsCheck(labels.source.reader))
    elif pixels:
        progress.say("the pictures are not at hand, so twins are not searched")
    if (folder := masks or remembered(labels.store, MASKS)) is not None:
        checks.append(EmptyMaskCheck(folder))
    found = find_suspicions(labels.store, checks, progress)
    fill_suspicious(labels.store, found, queue)
    return found


def compare_people(labels: OpenLabels, *, queue: str = ADJUDICATE) -> LabelAgreement:
    """Measure how far people agree, and make a queue of what to adjudicate.

    Args:
        labels: The store.
        queue: Name of the queue, which is replaced.

    Raises:
        OutputError: the store cannot be written.

    """
    agreement = label_agreement(labels.store)
    fill_suspicious(labels.store, agreement.disputes, queue)
    return agreement


@dataclass(frozen=True, slots=True)
class LabelsByModels:
    """Gives the labels that models made for a picture, with those that were changed since.

    Attributes:
        store: The store.

    """

    store: LabelStore

    def __call__(self, item: StoredItem) -> Iterator[Annotation]:
        """The labels of all models in the history of a picture."""
        for revision in self.store.history(item.id):
            is_label = revision.subject is Subject.LABEL and revision.content is not None
            if is_label and revision.origin == Origin.MODEL and revision.content is not None:
                origin = {"method": revision.method, "version": revision.version}
                yield Annotation.of_json(revision.content, origin=Origin.MODEL, **origin)
