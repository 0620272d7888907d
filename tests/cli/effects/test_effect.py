"""``closeup effect``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.media.images import read_image
from tests.command_line import closeup
from tests.real_photos import astronaut


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(astronaut()).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_the_path_of_the_result_is_printed(
    photo: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "b.png"
    ran = closeup(
        "effect", "startled,bigger-eyes", photo, "--out", out, "--style", "anime",
        "--extras", "sweat", "--extras", "lines", "--amount", "0.9", models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{out}\n"
    assert ran.stderr.splitlines() == ["finding faces with yunet-n", "1 face in 1 picture"]
    assert (read_image(out) != astronaut()).any()


def test_options_reach_their_effects(photo: Path, shared_models: Path, tmp_path: Path) -> None:
    drawn = []
    for direction in ("left", "right"):
        out = tmp_path / f"{direction}.png"
        options = ["--direction", direction, "--amount", "1"]
        ran = closeup("effect", "glare", photo, "--out", out, *options, models=shared_models)
        assert ran.returncode == 0, ran.stderr
        drawn.append(read_image(out))
    assert (drawn[0] != drawn[1]).any()


def test_without_a_face_it_says_so_and_succeeds(shared_models: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((80, 90, 3), 77, np.uint8)).save(tmp_path / "a.png")
    ran = closeup(
        "effect", "laser", tmp_path / "a.png", "--out", tmp_path / "b.png", models=shared_models
    )
    assert ran.returncode == 0
    assert "no face was found; the result is the same as the input" in ran.stderr
    assert (read_image(tmp_path / "b.png") == 77).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["glitter"], "there is no effect 'glitter'; there are startled, glare, bigger-eyes"),
        (["sticker"], "the effect sticker needs a picture: give a PNG with --sticker"),
        (["startled", "--style", "picture"], "give one with --eyes"),
        (["pixelate", "--keep", "Ada"], "--keep needs the photos of the members"),
        (["sticker", "--sticker", "none.png"], "none.png: no such file or folder"),
        (["startled", "--amount", "-1"], "Invalid value for '--amount'"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], message: str, photo: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = closeup(
        "effect", arguments[0], photo, "--out", tmp_path / "b.png", *arguments[1:],
        models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 2
    assert message in ran.stderr
    assert not (tmp_path / "b.png").exists()
