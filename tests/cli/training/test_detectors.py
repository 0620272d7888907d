"""``closeup train members`` and ``faces`` as commands."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.command_line import closeup, full_disk, start, wait_for
from tests.training.detection.squares import write_squares

SHORT = ("--size", "96", "--batch", "8", "--crop", "0")


@pytest.mark.serial
def test_sigterm_ends_a_training_that_can_go_on(tmp_path: Path) -> None:
    data, out = write_squares(tmp_path / "set"), tmp_path / "my.onnx"
    process = start("train", "members", data, "--out", out, "--epochs", "500", *SHORT)
    wait_for(tmp_path / "my.training" / "checkpoints" / "last.ckpt", process)
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate()
    assert (process.returncode, stdout) == (143, "")
    assert stderr.splitlines()[-1] == "closeup: terminated; run the same command again to go on"
    assert "Traceback" not in stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my.training", "set"]
    assert not list((tmp_path / "my.training").rglob(".*"))


@pytest.mark.serial
def test_no_room_for_a_checkpoint(tmp_path: Path) -> None:
    data, out = write_squares(tmp_path / "set"), tmp_path / "my.onnx"
    ran = closeup(
        "train", "members", data, "--out", out, "--epochs", "1", *SHORT, how=full_disk(1_000_000)
    )
    checkpoint = tmp_path / "my.training" / "checkpoints" / "best.ckpt"
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1] == (
        f"closeup: cannot write {checkpoint}: File too large; choose another folder or free some "
        "space"
    )
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.rglob("*.onnx"))
    assert not list((tmp_path / "my.training").rglob(".*"))
