from __future__ import annotations

import pytest
import torch
from torch import Tensor

from closeup.training.pupils.losses import PupilLossOptions, point_errors, pupil_losses
from closeup.training.pupils.network import EyeAnswer, EyeInput

GIVEN = EyeInput()
NAN = float("nan")


def answer(points: list[list[list[float]]], **heads: list[float]) -> EyeAnswer:
    told = {
        name: torch.tensor(heads.get(name, [usual] * len(points)), requires_grad=True)
        for name, usual in (("openness", 0.0), ("visible", 0.0), ("spread", 0.05))
    }
    return EyeAnswer(torch.tensor(points, requires_grad=True), **told)


def batch(points: list[list[list[float]]], **labels: list[float]) -> dict[str, Tensor]:
    usual = {"openness": NAN, "visible": 1.0, "weight": 1.0}
    told = {
        name: torch.tensor(labels.get(name, [value] * len(points))) for name, value in usual.items()
    }
    return {"points": torch.tensor(points), **told}


def losses(found: EyeAnswer, truth: dict[str, Tensor], **options: object) -> dict[str, float]:
    parts = pupil_losses(found, truth, GIVEN, PupilLossOptions(**options))  # type: ignore[arg-type]
    return {name: value.item() for name, value in parts.items()}


def test_errors_are_in_eye_distances_on_both_axes() -> None:
    # The crop is 1.2 eye distances wide and 0.9 high.
    truth = torch.tensor([[[0.5, 0.5]], [[0.5, 0.5]], [[0.5, 0.5]]])
    found = torch.tensor([[[0.6, 0.5]], [[0.5, 0.6]], [[0.5 + 0.03 / 1.2, 0.5 + 0.04 / 0.9]]])

    errors = point_errors(found, truth, GIVEN)

    torch.testing.assert_close(errors, torch.tensor([[0.12], [0.09], [0.05]]))


@pytest.mark.parametrize(
    ("error", "robust", "squared"),
    [(0.012, 0.24, 0.24), (0.03, 1.5, 1.5), (0.12, 10.5, 24.0)],
    ids=["small", "at the knee", "large"],
)
def test_the_robust_loss_is_quadratic_up_to_three_percent_and_linear_above(
    error: float, robust: float, squared: float
) -> None:
    found, truth = answer([[[0.5 + error / 1.2, 0.5]]]), batch([[[0.5, 0.5]]])

    assert losses(found, truth)["points"] == pytest.approx(robust, rel=1e-3)
    assert losses(found, truth, points="mse")["points"] == pytest.approx(squared, rel=1e-3)


def test_what_is_not_known_teaches_nothing() -> None:
    found = answer([[[0.3, 0.5]], [[0.6, 0.5]]])
    truth = batch([[[NAN, NAN]], [[0.6, 0.5]]], openness=[0.7, NAN], visible=[0.0, 1.0])

    parts = pupil_losses(found, truth, GIVEN, PupilLossOptions())
    torch.autograd.backward(parts["loss"])

    assert parts["points"].item() == pytest.approx(0, abs=1e-4)
    for head in found[:4]:
        assert head.grad is not None
        assert torch.isfinite(head.grad).all()
    assert found.points.grad is not None
    assert found.points.grad[0].eq(0).all()
    assert found.openness.grad is not None
    assert found.openness.grad[0] != 0
    assert found.openness.grad[1] == 0
    assert found.spread.grad is not None
    assert found.spread.grad[0] == 0


def test_a_batch_that_knows_nothing_gives_a_finite_loss() -> None:
    parts = losses(answer([[[0.3, 0.5]]]), batch([[[NAN, NAN]]], visible=[0.0]))

    assert parts["points"] == parts["openness"] == parts["spread"] == 0
    assert parts["loss"] == pytest.approx(0.5 * 0.6931, rel=1e-3)


def test_a_network_that_went_wrong_is_not_hidden_by_the_masks() -> None:
    assert losses(answer([[[NAN, 0.5]]]), batch([[[0.5, 0.5]]]))["loss"] != pytest.approx(0)
    assert torch.tensor(losses(answer([[[NAN, 0.5]]]), batch([[[0.5, 0.5]]]))["loss"]).isnan()


def test_a_sample_counts_by_its_weight() -> None:
    found = answer([[[0.5 + 0.12 / 1.2, 0.5]], [[0.5, 0.5]]])
    truth = batch([[[0.5, 0.5]], [[0.5, 0.5]]], weight=[0.25, 0.75])

    assert losses(found, truth)["points"] == pytest.approx(10.5 / 4, rel=1e-3)


def test_the_spread_learns_the_mean_error_and_leaves_the_points_alone() -> None:
    away = torch.tensor([0.01, 0.02, 0.09])
    points = (0.5 + away[:, None, None] / 1.2 * torch.tensor([1.0, 0.0])).requires_grad_()
    raw = torch.tensor(-5.0, requires_grad=True)
    truth = batch([[[0.5, 0.5]]] * 3)
    descent = torch.optim.Adam([raw], 0.05)
    for _ in range(300):
        descent.zero_grad()
        found = EyeAnswer(points, torch.zeros(3), torch.zeros(3), raw.exp().expand(3))
        parts = pupil_losses(found, truth, GIVEN, PupilLossOptions())
        torch.autograd.backward(parts["spread"])
        descent.step()

    assert raw.exp().item() == pytest.approx(0.04, rel=0.02)
    assert points.grad is None


def test_openness_is_learnt_as_a_share() -> None:
    right = answer([[[0.5, 0.5]]], openness=[float(torch.logit(torch.tensor(0.3)))])
    truth = batch([[[0.5, 0.5]]], openness=[0.3])

    parts = pupil_losses(right, truth, GIVEN, PupilLossOptions())
    torch.autograd.backward(parts["openness"])

    assert right.openness.grad is not None
    assert right.openness.grad.item() == pytest.approx(0, abs=1e-6)


def test_all_three_points_count_and_the_spread_is_that_of_the_pupil() -> None:
    found = answer([[[0.2, 0.5], [0.5, 0.5], [0.8, 0.5]]])
    truth = batch([[[0.2 - 0.12 / 1.2, 0.5], [0.5, 0.5], [NAN, NAN]]])

    parts = pupil_losses(found, truth, EyeInput(points=3), PupilLossOptions())

    assert parts["points"].item() == pytest.approx(10.5 / 2, rel=1e-3)
    # log(5 %) and nothing for an error of 0
    assert parts["spread"].item() == pytest.approx(1.609, rel=1e-2)


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="robust or mse, not 'l1'"):
        PupilLossOptions(points="l1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 or more"):
        PupilLossOptions(visible=-1)
