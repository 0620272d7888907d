"""``closeup experiment active`` as people call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import closeup
from tests.few_eyes import write_few_eyes

SMALL = (
    "--strategies", "spread,core-set", "--labels", "6,9,14", "--screening", "1", "--seeds", "2",
    "--epochs", "1", "--network-labels", "9",
)  # fmt: skip


@pytest.fixture
def command(shared_data: Path, tmp_path: Path) -> tuple[Any, ...]:
    return (
        "experiment", "active",
        "--truth", write_few_eyes(shared_data, tmp_path / "train.csv", 40, "train"),
        "--test", write_few_eyes(shared_data, tmp_path / "test.csv", 6),
        "--images", shared_data / "lfw" / "images",
        "--out", tmp_path / "out",
    )  # fmt: skip


def test_tables_then_json(command: tuple[Any, ...], shared_models: Path, tmp_path: Path) -> None:
    ran = closeup(*command, *SMALL, models=shared_models)

    assert ran.returncode == 0, ran.stderr
    assert "Warning" not in ran.stderr
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert [line[0] for line in lines if line].count("spread") == 1 + 1 + 4
    assert sum("reached" in line or "%" in " ".join(line) for line in lines) >= 8
    made = [tmp_path / "out" / name for name in ("active.json", "active.png")]
    assert ran.stdout.splitlines()[-2:] == [str(path) for path in made]

    told = json.loads(closeup(*command, *SMALL, "--json", models=shared_models).stdout)
    assert told == json.loads(made[0].read_text())
    assert told["network"] is None
    assert told["command"] == (
        "closeup experiment active --truth train.csv --test test.csv --images images "
        "--strategies spread,core-set --labels 6,9,14 --screening 1 --seeds 2 --method darkest "
        "--epochs 1 --network 0 --network-labels 9 --steps 200 --detector auto"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--strategies", "spread,guess"), "strategies are mixed"),
        (("--labels", "30,many"), "invalid literal for int"),
        (("--seeds", "1"), "seeds must be 2 or more"),
    ],
)
def test_bad_options(
    command: tuple[Any, ...], options: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    ran = closeup(*command, *options)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert not (tmp_path / "out").exists()
