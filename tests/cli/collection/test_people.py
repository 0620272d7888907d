"""``closeup collect people`` as a command."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line import closeup
from tests.small_stage import EILEEN, GRACE


def test_numbers_of_pictures(small_stage: Path, tmp_path: Path, shared_models: Path) -> None:
    members, out = small_stage.parent / "members", tmp_path / "out"
    command = ("collect", "people", members, "--members", members, "--out", out)
    ran = closeup(*command, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert lines == [["1", EILEEN], ["1", GRACE], [str(out / "people.csv")]]
    ran = closeup(*command, "--json", models=shared_models)
    assert json.loads(ran.stdout)["pictures"] == {EILEEN: 1, GRACE: 1}


def test_a_rate_that_is_none(small_stage: Path, tmp_path: Path) -> None:
    members = small_stage.parent / "members"
    ran = closeup(
        "collect", "people", members, "--members", members, "--out", tmp_path, "--far", "2"
    )
    assert ran.returncode != 0
    assert "--far must be between 0 and 1" in " ".join(ran.stderr.split())
