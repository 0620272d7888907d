"""What goes wrong in the middle of a training: the failures are injected, the loop is real."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from closeup.errors import TrainingError
from closeup.progress import Silent
from closeup.training import devices
from closeup.training.failures import Conditions, has_lost_gpu, lacks_memory
from closeup.training.fitting import fit
from closeup.training.options import TrainingOptions
from tests.training.plane_task import Heard, PlaneLesson

OPTIONS = TrainingOptions(epochs=4, batch=16, rate=0.05, averaging=0.9)
STEPS = 6


def ask_too_much() -> None:
    torch.empty(1 << 55, dtype=torch.uint8)


def fail_on_the_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def fail_in_python() -> None:
    raise MemoryError


class Hungry(PlaneLesson):
    """Has no memory for more than so many samples from one step on."""

    def __init__(self, most: int, step: int = 0, fail=ask_too_much) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self.most, self.step, self.fail, self.taken = most, step, fail, 0

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        if self.taken >= self.step and len(batch["x"]) > self.most:
            self.fail()
        self.taken += 1
        return super().loss(network, batch)


@pytest.mark.parametrize("fail", [ask_too_much, fail_on_the_gpu, fail_in_python])
def test_short_memory_halves_the_batch(tmp_path: Path, fail) -> None:  # type: ignore[no-untyped-def]
    task, heard = Hungry(4, fail=fail), Heard()
    history = fit(task, OPTIONS, tmp_path, heard)
    assert [epoch.batch for epoch in history.epochs] == [4, 4, 4, 4]
    assert heard.lines[:2] == [
        "out of memory with batches of 16; beginning anew with batches of 8",
        "out of memory with batches of 8; beginning anew with batches of 4",
    ]
    assert (heard.total, heard.steps) == (4 * 24, 4 * 24)
    least = fit(PlaneLesson(), TrainingOptions(epochs=1, batch=4), tmp_path / "other", Silent())
    assert history.best.figures["mean_error"] < least.best.figures["mean_error"]


def test_beginning_anew_starts_from_the_first_weights(tmp_path: Path) -> None:
    late = Hungry(8, step=STEPS - 1)
    fit(late, OPTIONS, tmp_path / "late", Silent())
    early = Hungry(8, step=0)
    fit(early, OPTIONS, tmp_path / "early", Silent())
    for name, tensor in late.network.state_dict().items():
        assert torch.equal(tensor, early.network.state_dict()[name])


def test_it_goes_on_from_the_last_checkpoint_and_remembers_the_batch(tmp_path: Path) -> None:
    task, heard = Hungry(8, step=2 * STEPS + 3), Heard()
    history = fit(task, OPTIONS, tmp_path, heard)
    assert [epoch.batch for epoch in history.epochs] == [16, 16, 8, 8]
    assert task.asked == [(0, 16), (1, 16), (2, 16), (2, 8), (3, 8)]
    assert "out of memory with batches of 16; going on after epoch 2 with batches of 8" in (
        heard.lines
    )
    rates = [epoch.rate for epoch in history.epochs]
    assert rates[1] > rates[2] > rates[3], "the schedule goes on"
    assert rates[3] < 0.01 * max(rates)


def test_a_run_with_a_smaller_batch_that_was_killed_keeps_it(tmp_path: Path) -> None:
    class Killed(Hungry):
        def judge(self, network: nn.Module) -> dict[str, float]:
            if self.asked[-1] == (2, 8):
                raise OSError("killed")
            return super().judge(network)

    with pytest.raises(OSError, match="killed"):
        fit(Killed(8, step=STEPS + 3), OPTIONS, tmp_path, Silent())
    task = PlaneLesson()
    history = fit(task, OPTIONS, tmp_path, Silent())
    assert task.asked == [(2, 8), (3, 8)]
    assert [epoch.batch for epoch in history.epochs] == [16, 8, 8, 8]


def test_no_memory_for_one_sample(tmp_path: Path) -> None:
    class Single(Hungry):
        def count(self, batch: int) -> int:
            return self.samples // batch

    with pytest.raises(TrainingError, match="not even one sample fits into memory; use"):
        fit(Single(0), OPTIONS, tmp_path, Silent())


def test_other_errors_are_not_taken_for_these(tmp_path: Path) -> None:
    class Wrong(PlaneLesson):
        def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
            return {"loss": network(batch["x"]) @ batch["x"]}

    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        fit(Wrong(), OPTIONS, tmp_path, Silent())
    error = RuntimeError("CUDA error: device-side assert triggered")
    assert Conditions("cpu", 8).after(error) is None, "there is no GPU to leave"


@pytest.mark.parametrize("step", [3, STEPS + 3])
def test_a_gpu_that_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    class Vanishing(Hungry):
        def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
            if self.taken == step:
                self.taken += 1
                raise torch.AcceleratorError("CUDA error: unspecified launch failure", 719)
            return super().loss(network, batch)

    # A GPU that is the processor: all but its arithmetic is as it would be.
    monkeypatch.setattr("closeup.training.fitting.choose_place", lambda *_: "cuda")
    monkeypatch.setattr("closeup.training.attempt.accelerator", lambda *_: "cpu")
    monkeypatch.setattr("closeup.training.attempt.choose_precision", lambda *_: "32-true")
    task, heard = Vanishing(16), Heard()
    assert len(fit(task, OPTIONS, tmp_path, heard).epochs) == 4
    start = "going on after epoch 1" if step > STEPS else "beginning anew"
    assert f"the GPU failed; {start} on the CPU" in heard.lines
    whole = PlaneLesson()
    fit(whole, OPTIONS, tmp_path / "whole", Silent())
    for name, tensor in task.network.state_dict().items():
        assert torch.equal(tensor, whole.network.state_dict()[name])


def test_what_the_errors_are_known_by() -> None:
    for text in (
        "CUDA error: out of memory",
        "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory",
        "DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes.",
        "CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate",
    ):
        assert lacks_memory(RuntimeError(text))
        assert Conditions("cuda", 9).after(RuntimeError(text)) == Conditions("cuda", 4)
    for text in ("CUDA error: an illegal memory access", "cuDNN error: EXECUTION_FAILED"):
        assert not lacks_memory(RuntimeError(text))
        assert has_lost_gpu(RuntimeError(text))
    assert not lacks_memory(ValueError("out of memory"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number(tmp_path: Path, value: float) -> None:
    class Diverging(Hungry):
        def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
            losses = dict(super().loss(network, batch))
            if self.taken == 2 * STEPS + 3:
                losses["loss"] = losses["loss"] * value
            return losses

    with pytest.raises(TrainingError) as caught:
        fit(Diverging(16), OPTIONS, tmp_path, Silent())
    assert str(caught.value) == (
        f"the loss became {value} in epoch 3; the checkpoint of epoch 2 is kept; train with a "
        "smaller rate or with clipped gradients, in another folder"
    )
    history = fit(PlaneLesson(), OPTIONS, tmp_path, Silent())
    assert len(history.epochs) == 4, "what was kept is sound"


def test_a_figure_that_is_no_number(tmp_path: Path) -> None:
    class Blind(PlaneLesson):
        def judge(self, _: nn.Module) -> dict[str, float]:
            return {"mean_error": math.nan}

    with pytest.raises(TrainingError, match="the mean_error became nan in epoch 1; train with"):
        fit(Blind(), OPTIONS, tmp_path, Silent())
    assert not (tmp_path / "checkpoints").exists()


def test_lightning_leaves_a_lost_gpu_alone() -> None:
    emptied = torch.cuda.empty_cache
    with devices.ignoring_the_gpu("cpu"):
        assert torch.cuda.empty_cache is not emptied
        torch.cuda.empty_cache()
    assert torch.cuda.empty_cache is emptied
    with devices.ignoring_the_gpu("cuda"):
        assert torch.cuda.empty_cache is emptied
