from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.fancam.coordinates import write_coordinates
from closeup.geometry import Box
from closeup.media.video_reader import open_video
from closeup.synthesis.truth import empty_truth, record
from closeup.testing import TruthRow
from closeup.testing.labelled_frames import (
    REACH,
    LabelledFrames,
    LabelScore,
    Outcome,
    read_labelled_frames,
)
from closeup.tracks import PositionSource, Trajectory

ANN, BEN = Box(100, 100, 140, 150), Box(300, 100, 340, 150)
LABELS = LabelledFrames({0: {"Ann": ANN, "Ben": BEN}, 10: {"Ben": BEN}, 20: {}})


def at(name: str, **places: tuple[float, float] | None) -> Trajectory:
    """A trajectory with 20 px wide boxes around places in the frames f0, f10 and f20."""
    boxes = np.full((21, 4), np.nan, np.float32)
    for frame, place in places.items():
        if place is not None:
            # A label's edges are pixel edges: its middle is half a pixel off a pixel's centre.
            x, y = place[0] - 0.5, place[1] - 0.5
            boxes[int(frame[1:])] = x - 10, y - 10, x + 10, y + 10
    there = ~np.isnan(boxes[:, 0])
    sources = np.where(there, PositionSource.DETECTED, PositionSource.ABSENT).astype(np.uint8)
    return Trajectory(name, boxes, sources, there * np.float32(0.75), np.full(21, -1, np.int64))


def outcomes(*trajectories: Trajectory, labels: LabelledFrames = LABELS) -> list[str]:
    return [f"{v.frame} {v.member} {v.outcome}" for v in labels.judged(trajectories)]


def test_a_position_is_right_wrong_or_on_nothing() -> None:
    assert outcomes(at("Ann", f0=ANN.centre, f10=BEN.centre, f20=(10, 10))) == [
        "0 Ann right", "10 Ann wrong", "20 Ann nothing",
    ]  # fmt: skip
    assert outcomes(at("Ann", f0=BEN.centre)) == ["0 Ann wrong"]


def test_a_judged_position_has_its_source() -> None:
    judged = LABELS.judged([at("Ben", f0=BEN.centre)])
    assert [v.source for v in judged] == [PositionSource.DETECTED, PositionSource.ABSENT]


def test_a_visible_member_without_a_position_is_missed() -> None:
    assert outcomes(at("Ann")) == ["0 Ann missed"]
    assert outcomes(at("Ben", f0=BEN.centre)) == ["0 Ben right", "10 Ben missed"]


def test_a_person_without_photos_may_be_labelled() -> None:
    assert outcomes(at("Ann", f10=BEN.centre)) == ["0 Ann missed", "10 Ann wrong"]
    assert LABELS.visible(["Ann"]) == 1
    assert LABELS.visible(["Ann", "Ben"]) == 3


def test_the_confidence_of_a_position_is_kept() -> None:
    found, missed = LABELS.judged([at("Ben", f0=BEN.centre)])
    assert (found.confidence, missed.confidence) == (0.75, 0)


@given(st.floats(-60, 60), st.floats(-60, 60), st.floats(5, 80), st.floats(5, 80))
def test_a_position_counts_within_reach_of_the_longer_side(
    dx: float, dy: float, width: float, height: float
) -> None:
    head = Box(100, 100, 100 + width, 100 + height)
    x, y = head.centre
    reach = REACH * max(width, height)
    near = max(abs(dx), abs(dy)) - reach
    if abs(near) < 0.01:
        return
    labels = LabelledFrames({0: {"Ann": head}})
    expected = "right" if near < 0 else "nothing"
    assert outcomes(at("Ann", f0=(x + dx, y + dy)), labels=labels) == [f"0 Ann {expected}"]


def test_shares_are_of_the_visible_heads() -> None:
    both = [at("Ann", f0=ANN.centre, f10=BEN.centre), at("Ben", f0=(10, 10), f10=BEN.centre)]
    score = LabelScore.of(LABELS.judged(both), LABELS.visible(["Ann", "Ben"]))
    assert score == LabelScore(visible=3, right=2, missed=0, wrong=1, nothing=1)
    assert score.share(Outcome.RIGHT) == pytest.approx(2 / 3)
    assert score.shown == 4
    assert score.wrong_of_shown == 0.25


def test_nobody_visible_and_nothing_shown_is_no_division_by_zero() -> None:
    score = LabelScore.of([], 0)
    assert (score.share(Outcome.RIGHT), score.wrong_of_shown) == (0, 0)


