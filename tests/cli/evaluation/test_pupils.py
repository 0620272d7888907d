"""``closeup evaluate pupils`` and ``closeup calibrate pupils`` as people call them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from closeup.opening import PUPIL_METHODS
from tests.command_line import closeup
from tests.few_eyes import write_few_eyes
from tests.filming import film
from tests.real_photos import astronaut

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def few(shared_data: Path, tmp_path: Path) -> list[str]:
    """The arguments that name a few labelled photos."""
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", 30)
    return ["--truth", str(table), "--images", str(shared_data / "lfw" / "images")]


@pytest.fixture
def call(shared_models: Path) -> Call:
    """A command with models at hand."""
    return partial(closeup, models=shared_models)


def test_json_is_one_object_and_nothing_else(call: Call, few: list[str], tmp_path: Path) -> None:
    ran = call(
        "evaluate", "pupils", *few, "--method", "darkest", "--json", "--out", tmp_path / "out"
    )
    assert ran.returncode == 0
    assert ran.stdout.count("\n") == 1
    found = json.loads(ran.stdout)
    assert set(found["methods"]["darkest"]) >= {
        "e_0.05", "e_0.10", "e_0.25", "e_0.05_mean_eye", "e_0.05_best_eye", "interval_0.05",
        "missed_faces", "not_found", "photos", "ms_a_face",
    }  # fmt: skip
    assert json.loads((tmp_path / "out" / "pupils.json").read_text()) == found


def test_people_get_a_column_a_method(call: Call, few: list[str]) -> None:
    ran = call("evaluate", "pupils", *few)
    assert ran.returncode == 0
    at_hand = [name for name in PUPIL_METHODS if name != "mediapipe"]
    assert ran.stdout.split("\n")[0].split() == at_hand
    for text in ("e ≤ 0.05", "95 % interval", "missed faces", "30 photos"):
        assert text in ran.stdout


def test_a_calibration_is_fitted_written_and_used(
    call: Call, few: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "calibration.json"
    ran = call("calibrate", "pupils", *few, "--method", "contour", "--out", file)
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[-1] == str(file)
    assert "e ≤ 0.05" in ran.stdout
    assert json.loads(file.read_text())["method"] == "contour"
    ran = call("evaluate", "pupils", *few, "--method", "contour", "--calibration", file)
    assert ran.returncode == 0
    assert "calibrated: contour" in ran.stdout


def test_a_calibration_as_json(call: Call, few: list[str], tmp_path: Path) -> None:
    out = tmp_path / "c.json"
    ran = call(
        "calibrate", "pupils", *few, "--method", "darkest", "--out", out, "--limit", "26", "--json"
    )
    found = json.loads(ran.stdout)
    assert (found["photos"], found["file"]) == (26, str(out))
    assert set(found["before"]) == set(found["after"]) == {"e_0.05", "e_0.10", "e_0.25"}


def test_a_video(call: Call, tmp_path: Path) -> None:
    video = film(tmp_path / "still.mkv", [np.asarray(astronaut()[:300, 100:360])] * 10)
    ran = call("evaluate", "pupils", "--video", video, "--method", "darkest")
    assert ran.returncode == 0
    for text in ("jitter, pixels", "of the eye distance", "10 frames"):
        assert text in ran.stdout


def test_photos_or_a_video(few: list[str], tmp_path: Path) -> None:
    for arguments in (few[:2], [], [*few, "--video", "a.mp4"]):
        ran = closeup("evaluate", "pupils", *arguments)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr.count("\n") == 1
        assert "--truth" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "guess"], "no pupil method 'guess'"),
        (["--calibration", "none.json"], "none.json: no such file; make a calibration with"),
        (["--images", "nowhere"], "nowhere: no such folder of photos"),
        (["--truth", "none.csv"], "none.csv: no such file"),
    ],
)
def test_bad_input_is_one_line(
    shared_models: Path, few: list[str], arguments: list[str], message: str
) -> None:
    ran = closeup("evaluate", "pupils", *few, *arguments, models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert message in ran.stderr


def test_a_calibration_that_cannot_be_written_is_refused_at_once(
    shared_models: Path, few: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" / "calibration.json"
    ran = closeup(
        "calibrate", "pupils", *few, "--method", "darkest", "--out", out, models=shared_models
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"closeup: cannot write to {out.parent}: {ran.stderr.rsplit(': ', 1)[1]}"


def test_photos_with_true_pupils_are_not_rotated(tmp_path: Path) -> None:
    ran = closeup("evaluate", "pupils", "--truth", tmp_path, "--images", tmp_path, "--rotate", "90")
    assert ran.returncode == 2
    assert "--rotate is for --video" in ran.stderr
