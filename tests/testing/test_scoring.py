from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.camera_path import CameraPath, View
from closeup.errors import InputError
from closeup.fancam.coordinates import read_coordinates, write_coordinates
from closeup.geometry import Box, Size
from closeup.synthesis.truth import empty_truth, record
from closeup.testing import Truth, TruthRow, score
from closeup.tracks import PositionSource, Trajectory

FRAMES = 20
PLACES = {"A": 100.0, "B": 400.0, "guest": 540.0}


def box(name: str, frame: int) -> Box:
    x = PLACES[name] + frame
    return Box(x, 100, x + 60, 180)


@pytest.fixture
def truth() -> Truth:
    """A and B visible in 20 frames, except A in frames 8 to 9, behind somebody."""
    made = empty_truth(
        {
            "size": [640, 360], "rate": "25", "frames": FRAMES, "names": list(PLACES),
            "members": ["A", "B"], "cuts": [], "flashes": [], "strobes": [],
        }
    )  # fmt: skip
    for name in PLACES:
        hidden = range(8, 10) if name == "A" else range(0)
        record(
            made,
            [TruthRow(i, name, box(name, i), i not in hidden, i not in hidden) for i in range(20)],
        )
    return made


def trajectory(truth: Truth, name: str, of: str | None = None) -> Trajectory:
    boxes = truth.boxes[:, truth.person(of or name)].copy()
    count = len(truth)
    ones, zeros = np.ones(count, np.float32), np.zeros(count, np.int64)
    return Trajectory(name, boxes, np.full(count, PositionSource.DETECTED, np.uint8), ones, zeros)


def camera(truth: Truth, of: str, view: View = View.CLOSE) -> CameraPath:
    boxes = truth.boxes[:, truth.person(of)].astype(np.float64)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    windows: NDArray[np.float64] = np.hstack([middle, np.full((len(truth), 1), 160.0)])
    return CameraPath(Size(90, 160), windows, np.full(len(truth), view, np.uint8))


def test_the_truth_itself_is_perfect(truth: Truth) -> None:
    result = score(
        [trajectory(truth, "A"), trajectory(truth, "B")],
        truth,
        {name: camera(truth, name) for name in ("A", "B")},
    )
    figures = result.identity
    assert (figures.idf1, figures.named_f1, figures.hota) == pytest.approx((1, 1, 1))
    assert [member.visible for member in result.members] == [18, 20]
    assert [member.found for member in result.members] == [18, 20]
    assert all(member.close_share == member.found_share == 1 for member in result.members)
    assert result.wrong_frames == 0
    assert result.complete


def test_swapped_names_are_wrong_frames_though_idf1_does_not_see_them(truth: Truth) -> None:
    result = score([trajectory(truth, "A", "B"), trajectory(truth, "B", "A")], truth)
    assert result.identity.idf1 > 0.94
    assert result.identity.named_f1 == 0
    # A is on B in all frames; B is on A in those in which A can be seen
    assert [member.wrong_boxes for member in result.members] == [20, 18]
    assert [member.found for member in result.members] == [0, 0]


def test_a_swap_in_the_middle_halves_idf1(truth: Truth) -> None:
    a, b = trajectory(truth, "A"), trajectory(truth, "B")
    a.boxes[10:], b.boxes[10:] = b.boxes[10:].copy(), a.boxes[10:].copy()
    result = score([a, b], truth)
    assert result.identity.idf1 == pytest.approx(0.5, abs=0.05)
    assert result.identity.association < 0.6
    assert result.wrong_frames == 20


def test_missing_positions_cost_recall(truth: Truth) -> None:
    a, b = trajectory(truth, "A"), trajectory(truth, "B")
    b.boxes[5:] = np.nan
    result = score([a, b], truth)
    # 23 of 38 visible frames are found, and nothing else is claimed
    assert result.identity.idf1 == pytest.approx(2 * 23 / (38 + 23))
    assert result.identity.named_f1 == pytest.approx(result.identity.idf1)
    assert result.members[1].found_share == 0.25
    assert result.wrong_frames == 0


def test_a_member_without_a_trajectory_is_never_found(truth: Truth) -> None:
    result = score([trajectory(truth, "A")], truth)
    assert result.members[1].found == 0
    assert not result.complete


def test_nobody_found_scores_nothing(truth: Truth) -> None:
    result = score([], truth)
    assert (result.identity.idf1, result.identity.named_f1, result.identity.hota) == (0, 0, 0)


