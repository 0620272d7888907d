"""Data sets of coloured squares on grey, whose places are known exactly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import yaml

from closeup.formats.yolo_dataset import YoloDataset, write_yolo_dataset
from closeup.formats.yolo_labels import label_file, write_yolo_labels
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import PictureLabels

COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
NAMES = ("red", "green", "blue")
SIZE = Size(96, 64)


def squares(seed: int, size: Size = SIZE) -> tuple[RGBImage, PictureLabels]:
    """A picture with a square of each colour beside each other, and its labels.

    Each has its left upper and right upper corner as points.
    """
    random = np.random.default_rng(seed)
    image = np.full((size.height, size.width, 3), 100, np.uint8)
    image[:] += random.integers(0, 8, image.shape, np.uint8)
    boxes = []
    room = size.width // len(COLOURS)
    for number, colour in enumerate(COLOURS):
        side = int(random.integers(room // 2, room - 4))
        x = number * room + int(random.integers(0, room - side))
        y = int(random.integers(0, size.height - side))
        image[y : y + side, x : x + side] = colour
        boxes.append((x, y, x + side, y + side))
    edges = np.array(boxes) - 0.5
    corners = np.stack([edges[:, [0, 1]], edges[:, [2, 1]]], axis=1)
    points = np.concatenate([corners, np.full((len(COLOURS), 2, 1), 2.0)], axis=2)
    classes = np.arange(len(COLOURS))
    return image, PictureLabels.of(edges, classes, points)


def save(path: Path, image: RGBImage) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.ascontiguousarray(image[..., ::-1]))


def write_squares(folder: Path, train: int = 4, val: int = 2, size: Size = SIZE) -> Path:
    """A data set with points; gives its YAML file."""
    for part, seeds in (("train", range(train)), ("val", range(1000, 1000 + val))):
        for seed in seeds:
            image, labels = squares(seed, size)
            path = folder / "images" / part / f"{seed}.png"
            save(path, image)
            write_yolo_labels(label_file(path), labels, size)
    yaml = folder / "data.yaml"
    places = [(folder / "images" / part,) for part in ("train", "val")]
    write_yolo_dataset(yaml, YoloDataset(NAMES, places[0], places[1], (), 2, 3, (1, 0)))
    return yaml


def as_faces(data: Path) -> Path:
    """Make the first square of each picture a face with five points; gives the YAML file."""
    said = yaml.safe_load(data.read_text())
    for labels in (data.parent / "labels").rglob("*.txt"):
        line = labels.read_text().splitlines()[0].split()
        labels.write_text(" ".join(["0", *line[1:5], *line[5:8] * 5]) + "\n")
    faces = {"names": ["face"], "kpt_shape": [5, 3], "flip_idx": [1, 0, 2, 4, 3]}
    data.write_text(yaml.safe_dump({**said, **faces}))
    return data
