"""A verdict belongs to the label that it judged; the newest of each layer counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from closeup.annotations import KeyPoint, LabelVerdict, Origin
from closeup.labelling.project import LabelProject
from closeup.pipeline.loop.quality.verdicts import Judgements, judgements, other_labels
from closeup.store.label_records import LabelChange
from tests.pipeline.loop.quality.judged_eyes import judge, judged_eyes


@pytest.fixture
def project(tmp_path: Path) -> Iterator[LabelProject]:
    with judged_eyes(tmp_path / "eyes", 8, bad=0) as made:
        yield made


def counts(said: Judgements) -> tuple[int, int, int, int]:
    bad = sum(label.bad for label in said.labels)
    return len(said.labels) - bad, bad, said.unsure, said.contradicting


def test_each_kind_is_counted(project: LabelProject) -> None:
    first, second, *_ = (item.id for item in project.store.all_items())
    assert counts(judgements(project.store)) == (8, 0, 0, 0)
    judge(project, first, LabelVerdict.FALSE)  # changed her mind
    judge(project, second, LabelVerdict.UNSURE)
    assert counts(judgements(project.store)) == (6, 1, 1, 0)


def test_people_who_judge_apart_and_disagree_leave_a_label_out(tmp_path: Path) -> None:
    with judged_eyes(tmp_path / "eyes", 4, bad=0) as project:
        first, second, third, _ = (item.id for item in project.store.all_items())
        for item in (first, second, third):
            judge(project, item, None)
            judge(project, item, LabelVerdict.TRUE, layer="Ann")
        judge(project, first, LabelVerdict.FALSE, "Bob", layer="Bob")
        judge(project, second, LabelVerdict.TRUE, "Bob", layer="Bob")
        judge(project, third, LabelVerdict.UNSURE, "Bob", layer="Bob")  # says nothing against Ann
        said = judgements(project.store)
        assert counts(said) == (3, 0, 0, 1)
        assert sorted(label.people for label in said.labels) == [1, 1, 2]
        judge(project, first, LabelVerdict.FALSE, "Cleo")
        assert counts(judgements(project.store)) == (3, 1, 0, 0)


def test_who_sees_the_verdict_of_another_person_changes_it(project: LabelProject) -> None:
    first, *_ = (item.id for item in project.store.all_items())
    judge(project, first, LabelVerdict.FALSE, "Bob")
    assert counts(judgements(project.store)) == (7, 1, 0, 0)


def test_a_verdict_that_was_taken_back_does_not_count(project: LabelProject) -> None:
    first, second, *_ = (item.id for item in project.store.all_items())
    judge(project, first, None)
    assert counts(judgements(project.store)) == (7, 0, 0, 0)
    judge(project, second, LabelVerdict.FALSE)
    assert counts(judgements(project.store)) == (6, 1, 0, 0)
    project.store.undo("Ann", "undo it")
    assert counts(judgements(project.store)) == (7, 0, 0, 0)


def test_a_corrected_label_keeps_the_verdict_on_what_it_was(project: LabelProject) -> None:
    item = next(project.store.all_items())
    label = next(own for own in item.labels if own.object == "drawn")
    judge(project, item.id, LabelVerdict.FALSE)
    moved = replace(
        label.annotation, points={"pupil": KeyPoint(1, 2)}, origin=Origin.PERSON, method="Ann"
    )
    change = LabelChange.of_label("correct", item.id, "drawn", moved, base=label.revision)
    project.store.write([change], "Ann")
    said = judgements(project.store)
    assert counts(said) == (7, 1, 0, 0)
    (bad,) = (own for own in said.labels if own.bad)
    assert (bad.item, bad.revision) == (item.id, label.revision)
    assert bad.annotation.points == label.annotation.points
    assert bad.annotation.method == "drawn"
    by_hand, proposed = other_labels(project.store, said)
    assert moved.points in [label.annotation.points for label in by_hand]
    assert not {label.revision for label in (*by_hand, *proposed)} & {
        label.revision for label in said.labels
    }
