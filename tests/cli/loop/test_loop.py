"""``closeup loop``: what it refuses, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import closeup


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there is no project; begin one with: closeup loop"),
        (("--pictures", "none"), "none: no such file or folder"),
        (("--pictures", ".", "--learn", "ears"), "a loop learns pupils or members"),
        (("--pictures", ".", "--learn", "members"), "give --members"),
        (("--pictures", ".", "--rounds", "0"), "rounds must be 1 or more"),
        (("--pictures", ".", "--verdicts", "0", "--points", "0"), "ask for at least one"),
        (("--pictures", ".", "--oracle", "none.csv"), "none.csv: no such file or folder"),
        (("--oracle", ".", "--oracle-noise", "much"), "is not POINTS,WRONG"),
        (("--oracle", ".", "--oracle-noise", "0.1,2"), "noise must be from 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    ran = closeup("loop", tmp_path / "project", *arguments)
    assert ran.returncode == 2
    assert message in " ".join(ran.stderr.replace("│", " ").split())
    assert not (tmp_path / "project").exists()
