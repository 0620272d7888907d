"""Labels drawn for tests: bright discs, and marks on them or beside them."""

from __future__ import annotations

import cv2
import numpy as np

from closeup.geometry import Size
from closeup.labelling.quality_file import CropKind
from closeup.training.label_quality.samples import QualitySamples, QualityView

SMALL = Size(32, 24)


def view(kind: CropKind = "eye") -> QualityView:
    return QualityView(kind, SMALL, 1.0 if kind == "eye" else 3.0)


def drawn_labels(count: int, seed: int = 0, kind: CropKind = "eye") -> QualitySamples:
    """Every other label is off by a third of the crop; labels of objects are boxes."""
    rng = np.random.default_rng(seed)
    seen = view(kind)
    size = seen.stored
    pixels = rng.integers(0, 60, (count, size.height, size.width, 3)).astype(np.uint8)
    discs = rng.uniform(-4, 4, (count, 2))
    bad = np.arange(count) % 2 == 1
    angles = rng.uniform(0, 2 * np.pi, count)
    labels = discs + (bad * 10)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    for picture, disc in zip(pixels, discs, strict=True):
        x, y = (disc + (np.array(size) - 1) / 2).round().astype(int).tolist()
        cv2.circle(picture, (x, y), 3, (220, 210, 190), -1)
    points = labels.astype(np.float32)[:, None]
    boxes = np.full((count, 4), np.nan, np.float32)
    if kind == "object":
        boxes = np.concatenate([labels - 4, labels + 4], axis=1).astype(np.float32)
        points = np.full_like(points, np.nan)
    groups = np.arange(count) // 2
    return QualitySamples(pixels, points, boxes, bad, np.ones(count, np.float32), groups, seen)
