"""Some pictures of a data set with their labels drawn, as one sheet to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from closeup.drawing.marks import Mark, draw_marks
from closeup.evaluation.tiles import centred, grid
from closeup.formats.yolo_labels import label_file, read_yolo_labels
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import read_image

_COLUMNS = 6
_SCALE = 2
"""Scenes are shown at one part of so many of their size."""


def draw_scenes(images: Sequence[Path], names: tuple[str, ...], points: int, out: Path) -> None:
    """Write a sheet of labelled pictures.

    Args:
        images: One or more, with labels of Ultralytics' layout.
        names: Of the classes.
        points: Key points of each box.
        out: A file that Pillow can write.

    """
    drawn = [_drawn(image, names, points) for image in images]
    height = max(picture.shape[0] for picture in drawn)
    width = max(picture.shape[1] for picture in drawn)
    tiles = [centred(picture, height, width) for picture in drawn]
    sheet = np.vstack(grid(tiles, min(_COLUMNS, len(tiles))))
    Image.fromarray(sheet).reduce(_SCALE).save(out)


def _drawn(image: Path, names: tuple[str, ...], points: int) -> RGBImage:
    picture = read_image(image)
    labels, _ = read_yolo_labels(label_file(image), Size.of(picture), names, points)
    marks = [
        Mark(box, own[own[:, 2] > 0, :2])
        for box, own in zip(labels.boxes, labels.points, strict=True)
    ]
    return draw_marks(picture, marks)
