"""Proposals of a loop on members: nobody is asked twice, and no frame held out is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.annotations import AnnotatedPicture, Annotation, LabelVerdict
from closeup.labelling.project import LabelProject
from closeup.labels import Box
from closeup.media.images import write_image
from closeup.pipeline.labelling.label_projects import open_label_project
from closeup.pipeline.loop.members.proposals import new_to, withdraw_outdated
from closeup.store.label_import import import_pictures
from closeup.store.label_records import LabelChange, StoredLabel
from tests.pipeline.loop.members.member_items import (
    LEFT,
    RIGHT,
    SIZE,
    by_hand,
    complete,
    frame,
    proposed,
)

NEAR: Box = (42.0, 50.0, 82.0, 100.0)


def new(name: str, box: Box) -> Annotation:
    return proposed(name, box, by_model=True).annotation


@pytest.mark.parametrize(
    "old",
    [
        proposed("Ann", LEFT),
        proposed("Ann", LEFT, verdict=LabelVerdict.TRUE),
        proposed("Ann", LEFT, verdict=LabelVerdict.FALSE),
        by_hand("Ann", LEFT),
    ],
)
def test_what_was_said_is_not_proposed_again(old: StoredLabel) -> None:
    again, other_name, other_place = new("Ann", NEAR), new("Bea", NEAR), new("Ann", RIGHT)
    found = new_to(frame(0, old), (again, other_name, other_place))
    assert found == (other_name, other_place)


def test_a_complete_frame_gets_no_proposals() -> None:
    assert new_to(complete(0), (new("Ann", LEFT),)) == ()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[LabelProject]:
    write_image(tmp_path / "000000.jpg", np.zeros((*SIZE[::-1], 3), np.uint8))
    with open_label_project(tmp_path, "members") as opened:
        yield opened


def test_outdated_opinions_of_detectors_are_withdrawn(project: LabelProject) -> None:
    labels = {
        "faces": proposed("Ann", LEFT),
        "judged": proposed("Bea", LEFT, by_model=True),
        "old": proposed("Cid", LEFT, by_model=True),
    }
    given = tuple(label.annotation for label in labels.values())
    newer = replace(new("Dan", LEFT), version="round-3", key="member-round-3-Dan")
    import_pictures(project.store, [AnnotatedPicture("000000.jpg", annotations=(*given, newer))])
    judged = labels["judged"].object
    project.store.write([LabelChange.of_verdict("a", 1, LabelVerdict.FALSE, judged)], "me")

    withdraw_outdated(project.store, [1], "round-3")

    left = {label.annotation.name for label in project.store.items([1])[0].labels}
    assert left == {"Ann", "Bea", "Dan"}
    withdraw_outdated(project.store, [1], "round-3")
    assert len(project.store.items([1])[0].labels) == 3
