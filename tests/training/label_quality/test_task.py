"""Marks on discs against marks beside them: the task learns them, and says how well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from closeup.errors import TrainingError
from closeup.progress import Silent
from closeup.training import onnx_export
from closeup.training.fitting import fit
from closeup.training.label_quality.export import export
from closeup.training.label_quality.network import Judged, QualityCnn, QualityShape
from closeup.training.label_quality.sanity_checks import learning_fault, place_fault
from closeup.training.label_quality.task import QualityTrainingTask, logits_of
from closeup.training.label_quality.validation import area_under_curve, calibration
from closeup.training.options import TrainingOptions
from tests.training.label_quality.drawn_labels import SMALL, drawn_labels


def network() -> QualityCnn:
    torch.manual_seed(0)
    return QualityCnn(QualityShape(SMALL, (4, 8, 8), 8))


def task_of(seed: int = 0, count: int = 60, unjudged: int = 0) -> QualityTrainingTask:
    others = drawn_labels(unjudged, 2) if unjudged else None
    return QualityTrainingTask(
        network(), drawn_labels(count), drawn_labels(40, 1), unjudged=others, seed=seed
    )


def test_a_batch_has_good_bad_and_moved_labels() -> None:
    task = task_of(unjudged=10)
    assert task.count(24) == 2048 // 24
    batch = next(iter(task.batches(0, 24)))
    assert batch["crops"].shape == (24, 24, 32, 4)
    assert (batch["bad"][:8] == 0).all()
    assert (batch["bad"][8:12] == 1).all()
    assert ((batch["bad"][12:] >= 0) & (batch["bad"][12:] <= 1)).all()
    assert batch["known"].tolist() == [1] * 8 + [0] * 4 + [1] * 12


def test_an_epoch_can_be_repeated() -> None:
    one, other = (next(iter(task_of().batches(3, 12))) for _ in range(2))
    assert torch.equal(one["crops"], other["crops"])
    assert not torch.equal(one["crops"], next(iter(task_of(1).batches(3, 12)))["crops"])


def test_it_learns_where_marks_belong(tmp_path: Path) -> None:
    task = task_of()
    options = TrainingOptions(epochs=5, batch=32, rate=1e-2, averaging=0.9, device="cpu")
    history = fit(task, options, tmp_path, Silent())
    assert history.best.figures["auc"] > 0.95
    held_out = drawn_labels(40, 1)
    logits = logits_of(task.network.eval(), held_out)
    assert area_under_curve(logits, held_out.bad) == pytest.approx(history.best.figures["auc"])


def test_its_fingerprint_is_that_of_everything_it_is_given() -> None:
    made = [task_of(), task_of(1), task_of(count=62), task_of(unjudged=4)]
    assert len({task.fingerprint for task in made}) == 4
    assert task_of().fingerprint == made[0].fingerprint


def test_the_mean_of_a_map_is_the_logit_also_when_rescaled() -> None:
    net = network().eval()
    crops = torch.randint(0, 256, (5, 24, 32, 4), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before: Judged = net(crops)
        net.rescale(0.5, -1.0)
        after: Judged = net(crops)
    assert torch.allclose(after.logits, 0.5 * before.logits - 1, atol=1e-5)
    assert torch.allclose(after.maps, 0.5 * before.maps, atol=1e-5)
    assert torch.allclose(after.maps.mean((1, 2)) + net.constant, after.logits)
    for wrong in ((0.0, 0.0), (1.0, float("nan"))):
        with pytest.raises(ValueError, match="cannot be rescaled"):
            net.rescale(*wrong)


def test_the_focus_is_in_the_crop_and_moves_with_the_picture() -> None:
    samples = drawn_labels(8)
    net = network().eval()
    crops = torch.from_numpy(samples.pixels[:, :24, :32])
    mark = torch.zeros(8, 24, 32, 1, dtype=torch.uint8)
    with torch.no_grad():
        focus = net(torch.cat([crops, mark], 3)).focus
    assert (focus.abs() <= torch.tensor([0.5, 0.375])).all()


def test_a_file_that_differs_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "LARGEST_DIFFERENCE", -1.0)
    with pytest.raises(TrainingError, match="differs from the network"):
        export(network(), "eye", 1.0, tmp_path / "my.onnx")
    assert not list(tmp_path.iterdir())


def test_labels_beside_their_crops_are_a_fault() -> None:
    samples = drawn_labels(20)
    assert place_fault(samples) is None
    samples.points[:] += 40
    fault = place_fault(samples)
    assert fault is not None
    assert not samples.bad[fault.rows].any()


def test_what_can_be_told_apart_can_be_overfitted() -> None:
    samples = drawn_labels(24)
    assert learning_fault(samples, network()) is None
    same = samples[np.repeat([0], 24)]
    same.bad[::2] = True
    fault = learning_fault(same, network())
    assert fault is not None
    assert "called true and false" in fault.description


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=2, max_size=30))
def test_the_area_counts_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in rows], np.float64)
    bad = np.array([kind for _, kind in rows])
    if bad.all() or not bad.any():
        with pytest.raises(ValueError, match="both kinds"):
            area_under_curve(scores, bad)
        return
    pairs = scores[bad][:, None] - scores[~bad]
    assert area_under_curve(scores, bad) == pytest.approx(((np.sign(pairs) + 1) / 2).mean())


def test_calibrated_odds_have_the_share_of_bad_labels() -> None:
    rng = np.random.default_rng(0)
    bad = rng.random(3000) < 0.1
    logits = 3 * bad + rng.normal(0, 1.5, 3000)
    slope, offset = calibration(logits, bad)
    chances = 1 / (1 + np.exp(-(slope * logits + offset)))
    assert chances.mean() == pytest.approx(0.1, abs=0.01)
    few = calibration(logits[:4], np.array([True, False, False, True]))
    assert np.isfinite(few).all()


def test_a_crop_must_not_be_tiny() -> None:
    with pytest.raises(ValueError, match="at least 16 pixels"):
        QualityShape(SMALL._replace(height=12))
