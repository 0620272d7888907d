"""Discs against bars: the task learns them, and says how well."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from closeup.training.rescoring.network import RescorerShape, RescoringNetwork
from closeup.training.rescoring.task import RescorerTrainingTask
from tests.training.rescoring.candidates import drawn_candidates

SMALL = RescorerShape(side=32, channels=(4, 8, 8, 8))


def task_of(seed: int = 0, count: int = 24) -> RescorerTrainingTask:
    torch.manual_seed(0)
    network = RescoringNetwork(SMALL)
    return RescorerTrainingTask(
        network, drawn_candidates(count), drawn_candidates(16, 1), seed=seed
    )


def test_half_of_a_batch_are_faces() -> None:
    training = drawn_candidates(24)
    few = training[np.flatnonzero(~training.faces | (np.arange(24) < 8))]
    task = RescorerTrainingTask(RescoringNetwork(SMALL), few, drawn_candidates(4, 1))
    assert task.count(4) == 2
    batches = list(task.batches(0, 4))
    assert len(batches) == 2
    for batch in batches:
        assert batch["faces"].sum() == 2
        assert batch["crops"].shape == (4, 32, 32, 3)


def test_an_epoch_can_be_repeated() -> None:
    for one, other in zip(task_of().batches(3, 8), task_of().batches(3, 8), strict=True):
        assert torch.equal(one["crops"], other["crops"])
    first = [next(iter(task_of(seed).batches(3, 8)))["crops"] for seed in (0, 1)]
    assert not torch.equal(*first)


def test_it_learns_to_tell_discs_from_bars() -> None:
    task = task_of(count=64)
    before = task.judge(task.network.eval())
    descent = torch.optim.AdamW(task.network.parameters(), 1e-2)
    for epoch in range(8):
        task.network.train()
        for batch in task.batches(epoch, 32):
            loss = task.loss(task.network, batch)["loss"]
            descent.zero_grad()
            torch.autograd.backward(loss)
            descent.step()
    after = task.judge(task.network.eval())
    assert after["error"] < 0.3 < before["error"]
    assert after["false"] <= before["false"]
    assert after["false"] == pytest.approx(0, abs=0.13)


def test_its_fingerprint_is_that_of_everything_it_is_given() -> None:
    assert task_of().fingerprint == task_of().fingerprint
    assert len({task_of().fingerprint, task_of(1).fingerprint, task_of(0, 22).fingerprint}) == 3


def test_a_side_must_be_halved_four_times() -> None:
    with pytest.raises(ValueError, match="multiple of 16, not 40"):
        RescorerShape(side=40)
