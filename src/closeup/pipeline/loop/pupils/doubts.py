"""The good/bad network of a loop: trained on a round's verdicts, it doubts the next proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.labelling.label_crops import LabelCrops, label_crop
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQuality, LabelQualityNetwork
from closeup.pipeline.loop.pupils.loop_eyes import LoopEyes
from closeup.pipeline.loop.quality.quality_training import QualityTrainingOptions, train_quality
from closeup.progress import Progress

QUALITY = "quality.onnx"
"""File of the network in the folder of a round."""

_BAD = 0.8
"""Least probability of a wrong label that is labelled by hand without a verdict."""
_EPOCHS = 6
"""Passes of its training; more take longer than a round is worth."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, eq=False)
class DoubtedLabels:
    """What the network says of n proposed labels.

    Attributes:
        bad: (n,) probability that each is wrong; NaN without a label.
        map_bad: (n,) whether the class activation map speaks against the place of the label itself,
            and not only against something beside it.

    """

    bad: NDArray[np.float64]
    map_bad: NDArray[np.bool_]

    @property
    def both(self) -> NDArray[np.int64]:
        """Indices of labels that are bad by probability and map, the worst first."""
        rows = np.flatnonzero((self.bad >= _BAD) & self.map_bad)
        return rows[np.argsort(-self.bad[rows], kind="stable")]


def learn_quality(project: LabelProject, folder: Path, seed: int, progress: Progress) -> None:
    """Train the network on all verdicts so far; a message says why where that cannot be done.

    A network that is there already is kept: since it was trained, only proposals were added.

    Args:
        project: The store and its pictures.
        folder: Folder of a round.
        seed: Determines weights and order.
        progress: Receives stages and messages.

    """
    if (folder / QUALITY).exists():
        return
    usual = QualityTrainingOptions()
    options = replace(usual, training=replace(usual.training, epochs=_EPOCHS, seed=seed))
    try:
        train_quality(project.store, project.pictures, folder / QUALITY, options, progress=progress)
    except InputError as error:
        progress.say(f"no network that tells good from bad labels in this round: {error}")


def doubted_labels(
    model: Path, eyes: LoopEyes, chosen: Sequence[int], keys: Sequence[str], progress: Progress
) -> DoubtedLabels | None:
    """Judge one proposed label of each eye; None without a network.

    Args:
        model: File of the network.
        eyes: All eyes.
        chosen: Indices of n eyes.
        keys: Key of the label of each; empty for none.
        progress: Receives one stage.

    Raises:
        ModelError: the file is damaged.
        InputError: a file of crops is gone or damaged.

    """
    if not model.exists():
        return None
    network = LabelQualityNetwork(model.read_bytes(), model.name, eyes.data.width)
    key_of = dict(zip(chosen, keys, strict=True))
    progress.begin("judging proposed labels", len(chosen))
    bad, map_bad = np.full(len(chosen), np.nan), np.zeros(len(chosen), np.bool_)
    waiting: dict[int, LabelCrops] = {}

    def judge() -> None:
        rows = list(waiting)
        crops = np.array([*waiting.values()])
        judged = network.assess(crops)
        bad[rows], map_bad[rows] = judged.bad, against_the_label(judged, crops)
        waiting.clear()

    for place, (number, image) in enumerate(eyes.crops(chosen)):
        progress.advance()
        labels = {own.object: own.annotation for own in eyes.eyes[number].item.labels}
        label = labels.get(key_of[number])
        crop = None if label is None else label_crop(image, label, network.cropper)
        if crop is not None:
            waiting[place] = crop
        if len(waiting) == _AT_ONCE:
            judge()
    if waiting:
        judge()
    return DoubtedLabels(bad, map_bad)


def against_the_label(judged: LabelQuality, crops: LabelCrops) -> NDArray[np.bool_]:
    """Whether maps (n, h, w) are positive, that is wrong, at the marks of crops (n, H, W, 4)."""
    height, width = judged.maps.shape[1:]
    marks = np.array([
        cv2.resize(crop[..., 3], (width, height), interpolation=cv2.INTER_AREA) for crop in crops
    ], np.float64)  # fmt: skip
    return np.asarray((judged.maps * marks).sum(axis=(1, 2)) > 0)
