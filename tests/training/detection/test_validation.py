"""What a validation says of a network that is right, and of one that is not."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from closeup.geometry import Size
from closeup.training.detection.decode import grid_of
from closeup.training.detection.loading import read_detection_data
from closeup.training.detection.network import Answer, DetectionNetwork
from closeup.training.detection.options import DetectionTask
from closeup.training.detection.samples import DetectionSet
from closeup.training.detection.validation import DetectionValidation
from tests.training.detection.small_detector import SMALL
from tests.training.detection.squares import NAMES, write_squares

CANVAS = Size(96, 64)


class Knowing(DetectionNetwork):
    """Says what the labels say, picture by picture, with errors of one's choice."""

    def __init__(self, samples: DetectionSet, *, shift: float = 0, points: float = 0) -> None:
        super().__init__(DetectionTask(NAMES, 2), SMALL)
        self._samples, self._shift, self._points = samples, shift, points
        self._next = 0

    def forward(self, images: Tensor) -> Answer:
        """The labels of as many pictures."""
        grid = grid_of(images, self.strides)
        told = [self._one(self._next + number, grid) for number in range(len(images))]
        self._next += len(images)
        return Answer(*(torch.stack(parts) for parts in zip(*told, strict=True)))

    def _one(self, index: int, grid: Any) -> tuple[Tensor, Tensor, Tensor]:
        cells = len(grid.stride)
        classes = torch.full((len(NAMES), cells), -12.0)
        boxes, points = torch.zeros(4, cells), torch.zeros(2, 3, cells)
        labels = self._samples.of(index)
        for cell, (box, number, own) in enumerate(
            zip(labels.boxes, labels.classes.tolist(), labels.points, strict=True)
        ):
            classes[number, cell] = 8 - cell
            low, high = torch.from_numpy(box[:2]), torch.from_numpy(box[2:])
            middle = (low + high) / 2 + self._shift
            boxes[:2, cell] = (middle - grid.centres[:, cell]) / grid.stride[cell]
            boxes[2:, cell] = ((high - low) / grid.stride[cell]).log()
            spots = torch.from_numpy(own[:, :2]) + self._points
            points[:, :2, cell] = (spots - grid.centres[:, cell]) / grid.stride[cell]
        return classes, boxes, points.flatten(0, 1)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> DetectionSet:
    folder = tmp_path_factory.mktemp("set")
    return read_detection_data(write_squares(folder, train=2, val=10)).val


def test_who_is_right_everywhere_lacks_nothing(samples: DetectionSet) -> None:
    figures = DetectionValidation(samples, CANVAS).judge(Knowing(samples))

    assert figures["map50"] == figures["map50_95"] == figures["recall"] == pytest.approx(1)
    assert figures["map_lack"] == pytest.approx(0, abs=1e-6)
    assert figures["point_error"] == pytest.approx(0, abs=1e-4)


def test_boxes_beside_the_truth_cost_precision(samples: DetectionSet) -> None:
    figures = DetectionValidation(samples, CANVAS).judge(Knowing(samples, shift=2.0))

    assert figures["map50"] > 0.95
    assert figures["map50_95"] < 0.8


def test_errors_of_points_are_told_in_sides_of_the_box(samples: DetectionSet) -> None:
    sides = (samples.labels.boxes[:, 2:] - samples.labels.boxes[:, :2]).prod(1) ** 0.5

    figures = DetectionValidation(samples, CANVAS).judge(Knowing(samples, points=1.0))

    assert figures["point_error"] == pytest.approx((2**0.5 / sides).mean(), rel=1e-3)


def test_far_from_everything_nothing_is_found(samples: DetectionSet) -> None:
    figures = DetectionValidation(samples, CANVAS).judge(Knowing(samples, shift=60.0))

    assert figures["map50"] == figures["recall"] == 0
    assert "point_error" not in figures
