"""``closeup pupils`` as a process of its own, with faces of all kinds."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.frames import RGBImage
from tests.command_line import closeup
from tests.pipeline.running import files, pictures
from tests.pupil_networks import constant_network
from tests.real_photos import astronaut, hopper

RIGHT, LEFT = (203, 101), (246, 103)
"""The astronaut's irises."""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "hopper.jpg"
    Image.fromarray(hopper()).save(path, quality=95)
    return path


def test_the_paths_of_the_results_are_printed(
    photo: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = closeup("pupils", photo, "--out", out, "--show-steps", models=shared_models)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.splitlines() == [
        "finding faces with yunet-n",
        "1 face in 1 picture",
        "2 of 2 eyes with a pupil",
    ]
    names = ["pupils.csv", "pupils.json", "hopper.jpg", "steps"]
    assert ran.stdout.splitlines() == [str(out / name) for name in names]
    assert files(out) == {*names, "steps/hopper.jpg-0.png"}


def test_json_alone_is_all_that_stdout_gets(
    photo: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = closeup("pupils", photo, "--json", "--detector", "hog", models=shared_models)
    found = json.loads(ran.stdout)
    assert (found["image"], found["method"]) == (str(photo), "network")
    (face,) = found["faces"]
    assert face["right_eye"] == pytest.approx([222, 192], abs=6)
    assert face["left_eye"] == pytest.approx([305, 188], abs=6)
    assert 0 < face["confidence"] <= 1
    assert files(tmp_path) == {"hopper.jpg"}


def test_a_video(small_stage: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--every", "12", "--out", out, "--json")
    ran = closeup("pupils", small_stage, *options, models=shared_models)
    found = json.loads(ran.stdout)
    assert [p["frame"] for p in found[:2]] == [0, 12]
    assert len(pictures(out / "stage.mp4")) == len(found)
    table = (out / "pupils.csv").read_text(encoding="utf-8").splitlines()
    assert table[0].startswith("image,frame,face,right_eye_x")
    assert table[1].startswith("stage.mp4,0,0,")
    assert (out / "pupils.json").read_text(encoding="utf-8") == ran.stdout


def with_patches(colour: tuple[int, int, int], width: int, height: int) -> RGBImage:
    """The astronaut with something over both eyes."""
    image = astronaut().copy()
    for centre in (RIGHT, LEFT):
        cv2.ellipse(image, centre, (width, height), 0, 0, 360, colour, cv2.FILLED)
    return image


def difficult(folder: Path) -> None:
    folder.mkdir()
    skin = astronaut()[118, 215].tolist()
    kinds = {
        "closed": with_patches(skin, 15, 10),
        "no face": np.full((200, 300, 3), 120, np.uint8),
        "pixel": np.zeros((1, 1, 3), np.uint8),
        "sunglasses": with_patches((12, 12, 14), 20, 15),
        "tiny": np.asarray(cv2.resize(astronaut(), None, fx=0.09, fy=0.09), np.uint8),
    }
    for name, pixels in kinds.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
    (folder / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 rubbish")
    (folder / "empty.png").touch()


def eyes_of(pictures: list[dict[str, Any]]) -> dict[str, list[list[float] | None]]:
    """Both eyes of all faces, by the picture's name."""
    return {
        Path(picture["image"]).stem: [
            face[side] for face in picture["faces"] for side in ("right_eye", "left_eye")
        ]
        for picture in pictures
    }


@pytest.mark.parametrize("method", ["darkest", "projection", "mean-shift"])
def test_what_has_no_pupils_gets_none(method: str, shared_models: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "difficult", tmp_path / "out"
    difficult(folder)
    options = ("--method", method, "--json", "--out", out)
    ran = closeup("pupils", folder, *options, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    eyes = eyes_of(found)
    assert set(eyes) == {"closed", "no face", "pixel", "sunglasses", "tiny"}
    assert eyes["no face"] == eyes["pixel"] == eyes["tiny"] == []
    assert set(map(str, eyes["closed"] + eyes["sunglasses"])) == {"None"}
    said = ran.stderr.splitlines()
    for name in ("cut.jpg", "empty.png"):
        assert [line for line in said if name in line and line.endswith("it is left out")]
    reasons = [r for p in found for f in p["faces"] for r in f["reasons"].values()]
    assert reasons
    for reason in set(reasons):
        assert f"{reasons.count(reason)} without: {reason}" in said
    rows = (out / "pupils.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[2:6] for row in rows] == [[""] * 4] * 2


@pytest.mark.parametrize(
    ("rows", "columns", "kept"),
    [
        (slice(0, 300), slice(212, None), [None, (246 - 212, 103)]),
        (slice(0, 300), slice(0, 235), [None, None]),
        (slice(104, None), slice(0, None), [None, None]),
    ],
)
def test_eyes_outside_the_picture(
    rows: slice, columns: slice, kept: list[Any], shared_models: Path, tmp_path: Path
) -> None:
    Image.fromarray(astronaut()[rows, columns]).save(tmp_path / "cut.png")
    ran = closeup("pupils", tmp_path / "cut.png", "--json", models=shared_models)
    (face,) = json.loads(ran.stdout)["faces"]
    for side, place in zip(("right_eye", "left_eye"), kept, strict=True):
        assert face[side] == (place and pytest.approx(place, abs=3))
        assert (side in face["reasons"]) == (place is None)
    assert "outside the picture" in face["reasons"].values()


def refusal(*arguments: str | Path, models: Path | None) -> str:
    """The one line that a run ends with that cannot do its work; stdout stays empty."""
    ran = closeup("pupils", *arguments, models=models)
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert "Traceback" not in ran.stderr
    line = ran.stderr.splitlines()[-1]
    assert line.startswith("closeup: ")
    return line


def test_what_cannot_be_done(photo: Path, shared_models: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"rubbish")
    (tmp_path / "rubbish.json").write_text("[]")
    missing = refusal(tmp_path / "none.jpg", "--json", models=shared_models)
    assert "no such file or folder; check the name" in missing
    broken = refusal(tmp_path / "broken.jpg", "--json", models=shared_models)
    assert "is not a picture" in broken
    assert "--out" in refusal(photo, models=shared_models)
    assert "give --out" in refusal(photo, "--json", "--show-steps", models=shared_models)
    unknown = refusal(photo, "--json", "--method", "eye", models=shared_models)
    assert "no pupil method 'eye'; choose one of" in unknown
    rubbish = ("--json", "--calibration", tmp_path / "rubbish.json")
    assert "is damaged or of another kind" in refusal(photo, *rubbish, models=shared_models)
    contour = ("--json", "--method", "contour", "--commercial")
    assert "not free for commercial use" in refusal(photo, *contour, models=shared_models)
    usual = refusal(photo, "--json", "--commercial", models=shared_models)
    assert "choose --method mediapipe or --method darkest, or leave --commercial away" in usual
    (tmp_path / "own.onnx").write_bytes(b"rubbish")
    own = refusal(photo, "--json", "--method", tmp_path / "own.onnx", models=shared_models)
    assert "own.onnx: it is damaged or no ONNX file" in own


def test_a_network_of_ones_own(photo: Path, shared_models: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.onnx"
    path.write_bytes(constant_network(openness=0.25, spread=0.05))
    ran = closeup("pupils", photo, "--json", "--method", path, models=shared_models)
    found = json.loads(ran.stdout)
    assert found["method"].startswith("own.onnx@")
    (face,) = found["faces"]
    assert face["right_eye"] == pytest.approx([222, 192], abs=8)
    assert (face["right_open"], face["left_open"]) == (0.25, 0.25)
    assert face["confidence"] == pytest.approx(0.9 * (1 - math.exp(-math.pi / 4)), abs=0.001)


def test_the_default_needs_no_folder_of_models(photo: Path) -> None:
    ran = closeup("pupils", photo, "--json", "--detector", "hog", models=None)
    (face,) = json.loads(ran.stdout)["faces"]
    assert face["left_eye"] == pytest.approx([305, 188], abs=6)
