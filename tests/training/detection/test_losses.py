from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from closeup.training.detection.decode import grid_of
from closeup.training.detection.losses import DetectionLossOptions, detection_losses
from closeup.training.detection.network import Answer

STRIDES = (8, 16, 32)
GRID = grid_of(torch.zeros(1, 3, 64, 96), STRIDES)
CELLS = len(GRID.stride)
NAN = float("nan")
BOX = [20.0, 20, 52, 52]
SPOTS = [[28.0, 30, 2], [44.0, 30, 2]]


def answer(pictures: int = 2, classes: int = 1, points: int = 2) -> Answer:
    chance = torch.Generator().manual_seed(0)
    return Answer(
        (torch.randn(pictures, classes, CELLS, generator=chance) - 4).requires_grad_(),
        torch.randn(pictures, 4, CELLS, generator=chance).requires_grad_(),
        torch.randn(pictures, 3 * points, CELLS, generator=chance).requires_grad_(),
    )


def exact(box: list[float], points: list[list[float]], sure: float = 12.0) -> Answer:
    """Every cell whose middle is in the box tells it, and no other is sure of anything."""
    x1, y1, x2, y2 = box
    middle, size = torch.tensor([(x1 + x2) / 2, (y1 + y2) / 2]), torch.tensor([x2 - x1, y2 - y1])
    boxes = torch.zeros(1, 4, CELLS)
    boxes[0, :2] = (middle[:, None] - GRID.centres) / GRID.stride
    boxes[0, 2:] = (size[:, None] / GRID.stride).log()
    told = torch.full((1, len(points), 3, CELLS), sure)
    told[0, :, :2] = (torch.tensor(points)[:, :2, None] - GRID.centres) / GRID.stride
    near = (GRID.centres - middle[:, None]).abs() <= size[:, None] / 2
    classes = torch.where(near.all(0), sure, -sure)[None, None]
    return Answer(classes, boxes, told.flatten(1, 2))


def batch(
    boxes: list[list[float]],
    owner: list[int],
    points: list[list[list[float]]] | None = None,
    per_box: int = 2,
) -> dict[str, Tensor]:
    count = len(boxes)
    told = torch.full((count, per_box, 3), 2.0) if points is None else torch.tensor(points)
    return {
        "owner": torch.tensor(owner, dtype=torch.int64),
        "boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        "classes": torch.zeros(count, dtype=torch.int64),
        "points": told,
    }


def test_who_is_right_loses_nearly_nothing() -> None:
    losses = detection_losses(
        exact(BOX, SPOTS), batch([BOX], [0], [SPOTS]), GRID, DetectionLossOptions()
    )

    assert losses["boxes"].item() == pytest.approx(0, abs=1e-3)
    assert losses["points"].item() == pytest.approx(0, abs=1e-5)
    assert losses["visible"].item() == pytest.approx(0, abs=1e-4)


def test_points_lose_by_their_distance_in_sides_of_the_box() -> None:
    away = [[28.0 + 6.4, 30, 2], [44.0, 30, 2]]  # a fifth of the box

    losses = detection_losses(
        exact(BOX, SPOTS), batch([BOX], [0], [away]), GRID, DetectionLossOptions()
    )

    assert losses["points"].item() == pytest.approx((0.2 - 0.025) / 2, rel=0.02)


@pytest.mark.parametrize("place", [0.0, NAN])
def test_a_point_that_is_not_seen_teaches_no_place(place: float) -> None:
    hidden = [SPOTS[0], [place, place, 0]]
    found = exact(BOX, SPOTS)
    for part in found:
        part.requires_grad_()

    losses = detection_losses(found, batch([BOX], [0], [hidden]), GRID, DetectionLossOptions())
    torch.autograd.backward(losses["loss"])

    assert losses["points"].item() == pytest.approx(0, abs=1e-5)
    assert losses["visible"].item() == pytest.approx(12 / 2, rel=0.01)
    for part in found:
        assert part.grad is not None
        assert torch.isfinite(part.grad).all()


def test_a_hidden_point_teaches_its_place_and_that_it_is_hidden() -> None:
    away = [[28.0 + 6.4, 30, 1], [44.0, 30, 2]]

    losses = detection_losses(
        exact(BOX, SPOTS), batch([BOX], [0], [away]), GRID, DetectionLossOptions()
    )

    assert losses["points"].item() == pytest.approx((0.2 - 0.025) / 2, rel=0.02)
    assert losses["visible"].item() == pytest.approx(12 / 2, rel=0.01)


def test_pictures_without_boxes_teach_background() -> None:
    found = answer()

    losses = detection_losses(found, batch([], []), GRID, DetectionLossOptions())
    torch.autograd.backward(losses["loss"])

    assert losses["boxes"] == losses["points"] == losses["visible"] == 0
    assert losses["classes"] > 0
    for part in found:
        assert part.grad is not None
        assert torch.isfinite(part.grad).all()
    assert found.classes.grad is not None
    assert (found.classes.grad > 0).all()


def test_an_empty_picture_among_others_is_background() -> None:
    found = answer()
    losses = detection_losses(found, batch([[10, 10, 40, 40]], [1]), GRID, DetectionLossOptions())
    torch.autograd.backward(losses["loss"])

    assert found.classes.grad is not None
    assert (found.classes.grad[0] > 0).all()
    assert (found.classes.grad[1] < 0).any()
    assert found.boxes.grad is not None
    assert not found.boxes.grad[0].any()


def test_a_task_without_points_has_no_loss_of_them() -> None:
    found, truth = answer(points=0), batch([[10, 10, 40, 40]], [0], per_box=0)

    losses = detection_losses(found, truth, GRID, DetectionLossOptions())

    assert losses["points"] == losses["visible"] == 0
    assert torch.isfinite(losses["loss"])


def test_a_rare_class_can_weigh_more() -> None:
    found = answer(1, classes=2, points=0)
    truth = batch([[10, 10, 40, 40]], [0], per_box=0)

    usual = detection_losses(found, truth, GRID, DetectionLossOptions())
    heavy = detection_losses(found, truth, GRID, DetectionLossOptions(class_weights=(3.0, 1.0)))

    assert heavy["boxes"].item() == pytest.approx(3 * usual["boxes"].item(), rel=1e-4)
    with pytest.raises(ValueError, match="3 weights for 2 classes"):
        detection_losses(found, truth, GRID, DetectionLossOptions(class_weights=(1, 1, 1)))


def test_half_precision_is_computed_in_single() -> None:
    found = Answer(*(part.detach().bfloat16() for part in answer()))

    losses = detection_losses(found, batch([[10, 10, 40, 40]], [0]), GRID, DetectionLossOptions())

    assert {loss.dtype for loss in losses.values()} == {torch.float32}
    assert math.isfinite(losses["loss"].item())


def test_a_network_that_went_wrong_is_not_hidden() -> None:
    found = answer()
    broken = found._replace(boxes=torch.full_like(found.boxes, NAN))
    losses = detection_losses(broken, batch([[10, 10, 40, 40]], [0]), GRID, DetectionLossOptions())
    assert not torch.isfinite(losses["loss"])


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="negative"):
        DetectionLossOptions(boxes=-1)
    with pytest.raises(ValueError, match="negative"):
        DetectionLossOptions(class_weights=(1.0, -1.0))
