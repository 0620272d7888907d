"""Orders proposed labels by how likely they are wrong, as a queue to review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from closeup.errors import ImageError
from closeup.labelling.label_crops import LabelCrops, label_crop
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_words import chance_in_words, verdict_in_words
from closeup.labelling.shown_pictures import PictureReader
from closeup.progress import Progress, Silent
from closeup.store.label_queue import LabelQueue, Unit, Units, fill_queue
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore

if TYPE_CHECKING:  # a command with a mistyped path ends without onnxruntime
    from closeup.labelling.quality_network import LabelQualityNetwork

QUEUE = "quality"
"""Name of the queue that :func:`ordered_by_quality` makes."""

_AT_ONCE = 256
"""Labels that are judged at once."""


class QualityOrder(StrEnum):
    """Which labels come first."""

    WRONG = "wrong"
    """The most likely wrong ones, which finds errors soonest."""
    RIGHT = "right"
    """The most likely right ones, so that pages of good labels are accepted with one key each."""


def ordered_by_quality(
    project: LabelProject,
    order: QualityOrder = QualityOrder.WRONG,
    progress: Progress | None = None,
) -> LabelProject:
    """The project with a queue of its undecided labels, ordered by its network.

    Labels that cannot be judged, as those of pictures that are gone, come last. A store without
    undecided proposals, and a project without a network, are left as they are.

    Args:
        project: The project.
        order: Which labels come first.
        progress: Receives a stage and a message; silent if None.

    Raises:
        ModelError: the network does not give what it promises.
        OutputError: the queue cannot be written.

    """
    network, store = project.quality, project.store
    # With several people to a picture, the session passes over what a person has decided.
    queue = LabelQueue(store.database, Units.LABELS)
    units = queue.after(None, queue.counts().all, undecided=project.overlap == 1)
    if network is None or not units:
        return project
    progress = progress or Silent()
    progress.begin("judging labels", len(units))
    bad: dict[Unit, float] = {}
    for begin in range(0, len(units), _AT_ONCE):
        some = units[begin : begin + _AT_ONCE]
        bad.update(judged_units(store, some, network, project.pictures))
        progress.advance(len(some))
    fill_queue(store.database, QUEUE, _ranked(units, bad, order))
    said = Counter(map(verdict_in_words, bad.values()))
    parts = [f"{count:,} × {words}" for words, count in said.most_common()]
    parts += [f"{len(units) - len(bad):,} × cannot be judged"] if len(bad) < len(units) else []
    progress.say(f"the network judged {len(units):,} labels: {', '.join(parts)}")
    return replace(project, queue=QUEUE)


def judged_units(
    store: LabelStore, units: Sequence[Unit], network: LabelQualityNetwork, reader: PictureReader
) -> dict[Unit, float]:
    """The probability that labels are wrong, all of them judged at once.

    Labels whose picture cannot be read are left out, and those without a point or box.

    Raises:
        ModelError: the network does not give what it promises.

    """
    items = {item.id: item for item in store.items(list({unit.item for unit in units}))}
    found = ((unit, _crop(items[unit.item], unit.object, network, reader)) for unit in units)
    crops = {unit: crop for unit, crop in found if crop is not None}
    if not crops:
        return {}
    bad = network.assess(np.stack(list(crops.values()))).bad
    return dict(zip(crops, bad.tolist(), strict=True))


def _ranked(
    units: Sequence[Unit], bad: Mapping[Unit, float], order: QualityOrder
) -> list[tuple[Unit, str]]:
    """Labels in order, with the reason why they are in the queue."""
    sign = 1 if order is QualityOrder.RIGHT else -1
    judged = sorted((unit for unit in units if unit in bad), key=lambda unit: sign * bad[unit])
    entries = [(unit, chance_in_words(bad[unit])) for unit in judged]
    return entries + [(unit, "cannot be judged") for unit in units if unit not in bad]


def _crop(
    item: StoredItem, key: str, network: LabelQualityNetwork, reader: PictureReader
) -> LabelCrops | None:
    label = next((label for label in item.labels if label.object == key), None)
    if label is None:
        return None
    try:
        return label_crop(reader.read(item), label.annotation, network.cropper)
    except ImageError:
        return None
