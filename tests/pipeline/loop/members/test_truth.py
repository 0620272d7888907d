"""The truth of a stage, and the oracle that answers from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.annotations import LabelVerdict, Origin
from closeup.errors import InputError
from closeup.geometry import iou
from closeup.labels import Box
from closeup.pipeline.loop.loop_options import OracleOptions
from closeup.pipeline.loop.members.truth import BoxOracle, StageTruth
from closeup.testing import read_truth
from tests.pipeline.loop.members.member_items import LEFT, MIDDLE, RIGHT, frame, proposed
from tests.small_stage import EILEEN, GRACE

TABLE = "frame,member,x1,y1,x2,y2\n0,Ann,40.5,50.5,80.5,100.5\n0,Extra,200.5,50.5,240.5,100.5\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text(TABLE)
    return path


def oracle(table: Path, **options: float) -> BoxOracle:
    return BoxOracle(StageTruth.read(table), ("Ann",), OracleOptions(table, **options))


def test_a_table_counts_from_the_edge_of_the_first_pixel(table: Path) -> None:
    heads = StageTruth.read(table).heads(frame(0))
    assert heads is not None
    assert heads.names == ("Ann", "Extra")
    np.testing.assert_allclose(heads.boxes, [LEFT, RIGHT])
    assert StageTruth.read(table).heads(frame(5)) is None


def test_the_truth_of_a_scene_has_hidden_heads(small_stage: Path) -> None:
    truth, scene = StageTruth.read(small_stage.with_suffix(".truth.csv")), read_truth(small_stage)
    hidden = 0
    for number in range(len(scene)):
        heads = truth.heads(frame(number))
        assert heads is not None
        for name, box, visible in zip(heads.names, heads.boxes, heads.visible, strict=True):
            np.testing.assert_array_equal(box, scene.boxes[number, scene.person(name)])
            assert visible == scene.visible[number, scene.person(name)]
            hidden += not visible
    assert hidden  # Grace leaves
    assert {EILEEN, GRACE} == set(scene.members)


@pytest.mark.parametrize(
    ("name", "box", "said"),
    [
        ("Ann", LEFT, LabelVerdict.TRUE),
        ("Ann", (45.0, 55.0, 85.0, 105.0), LabelVerdict.TRUE),
        ("Ann", (60.0, 50.0, 100.0, 100.0), LabelVerdict.FALSE),
        ("Bea", LEFT, LabelVerdict.FALSE),
        ("Ann", RIGHT, LabelVerdict.FALSE),
        ("Ann", MIDDLE, LabelVerdict.FALSE),
    ],
)
def test_a_box_is_true_on_its_own_head(
    table: Path, name: str, box: Box, said: LabelVerdict
) -> None:
    assert oracle(table).verdict(frame(0), proposed(name, box)) is said


def test_the_tolerance_is_what_the_overlap_may_lack(table: Path) -> None:
    near = proposed("Ann", (45.0, 55.0, 85.0, 105.0))  # an overlap of 0.65
    said = [oracle(table, tolerance=own).verdict(frame(0), near) for own in (0.3, 0.4)]
    assert said == [LabelVerdict.FALSE, LabelVerdict.TRUE]


def test_nothing_is_said_of_frames_without_a_truth(table: Path) -> None:
    assert oracle(table).verdict(frame(1), proposed("Ann", LEFT)) is LabelVerdict.UNSURE
    assert oracle(table).labels(frame(1)) == {}


def test_boxes_of_members_are_drawn(table: Path) -> None:
    drawn = oracle(table).labels(frame(0))
    assert list(drawn) == ["hand-Ann"]
    label = drawn["hand-Ann"]
    assert label is not None
    assert (label.name, label.box, label.origin) == ("Ann", LEFT, Origin.PERSON)


def test_what_was_proposed_is_replaced(table: Path) -> None:
    false = proposed("Ann", MIDDLE, verdict=LabelVerdict.FALSE)
    drawn = oracle(table).labels(frame(0, proposed("Bea", LEFT), false))
    assert list(drawn) == ["faces-Bea-40", "hand-Ann"]
    assert drawn["faces-Bea-40"] is None


def test_noise_moves_edges_and_is_the_same_again(table: Path) -> None:
    labels = [oracle(table, noise=0.05).labels(frame(0))["hand-Ann"] for _ in range(2)]
    boxes = [label.box for label in labels if label is not None]
    assert boxes[0] == boxes[1] != LEFT
    assert iou(np.array([boxes[0]]), np.array([LEFT]))[0, 0] > 0.6


def test_a_share_of_the_verdicts_is_wrong(table: Path) -> None:
    label = [proposed("Ann", (40.0 + x, 50.0, 80.0 + x, 100.0)) for x in range(5)]
    wrong = [
        oracle(table, wrong=share).verdict(frame(0), one) is LabelVerdict.FALSE
        for share in (0.0, 0.5, 1.0)
        for one in label
    ]
    assert wrong[:5] == [False] * 5
    assert 0 < sum(wrong[5:10]) < 5
    assert wrong[10:] == [True] * 5


def test_a_damaged_table_is_refused(table: Path) -> None:
    table.write_text(TABLE.replace("80.5", "30.5"))
    with pytest.raises(InputError, match="the box has no area"):
        StageTruth.read(table)
