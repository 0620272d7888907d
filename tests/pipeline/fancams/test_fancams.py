from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closeup import FancamOptions, Fancams, Size, make_fancams
from closeup.errors import ModelError, OutputError
from closeup.pipeline.fancams.member_set import build_member_set
from closeup.progress import Progress
from closeup.settings import Settings
from closeup.testing import read_truth, score
from closeup.timecode import parse_time
from tests.kept_models import kept
from tests.pipeline.running import Listener, files, length, pictures
from tests.small_stage import CUT, EILEEN, FRAMES, GRACE, RATE


def again(
    stage: Path, out: Path, settings: Settings, progress: Progress | None = None, **choices: Any
) -> Fancams:
    """A second run with other options; the analysis is there already."""
    members, options = stage.parent / "members", FancamOptions(**choices)
    return make_fancams(stage, members, out, options, models=kept(settings), progress=progress)


def test_everybody_gets_a_video_of_all_frames_with_the_sound(finished: Fancams) -> None:
    assert list(finished.videos) == [EILEEN, GRACE]
    for path in finished.videos.values():
        shown = pictures(path)
        assert len(shown) == FRAMES
        assert shown[0].shape == (180, 100, 3)
        assert length(path, "video") == pytest.approx(FRAMES / RATE, abs=1e-3)
        assert length(path, "audio") == pytest.approx(FRAMES / RATE, abs=0.1)
    assert (finished.grid, finished.preview) == (None, None)


def test_everybody_is_where_they_are(finished: Fancams, small_stage: Path) -> None:
    solution = finished.solution
    cameras = dict(zip(solution.names, solution.paths, strict=True))
    found = score(solution.trajectories, read_truth(small_stage), cameras)
    assert found.identity.named_f1 == 1
    assert solution.cuts == [CUT]
    assert found.wrong_frames == 0
    assert min(member.inside_share for member in found.members) > 0.95


def test_the_folder_holds_the_results_and_nothing_else(finished: Fancams) -> None:
    out = finished.page.parent
    assert {name for name in files(out) if "/" not in name} == {
        "Eileen.mp4",
        "Grace.mp4",
        "analysis",
        "coordinates.csv",
        "coordinates_yolo.csv",
        "report.html",
        "report.json",
    }
    assert not [name for name in files(out) if "/." in f"/{name}"]
    assert json.loads((out / "report.json").read_text()) == finished.report
    with finished.coordinates.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * FRAMES


def test_paths_may_be_text(small_stage: Path, settings: Settings, tmp_path: Path) -> None:
    members, out = str(small_stage.parent / "members"), str(tmp_path / "a" / "b")
    made = make_fancams(str(small_stage), members, out, models=kept(settings))
    assert all(path.is_file() for path in made.videos.values())


def test_the_progress_is_told(small_stage: Path, out: Path, settings: Settings) -> None:
    listener = Listener()
    members = small_stage.parent / "members"
    make_fancams(small_stage, members, out, models=kept(settings), progress=listener)
    assert listener.lines == ["finding faces with yunet-n"]
    assert listener.stages == ["enrolling photos", "identifying", "planning the cameras"]


@pytest.mark.parametrize(
    "choices",
    [
        {"framing": "face"},
        {"framing": "body"},
        {"zoom": "fixed"},
        {"smooth": "moving-average"},
        {"absent": "hold"},
        {"max_gap": 0},
        {"appearance": False},
        {"size": Size(200, 630)},
    ],
    ids=str,
)
def test_every_choice_makes_all_frames(
    choices: dict[str, Any], small_stage: Path, out: Path, settings: Settings
) -> None:
    before = {path.name: path.read_bytes() for path in out.glob("*.mp4")}
    made = again(small_stage, out, settings, **choices)
    for path in made.videos.values():
        shown = pictures(path)
        assert len(shown) == FRAMES
        assert shown[0].shape[1::-1] == choices.get("size", (100, 180))
    if choices in ({"framing": "face"}, {"smooth": "moving-average"}, {"size": Size(200, 630)}):
        assert all(path.read_bytes() != before[path.name] for path in made.videos.values())


def test_absence_can_be_cut_out_with_its_sound(
    small_stage: Path, out: Path, settings: Settings
) -> None:
    made = again(small_stage, out, settings, absent="cut")
    present = {t.name: int(t.present.sum()) for t in made.solution.trajectories}
    assert present[EILEEN] == FRAMES > present[GRACE] > CUT
    for name, path in made.videos.items():
        assert len(pictures(path)) == present[name]
        assert length(path, "audio") == pytest.approx(present[name] / RATE, abs=0.1)


@pytest.mark.parametrize("absent", [None, "hold", "cut"])
def test_a_member_who_never_appears_has_a_video_only_on_request(
    absent: str | None, small_stage: Path, out: Path, settings: Settings
) -> None:
    nobody = {"tracklets": {str(row["id"]): None for row in tracklets(out, GRACE)}}
    (out / "corrections.json").write_text(json.dumps(nobody))
    listener = Listener()
    made = again(small_stage, out, settings, progress=listener, absent=absent)
    assert list(made.videos) == [EILEEN]
    assert not (out / "Grace.mp4").exists(), "an outdated video is worse than none"
    (line,) = [line for line in listener.lines if GRACE in line]
    assert line == (
        "Grace never appears, so no video is made; --absent wide makes one of the whole stage"
    )
    wide = again(small_stage, out, settings, absent="wide")
    assert list(wide.videos) == [EILEEN, GRACE]
    assert len(pictures(wide.videos[GRACE])) == FRAMES


def tracklets(out: Path, name: str) -> list[dict[str, Any]]:
    report = json.loads((out / "report.json").read_text())
    return [row for row in report["tracklets"] if row["member"] == name]


