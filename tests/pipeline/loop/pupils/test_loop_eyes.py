"""The eyes of a loop: who is held out, who may be asked about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.pipeline.loop.pupils.eye_labels import EyeLabelPolicy, eye_label
from closeup.pipeline.loop.pupils.loop_eyes import LoopEye, held_out_of
from closeup.store.label_records import StoredItem, StoredLabel

UNIT = 72.0


def rows(pictures: list[str]) -> list[EyeRow]:
    return [EyeRow(name, side=side) for name in pictures for side in ("right", "left")]


@given(st.integers(2, 60), st.integers(0, 5))
def test_a_person_is_learnt_or_held_out_and_some_are(people: int, seed: int) -> None:
    eyes = rows([f"p{person}/{photo}.jpg" for person in range(people) for photo in range(2)])
    apart = held_out_of(eyes, seed)
    for person in range(people):
        own = [out for row, out in zip(eyes, apart, strict=True) if f"p{person}/" in row.image]
        assert len(set(own)) == 1
    assert 0 < apart.sum() < len(apart)


def test_the_same_people_are_held_out_when_others_come() -> None:
    few = held_out_of(rows([f"p{person}/a.jpg" for person in range(40)]), 1)
    many = held_out_of(rows([f"p{person}/a.jpg" for person in range(80)]), 1)
    assert few.tolist() == many[:80].tolist()


def test_of_a_video_the_end_is_held_out() -> None:
    eyes = [EyeRow("clip.mp4", frame, side=side) for frame in range(10) for side in "rl"]
    assert held_out_of(eyes, 0).tolist() == [False] * 16 + [True] * 4


def eye(*labels: Annotation, verdict: LabelVerdict | None = None) -> LoopEye:
    stored = tuple(
        StoredLabel(str(number), number, one, "", 0.0) for number, one in enumerate(labels)
    )
    item = StoredItem(1, "00000/00000", None, None, 0, stored, verdict)
    return LoopEye(EyeRow("a.jpg"), item, eye_label(item, UNIT, EyeLabelPolicy()))


PROPOSED = Annotation(points={"pupil": KeyPoint(70, 50)}, origin=Origin.COARSE, method="darkest")


@pytest.mark.parametrize(
    ("labels", "verdict", "expected"),
    [
        ((), None, True),
        ((PROPOSED,), None, True),
        ((replace(PROPOSED, verdict=LabelVerdict.FALSE),), None, True),
        ((replace(PROPOSED, verdict=LabelVerdict.TRUE),), None, False),
        ((replace(PROPOSED, verdict=LabelVerdict.UNSURE),), None, False),
        ((replace(PROPOSED, origin=Origin.PERSON),), None, False),
        ((PROPOSED,), LabelVerdict.UNSURE, False),
    ],
)
def test_people_are_asked_about_what_is_not_known(
    labels: tuple[Annotation, ...], verdict: LabelVerdict | None, *, expected: bool
) -> None:
    assert eye(*labels, verdict=verdict).open is expected


def test_answers_that_contradict_each_other_are_asked_again() -> None:
    right = replace(PROPOSED, verdict=LabelVerdict.TRUE)
    other = replace(right, points={"pupil": KeyPoint(90, 50)}, method="projection")
    assert eye(right, other).open
    assert not eye(right, replace(right, method="projection")).open


def test_a_label_is_found_by_its_key() -> None:
    assert eye(PROPOSED).place_by("0").tolist() == [70, 50]
    assert np.isnan(eye(PROPOSED).place_by("1")).all()
    assert eye(replace(PROPOSED, verdict=LabelVerdict.FALSE)).called_false
