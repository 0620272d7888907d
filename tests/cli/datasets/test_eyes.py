"""``closeup dataset eyes`` as a command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command_line import closeup


@pytest.fixture
def photos(tmp_path: Path, shared_data: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("Al_Gore", "Ana_Palacio", "Angelina_Jolie"):
        shutil.copy(shared_data / "lfw" / "images" / name / f"{name}_0001.jpg", folder)
    return folder


def test_paths_and_json(photos: Path, tmp_path: Path, shared_models: Path) -> None:
    out = tmp_path / "eyes"
    command = ("dataset", "eyes", photos, "--out", out, "--size", "48x36", "--width", "1")
    ran = closeup(*command, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [str(out / "labels.csv"), str(out / "summary.html")]
    ran = closeup(*command, "--json", "--commercial", models=shared_models)
    document = json.loads(ran.stdout)
    assert document["labels"] >= 6
    assert document["key"]["size"] == [48, 36]
    assert ran.stderr.splitlines()[-1] == f"{out} is complete; nothing is left to do"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--size", "big"), "cannot read 'big' as a size"),
        (("--size", "2x2"), "crops must be 8 to 1024 pixels a side"),
        (("--width", "9"), "crops must be 0.3 to 4 eye distances wide"),
        (("--method", "magic"), "there is no pupil method 'magic'"),
        (("--method", "contour", "--commercial"), "commercial"),
    ],
)
def test_bad_options(
    options: tuple[str, ...], told: str, photos: Path, tmp_path: Path, shared_models: Path
) -> None:
    ran = closeup(
        "dataset", "eyes", photos, "--out", tmp_path / "eyes", *options, models=shared_models
    )
    assert ran.returncode == 2
    assert told in " ".join(ran.stderr.replace("│", " ").split())
    assert not (tmp_path / "eyes").exists()
