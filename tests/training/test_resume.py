"""A run that was interrupted ends as if it had not been; another training is refused."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from closeup.errors import InputError, OutputError
from closeup.progress import Silent
from closeup.training.fitting import fit
from closeup.training.options import TrainingOptions
from tests.training.plane_task import Heard, PlaneLesson, same_weights

OPTIONS = TrainingOptions(epochs=4, batch=16, rate=0.05, averaging=0.9)
STEPS = 6


class Stopped(PlaneLesson):
    """Raises in a step of the training, counted from 0, or while it judges."""

    def __init__(self, step: int, error: BaseException) -> None:
        super().__init__()
        self.step, self.error, self.taken = step, error, 0

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        if self.taken == self.step:
            raise self.error
        self.taken += 1
        return super().loss(network, batch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> PlaneLesson:
    """Learnt without a pause."""
    task = PlaneLesson()
    fit(task, OPTIONS, tmp_path_factory.mktemp("whole"), Silent())
    return task


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """The folder of a run that was killed in its third epoch."""
    folder = tmp_path / "half"
    with pytest.raises(OSError, match="killed"):
        fit(Stopped(2 * STEPS + 1, OSError("killed")), OPTIONS, folder, Silent())
    return folder


def test_a_killed_run_goes_on_and_ends_with_the_same_result(half: Path, whole: PlaneLesson) -> None:
    task, heard = PlaneLesson(), Heard()
    history = fit(task, OPTIONS, half, heard)
    assert task.asked == [(2, 16), (3, 16)]
    assert [epoch.number for epoch in history.epochs] == [1, 2, 3, 4]
    assert heard.lines[0] == f"going on after epoch 2 of {half}"
    assert (heard.total, heard.steps) == (4 * STEPS, 4 * STEPS)
    assert len((half / "history.csv").read_text(encoding="utf-8").splitlines()) == 5
    assert same_weights(task, whole)


@pytest.mark.parametrize("step", [0, 1, STEPS - 1, STEPS, 3 * STEPS + 2])
def test_wherever_it_was_killed(tmp_path: Path, whole: PlaneLesson, step: int) -> None:
    with pytest.raises(OSError, match="killed"):
        fit(Stopped(step, OSError("killed")), OPTIONS, tmp_path, Silent())
    task = PlaneLesson()
    fit(task, OPTIONS, tmp_path, Silent())
    assert same_weights(task, whole)


def test_killed_between_the_two_checkpoints(
    tmp_path: Path, whole: PlaneLesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    from closeup.training.recorder import Keeper

    original = Keeper.on_train_epoch_end

    def dying(self: Keeper, trainer, *rest) -> None:  # type: ignore[no-untyped-def]
        if trainer.current_epoch == 3:
            monkeypatch.setattr(trainer, "save_checkpoint", die)
        original(self, trainer, *rest)

    def die(_: Path) -> None:
        raise OSError("killed")

    with monkeypatch.context() as context:
        context.setattr(Keeper, "on_train_epoch_end", dying)
        with pytest.raises(OSError, match="killed"):
            fit(PlaneLesson(), OPTIONS, tmp_path, Silent())
    task = PlaneLesson()
    assert len(fit(task, OPTIONS, tmp_path, Silent()).epochs) == 4
    assert same_weights(task, whole)


def test_ctrl_c_leaves_a_run_that_can_go_on(tmp_path: Path, whole: PlaneLesson) -> None:
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fit(Stopped(STEPS + 2, KeyboardInterrupt()), OPTIONS, tmp_path, Silent())
    assert signal.getsignal(signal.SIGINT) is handler
    assert len((tmp_path / "history.csv").read_text(encoding="utf-8").splitlines()) == 2
    assert not [path for path in tmp_path.rglob("*") if ".part" in path.name]
    task = PlaneLesson()
    fit(task, OPTIONS, tmp_path, Silent())
    assert same_weights(task, whole)


@pytest.fixture
def listening() -> Iterator[None]:
    """Ctrl-C is heard, as in a terminal; a job in the background is started deaf to it."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Signalled(PlaneLesson):
    """Gets a signal while it judges."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__()
        self.number = number

    def judge(self, network: nn.Module) -> dict[str, float]:
        signal.raise_signal(self.number)
        return super().judge(network)


@pytest.mark.usefixtures("listening")
def test_a_real_signal_while_it_learns(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(Signalled(signal.SIGINT), OPTIONS, tmp_path, Silent())
    assert len(fit(PlaneLesson(), OPTIONS, tmp_path, Silent()).epochs) == 4


@pytest.mark.usefixtures("listening")
def test_sigterm_in_a_program_that_does_not_handle_it(tmp_path: Path) -> None:
    """Lightning handles it then, and exits with status 0 as if all were done."""
    with pytest.raises(SystemExit) as ended:
        fit(Signalled(signal.SIGTERM), OPTIONS, tmp_path, Silent())
    assert ended.value.code == 143
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert len(fit(PlaneLesson(), OPTIONS, tmp_path, Silent()).epochs) == 4


@pytest.mark.usefixtures("listening")
def test_sigterm_in_a_program_that_handles_it(tmp_path: Path) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        fit(Signalled(signal.SIGTERM), OPTIONS, tmp_path, Silent())
    assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    assert len(fit(PlaneLesson(), OPTIONS, tmp_path, Silent()).epochs) == 4


def test_a_folder_may_be_moved(half: Path, tmp_path: Path, whole: PlaneLesson) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(half, elsewhere)
    task = PlaneLesson()
    fit(task, OPTIONS, elsewhere, Silent())
    assert same_weights(task, whole)
    assert not half.exists()


def test_a_run_that_is_over_is_only_read(half: Path, whole: PlaneLesson) -> None:
    fit(PlaneLesson(), OPTIONS, half, Silent())
    task = PlaneLesson()
    history = fit(task, OPTIONS, half, Silent())
    assert task.asked == []
    assert len(history.epochs) == 4
    assert same_weights(task, whole)


def test_other_options_and_other_data_are_refused(half: Path) -> None:
    other = TrainingOptions(epochs=8, batch=16, rate=0.05, averaging=0.9, patience=3)
    with pytest.raises(InputError) as caught:
        fit(PlaneLesson(), other, half, Silent())
    assert str(caught.value) == (
        f"{half} was begun with epochs 4 instead of 8, patience none instead of 3; "
        f"choose another folder, or delete {half}"
    )
    with pytest.raises(InputError, match="with other samples, another network or another loss; "):
        fit(PlaneLesson(seed=1), OPTIONS, half, Silent())


def test_the_device_may_change(half: Path) -> None:
    options = TrainingOptions(epochs=4, batch=16, rate=0.05, averaging=0.9, device="cpu")
    assert len(fit(PlaneLesson(), options, half, Silent()).epochs) == 4


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-700])


def scramble(path: Path) -> None:
    path.write_bytes(b"these are no weights" * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_weights(path: Path) -> None:
    torch.save({"epoch": 3}, path)


def a_list(path: Path) -> None:
    torch.save([1, 2], path)


def code(path: Path) -> None:
    torch.save({"state_dict": {}, "code": Stopped}, path)


@pytest.mark.parametrize("harm", [cut, scramble, empty, no_weights, a_list, code])
def test_a_damaged_checkpoint_is_named(half: Path, harm: Callable[[Path], None]) -> None:
    last = half / "checkpoints" / "last.ckpt"
    harm(last)
    with pytest.raises(
        InputError, match=re.escape(f"cannot read the checkpoint {last}: ")
    ) as caught:
        fit(PlaneLesson(), OPTIONS, half, Silent())
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("use another, or train in another folder")
    assert len(str(caught.value)) < 200 + len(str(last))


def test_a_checkpoint_of_another_network_names_the_tensor_and_both_shapes(half: Path) -> None:
    wider = PlaneLesson(width=24)
    wider.fingerprint = PlaneLesson().fingerprint
    with pytest.raises(InputError, match=r"0\.weight is 16×2 there and 24×2 here; train with"):
        fit(wider, OPTIONS, half, Silent())
    deeper = PlaneLesson()
    deeper.network = nn.Sequential(*deeper.network.children(), nn.Linear(1, 1))
    with pytest.raises(InputError, match=r"5\.weight is missing there and 1×1 here"):
        fit(deeper, OPTIONS, half, Silent())


@pytest.mark.parametrize("text", ["{", "[]", '{"options": 3, "fingerprint": "a"}', "{}"])
def test_a_damaged_description_is_named(half: Path, text: str) -> None:
    (half / "training.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"training\.json is damaged .*: .*choose another folder"):
        fit(PlaneLesson(), OPTIONS, half, Silent())


def test_a_checkpoint_without_a_description_is_refused(half: Path) -> None:
    (half / "training.json").unlink()
    with pytest.raises(
        InputError,
        match=r"checkpoints/last\.ckpt of something else.*; choose",
    ):
        fit(PlaneLesson(), OPTIONS, half, Silent())


def test_an_older_description_differs_where_an_option_is_new(half: Path) -> None:
    path = half / "training.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    del told["key"]["options"]["clip"], told["sha256"]
    told["key"]["options"]["seed"] = 9
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputError, match="begun with seed 9 instead of 0; choose"):
        fit(PlaneLesson(), OPTIONS, half, Silent())


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write"):
        fit(PlaneLesson(), OPTIONS, tmp_path / "file" / "run", Silent())
