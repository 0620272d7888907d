from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, strategies as st
from torch import Tensor

from closeup.training.detection.overlap import (
    complete_overlap,
    fair_overlap,
    gaussian_likeness,
    overlap,
)

PLACES = st.floats(-200, 200, width=32)
SIDES = st.floats(1, 400, width=32)
BOXES = st.tuples(PLACES, PLACES, SIDES, SIDES).map(
    lambda box: torch.tensor([box[0], box[1], box[0] + box[2], box[1] + box[3]])
)


def square(side: float, shift: float = 0.0) -> Tensor:
    return torch.tensor([shift, 0.0, side + shift, side])


def test_known_overlaps() -> None:
    assert overlap(square(10), square(10, 5)).item() == pytest.approx(1 / 3)
    assert overlap(square(10), square(10, 20)).item() == 0
    # 20 pixels between centres; the hull is 30 by 10.
    apart = complete_overlap(square(10), square(10, 20)).item()
    assert apart == pytest.approx(-400 / 1000)
    assert gaussian_likeness(square(10), square(10, 12.8)).item() == pytest.approx(1 / math.e)


def test_the_aspect_ratio_counts() -> None:
    wide, high = torch.tensor([0.0, 5, 20, 15]), torch.tensor([5.0, 0, 15, 20])

    assert overlap(wide, high).item() == pytest.approx(1 / 3)
    assert complete_overlap(wide, high).item() < 0.3


def test_a_pixel_beside_a_small_face_is_forgiven_and_a_large_one_keeps_its_iou() -> None:
    assert overlap(square(10, 1), square(10)).item() == pytest.approx(9 / 11)
    assert fair_overlap(square(10, 1), square(10)).item() == pytest.approx(0.87, abs=0.01)
    far = fair_overlap(square(250, 60), square(250)).item()
    assert far == pytest.approx(overlap(square(250, 60), square(250)).item(), abs=0.03)


def test_a_small_box_beside_another_is_drawn_to_it() -> None:
    found = square(8, 30).requires_grad_()

    torch.autograd.backward(fair_overlap(found, square(8), complete=True))

    assert found.grad is not None
    assert found.grad[[0, 2]].sum() < 0  # the middle is to move to the left


@given(BOXES, BOXES)
def test_all_are_at_most_one_and_symmetric_and_their_gradient_is_finite(
    a: Tensor, b: Tensor
) -> None:
    for measure in (overlap, complete_overlap, gaussian_likeness):
        assert measure(a, b).item() <= 1 + 1e-5
        assert measure(a, b).item() == pytest.approx(measure(b, a).item(), abs=1e-4)
    assert fair_overlap(a, a).item() == pytest.approx(1, abs=1e-3)
    found = a.clone().requires_grad_()
    torch.autograd.backward(fair_overlap(found, b, complete=True))
    assert found.grad is not None
    assert torch.isfinite(found.grad).all()


def test_an_empty_box_is_no_trouble() -> None:
    flat = torch.tensor([5.0, 5, 5, 5], requires_grad=True)

    torch.autograd.backward(fair_overlap(flat, square(10), complete=True))

    assert flat.grad is not None
    assert torch.isfinite(flat.grad).all()
