from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from closeup.errors import InputError
from closeup.progress import Silent
from closeup.training.checkpoints import load_weights
from closeup.training.fitting import fit
from closeup.training.options import Schedule, TrainingOptions
from tests.training.plane_task import Heard, PlaneLesson, same_weights

OPTIONS = TrainingOptions(epochs=4, batch=16, rate=0.05, averaging=0.9)


def test_a_task_is_learnt(tmp_path: Path) -> None:
    task = PlaneLesson()
    before = task.judge(task.network.eval())["mean_error"]
    options = TrainingOptions(epochs=20, batch=16, rate=0.05, averaging=0.9, clip=5.0)
    history = fit(task, options, tmp_path, Silent())
    assert before > 0.5
    assert history.best.figures["mean_error"] < 0.1
    assert not task.network.training
    assert task.judge(task.network) == pytest.approx(dict(history.best.figures))


@pytest.mark.parametrize("schedule", ["one-cycle", "exponential"])
@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_the_best_weights_are_kept(tmp_path: Path, schedule: Schedule, averaging: float) -> None:
    class Worsening(PlaneLesson):
        judged = 0

        def judge(self, _: nn.Module) -> dict[str, float]:
            Worsening.judged += 1
            return {"mean_error": [3.0, 1.0, 2.0, 2.0][Worsening.judged - 1]}

    task = Worsening()
    options = TrainingOptions(epochs=4, batch=16, rate=0.05, schedule=schedule, averaging=averaging)
    history = fit(task, options, tmp_path, Silent())
    assert history.best.number == 2
    kept = PlaneLesson(seed=5)
    load_weights(tmp_path / "checkpoints" / "best.ckpt", kept.network)
    assert same_weights(kept, task)
    last = PlaneLesson(seed=5)
    load_weights(tmp_path / "checkpoints" / "last.ckpt", last.network)
    assert not same_weights(last, task)


def test_the_average_is_judged_and_kept(tmp_path: Path) -> None:
    averaged, plain = PlaneLesson(), PlaneLesson()
    fit(averaged, OPTIONS, tmp_path / "averaged", Silent())
    without = TrainingOptions(epochs=4, batch=16, rate=0.05, averaging=0)
    fit(plain, without, tmp_path / "plain", Silent())
    saved = torch.load(tmp_path / "averaged" / "checkpoints" / "last.ckpt", weights_only=True)
    steps = {name: saved["current_model_state"][name] for name in saved["state_dict"]}
    bare = torch.load(tmp_path / "plain" / "checkpoints" / "last.ckpt", weights_only=True)
    for name, tensor in bare["state_dict"].items():
        assert torch.equal(steps[name], tensor), "averaging must not change the steps"
    assert not same_weights(averaged, plain)


def test_the_folder_holds_all_and_nothing_is_written_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    heard = Heard()
    fit(PlaneLesson(), OPTIONS, tmp_path / "run", heard)
    assert list(place.iterdir()) == []
    found = sorted(p.relative_to(tmp_path / "run").as_posix() for p in tmp_path.rglob("run/**/*.*"))
    assert found == [
        "checkpoints/best.ckpt", "checkpoints/last.ckpt", "curves.png", "history.csv",
        "training.json",
    ]  # fmt: skip
    text = (tmp_path / "run" / "history.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    assert list(rows[0]) == [
        "epoch", "batch", "rate", "seconds", "train_loss", "train_absolute",
        "held_out_mean_error", "held_out_worst",
    ]  # fmt: skip
    told = json.loads((tmp_path / "run" / "training.json").read_text(encoding="utf-8"))
    assert told["key"]["options"]["epochs"] == 4
    assert told["key"]["fingerprint"] == PlaneLesson().fingerprint
    with Image.open(tmp_path / "run" / "curves.png") as picture:
        assert picture.width > 800
    assert capfd.readouterr() == ("", "")
    assert (heard.total, heard.steps) == (24, 24)
    assert len(heard.lines) == 4
    assert heard.lines[0].startswith("epoch 1 of 4: loss ")
    assert "mean_error" in heard.lines[0]


def test_the_same_seed_gives_the_same_result_and_another_another(tmp_path: Path) -> None:
    first, second, third = PlaneLesson(), PlaneLesson(), PlaneLesson()
    fit(first, OPTIONS, tmp_path / "first", Silent())
    torch.manual_seed(12345)
    state = torch.random.get_rng_state()
    fit(second, OPTIONS, tmp_path / "second", Silent())
    assert torch.equal(torch.random.get_rng_state(), state), "the caller's generator has moved"
    other = TrainingOptions(epochs=4, batch=16, rate=0.05, averaging=0.9, seed=1)
    fit(third, other, tmp_path / "third", Silent())
    assert same_weights(first, second)
    assert not same_weights(first, third), "dropout does not depend on the seed"


def test_each_epoch_is_asked_for_once(tmp_path: Path) -> None:
    task = PlaneLesson()
    fit(task, OPTIONS, tmp_path, Silent())
    assert task.asked == [(0, 16), (1, 16), (2, 16), (3, 16)]


def test_patience_ends_it_for_good(tmp_path: Path) -> None:
    class Stuck(PlaneLesson):
        def judge(self, _: nn.Module) -> dict[str, float]:
            return {"mean_error": 1.0}

    options = TrainingOptions(epochs=9, batch=16, patience=2)
    assert len(fit(Stuck(), options, tmp_path, Silent()).epochs) == 3
    again = Stuck()
    assert len(fit(again, options, tmp_path, Silent()).epochs) == 3
    assert again.asked == []


def test_mixed_precision_learns_on_the_cpu_too(tmp_path: Path) -> None:
    class Looking(PlaneLesson):
        seen: torch.dtype | None = None

        def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
            Looking.seen = network(batch["x"]).dtype
            return super().loss(network, batch)

    options = TrainingOptions(epochs=2, batch=16, mixed=True)
    fit(Looking(), options, tmp_path, Silent())
    assert Looking.seen == torch.bfloat16


def test_a_frozen_part_stays_as_it_is(tmp_path: Path) -> None:
    task, before = PlaneLesson(), PlaneLesson()
    next(task.network.children()).requires_grad_(requires_grad=False)
    fit(task, OPTIONS, tmp_path, Silent())
    learnt, first = task.network.state_dict(), before.network.state_dict()
    assert torch.equal(learnt["0.weight"], first["0.weight"])
    assert not torch.equal(learnt["4.weight"], first["4.weight"])


def test_samples_are_not_copied_with_the_average(tmp_path: Path) -> None:
    class Precious(PlaneLesson):
        def __deepcopy__(self, memo: object) -> PlaneLesson:
            raise AssertionError("the samples were copied")

    fit(Precious(), OPTIONS, tmp_path, Silent())


def test_too_few_samples(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too few samples for one batch of 64; "):
        fit(PlaneLesson(samples=63), TrainingOptions(batch=64), tmp_path / "run", Silent())
    assert not (tmp_path / "run").exists()


def test_a_task_that_breaks_its_promise(tmp_path: Path) -> None:
    class Short(PlaneLesson):
        def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
            yield from list(super().batches(epoch, batch))[:-1]

    with pytest.raises(ValueError, match="promised 6 batches and gave 5"):
        fit(Short(), OPTIONS, tmp_path, Silent())


def test_a_gpu_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    options = TrainingOptions(device="cuda")
    with pytest.raises(InputError, match=r"no CUDA GPU .* choose the device cpu or auto"):
        fit(PlaneLesson(), options, tmp_path / "run", Silent())
    assert not (tmp_path / "run").exists()