def test_a_hidden_member_may_be_guessed_or_not(truth: Truth) -> None:
    silent = trajectory(truth, "A")
    silent.boxes[8:10] = np.nan
    for a in (trajectory(truth, "A"), silent):
        assert score([a, trajectory(truth, "B")], truth).identity.idf1 == 1


def test_the_stranger_is_a_wrong_person(truth: Truth) -> None:
    result = score([trajectory(truth, "A", "guest"), trajectory(truth, "B")], truth)
    assert result.members[0].wrong_boxes == 20
    assert result.identity.idf1 == pytest.approx(20 / 39, abs=0.01)


def test_boxes_of_another_detector_still_match(truth: Truth) -> None:
    a, b = trajectory(truth, "A"), trajectory(truth, "B")
    for one in (a, b):
        one.boxes[:, 1] += 28
    result = score([a, b], truth)
    assert result.identity.idf1 == 1
    assert result.identity.hota < 0.9


def test_boxes_cut_at_the_frame_match_truth_that_reaches_out(truth: Truth) -> None:
    edge = truth.person("A")
    truth.boxes[:, edge, ::2] -= truth.boxes[:, edge, :1] + 28
    cut = trajectory(truth, "A")
    cut.boxes[:, 0] = 0
    assert score([cut, trajectory(truth, "B")], truth).identity.idf1 == 1
    window = np.tile(np.array([40.0, 140.0, 150.0]), (FRAMES, 1))
    path = CameraPath(Size(90, 160), window, np.full(FRAMES, View.CLOSE, np.uint8))
    assert score([cut], truth, {"A": path}).members[0].close_share == 1


def test_a_wide_shot_is_counted_apart(truth: Truth) -> None:
    path = camera(truth, "A", View.WIDE)
    path.views[:5] = View.CLOSE
    member = score([trajectory(truth, "A")], truth, {"A": path}).members[0]
    assert (member.inside_close, member.inside_wide) == (5, 13)
    assert member.close_share == pytest.approx(5 / 18)
    assert member.inside_share == 1


def test_a_face_that_is_cut_off_is_not_inside(truth: Truth) -> None:
    path = camera(truth, "A")
    path.windows[:6, 0] += 20
    member = score([trajectory(truth, "A")], truth, {"A": path}).members[0]
    assert member.inside_close == 12
    assert member.wrong_crops == 0


def test_a_crop_on_somebody_else_is_wrong(truth: Truth) -> None:
    path = camera(truth, "guest")
    path.views[:4] = View.WIDE
    member = score([trajectory(truth, "A")], truth, {"A": path}).members[0]
    assert (member.wrong_crops, member.wrong_boxes) == (16, 0)
    assert member.inside_share == 4 / 18


def test_a_crop_on_empty_stage_is_not_a_wrong_person(truth: Truth) -> None:
    path = camera(truth, "A")
    path.windows[:, 0] = 280
    assert score([trajectory(truth, "A")], truth, {"A": path}).members[0].wrong_crops == 0


def test_a_video_of_another_length_is_not_complete(truth: Truth) -> None:
    both = [trajectory(truth, "A"), trajectory(truth, "B")]
    assert score(both, truth, frames={"A": 20, "B": 20}).complete
    assert not score(both, truth, frames={"A": 20, "B": 19}).complete


def test_a_coordinates_file_is_scored_like_what_was_written(truth: Truth, tmp_path: Path) -> None:
    path = tmp_path / "coordinates.csv"
    times = np.arange(FRAMES) / 25
    both = [trajectory(truth, "A"), trajectory(truth, "B")]
    write_coordinates(path, both, times, truth.size)
    read = read_coordinates(path, truth.size).trajectories
    assert score(read.values(), truth).identity.hota == 1


def test_results_must_belong_to_the_scene(truth: Truth) -> None:
    with pytest.raises(InputError, match="'guest' is no member of the scene; known: A, B"):
        score([trajectory(truth, "guest")], truth)
    with pytest.raises(InputError, match="A has 3 positions for 20 frames of truth"):
        score([Trajectory.absent("A", 3)], truth)


def test_without_trackers_the_command_is_named(
    truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trackers.eval", None)
    with pytest.raises(InputError, match=r"pip install 'closeup\[dev\]'"):
        score([trajectory(truth, "A")], truth)
