"""Draws a contact sheet of some pictures of a data set with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from closeup.drawing.marks import Mark, draw_marks
from closeup.drawing.sheets import framed, grid
from closeup.formats.yolo_labels import label_file, read_yolo_labels
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import read_image

_COLUMNS = 6
_SCALE = 2
"""Factor by which the scenes are reduced."""
_GAP = 16
"""Pixels between two scenes before the reduction."""


def scene_sheet(images: Sequence[Path], names: tuple[str, ...], points: int) -> RGBImage:
    """Draw a sheet of labelled pictures; RGB uint8 (H, W, 3).

    Args:
        images: One or more, with labels in Ultralytics' layout.
        names: Names of the classes.
        points: Number of key points of each box.

    """
    drawn = [_drawn(image, names, points) for image in images]
    sheet = framed(grid(drawn, _COLUMNS, _GAP), _GAP)
    return np.asarray(Image.fromarray(sheet).reduce(_SCALE), np.uint8)


def _drawn(image: Path, names: tuple[str, ...], points: int) -> RGBImage:
    picture = read_image(image)
    labels, _ = read_yolo_labels(label_file(image), Size.of(picture), names, points)
    marks = [
        Mark(box, own[own[:, 2] > 0, :2])
        for box, own in zip(labels.boxes, labels.points, strict=True)
    ]
    return draw_marks(picture, marks)
