"""``closeup collect video`` as a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import closeup


def test_the_folder_and_json(small_stage: Path, tmp_path: Path, shared_models: Path) -> None:
    out = tmp_path / "frames"
    command = ("collect", "video", small_stage, "--out", out, "--every", "10", "--faces")
    ran = closeup(*command, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [f"5 of 5 frames: {out}", str(out / "manifest.csv")]
    ran = closeup(*command, "--json", models=shared_models)
    document = json.loads(ran.stdout)
    assert (document["pictures"], document["frames"]) == (5, 5)
    assert document["key"]["options"]["faces"] == {"height": 0, "detail": 0, "members": []}


def test_seconds_as_they_are_written(small_stage: Path, tmp_path: Path) -> None:
    """A tenth of a second is no binary fraction."""
    out = tmp_path / "frames"
    ran = closeup("collect", "video", small_stage, "--out", out, "--seconds", "0.1", "--json")
    assert json.loads(ran.stdout)["key"]["options"]["seconds"] == 0.1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--every", "3", "--by-shot", "1"), "not by two"),
        (("--seconds", "0"), "more than 0 seconds"),
        (("--member", "Ann"), "give the folder of all members"),
        (("--members", "nowhere"), "nowhere: no such file or folder"),
    ],
)
def test_mistakes(
    options: tuple[str, ...], told: str, small_stage: Path, tmp_path: Path, shared_models: Path
) -> None:
    out = tmp_path / "out"
    ran = closeup("collect", "video", small_stage, "--out", out, *options, models=shared_models)
    assert ran.returncode != 0
    assert told in " ".join(ran.stderr.split())
    assert not out.exists()
