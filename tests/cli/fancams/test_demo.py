"""``closeup demo``: the first command of the README, on a machine without any other model."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from closeup.synthesis.truth import read_truth
from tests.command_line import closeup
from tests.pipeline.running import length


def test_two_performers_get_their_close_ups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSEUP_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "demo"
    ran = closeup("demo", "--out", out)
    assert ran.returncode == 0, ran.stderr
    members = ("Eileen Collins", "Grace Hopper")
    videos = [out / "fancams" / f"{name}.mp4" for name in (*members, "grid", "preview")]
    results = [*videos, out / "fancams" / "coordinates.csv", out / "fancams" / "report.html"]
    assert ran.stdout.splitlines() == [str(path) for path in results]
    stage = length(out / "stage.mp4", "video")
    for video in videos:
        assert length(video, "video") == pytest.approx(stage, abs=0.05)
        assert length(video, "audio") > 0

    again = closeup("demo", "--out", out, "--json")
    assert again.returncode == 0
    report = json.loads(again.stdout)
    assert list(report["videos"]) == list(members)
    assert [member["inside_crop"] for member in report["members"]] == [1, 1]
    assert on_their_own_faces(out) > 0.99


def on_their_own_faces(out: Path) -> float:
    """Share of the positions of members who can be seen that are inside their face's box."""
    truth = read_truth(out / "stage.mp4")
    width, height = truth.size
    inside: list[bool] = []
    with (out / "fancams" / "coordinates.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = int(row["frame"]), truth.person(row["member"])
            if row["x"] and truth.visible[place]:
                left, top, right, bottom = truth.boxes[place]
                x, y = float(row["x"]) * width, float(row["y"]) * height
                inside.append(bool(left < x < right and top < y < bottom))
    assert len(inside) > 500
    return float(np.mean(inside))
