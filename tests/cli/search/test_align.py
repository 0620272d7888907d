import json
from pathlib import Path

import pytest
from PIL import Image

from tests.command_line import closeup
from tests.real_photos import astronaut


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(astronaut()).save(path)
    return path


def test_the_path_is_printed_and_the_rest_goes_to_stderr(photo: Path, shared_models: Path) -> None:
    out = photo.parent / "out"
    ran = closeup(
        "align", photo, "--template", "eyes256", "--eyes", "0.3,0.4", "--size", "128",
        "--out", out, models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{out / 'photo.png'}\n"
    assert ran.stderr == "finding faces with yunet-n\n"
    with Image.open(out / "photo.png") as made:
        assert made.size == (128, 128)


def test_json_is_an_array_of_faces(photo: Path, shared_models: Path) -> None:
    out = photo.parent / "face.png"
    ran = closeup(
        "align", photo, "--template", "arcface112", "--json", "--out", out, models=shared_models
    )
    (face,) = json.loads(ran.stdout)
    assert face["image"] == str(photo)
    assert face["file"] == str(out)
    assert face["size"] == [112, 112]
    (a, minus_b, _), (b, d, _) = face["matrix"]
    assert (a, b) == (d, -minus_b)


def test_no_face_is_an_error_of_one_line(tmp_path: Path, shared_models: Path) -> None:
    Image.new("RGB", (80, 80)).save(tmp_path / "night.png")
    ran = closeup(
        "align", tmp_path / "night.png", "--template", "crop", "--out", tmp_path / "out",
        models=shared_models,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1].startswith("closeup: ")
    assert "no face found" in ran.stderr
