from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closeup.errors import OutputError
from closeup.fancam.analysis import Analysis
from closeup.fancam.corrections import Corrections, read_corrections
from closeup.fancam.reporting.report import build_report, write_report
from closeup.identity.enrolment import Rejection
from closeup.tracks import PositionSource
from tests.fancam.report_scene import (
    CUT,
    FRAMES,
    NAMES,
    PLACES,
    RATE,
    STAGE,
    Head,
    analysed,
    gallery,
    solved,
)

ROSE, LISA, JISOO = NAMES
VIDEO = Path("videos") / "stage.mp4"


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return analysed(tmp_path_factory.mktemp("analysis"), STAGE)


def report_of(
    analysis: Analysis, corrections: Corrections | None = None, *rejections: Rejection
) -> dict[str, Any]:
    solution = solved(analysis, corrections=corrections)
    return build_report(VIDEO, analysis, solution, replace(gallery(), rejections=rejections))


@pytest.fixture(scope="module")
def report(analysis: Analysis) -> dict[str, Any]:
    rejected = {LISA: "1.jpg", JISOO: "2.png", ROSE: "x.jpg"}
    rejections = [Rejection(name, Path(photo), "too blurred") for name, photo in rejected.items()]
    return report_of(analysis, None, *rejections)


def test_the_video_is_described(report: dict[str, Any]) -> None:
    assert report["video"] == {
        "name": "stage.mp4",
        "size": [640, 360],
        "rate": 25.0,
        "frames": FRAMES,
        "seconds": FRAMES / RATE,
        "shots": [0.0, CUT / RATE],
        "ended_early": None,
        "mended": [],
    }


def test_a_truncated_video_is_told(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, STAGE[:1], "stage.mp4 ends at 0:00:12.000")
    assert report_of(analysis)["video"]["ended_early"] == "stage.mp4 ends at 0:00:12.000"


def test_all_seconds_of_a_member_add_up(report: dict[str, Any], analysis: Analysis) -> None:
    for member, trajectory in zip(report["members"], solved(analysis).trajectories, strict=True):
        seconds = member["seconds"]
        assert seconds["seen"] == pytest.approx(
            (trajectory.sources == PositionSource.DETECTED).sum() / 25
        )
        assert seconds["carried"] <= seconds["tracked"]
        parts = ("seen", "tracked", "interpolated", "absent")
        assert sum(seconds[part] for part in parts) == pytest.approx(12)


def test_time_with_a_hidden_face_is_told_apart(report: dict[str, Any]) -> None:
    rose, lisa, _ = (member["seconds"] for member in report["members"])
    assert rose["carried"] == 0
    assert lisa["carried"] == pytest.approx((110 - 40 + 4) / RATE)


def test_confidence_has_one_value_each_half_second(report: dict[str, Any]) -> None:
    lisa = report["members"][1]["confidence"]
    assert [moment for moment, _ in lisa] == [i / 2 for i in range(24)]
    values = dict(lisa)
    assert values[2.0] == pytest.approx(1, abs=1e-3)
    assert values[6.5] is None
    assert 0 < values[8.0] < 1


def test_figures_of_the_camera_are_there_only_with_close_ups(report: dict[str, Any]) -> None:
    rose, _, jisoo = report["members"]
    assert rose["inside_crop"] == 1
    assert 0 <= rose["jerk_p95"] < 5
    assert rose["reversals_per_second"] >= 0
    assert {jisoo[key] for key in ("inside_crop", "jerk_p95", "reversals_per_second")} == {None}


def test_rejected_photos_are_listed_with_their_member(report: dict[str, Any]) -> None:
    photos = [[row["photo"] for row in member["photos_rejected"]] for member in report["members"]]
    assert photos == [["x.jpg"], ["1.jpg"], ["2.png"]]
    assert report["members"][0]["photos_rejected"][0]["reason"] == "too blurred"


def test_tracklets_say_who_and_who_else(report: dict[str, Any]) -> None:
    rows = report["tracklets"]
    assert [row["member"] for row in rows] == [None, LISA, None, ROSE, None, None, LISA]
    between = rows[6]
    assert (between["from"], between["to"]) == (180 / RATE, 260 / RATE)
    assert between["runner_up"] == ROSE
    assert between["runner_up_odds"] > 1
    assert between["doubt"] == pytest.approx(1 - between["confidence"], abs=1e-3)
    assert between["faces"] == 4
    assert rows[0]["runner_up"] == ROSE
    assert rows[0]["runner_up_odds"] < 1e-3
    assert [row["name"] for row in between["candidates"]] == [LISA, ROSE, JISOO]
    for row in rows:
        sure = [candidate["confidence"] for candidate in row["candidates"]]
        assert sure == sorted(sure, reverse=True)
        assert sum(sure) <= 1.002


