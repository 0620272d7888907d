"""Picture and mark stay together, and marks are those of the crops in use."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from closeup.annotations import Annotation, KeyPoint
from closeup.geometry import Size
from closeup.labelling.label_crops import EyeCropper, LabelCropper, ObjectCropper, label_crop
from closeup.labelling.quality_file import CropKind
from closeup.training.label_quality.augmentation import (
    QualityAugmentation,
    augmented,
    displaced,
    plain,
)
from closeup.training.label_quality.task import labels_of
from closeup.training.photography import Photography
from closeup.training.rng import TensorRng
from tests.training.label_quality.drawn_labels import SMALL, drawn_labels, view

STILL = Photography(0, 0, 0, (0.5, 1), 0, (0.5, 1), 0, (30, 90), 0)


def centre(weights: torch.Tensor) -> torch.Tensor:
    """(n, 2) mean x and y of (n, H, W), from the middle."""
    rows, columns = weights.shape[1:]
    x = torch.arange(columns) - (columns - 1) / 2
    y = (torch.arange(rows) - (rows - 1) / 2)[:, None]
    total = weights.sum((1, 2))
    return torch.stack([(weights * x).sum((1, 2)) / total, (weights * y).sum((1, 2)) / total], 1)


@pytest.mark.parametrize("kind", ["eye", "object"])
def test_plain_crops_are_those_in_use(kind: CropKind) -> None:
    samples = drawn_labels(6, kind=kind)
    made = plain(labels_of(samples), samples.view).numpy()
    stored = samples.view.stored
    cropper: LabelCropper = (
        EyeCropper(SMALL, 1.0, stored.width / samples.view.unit)
        if kind == "eye"
        else ObjectCropper(SMALL, 3.0)
    )
    middle = (np.array(stored) - 1) / 2
    for row, crop in enumerate(made):
        (x, y), box = samples.points[row, 0] + middle, samples.boxes[row] + np.tile(middle, 2)
        label = (
            Annotation(points={"pupil": KeyPoint(float(x), float(y))})
            if kind == "eye"
            else Annotation(box=tuple(map(float, box)))  # type: ignore[arg-type]
        )
        wanted = label_crop(samples.pixels[row], label, cropper)
        assert wanted is not None
        assert np.abs(wanted[..., 3].astype(int) - crop[..., 3]).max() <= 2
        inside = wanted[4:-4, 4:-4, :3].astype(int)
        assert np.abs(inside - crop[4:-4, 4:-4, :3]).mean() < 3


def test_the_mark_stays_on_the_disc() -> None:
    samples = drawn_labels(32)
    good = labels_of(samples[~samples.bad])
    options = QualityAugmentation(shift=0.08, rotation=20, photography=STILL)
    crops, middles = augmented(good, good, samples.view, options, TensorRng(0))
    discs = centre((crops[..., 0] > 140).float())
    assert (centre(crops[..., 3].float()) - discs).norm(dim=1).max() < 1.5
    assert (middles * SMALL.width - discs).norm(dim=1).max() < 1.5
    assert (discs - centre((plain(good, samples.view)[..., 0] > 140).float())).norm(dim=1).max() > 2


def test_crops_of_objects_follow_the_label_and_know_where_it_was() -> None:
    samples = drawn_labels(16, kind="object")
    good = labels_of(samples[~samples.bad])
    options = QualityAugmentation(tolerance=0.4, moved=2, photography=STILL)
    away, _ = displaced(good, samples.view, options, TensorRng(1))
    crops, middles = augmented(away, good, samples.view, options, TensorRng(0))
    assert centre(crops[..., 3].float()).abs().max() < 1
    discs = centre((crops[..., 0] > 140).float())
    assert (middles * SMALL.width - discs).norm(dim=1).max() < 1.5


def test_the_chance_of_a_bad_label_grows_with_the_distance() -> None:
    samples = drawn_labels(400)
    labels = labels_of(samples)
    options = QualityAugmentation(tolerance=0.1, moved=4)
    moved, chances = displaced(labels, samples.view, options, TensorRng(0))
    far = (moved.points - labels.points).norm(dim=2)[:, 0] / samples.view.unit
    assert far.max() <= 0.4 + 1e-6
    order = far.argsort()
    assert (chances[order].diff() >= -1e-6).all()
    assert (chances[far > 0.21] > 0.999).all()


def test_margins_are_wider_than_the_network_sees() -> None:
    assert view().stored == Size(40, 30)


@pytest.mark.parametrize("wrong", [{"tolerance": 0.0}, {"moved": 0.5}])
def test_moves_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="moved by more"):
        QualityAugmentation(**wrong)  # type: ignore[arg-type]
