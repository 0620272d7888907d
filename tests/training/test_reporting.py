"""Every forward pass is reported, so that judging many samples can be cancelled."""

from __future__ import annotations

import copy
import threading
from pathlib import Path

import pytest
import torch
from torch import nn

from closeup.errors import Cancelled
from closeup.progress import Cancellable, Silent
from closeup.training.fitting import fit
from closeup.training.options import TrainingOptions
from closeup.training.reporting import reporting
from tests.training.plane_task import PlaneLesson


class Counting(Silent):
    def __init__(self) -> None:
        self.calls: list[int] = []

    def advance(self, frames: int = 1) -> None:
        self.calls.append(frames)


def test_passes_of_a_network_and_of_its_copies_are_reported() -> None:
    network, progress, one = nn.Linear(1, 1), Counting(), torch.ones(1, 1)
    with reporting(network, progress):
        network(one)
        copy.deepcopy(network)(one)
    network(one)
    assert progress.calls == [0, 0]


def test_a_cancelling_ends_the_pass() -> None:
    network, progress = nn.Linear(1, 1), Cancellable()
    progress.cancel()
    with reporting(network, progress), pytest.raises(Cancelled):
        network(torch.ones(1, 1))
    network(torch.ones(1, 1))


class Judging(PlaneLesson):
    """Cancels while it judges."""

    progress = Cancellable()

    def judge(self, network: nn.Module) -> dict[str, float]:
        self.progress.cancel()
        return super().judge(network)


def test_a_training_can_be_cancelled_while_it_judges(tmp_path: Path) -> None:
    task, threads = Judging(), set(threading.enumerate())
    try:
        fit(task, TrainingOptions(epochs=2, batch=16), tmp_path, task.progress)
    except Cancelled:
        assert not set(threading.enumerate()) - threads
    else:
        pytest.fail("it was not cancelled")
    assert {path.name for path in tmp_path.rglob("*")} == {"training.json"}
    history = fit(PlaneLesson(), TrainingOptions(epochs=2, batch=16), tmp_path, Silent())
    assert len(history.epochs) == 2
