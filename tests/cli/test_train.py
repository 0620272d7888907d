"""``closeup train pupils`` as a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import closeup
from tests.pipeline.drawn_set import drawn_set


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
