"""The smallest real task: a plane over two numbers, by a network with norm and dropout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from closeup.progress import Silent

SAMPLES = 96


class PlaneLesson:
    """Learns z = 2x − y + 1 from samples with noise."""

    goal = "mean_error"

    def __init__(self, seed: int = 0, width: int = 16, samples: int = SAMPLES) -> None:
        self.seed = seed
        self.samples = samples
        self.fingerprint = f"plane {seed} {width} {samples}"
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network: nn.Module = nn.Sequential(
                nn.Linear(2, width),
                nn.BatchNorm1d(width),
                nn.ReLU(),
                nn.Dropout(0.05),
                nn.Linear(width, 1),
            )
        self.asked: list[tuple[int, int]] = []

    def count(self, batch: int) -> int:
        return self.samples // batch

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        self.asked.append((epoch, batch))
        thrown = np.random.default_rng([self.seed, epoch])
        for _ in range(self.count(batch)):
            x = thrown.uniform(-1, 1, (batch, 2)).astype(np.float32)
            noise = thrown.normal(0, 0.01, batch).astype(np.float32)
            yield {"x": torch.from_numpy(x), "z": torch.from_numpy(plane(x) + noise)}

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        error = network(batch["x"])[:, 0] - batch["z"]
        return {"loss": error.square().mean(), "absolute": error.abs().mean()}

    def judge(self, network: nn.Module) -> dict[str, float]:
        assert not network.training
        x = np.random.default_rng(99).uniform(-1, 1, (256, 2)).astype(np.float32)
        with torch.no_grad():
            error = network(torch.from_numpy(x))[:, 0] - torch.from_numpy(plane(x))
        return {"mean_error": float(error.abs().mean()), "worst": float(error.abs().max())}


def plane(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(2 * x[:, 0] - x[:, 1] + 1, np.float32)


class Heard(Silent):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.total: int | None = None
        self.steps = 0

    def begin(self, stage: str, total: int | None) -> None:
        assert stage == "training"
        self.total, self.steps = total, 0

    def advance(self, frames: int = 1) -> None:
        self.steps += frames

    def say(self, message: str) -> None:
        self.lines.append(message)


def weights(task: PlaneLesson) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in task.network.state_dict().items()}


def same_weights(left: PlaneLesson, right: PlaneLesson) -> bool:
    a, b = weights(left), weights(right)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
