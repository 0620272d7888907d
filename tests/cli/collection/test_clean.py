"""``closeup collect clean`` as a command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command_line import closeup


@pytest.fixture
def folder(shared_data: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("1.jpg", "2.jpg"):
        shutil.copy(shared_data / "lfw" / "images" / "Al_Gore" / "Al_Gore_0001.jpg", folder / name)
    return folder


def test_clean_and_undo(folder: Path) -> None:
    ran = closeup("collect", "clean", folder)
    assert ran.returncode == 0, ran.stderr
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert lines == [["1", "copy"], ["1", "kept"], [str(folder / "cleaning.html")]]
    assert not (folder / "2.jpg").exists()
    ran = closeup("collect", "clean", folder, "--undo", "--file", "2.jpg")
    assert ran.stdout == "1 pictures are back\n"
    assert (folder / "2.jpg").exists()
    ran = closeup("collect", "clean", folder, "--copies-only", "--json")
    assert json.loads(ran.stdout)["removed"] == {"copy": 1}
    assert json.loads(closeup("collect", "clean", folder, "--undo", "--json").stdout) == ["2.jpg"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--file", "2.jpg"), "give --undo with it"),
        (("--near", "40"), "near must be 0 to 31 bits"),
        (("--undo", "--file", "9.jpg"), "9.jpg was not removed"),
    ],
)
def test_mistakes(options: tuple[str, ...], told: str, folder: Path) -> None:
    ran = closeup("collect", "clean", folder, *options)
    assert ran.returncode != 0
    assert told in " ".join(ran.stderr.split())
    assert sorted(path.name for path in folder.iterdir()) == ["1.jpg", "2.jpg"]
