"""``closeup experiment coarse-to-fine`` as people call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import closeup
from tests.few_eyes import write_few_eyes

SMALL = ("--methods", "darkest", "--labels", "3", "--seeds", "2")


@pytest.fixture
def command(shared_data: Path, tmp_path: Path) -> tuple[Any, ...]:
    return (
        "experiment", "coarse-to-fine",
        "--truth", write_few_eyes(shared_data, tmp_path / "train.csv", 26, "train"),
        "--test", write_few_eyes(shared_data, tmp_path / "test.csv", 6),
        "--images", shared_data / "lfw" / "images",
        "--out", tmp_path / "out",
    )  # fmt: skip


def pretend(out: Path, run: str, share: float, **others: Any) -> None:
    """Leave the result of a run that was done before: training takes long."""
    figures = {"e_0.05": share, "e_0.10": share, "e_0.25": 1.0}
    method = None if "scratch" in run else "darkest"
    path = out / "runs" / run / "result.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"method": method, "labels": 3, **figures, **others}))


def test_tables_then_json(command: tuple[Any, ...], shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for seed in (0, 1):
        moved = {"labels": 20, "e_0.05": 0.8, "e_0.10": 0.8, "e_0.25": 1.0}
        pretend(out, f"seed-{seed}/darkest/coarse", 0.7, labels=0, moved=moved)
        pretend(out, f"seed-{seed}/darkest/3", 0.9 + seed / 100)
        pretend(out, f"seed-{seed}/scratch/3", 0.6)

    ran = closeup(*command, *SMALL, models=shared_models)

    assert ran.returncode == 0, ran.stderr
    assert "Warning" not in ran.stderr
    lines = [line.split() for line in ran.stdout.splitlines()]
    head = ["teacher", "network", "3", "by", "hand", "teacher", "moved", "network", "moved"]
    assert lines.count(head) == 2
    (of_0_05, of_0_10) = (line for line in lines if line[0] == "darkest")
    assert of_0_05[2:8] == ["70.0", "±", "0.0", "90.5", "±", "0.7"]
    assert of_0_10[-3:] == ["80.0", "±", "0.0"]
    assert ["from", "scratch", "–", "–", "60.0", "±", "0.0", "–", "–"] in lines
    made = [out / name for name in ("coarse-to-fine.json", "coarse-to-fine.png")]
    assert ran.stdout.splitlines()[-2:] == [str(path) for path in made]

    told = json.loads(closeup(*command, *SMALL, "--json", models=shared_models).stdout)
    assert told == json.loads(made[0].read_text())
    assert told["command"] == (
        "closeup experiment coarse-to-fine --truth train.csv --test test.csv --images images "
        "--methods darkest --labels 3 --seeds 2 --epochs 8 --steps 200 --scratch-steps 600 "
        "--detector auto"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--methods", "darkest,guess"), "methods are contour, darkest"),
        (("--labels", "30,many"), "invalid literal for int"),
        (("--seeds", "0"), "seeds must be 1 or more"),
    ],
)
def test_bad_options(
    command: tuple[Any, ...], options: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    ran = closeup(*command, *options)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert not (tmp_path / "out").exists()
