"""Losses by their formulas, and beside another library."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from pytorch_metric_learning.losses import ArcFaceLoss
from torch.nn import functional

from closeup.training.identity.losses import (
    AngularMargin,
    distillation_loss,
    hint_loss,
    names_loss,
    triplet_loss,
)
from closeup.training.identity.mining import Triplets, squared_distances


def unit(count: int, dims: int, seed: int) -> torch.Tensor:
    return functional.normalize(
        torch.randn(count, dims, generator=torch.Generator().manual_seed(seed))
    )


def test_the_triplet_loss_is_that_of_the_paper() -> None:
    vectors = unit(9, 5, 0)
    triplets = Triplets(torch.tensor([0, 3]), torch.tensor([1, 4]), torch.tensor([2, 8]))
    expected = [
        max(0.0, float((vectors[a] - vectors[p]).square().sum())
            - float((vectors[a] - vectors[n]).square().sum()) + 0.2)
        for a, p, n in ((0, 1, 2), (3, 4, 8))
    ]  # fmt: skip
    loss = triplet_loss(squared_distances(vectors), triplets, 0.2)
    assert float(loss) == pytest.approx(sum(expected) / 2, abs=1e-5)


def test_without_triplets_nothing_is_learnt() -> None:
    vectors = unit(4, 5, 0).requires_grad_()
    none = torch.empty(0, dtype=torch.int64)
    loss = triplet_loss(squared_distances(vectors), Triplets(none, none, none), 0.2)
    torch.autograd.backward(loss)
    assert loss.item() == 0
    assert vectors.grad is not None
    assert not vectors.grad.any()


def test_the_margin_is_that_of_another_library() -> None:
    vectors, people = unit(30, 8, 1), torch.arange(30) % 6
    theirs = ArcFaceLoss(6, 8, margin=math.degrees(0.4), scale=32)
    ours = AngularMargin(8, 6)
    with torch.no_grad():
        theirs.W.copy_(ours.centres.T)
    torch.testing.assert_close(ours(vectors, people), theirs(vectors, people), atol=1e-4, rtol=1e-4)


def test_beyond_a_half_turn_the_margin_still_pushes() -> None:
    """The cosine of an angle with margin would rise again there."""
    head = AngularMargin(3, 2)
    with torch.no_grad():
        head.centres.copy_(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    losses = []
    for angle in (math.pi - 0.3, math.pi - 0.01):
        vector = torch.tensor([[math.cos(angle), math.sin(angle), 0.0]])
        losses.append(head(vector, torch.tensor([0])).item())
    assert losses[1] > losses[0]


def test_a_teachers_vectors_are_without_loss() -> None:
    targets = unit(12, 8, 2)
    parts = distillation_loss(targets.clone(), targets, 0.5, 1.0)
    assert float(parts["loss"]) == pytest.approx(0, abs=1e-6)
    worse = distillation_loss(unit(12, 8, 3), targets, 0.5, 1.0)
    assert float(worse["loss"]) > 1
    assert float(worse["distance"]) > 1


def test_faces_far_from_their_target_count_more() -> None:
    targets = unit(10, 8, 4)
    vectors = targets.clone()
    vectors[0] = -vectors[0]
    even, hard = (float(distillation_loss(vectors, targets, h, 0.0)["loss"]) for h in (0.0, 1.0))
    assert even == pytest.approx(0.4)
    assert hard > 3.9


def test_turned_vectors_keep_their_distances() -> None:
    """The second term does not see a rotation of all vectors."""
    targets = unit(10, 6, 5)
    turn, _ = torch.linalg.qr(torch.randn(6, 6, generator=torch.Generator().manual_seed(6)))
    parts = distillation_loss(targets @ turn, targets, 0.0, 1.0)
    assert float(parts["pairs"]) == pytest.approx(0, abs=1e-6)
    assert float(parts["distance"]) > 0.1


def features(seed: int) -> torch.Tensor:
    return torch.randn(3, 6, 4, 4, generator=torch.Generator().manual_seed(seed))


def test_the_kept_channels_of_a_teacher_are_without_loss() -> None:
    wanted, kept = [features(0), features(1)], [np.array([0, 2, 5]), np.array([1, 4])]
    found = [whole[:, rows] for whole, rows in zip(wanted, kept, strict=True)]
    assert float(hint_loss(found, wanted, kept)) == pytest.approx(0, abs=1e-6)
    assert float(hint_loss([0 * own for own in found], wanted, kept)) == pytest.approx(1, abs=0.2)


def test_hints_do_not_depend_on_the_size_of_features() -> None:
    wanted, kept = features(2), np.arange(6)
    found = wanted + 0.1 * features(3)
    plain = float(hint_loss([found], [wanted], [kept]))
    assert float(hint_loss([50 * found], [50 * wanted], [kept])) == pytest.approx(plain, rel=1e-4)


def test_the_centre_of_the_own_person_has_the_least_loss() -> None:
    centres = unit(5, 16, 7)
    own, other = (
        float(names_loss(centres[rows], centres, torch.arange(3)))
        for rows in (torch.tensor([0, 1, 2]), torch.tensor([1, 2, 3]))
    )
    assert own < 1e-4 < other
    assert float(names_loss(centres[:0], centres, torch.arange(0))) == 0
