from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from closeup.geometry import Size
from closeup.progress import Silent
from closeup.training.fitting import fit
from closeup.training.options import TrainingOptions
from closeup.training.pupils.augmentation import PupilAugmentation
from closeup.training.pupils.compact import CompactNetwork, CompactShape
from closeup.training.pupils.losses import PupilLossOptions
from closeup.training.pupils.network import EyeInput
from closeup.training.pupils.task import PupilTrainingTask, eyes_of
from closeup.training.task import TrainingTask
from tests.training.pupils.dotted_samples import dotted_samples

GIVEN = EyeInput(Size(32, 24))
SMALL = CompactShape(channels=(8, 12, 16, 16), depth=0, state=8)


def network(given: EyeInput = GIVEN, seed: int = 0) -> CompactNetwork:
    torch.manual_seed(seed)
    return CompactNetwork(given, SMALL)


def task(count: int = 40, seed: int = 0, **options: object) -> PupilTrainingTask:
    return PupilTrainingTask(
        network(), dotted_samples(count), dotted_samples(10, seed=1), seed=seed, **options,  # type: ignore[arg-type]
    )  # fmt: skip


def test_an_epoch_shows_each_eye_at_most_once_and_can_be_repeated() -> None:
    some = task()

    first = list(some.batches(3, 16))
    again, later = list(some.batches(3, 16)), list(some.batches(4, 16))

    assert len(first) == some.count(16) == 2
    assert [len(batch["eyes"]) for batch in first] == [16, 16]
    for one, same in zip(first, again, strict=True):
        for name, values in one.items():
            torch.testing.assert_close(values, same[name], rtol=0, atol=0, equal_nan=True)
    assert not first[0]["eyes"].equal(later[0]["eyes"])
    assert not first[0]["eyes"].equal(next(task(seed=1).batches(3, 16))["eyes"])


@pytest.mark.parametrize(("samples", "batches"), [(40, 2), (16, 1), (9, 1), (1, 0)])
def test_few_samples_are_one_batch(samples: int, batches: int) -> None:
    some = task(samples)
    assert some.count(16) == batches
    assert len(list(some.batches(0, 16))) == batches


def test_the_fingerprint_tells_what_decides_the_outcome() -> None:
    usual = task().fingerprint
    assert task().fingerprint == usual
    others = [
        task(38),
        task(seed=1),
        task(augmentation=PupilAugmentation(shift=0.1)),
        task(losses=PupilLossOptions("mse")),
        PupilTrainingTask(network(seed=1), dotted_samples(40), dotted_samples(10, seed=1)),
        PupilTrainingTask(network(), dotted_samples(40), dotted_samples(10, seed=2)),
    ]
    assert usual not in {other.fingerprint for other in others}
    assert len({other.fingerprint for other in others}) == len(others)


def test_fine_crops_are_made_as_coarse_as_the_network_sees() -> None:
    samples = dotted_samples(6)  # 72 pixels an eye distance
    coarse = eyes_of(samples, EyeInput(Size(24, 16)))  # 20 of them
    fine = eyes_of(samples, EyeInput(Size(64, 48)))

    assert coarse.crops.shape == (6, 54, 72)
    assert fine.crops.shape == (6, 108, 144)
    assert coarse.extent == fine.extent == (2.0, 1.5)
    assert np.isfinite(coarse.points.numpy()).all()


def test_three_points_are_asked_for_with_their_corners() -> None:
    samples = dotted_samples(6)
    points = samples.points.copy()
    points[:, 0] = points[:, 1] - 0.1
    asked = eyes_of(replace(samples, points=points), EyeInput(points=3))

    torch.testing.assert_close(asked.points[:, 0], asked.points[:, 1] - 0.1)
    assert asked.points[:, 2].isnan().all()


def test_a_network_learns_to_find_drawn_pupils(tmp_path: Path) -> None:
    """Discs are strewn with a mean distance of 0.038 from the middle."""
    training, held_out = dotted_samples(256), dotted_samples(64, seed=1)
    some: TrainingTask = PupilTrainingTask(network(), training, held_out)
    before = some.judge(some.network.eval())

    history = fit(some, TrainingOptions(epochs=12, batch=32, averaging=0.9), tmp_path, Silent())

    after = some.judge(some.network.eval())
    assert after["mean_error"] < 0.02 < before["mean_error"]
    assert after["e_0.05"] > 0.95
    assert after["mean_error"] == pytest.approx(history.best.figures["mean_error"], rel=1e-4)
    assert after["seen"] > after["hidden_seen"]