def test_nothing_is_known_of_a_head_without_a_face(tmp_path: Path) -> None:
    rows = report_of(analysed(tmp_path, [Head(0, 300, PLACES[0], faces=0)]))["tracklets"]
    assert [row["member"] for row in rows] == [None, None]
    for row in rows:
        sure = [candidate["confidence"] for candidate in row["candidates"]]
        assert len(set(sure)) == 1
        assert sure[0] < 0.25


def test_skipped_members_are_listed(analysis: Analysis) -> None:
    members = replace(gallery(), skipped={"Ann": "the folder holds no photo"})
    report = build_report(VIDEO, analysis, solved(analysis), members)
    assert report["skipped"] == [{"name": "Ann", "reason": "the folder holds no photo"}]


def test_persons_say_who_they_are_when_and_why(report: dict[str, Any]) -> None:
    rows = {row["id"]: row for row in report["persons"]}
    assert [row["seconds"] for row in report["persons"]] == sorted(
        (row["seconds"] for row in rows.values()), reverse=True
    )
    assert sorted(t for row in rows.values() for t in row["tracklets"]) == list(range(7))
    lisa, lookalike = rows[1], rows[0]
    assert (lisa["member"], lisa["corrected"], lisa["spans"]) == (LISA, False, [[0, 6]])
    assert lisa["grounds"]["photos"] > 5
    assert rows[3]["grounds"]["video"] > 5, "another person is surely Rosé"
    assert lookalike["member"] is None
    assert lookalike["conflicts"] == [1, 2]
    assert LISA in lookalike["elsewhere"]
    assert ROSE not in lookalike["elsewhere"], "a face that is as near to the photos may be Rosé"
    assert rows[5]["grounds"] == {
        "photos": None, "video": None, "faces": 1, "place_and_clothes": 0,
    }  # fmt: skip


def test_the_corrections_that_were_followed_are_kept(analysis: Analysis) -> None:
    lines = Corrections(persons=((6, ROSE), (4, None)))
    report = report_of(analysis, lines)
    assert report["corrections"] == lines.document()
    rows = {row["id"]: row for row in report["persons"]}
    assert (rows[6]["member"], rows[6]["confidence"], rows[6]["corrected"]) == (ROSE, 1, True)
    assert (rows[4]["member"], rows[4]["corrected"]) == (None, True)
    assert rows[3]["member"] is None, "tracklet 6 is Rosé at the same time"


def test_a_correction_shows(analysis: Analysis) -> None:
    row = report_of(analysis, Corrections(tracklets=((6, ROSE),)))["tracklets"][6]
    assert (row["member"], row["confidence"], row["doubt"], row["corrected"]) == (ROSE, 1, 0, True)


def test_the_lines_of_the_report_correct_what_is_in_doubt(
    report: dict[str, Any], analysis: Analysis, tmp_path: Path
) -> None:
    """Whoever pastes the first line of each doubt has a file that works, and no doubt left."""
    lines: dict[str, list[str]] = {"persons": [], "crops": []}
    for row in report["doubtful"]:
        for fix in row["fixes"][:1]:
            lines[fix["key"]].append(fix["line"])
    assert [line[:5] for line in lines["persons"]] == ['"2": ', '"0": ', '"5": ']
    assert len(lines["crops"]) == 1
    path = tmp_path / "corrections.json"
    persons = ", ".join([lines["persons"][1], '"5": null'])
    path.write_text(
        f'{{"persons": {{{persons}}}, "crops": [{lines["crops"][0]}]}}', encoding="utf-8"
    )
    again = report_of(analysis, read_corrections(path))
    assert not [row for row in again["doubtful"] if row["person"] in (0, 5)]
    assert [row["member"] for row in again["tracklets"]][:3] == [ROSE, LISA, None]


def test_the_files_hold_the_report(
    report: dict[str, Any], analysis: Analysis, tmp_path: Path
) -> None:
    write_report(report, analysis, solved(analysis), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert json.loads(text) == report
    assert ROSE in text
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_file_name_that_is_no_unicode_survives(
    report: dict[str, Any], analysis: Analysis, tmp_path: Path
) -> None:
    odd = {**report, "video": {**report["video"], "name": "b\udcfchne.mp4"}}
    write_report(odd, analysis, solved(analysis), tmp_path)
    loaded = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert loaded["video"]["name"] == "b\udcfchne.mp4"
    assert "b\\udcfchne.mp4" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_folder_that_is_a_file_is_one_clear_error(
    report: dict[str, Any], analysis: Analysis, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.write_text("in the way")
    with pytest.raises(OutputError, match="cannot write") as raised:
        write_report(report, analysis, solved(analysis), out)
    assert "\n" not in str(raised.value)


def test_a_stage_without_anybody_is_reported(tmp_path: Path) -> None:
    analysis = analysed(tmp_path / "a", [])
    report = report_of(analysis)
    assert report["tracklets"] == []
    assert [row["members"] for row in report["doubtful"]] == [[name] for name in NAMES]
    assert all(np.isclose(member["seconds"]["absent"], 12) for member in report["members"])
    write_report(report, analysis, solved(analysis), tmp_path)
