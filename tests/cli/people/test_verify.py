import json
from pathlib import Path

import pytest
from PIL import Image

from tests.command_line import closeup
from tests.real_photos import astronaut, hopper


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, Path]:
    Image.fromarray(astronaut()).save(tmp_path / "eileen.png")
    Image.fromarray(hopper()).save(tmp_path / "grace.png")
    return tmp_path / "eileen.png", tmp_path / "grace.png"


def test_it_says_who_how_far_and_how_often_that_is_wrong(
    photos: tuple[Path, Path], shared_models: Path
) -> None:
    ran = closeup("verify", *photos, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "two people"
    assert lines[1].startswith("distance ")
    assert lines[3].endswith("1 in 1,000")
    assert len(lines) == 5


def test_json_and_a_stricter_rate(photos: tuple[Path, Path], shared_models: Path) -> None:
    ran = closeup("verify", photos[0], photos[0], "--far", "1e-5", "--json", models=shared_models)
    record = json.loads(ran.stdout)
    assert record["same"] is True
    assert record["distance"] < 0.01 < record["threshold"]
    assert record["threshold_false_accept_rate"] == 1e-5


def test_no_more_is_claimed_than_was_measured(
    photos: tuple[Path, Path], shared_models: Path
) -> None:
    ran = closeup("verify", photos[0], photos[0], models=shared_models)
    assert ran.stdout.splitlines()[-1].endswith("fewer than 1 in 1,000,000")


def test_no_face_is_one_line(photos: tuple[Path, Path], shared_models: Path) -> None:
    Image.new("RGB", (64, 64)).save(photos[0])
    ran = closeup("verify", *photos, models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no face found" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("rate", ["0", "1", "x"])
def test_a_rate_that_cannot_be_kept(photos: tuple[Path, Path], rate: str) -> None:
    ran = closeup("verify", *photos, "--far", rate)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--far" in ran.stderr


def test_quiet_is_an_exit_status(photos: tuple[Path, Path], shared_models: Path) -> None:
    eileen, grace = photos
    for pair, status in (((eileen, eileen), 0), ((eileen, grace), 1)):
        ran = closeup("verify", *pair, "--quiet", models=shared_models)
        assert (ran.returncode, ran.stdout, ran.stderr) == (status, "", "")


def test_quiet_keeps_errors(photos: tuple[Path, Path], shared_models: Path) -> None:
    Image.new("RGB", (64, 64)).save(photos[0])
    ran = closeup("verify", *photos, "--quiet", models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no face found" in ran.stderr
    ran = closeup("verify", *photos, "--quiet", "--json", models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--quiet prints nothing" in ran.stderr
