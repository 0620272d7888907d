from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.opening import open_detector
from closeup.progress import Silent
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from closeup.synthesis.scene import Scene
from closeup.testing import Look, TruthRow, render
from closeup.testing.footage import (
    SHOWN,
    FootageKind,
    Heads,
    cast_size,
    footage_scene,
    people_of,
)

NAMES = (
    "Andre_Agassi", "Andy_Roddick", "David_Beckham", "Lleyton_Hewitt", "Lance_Armstrong",
    "Pete_Sampras", "Tiger_Woods", "Roger_Federer", "Juan_Carlos_Ferrero",
)  # fmt: skip


@pytest.fixture(scope="module")
def detector(shared_data: Path) -> FaceDetector:
    here = Settings(None, shared_data)
    return open_detector("closeup", settings=here, progress=Silent(), threads=1)


@pytest.fixture(scope="module")
def people(shared_data: Path, detector: FaceDetector) -> dict[str, Heads]:
    return people_of(shared_data / "lfw" / "images", NAMES, detector, 7, seed=3)


@pytest.fixture(scope="module")
def scenes(people: dict[str, Heads]) -> dict[FootageKind, Scene]:
    return {kind: footage_scene(kind, people, 0, seconds=8) for kind in FootageKind}


def test_enrolled_photos_are_not_shown(people: dict[str, Heads]) -> None:
    for heads in people.values():
        assert len(heads.shown) == SHOWN
        assert 2 <= len(heads.enrolled) <= 5
        for a, b in combinations((*heads.shown, *heads.enrolled), 2):
            assert a.image.shape != b.image.shape or (a.image != b.image).any()


def test_each_kind_has_its_people_and_looks(scenes: dict[FootageKind, Scene]) -> None:
    for kind, scene in scenes.items():
        assert len(scene.performers) == cast_size(kind)
        for performer in scene.performers:
            assert bool(performer.enrolment) == performer.member
            assert len(performer.profiles) == len(performer.portraits)
        acts = [act for shot in scene.shots for act in shot.acts]
        looks = {passage.look for act in acts for passage in act.passages}
        assert {Look.PROFILE, Look.BACK} <= looks
        photos = {passage.photo for act in acts for passage in act.passages} - {None}
        assert len(photos) > 1, "heads change photo"
    practice, dark, series, solo = scenes.values()
    assert len(series.shots) > 2
    assert all(performer.costume.cap for performer in dark.performers)
    assert all(performer.member for performer in practice.performers)
    assert sum(performer.member for performer in solo.performers) == 1


def test_a_seed_gives_the_same_scene_again_and_another_one_another(
    people: dict[str, Heads], scenes: dict[FootageKind, Scene]
) -> None:
    first = scenes[FootageKind.PRACTICE].shots[0]
    again, other = (
        footage_scene(FootageKind.PRACTICE, people, seed, seconds=8).shots[0] for seed in (0, 1)
    )
    assert again.acts == first.acts
    assert other.acts != first.acts
    assert first.picture is not None
    assert again.picture is not None
    np.testing.assert_array_equal(again.picture, first.picture)


def test_heads_are_small_hidden_at_times_and_cross(scenes: dict[FootageKind, Scene]) -> None:
    practice = replace(scenes[FootageKind.PRACTICE], rate=Fraction(5))
    rows = [row for _, frame in render(practice) for row in frame]
    heights = [row.box.height for row in rows]
    assert min(heights) > 25
    assert max(heights) < 65
    assert any(not row.visible for row in rows)
    turned = np.mean([row.visible and not row.face_visible for row in rows])
    assert 0.1 < turned < 0.7
    assert crosses(rows)


def crosses(rows: list[TruthRow]) -> bool:
    """Whether two people change sides."""
    x: dict[str, dict[int, float]] = {}
    for row in rows:
        x.setdefault(row.name, {})[row.frame] = row.box.centre[0]
    return any(
        len({np.sign(a[frame] - b[frame]) for frame in a.keys() & b.keys()} - {0}) == 2
        for a, b in combinations(x.values(), 2)
    )


def test_clothes_resemble_each_other(scenes: dict[FootageKind, Scene]) -> None:
    for scene in scenes.values():
        first = np.array([performer.costume.first for performer in scene.performers])
        assert np.ptp(first, axis=0).max() <= 28


def test_too_few_people_are_refused(
    shared_data: Path, detector: FaceDetector, people: dict[str, Heads]
) -> None:
    three = dict(list(people.items())[:3])
    with pytest.raises(InputError, match="practice has 5 people, not 3"):
        footage_scene(FootageKind.PRACTICE, three)
    folder = shared_data / "lfw" / "images"
    with pytest.raises(InputError, match="0 people of 2 with 6 photos"):
        people_of(folder, ["Aaron_Eckhart", "Aaron_Guiel"], detector, 2)