def test_labels_of_a_scene_leave_hidden_heads_out_of_the_count() -> None:
    fields = {
        "size": [640, 360], "rate": "25", "frames": 21, "names": ["Ann", "Ben"],
        "members": ["Ann", "Ben"], "cuts": [], "flashes": [], "strobes": [],
    }  # fmt: skip
    truth = empty_truth(fields)
    record(truth, [TruthRow(0, "Ann", ANN, False, False), TruthRow(0, "Ben", BEN, True, True)])
    labels = LabelledFrames.of(truth)
    assert list(labels.heads) == [0, 10, 20]
    assert labels.visible(["Ann", "Ben"]) == 1
    assert outcomes(at("Ann", f0=ANN.centre), labels=labels) == []
    assert outcomes(at("Ann", f0=BEN.centre), labels=labels) == ["0 Ann wrong"]
    assert outcomes(at("Ann", f10=ANN.centre), labels=labels) == ["10 Ann nothing"]


def test_a_table_is_read(tmp_path: Path) -> None:
    table = tmp_path / "truth.csv"
    table.write_text("frame,member,x1,y1,x2,y2,how\n0,Ann,1,2,3,4.5,hand\n10,Ben,1,2,3,4,\n")
    labels = read_labelled_frames(table)
    assert labels.heads == {0: {"Ann": Box(1, 2, 3, 4.5)}, 10: {"Ben": Box(1, 2, 3, 4)}}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("0,Ann,1,2,3", "5 cells in 6 columns"),
        ("0,Ann,1,2,3,", "box is empty"),
        ("-1,Ann,1,2,3,4", "negative"),
        ("0,Ann,1,2,1,4", "no area"),
        ("0,Ann,x,2,3,4", "x1"),
        ("0,Ben,1,2,3,4", "Ben is labelled twice in frame 0"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    table = tmp_path / "truth.csv"
    table.write_text(f"frame,member,x1,y1,x2,y2\n0,Ben,1,2,3,4\n{row}\n")
    with pytest.raises(InputError, match=rf"truth\.csv.*3.*{reason}"):
        read_labelled_frames(table)


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "truth.csv"
    table.write_text("frame,name,x1,y1,x2,y2\n")
    with pytest.raises(InputError, match="member"):
        read_labelled_frames(table)


def test_labels_behind_the_end_are_refused() -> None:
    labels = LabelledFrames({21: {"Ann": ANN}})
    with pytest.raises(InputError, match="frame 21 is labelled, but Ann has 21 positions"):
        labels.judged([at("Ann")])


def test_it_counts_like_the_script_beside_the_clips(shared_data: Path, tmp_path: Path) -> None:
    clip = shared_data / "clips" / "avengers_film"
    labels = read_labelled_frames(clip / "truth.csv")
    found = disturbed(labels, ("Steve", "Thor", "Tony"), np.random.default_rng(5))
    with open_video(clip / "stage.mp4") as video:
        size = video.size
    write_coordinates(tmp_path / "coordinates.csv", found, np.arange(len(found[0])) / 30, size)
    script = shared_data / "clips" / "score.py"
    command = [sys.executable, str(script), str(clip), str(tmp_path / "coordinates.csv")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    score = LabelScore.of(labels.judged(found), labels.visible(own.name for own in found))
    shares = {str(outcome): round(100 * score.share(outcome), 1) for outcome in Outcome}
    assert json.loads(said) == {"visible": score.visible, **shares}
    assert min(shares.values()) > 3, "each outcome occurs"


def disturbed(
    labels: LabelledFrames, names: Sequence[str], rng: np.random.Generator
) -> list[Trajectory]:
    """Trajectories with positions near the own label, near another's, anywhere, or nowhere."""
    found = []
    for name in names:
        boxes = np.full((max(labels.heads) + 1, 4), np.nan, np.float32)
        for frame, heads in labels.heads.items():
            own = heads.get(name, Box(0, 0, 30, 40))
            others = [head for other, head in heads.items() if other != name]
            for head in (own, *others[:1], Box(5, 5, 20, 20)):
                if rng.random() < 0.5:
                    edges = np.array([head.x1, head.y1, head.x2, head.y2])
                    boxes[frame] = edges + np.tile(rng.normal(0, 0.4 * head.height, 2), 2)
                    break
        there = ~np.isnan(boxes[:, 0])
        sources = np.where(there, PositionSource.DETECTED, PositionSource.ABSENT)
        sure = there.astype(np.float32)
        lost = np.full(len(boxes), -1, np.int64)
        found.append(Trajectory(name, boxes, sources.astype(np.uint8), sure, lost))
    return found
