from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from closeup.training.detection.decode import grid_of, places
from closeup.training.detection.network import DetectionNetwork
from closeup.training.detection.options import FACES, SHAPES, DetectionTask, DetectorShape
from tests.training.detection.small_detector import SMALL, small_detector

MEMBERS = DetectionTask(("Ana", "Ben", "Eva"))


FINE = replace(SMALL, finest=4, neck=(8, 16, 16, 24))


@pytest.mark.parametrize(
    "shape", [SHAPES["faces"], SHAPES["members"], FINE], ids=["faces", "members", "fine"]
)
@pytest.mark.parametrize("task", [FACES, MEMBERS], ids=["points", "classes"])
def test_every_cell_tells_classes_box_and_points(shape: DetectorShape, task: DetectionTask) -> None:
    network = DetectionNetwork(task, shape).eval()
    images = torch.rand(2, 3, 64, 96)

    with torch.no_grad():
        answer = network(images)

    cells = sum(64 // stride * (96 // stride) for stride in network.strides)
    assert answer.classes.shape == (2, len(task.names), cells)
    assert answer.boxes.shape == (2, 4, cells)
    assert answer.points.shape == (2, 3 * task.points, cells)
    assert grid_of(images, network.strides).stride.shape == (cells,)


def test_it_is_as_small_as_promised() -> None:
    network = DetectionNetwork(FACES, SHAPES["faces"])
    assert sum(parameter.numel() for parameter in network.parameters()) <= 350_000


def test_before_learning_nearly_all_is_background_and_boxes_are_some_cells_wide() -> None:
    network = small_detector(MEMBERS).eval()
    images = torch.rand(1, 3, 320, 320)

    with torch.no_grad():
        answer = network(images)

    grid = grid_of(images, network.strides)
    assert answer.classes.sigmoid().sum() < 15
    sides = places(answer, grid).sizes / grid.stride
    assert ((sides > 1.5) & (sides < 4)).all()


def test_what_is_far_away_is_seen_by_the_coarsest_level() -> None:
    network = small_detector().eval()
    images = torch.zeros(1, 3, 256, 256, requires_grad=True)

    torch.autograd.backward(network(images).classes[0, 0, -1])

    assert images.grad is not None
    assert images.grad[0, :, :96, :96].any()
