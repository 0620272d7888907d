"""Two runs in one folder at once: the second is refused, the first is not disturbed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from closeup.errors import OutputError
from closeup.files.atomic import LOCK, claiming
from closeup.pipeline.training.detector_training import MEMBER_TRAINING, train_members
from closeup.progress import Silent
from tests.command_line import closeup, start, wait_for
from tests.pipeline.running import files
from tests.training.detection.squares import write_squares


@pytest.mark.serial
def test_the_second_is_refused_as_long_as_the_first_is_at_work(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("fancam", small_stage, "--members", small_stage.parent / "members", "--out", out)
    first = start(*arguments, models=shared_models)
    wait_for(out / "analysis" / LOCK, first)
    first.send_signal(signal.SIGSTOP)
    second = closeup(*arguments, models=shared_models)
    first.send_signal(signal.SIGCONT)
    stdout, stderr = first.communicate()

    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.splitlines()[-1] == (
        f"closeup: {out} is in use by another run of closeup (process {first.pid}); wait until "
        "it ends, or choose another folder"
    )
    assert first.returncode == 0, stderr
    assert all(Path(line).exists() for line in stdout.splitlines())
    assert not [name for name in files(out) if name.endswith(LOCK)]
    assert closeup(*arguments, models=shared_models).returncode == 0


def test_two_trainings_of_one_file(tmp_path: Path) -> None:
    data, out = write_squares(tmp_path / "set"), tmp_path / "my.onnx"
    with (
        claiming(tmp_path / "my.training"),
        pytest.raises(OutputError, match=r"my\.training is in use by another run"),
    ):
        train_members(data, out, MEMBER_TRAINING, progress=Silent())
    assert not out.exists()


def test_faces_may_be_cut_into_one_folder_at_once(small_stage: Path, tmp_path: Path) -> None:
    photo = next((small_stage.parent / "members").rglob("*.jpg"))
    with claiming(tmp_path):
        arguments = ("align", photo, "--template", "crop", "--detector", "hog")
        ran = closeup(*arguments, "--out", tmp_path / "face.png")
        assert (ran.returncode, ran.stdout) == (0, f"{tmp_path / 'face.png'}\n")
        ran = closeup(*arguments, "--out", tmp_path)
        assert ran.returncode == 2
        assert "in use by another run" in ran.stderr
