from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from closeup.training.curves import draw_curves
from closeup.training.history import Epoch, History


def history(*goals: float) -> History:
    whole = History("error")
    for number, goal in enumerate(goals, 1):
        losses = {"loss": goal * 2, "points": goal}
        whole = whole.with_epoch(Epoch(number, 8, 0.004, 1.5, losses, {"error": goal}))
    return whole


def test_the_first_of_equals_is_the_best() -> None:
    assert history(3, 1, 2, 1).best.number == 2
    with pytest.raises(ValueError, match="empty"):
        _ = history().best


@pytest.mark.parametrize(
    ("goals", "patience", "over"),
    [
        ((), None, False),
        ((3, 2), None, False),
        ((3, 2, 1, 1), None, True),
        ((1, 2), 2, False),
        ((1, 2, 3), 2, True),
        ((1, 2, 0), 2, False),
        ((1, 1, 1), 2, True),
    ],
)
def test_when_it_is_over(goals: tuple[float, ...], patience: int | None, over: bool) -> None:
    assert history(*goals).is_over(4, patience) is over


def test_it_survives_a_checkpoint() -> None:
    assert History.from_plain(history(3, 1).as_plain()) == history(3, 1)


def test_the_table(tmp_path: Path) -> None:
    history(0.25, 0.125).write_csv(tmp_path / "history.csv")
    assert (tmp_path / "history.csv").read_text(encoding="utf-8") == (
        "epoch,batch,rate,seconds,train_loss,train_points,held_out_error\n"
        "1,8,0.004,1.500,0.5,0.25,0.25\n"
        "2,8,0.004,1.500,0.25,0.125,0.125\n"
    )


@pytest.mark.parametrize("epochs", [1, 60])
def test_the_curves(tmp_path: Path, epochs: int) -> None:
    draw_curves(tmp_path / "curves.png", history(*(1 / (1 + n) for n in range(epochs))))
    with Image.open(tmp_path / "curves.png") as picture:
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 10
    assert [path.name for path in tmp_path.iterdir()] == ["curves.png"]
