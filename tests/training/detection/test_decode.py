from __future__ import annotations

import math

import numpy as np
import torch

from closeup.training.detection.decode import detections, grid_of, places
from closeup.training.detection.network import Answer

IMAGES = torch.zeros(1, 3, 32, 64)
GRID = grid_of(IMAGES, (8, 16, 32))
CELLS = 32 + 8 + 2


def blank(classes: int = 1, points: int = 0) -> Answer:
    return Answer(
        torch.full((1, classes, CELLS), -20.0),
        torch.zeros(1, 4, CELLS),
        torch.zeros(1, 3 * points, CELLS),
    )


def test_cells_lie_row_by_row_the_finest_first() -> None:
    assert GRID.stride.tolist() == [8.0] * 32 + [16.0] * 8 + [32.0] * 2
    assert GRID.centres[:, 0].tolist() == [3.5, 3.5]
    assert GRID.centres[:, 9].tolist() == [11.5, 11.5]
    assert GRID.centres[:, 32 + 5].tolist() == [23.5, 23.5]
    assert GRID.centres[:, -1].tolist() == [47.5, 15.5]


def test_boxes_and_points_are_relative_to_their_cell() -> None:
    answer = blank(points=2)
    answer.boxes[0, :, 33] = torch.tensor([0.5, -0.25, math.log(2), math.log(3)])
    answer.points[0, :, 33] = torch.tensor([1, 0, 0, -1, 2, 0])

    seen = places(answer, GRID)

    # The cell's middle is at (23.5, 7.5), its side 16.
    assert seen.centres[0, :, 33].tolist() == [31.5, 3.5]
    torch.testing.assert_close(seen.sizes[0, :, 33], torch.tensor([32.0, 48.0]))
    torch.testing.assert_close(seen.boxes[0, 33], torch.tensor([15.5, -20.5, 47.5, 27.5]))
    assert seen.points[0, :, :, 33].tolist() == [[39.5, 7.5], [7.5, 39.5]]
    assert seen.visible.shape == (1, 2, CELLS)


def test_the_surest_of_each_class_stays() -> None:
    answer = blank(classes=2, points=1)
    answer.boxes[:, 2:] = math.log(2)
    for cell, number, logit in ((9, 0, 1.0), (10, 0, 3.0), (10, 1, 2.0), (24, 0, 0.0)):
        answer.classes[0, number, cell] = logit
    answer.points[0, 2] = 20.0

    (found,) = detections(answer, GRID, score_threshold=0.1, overlap=0.3)

    assert found.classes.tolist() == [0, 1, 0]
    np.testing.assert_allclose(found.scores, 1 / (1 + np.exp([-3.0, -2.0, 0.0])), rtol=1e-5)
    np.testing.assert_allclose(found.boxes[0], [11.5, 3.5, 27.5, 19.5], rtol=1e-5)
    assert found.points is not None
    np.testing.assert_allclose(found.points[:, 0, 2], 1)
    assert found.points.shape == (3, 1, 3)


def test_of_many_the_surest_are_looked_at() -> None:
    answer = blank()
    answer.boxes[:, 2:] = -3.0
    answer.classes[0, 0] = torch.linspace(-1, 3, CELLS)

    (found,) = detections(answer, GRID, most=2)

    np.testing.assert_allclose(found.scores[0], 1 / (1 + math.exp(-3)), rtol=1e-5)
    assert len(found.boxes) == 2


def test_nothing_seen_is_no_trouble() -> None:
    (found,) = detections(blank(points=5), GRID)

    assert found.boxes.shape == (0, 4)
    assert found.points is not None
    assert found.points.shape == (0, 5, 3)
    assert found.classes.dtype == np.int64


def test_a_network_that_went_wrong_has_finite_boxes() -> None:
    answer = blank()
    answer.boxes.fill_(1e4)
    assert torch.isfinite(places(answer, GRID).sizes).all()
