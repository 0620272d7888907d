"""``closeup train`` as commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import closeup
from tests.pipeline.drawn_set import drawn_set
from tests.training.detection.squares import NAMES, as_faces, write_squares


def test_paths_then_json(tmp_path: Path) -> None:
    out = tmp_path / "my.onnx"
    command = ("train", "pupils", drawn_set(tmp_path / "eyes", 120), "--out", out, "--epochs", "1")
    ran = closeup(*command)
    assert ran.returncode == 0, ran.stderr
    made = [out, out.with_suffix(".json"), out.with_suffix(".training")]
    assert ran.stdout.splitlines() == [str(path) for path in made]
    assert all(path.exists() for path in made)
    assert "of the held-out faces, worse eye" in ran.stderr
    assert "Warning" not in ran.stderr
    ran = closeup(*command, "--json")
    document = json.loads(ran.stdout)
    assert document["model"] == str(out)
    assert document["epochs"] == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--points", "2"), "points must be 1 or 3, not 2"),
        (("--rate", "0"), "rate must be positive"),
        (("--start", "earlier.ckpt"), "earlier.ckpt"),
        (("--backbone", "resnet50", "--weights", "nowhere"), "hf download microsoft/resnet-50"),
    ],
)
def test_bad_options(options: tuple[str, ...], told: str, tmp_path: Path) -> None:
    eyes = drawn_set(tmp_path / "eyes", 120)
    ran = closeup("train", "pupils", eyes, "--out", tmp_path / "my.onnx", *options)
    assert ran.returncode == 2
    assert told in " ".join(ran.stderr.replace("│", " ").split())
    assert not (tmp_path / "my.onnx").exists()


def test_no_data_set(tmp_path: Path) -> None:
    ran = closeup("train", "pupils", tmp_path / "nix", "--out", tmp_path / "my.onnx")
    assert ran.returncode == 2
    assert "no eye data set; make one with: closeup dataset eyes" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


SMALL = ("--shape", "faces", "--size", "96", "--epochs", "1", "--batch", "4", "--device", "cpu")


def test_members(tmp_path: Path) -> None:
    data, out = write_squares(tmp_path / "set", train=8, val=2), tmp_path / "members.onnx"
    ran = closeup("train", "members", data, "--out", out, *SMALL)
    assert ran.returncode == 0, ran.stderr
    made = [out, out.with_suffix(".json"), out.with_suffix(".training")]
    assert ran.stdout.splitlines() == [str(path) for path in made]
    assert all(path.exists() for path in made)
    assert "found at one false box a picture" in ran.stderr
    for name in NAMES:
        assert f"{name}: AP50 " in ran.stderr
    document = json.loads(made[1].read_text())
    assert document["classes"].keys() == set(NAMES)


def test_faces(tmp_path: Path) -> None:
    data = as_faces(write_squares(tmp_path / "set", train=8, val=2))
    out = tmp_path / "faces.onnx"
    ran = closeup("train", "faces", data, "--out", out, *SMALL, "--crop", "96", "--json")
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    assert document["model"] == str(out)
    assert document["pictures"] == {"training": 8, "held_out": 2}
    assert out.exists()


@pytest.mark.parametrize("command", ["faces", "members"])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--size", "100"), "32"),
        (("--shape", "huge"), "huge"),
        (("--start", "earlier.onnx"), "earlier.onnx: no such file; check the name"),
    ],
)
def test_bad_options_of_detectors(
    command: str, options: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    data, out = write_squares(tmp_path / "set"), tmp_path / "my.onnx"
    ran = closeup("train", command, data, "--out", out, *options)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert told in ran.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"set"}


def test_a_set_of_other_things_is_refused(tmp_path: Path) -> None:
    data, out = write_squares(tmp_path / "set"), tmp_path / "faces.onnx"
    ran = closeup("train", "faces", data, "--out", out, *SMALL)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "train others with: closeup train members" in ran.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"set"}
