"""Fancams without photos: the persons of the video are named between two runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from closeup import Fancams, make_fancams
from closeup.errors import CorrectionsError, MembersError
from closeup.settings import Settings
from closeup.testing import read_truth, score
from tests.kept_models import kept
from tests.pipeline.running import Listener, files, pictures
from tests.small_stage import EILEEN, FRAMES, GRACE


@pytest.fixture(scope="module")
def found(
    small_stage: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Fancams:
    """The persons of the stage, without names; not to be changed."""
    folder = tmp_path_factory.mktemp("found")
    settings = Settings(shared_models, folder / "cache")
    return make_fancams(small_stage, None, folder / "out", name_persons=True, models=kept(settings))


@pytest.fixture
def out(found: Fancams, tmp_path: Path) -> Path:
    """A copy of that folder, for a second run."""
    return Path(shutil.copytree(found.page.parent, tmp_path / "out"))


def of(found: Fancams, name: str) -> int:
    """Number of the person who stands where a member does in the first frame."""
    x = {EILEEN: 0.25, GRACE: 0.75}[name] * found.solution.size.width
    first = [t for t in found.solution.tracklets if t.start == 0]
    nearest = min(first, key=lambda t: abs(float(t.boxes[0, ::2].mean()) - x))
    (person,) = [p for p in found.solution.assignment.persons if nearest.id in p.tracklets]
    return person.id


def write(out: Path, **content: object) -> None:
    (out / "corrections.json").write_text(json.dumps(content), encoding="utf-8")


def test_the_first_run_shows_the_persons_and_makes_no_video(found: Fancams) -> None:
    assert found.videos == {}
    made = {name for name in files(found.page.parent) if "/" not in name}
    assert made == {
        "analysis", "coordinates.csv", "coordinates_yolo.csv", "report.html", "report.json",
    }  # fmt: skip
    assert found.report["members"] == []
    assert {of(found, EILEEN), of(found, GRACE)} <= {row["id"] for row in found.report["persons"]}
    assert [row["member"] for row in found.report["persons"]] == [None] * len(
        found.report["persons"]
    )


def test_the_second_run_is_as_good_as_with_photos(
    found: Fancams, out: Path, small_stage: Path, settings: Settings
) -> None:
    write(out, persons={of(found, EILEEN): EILEEN, of(found, GRACE): GRACE})
    made = make_fancams(small_stage, None, out, models=kept(settings))
    assert set(made.videos) == {EILEEN, GRACE}
    assert [len(pictures(path)) for path in made.videos.values()] == [FRAMES, FRAMES]
    solution = made.solution
    cameras = dict(zip(solution.names, solution.paths, strict=True))
    result = score(solution.trajectories, read_truth(small_stage), cameras)
    assert result.identity.named_f1 == 1
    assert result.wrong_frames == 0


def test_who_has_no_photo_may_be_named_beside_those_who_have(
    found: Fancams, out: Path, small_stage: Path, settings: Settings
) -> None:
    members = out.parent / "members"
    shutil.copytree(small_stage.parent / "members" / GRACE, members / GRACE)
    write(out, persons={of(found, EILEEN): "Ann"})
    listener = Listener()
    made = make_fancams(small_stage, members, out, models=kept(settings), progress=listener)
    assert list(made.videos) == [GRACE, "Ann"]
    assert "without photos, known by corrections alone: Ann; the others are Grace" in listener.lines
    assert made.solution.trajectories[0].present.sum() > FRAMES / 2


def test_nobody_to_make_a_video_of_is_one_clear_error(
    found: Fancams, out: Path, small_stage: Path, settings: Settings
) -> None:
    before = files(out)
    for content in ({}, {"persons": {"0": None}}, {"tracklets": {"0": "Ann"}}):
        write(out, **content)
        with pytest.raises(MembersError, match="no members: give their photos with --members, or"):
            make_fancams(small_stage, None, out, models=kept(settings))
    assert files(out) == before | {"corrections.json"}


def test_two_persons_at_once_named_as_one_member_leave_the_results(
    found: Fancams, out: Path, small_stage: Path, settings: Settings
) -> None:
    write(out, persons={of(found, EILEEN): "Ann", of(found, GRACE): "Ann"})
    report = (out / "report.json").read_bytes()
    with pytest.raises(CorrectionsError, match=r'": "Ann" in persons and "\d+": "Ann" in persons'):
        make_fancams(small_stage, None, out, models=kept(settings))
    assert (out / "report.json").read_bytes() == report
    assert not list(out.glob("*.mp4"))
