"""Fancams of videos in which nobody is a member, nobody is seen, or somebody is seen twice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from closeup import FancamOptions, Fancams, make_fancams
from closeup.geometry import Size
from closeup.settings import Settings
from closeup.synthesis.scene import Mirror, Scene, Shot
from closeup.testing import (
    WARDROBE,
    Act,
    Key,
    LabelledFrames,
    LabelScore,
    Performer,
    eileen_collins,
    grace_hopper,
    read_truth,
    write_members,
    write_scene,
)
from tests.kept_models import kept
from tests.small_stage import EILEEN, GRACE

RATE, SECONDS = 12, 4.0
SIZE = Size(480, 270)
STEPS = (
    Key(0, 0.15, 0.36, 0.28), Key(0.8, 0.30, 0.38, 0.28), Key(1.6, 0.26, 0.34, 0.28),
    Key(2.3, 0.34, 0.40, 0.28), Key(3.1, 0.18, 0.36, 0.28), Key(4.0, 0.24, 0.38, 0.28),
)  # fmt: skip
OTHERS = (Key(0, 0.8, 0.38, 0.28), Key(1.3, 0.66, 0.36, 0.28), Key(2.6, 0.78, 0.4, 0.28))


def stage(folder: Path, *acts: Act, mirror: Mirror | None = None) -> Path:
    """A video of Eileen and of her twin, and the photos of Eileen."""
    eileen = Performer(EILEEN, (eileen_collins(),), WARDROBE[0], (eileen_collins().image,))
    twin = replace(eileen, name="twin", enrolment=(), member=False)
    grace = Performer(GRACE, (grace_hopper(),), WARDROBE[1], member=False)
    scene = Scene(
        (eileen, twin, grace), (Shot(SECONDS, acts, mirror=mirror),), SIZE, Fraction(RATE)
    )
    write_members(scene, folder / "members")
    return write_scene(scene, folder / "stage.mp4")


def found(video: Path, settings: Settings, members: Path | None = None) -> Fancams:
    return make_fancams(
        video, members or video.parent / "members", video.parent / "out",
        FancamOptions(video=False), models=kept(settings),
    )  # fmt: skip


def scored(video: Path, made: Fancams) -> LabelScore:
    labels = LabelledFrames.of(read_truth(video), every=3)
    trajectories = made.solution.trajectories
    return LabelScore.of(labels.judged(trajectories), labels.visible(t.name for t in trajectories))


@pytest.mark.parametrize("scale", [1.0, 0.8])
def test_a_member_beside_a_mirror_gets_the_close_up(
    scale: float, tmp_path: Path, settings: Settings
) -> None:
    video = stage(tmp_path, Act(EILEEN, STEPS), mirror=Mirror(0.5, 1.0, 0.5, scale))
    made = found(video, settings)
    score = scored(video, made)
    assert score.right >= 0.9 * score.visible
    assert score.nothing == score.wrong == 0
    assert any(row["duplicate"] and row["member"] is None for row in made.report["persons"])
    assert made.report["doubtful"] == []


def test_twins_in_one_costume_are_withheld(tmp_path: Path, settings: Settings) -> None:
    made = found(stage(tmp_path, Act(EILEEN, STEPS), Act("twin", OTHERS)), settings)
    assert not made.solution.trajectories[0].present.any()
    withheld = {row["withheld"] for row in made.report["persons"]}
    assert EILEEN in withheld, "the report asks who is who"


def test_one_person_only(tmp_path: Path, settings: Settings) -> None:
    video = stage(tmp_path, Act(EILEEN, STEPS))
    score = scored(video, found(video, settings))
    assert (score.right, score.wrong, score.nothing) == (score.visible, 0, 0)


def test_an_empty_stage_shows_nobody(tmp_path: Path, settings: Settings) -> None:
    made = found(stage(tmp_path), settings)
    assert made.report["persons"] == []
    assert not made.solution.trajectories[0].present.any()
    assert "was found nowhere in the video" in made.report["doubtful"][0]["why"]
    assert "No face was found in this video." in made.page.read_text(encoding="utf-8")


def test_members_who_are_not_there_are_not_named(
    small_stage: Path, absent_members: Path, settings: Settings
) -> None:
    """Somebody whose photos were given is not given to those who are there instead."""
    video = Path(shutil.copy(small_stage, absent_members.parent))
    made = found(video, settings, absent_members)
    assert np.all([not own.present.any() for own in made.solution.trajectories])
    assert {row["member"] for row in made.report["tracklets"]} == {None}
    assert [row["withheld"] for row in made.report["persons"]] == [None, None]
