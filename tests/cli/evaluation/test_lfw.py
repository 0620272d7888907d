"""``closeup evaluate lfw`` as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.command_line import INTERRUPTIBLE, closeup, start
from tests.few_pairs import write_few_pairs

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def few(shared_data: Path, tmp_path: Path) -> Path:
    return write_few_pairs(shared_data / "lfw", tmp_path / "pairs.txt", folds=2, count=2)


@pytest.fixture
def call(shared_data: Path, shared_models: Path, few: Path) -> Call:
    """The command in this process, on a few pairs."""
    arguments = ("evaluate", "lfw", shared_data / "lfw", "--pairs", few)
    return partial(closeup, *arguments, models=shared_models)


def test_json_is_one_object_and_nothing_else(call: Call, tmp_path: Path) -> None:
    ran = call("--json", "--out", str(tmp_path / "out"), "--no-mirror")
    assert ran.returncode == 0
    assert ran.stderr.splitlines() == ["finding faces with yunet-n"]
    assert ran.stdout.count("\n") == 1
    found = json.loads(ran.stdout)
    assert found["pairs"] == 8
    assert found["mirrored"] is False
    assert {"accuracy", "standard_error", "val_at_far_1e-3", "missed_faces"} <= set(found)
    assert json.loads((tmp_path / "out" / "lfw.json").read_text()) == found


def test_people_get_a_table(call: Call, tmp_path: Path) -> None:
    ran = call("--sample", "1", "--study", "jpeg", "--study", "jpeg")
    assert ran.returncode == 0
    for text in ("accuracy", "VAL at FAR 0.001", "missed faces", "4 in 2 folds"):
        assert text in ran.stdout
    assert ran.stdout.count("study: jpeg") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"pairs.txt"}


@pytest.mark.parametrize(
    "arguments", [["--study", "weather"], ["--distance", "far"], ["--sample", "0"]]
)
def test_choices_that_there_are_not(call: Call, arguments: list[str]) -> None:
    ran = call(*arguments)
    assert ran.returncode == 2
    assert arguments[0] in ran.stderr
    assert ran.stdout == ""


def test_an_empty_folder_is_one_line(shared_models: Path, few: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = closeup("evaluate", "lfw", tmp_path / "empty", "--pairs", few, models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert "no such photo, but line 2 of the pairs asks for it" in ran.stderr


@pytest.mark.serial
def test_ctrl_c_leaves_nothing(shared_data: Path, shared_models: Path, tmp_path: Path) -> None:
    lfw, out = shared_data / "lfw", tmp_path / "out"
    process = start(
        "evaluate", "lfw", lfw, "--pairs", lfw / "pairs.txt", "--out", out,
        models=shared_models, how=INTERRUPTIBLE,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "finding faces with yunet-n\n"
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert stdout == ""
    assert stderr.startswith("closeup: interrupted")
    assert stderr.count("\n") == 1
    assert not out.exists()