def test_grid_and_preview(small_stage: Path, out: Path, settings: Settings) -> None:
    made = again(small_stage, out, settings, grid=True, preview=True)
    assert made.grid is not None
    assert made.preview is not None
    assert {path.shape for path in pictures(made.grid)} == {(180, 200, 3)}
    assert {path.shape for path in pictures(made.preview)} == {(180, 320, 3)}
    assert list(made.videos) == [EILEEN, GRACE]


def test_the_faces_of_others_can_be_blurred(
    small_stage: Path, out: Path, settings: Settings
) -> None:
    wanted: dict[str, Any] = {"absent": "wide", "grid": True, "preview": True}
    plain = again(small_stage, out, settings, **wanted)
    paths = [*plain.videos.values(), plain.grid, plain.preview]
    before = [pictures(path) for path in paths if path]
    made = again(
        small_stage, out, settings, absent="wide", grid=True, preview=True, blur_others=True
    )
    assert made.grid
    assert made.preview
    eileen, grace = (pictures(made.videos[name]) for name in (EILEEN, GRACE))
    # At first each is alone in the own close-up; in the second shot Grace leaves to the side.
    assert np.abs(eileen[2].astype(int) - before[0][2]).mean() < 2
    # Frames without Grace show the stage, on which Eileen is blurred.
    assert np.abs(grace[-1].astype(int) - before[1][-1]).max() > 60
    assert np.abs(pictures(made.preview)[2].astype(int) - before[3][2]).mean() < 2
    kept_bytes = made.grid.read_bytes()
    again(small_stage, out, settings, **wanted, blur_others=True)
    assert made.grid.read_bytes() == kept_bytes


def test_blurring_others_needs_a_face_detector(small_stage: Path, tmp_path: Path) -> None:
    options = FancamOptions(blur_others=True)
    members = small_stage.parent / "members"
    with pytest.raises(ValueError, match="blur_others needs a detector of faces"):
        make_fancams(
            small_stage, members, tmp_path, options, detector=None, member_detector="m.onnx"
        )


def test_the_analysis_alone(small_stage: Path, tmp_path: Path, settings: Settings) -> None:
    made = again(small_stage, tmp_path / "out", settings, video=False, grid=True)
    assert (made.videos, made.grid) == ({}, None)
    assert not list((tmp_path / "out").glob("*.mp4"))
    assert made.page.is_file()


@pytest.mark.parametrize(
    ("start", "end", "frames"), [("0", "1", 12), ("1", "2.5", 18), ("2.51", "99", 11)]
)
def test_a_range_is_exact_to_the_frame(
    start: str, end: str, frames: int, small_stage: Path, tmp_path: Path, settings: Settings
) -> None:
    span: dict[str, Any] = {"start": parse_time(start), "end": parse_time(end)}
    made = again(small_stage, tmp_path / "out", settings, **span)
    whole = pictures(small_stage)
    preview = again(small_stage, tmp_path / "out", settings, **span, preview=True).preview
    assert preview is not None
    first = int(np.ceil(float(span["start"]) * RATE))
    differences = [np.abs(pictures(preview)[0].astype(int) - p).mean() for p in whole]
    assert int(np.argmin(differences)) == first
    for path in made.videos.values():
        assert len(pictures(path)) == frames
        assert length(path, "audio") == pytest.approx(frames / RATE, abs=0.1)


def test_without_model_files_the_packages_are_enough(small_stage: Path, tmp_path: Path) -> None:
    listener = Listener()
    options = FancamOptions(every=12)
    members = small_stage.parent / "members"
    settings = Settings(None, tmp_path / "cache")
    made = make_fancams(
        small_stage, members, tmp_path / "out", options, models=kept(settings), progress=listener
    )
    assert list(made.videos) == [EILEEN, GRACE]
    assert "closeup models fetch yunet-n" in listener.lines[0]


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("members", "lies in .*members, where the next run would read the results as input"),
        ("members/Grace/out", "lies in .*members, where the next run would read the results"),
        ("stage.mp4", r"stage\.mp4 is read and would be replaced by a result; choose another"),
        ("stage.mp4/out", "cannot write to .*: Not a directory; choose another folder"),
        ("link", "lies in .*members, where the next run would read the results as input"),
    ],
)
@pytest.mark.parametrize("job", [make_fancams, build_member_set])
def test_results_among_the_inputs_are_refused_before_anything_is_written(
    job: Callable[..., object],
    out: str,
    told: str,
    small_stage: Path,
    settings: Settings,
    tmp_path: Path,
) -> None:
    stage = Path(shutil.copy(small_stage, tmp_path / "stage.mp4"))
    shutil.copytree(small_stage.parent / "members", tmp_path / "members")
    (tmp_path / "link").symlink_to(tmp_path / "members")
    before = files(tmp_path)
    with pytest.raises(OutputError, match=told):
        job(stage, tmp_path / "members", tmp_path / out, models=kept(settings))
    assert files(tmp_path) == before


def test_the_stage_video_is_not_replaced_by_a_close_up(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    stage = Path(shutil.copy(small_stage, tmp_path / "Grace.mp4"))
    with pytest.raises(OutputError, match=r"Grace\.mp4 is read and would be replaced by a result"):
        make_fancams(stage, small_stage.parent / "members", tmp_path, models=kept(settings))
    assert files(tmp_path) == {"Grace.mp4"}


def test_an_unknown_detector_leaves_nothing(
    small_stage: Path, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(ModelError, match="'seer'; choose one of auto"):
        make_fancams(
            small_stage, small_stage.parent / "members", tmp_path / "out",
            detector="seer", models=kept(settings),
        )  # fmt: skip
    assert not (tmp_path / "out").exists()
