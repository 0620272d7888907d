"""Detectors are measured on held-out frames, and their mistakes shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.detections import Detections
from closeup.errors import ImageError, InputError
from closeup.frames import RGBImage
from closeup.labels import Box, PictureLabels
from closeup.pipeline.loop.loop_kind import Evaluation
from closeup.pipeline.loop.members.evaluation import (
    HeldOutFrame,
    evaluate_members,
    held_out_frames,
)
from closeup.pipeline.loop.members.frames import frame_of
from closeup.pipeline.loop.members.truth import StageTruth
from closeup.progress import Silent
from closeup.protocols import MemberDetector
from closeup.store.label_records import StoredItem
from tests.listening import Listener
from tests.pipeline.loop.members.member_items import (
    LEFT,
    MIDDLE,
    RIGHT,
    SIZE,
    by_hand,
    complete,
    frame,
)

NAMES = ("Ann", "Bea")


class FixedDetector(MemberDetector):
    """Finds the same in all pictures: number of the name, box, score."""

    def __init__(self, *rows: tuple[int, Box, float]) -> None:
        self.name, self.names, self._rows = "fixed", NAMES, rows

    def detect(self, image: RGBImage) -> Detections:  # noqa: ARG002
        return Detections(
            np.array([box for _, box, _ in self._rows], np.float32).reshape(-1, 4),
            np.array([score for *_, score in self._rows], np.float32),
            np.array([number for number, *_ in self._rows], np.int64),
        )


def held_out(number: int, *, hidden: bool = False) -> HeldOutFrame:
    """Ann at the left and Bea at the right, who may be hidden."""
    labels = PictureLabels.of(
        np.array([LEFT, RIGHT]), np.array([0, 1]), ignored=np.array([False, hidden])
    )
    return HeldOutFrame(frame(number), labels)


class GreyPictures:
    """Grey frames; those with one of the numbers are gone."""

    def __init__(self, *gone: int) -> None:
        self._gone = gone

    def is_there(self, item: StoredItem) -> bool:  # noqa: ARG002
        return True

    def read(self, item: StoredItem) -> RGBImage:
        if frame_of(item) in self._gone:
            raise ImageError(f"{item.path} is gone", "missing")
        return np.full((*SIZE[::-1], 3), 90, np.uint8)


def evaluated(
    *rows: tuple[int, Box, float], before: MemberDetector | None = None, hidden: bool = False
) -> Evaluation:
    frames = [held_out(0), held_out(10, hidden=hidden)]
    return evaluate_members(frames, GreyPictures(), FixedDetector(*rows), before, Silent())


def test_a_detector_that_knows_everything() -> None:
    found = evaluated((0, LEFT, 0.9), (1, RIGHT, 0.8))
    assert found.figures == {
        "map50": 1.0, "right_name": 1.0, "wrong_name": 0.0, "false_boxes": 0.0
    }  # fmt: skip
    assert found.count == 4
    assert found.interval == (1.0, 1.0)
    assert found.worst == []
    assert found.agreement is None


def test_wrong_names_missed_heads_and_false_boxes() -> None:
    found = evaluated((1, LEFT, 0.9), (0, LEFT, 0.4), (0, MIDDLE, 0.5), (1, RIGHT, 0.2))
    assert found.figures["right_name"] == 0.0
    assert found.figures["wrong_name"] == 0.5
    assert found.figures["false_boxes"] == 1.0
    assert [case.caption for case in found.worst] == [
        "frame 0: Ann called Bea (0.90)",
        "frame 10: Ann called Bea (0.90)",
        "frame 0: Bea missed (0.20)",
        "frame 10: Bea missed (0.20)",
    ]
    assert {case.picture.shape for case in found.worst} == {(240, 240, 3)}
    assert all(case.picture.std() > 5 for case in found.worst)


def test_a_hidden_head_need_not_be_found() -> None:
    found = evaluated((0, LEFT, 0.9), hidden=True)
    assert found.count == 3
    assert found.figures["right_name"] == pytest.approx(2 / 3)
    assert found.interval == pytest.approx((0.5, 1.0))
    assert [case.caption for case in found.worst] == ["frame 0: Bea missed (0.00)"]


def test_what_a_round_taught_is_shown() -> None:
    before = FixedDetector((1, LEFT, 0.9))
    found = evaluated((0, LEFT, 0.9), (1, RIGHT, 0.8), before=before)
    assert [case.caption for case in found.taught] == [
        "frame 0: Ann, called Bea before (0.90)",
        "frame 10: Ann, called Bea before (0.90)",
        "frame 0: Bea, missed before (0.80)",
        "frame 10: Bea, missed before (0.80)",
    ]
    assert found.agreement == 0.0
    same = evaluated((0, LEFT, 0.9), before=FixedDetector((0, LEFT, 0.4)))
    assert (same.taught, same.agreement) == ([], 1.0)


def test_a_frame_that_is_gone_is_left_out() -> None:
    heard, detector = Listener(), FixedDetector((0, LEFT, 0.9))
    frames = [held_out(0), held_out(10)]
    found = evaluate_members(frames, GreyPictures(10), detector, None, heard)
    assert found.count == 2
    assert "000010.jpg is gone; nothing is measured on it" in heard.lines
    with pytest.raises(InputError, match="none of the held-out frames with a head can be read"):
        evaluate_members(frames, GreyPictures(0, 10), detector, None, heard)


def test_complete_frames_are_the_truth_without_a_table() -> None:
    items = [complete(0, by_hand("Ann", LEFT)), frame(1, by_hand("Ann", LEFT)), complete(2)]
    one, empty = held_out_frames(items, NAMES, None)
    np.testing.assert_array_equal(one.labels.boxes, [LEFT])
    assert one.labels.classes.tolist() == [0]
    assert len(empty.labels) == 0
    with pytest.raises(InputError, match="no held-out frame has a labelled head"):
        held_out_frames(items[1:], NAMES, None)


def test_a_table_is_the_truth_of_its_frames(tmp_path: Path) -> None:
    table = tmp_path / "truth.csv"
    table.write_text("frame,member,x1,y1,x2,y2\n1,Bea,1,1,9,9\n1,Guest,1,1,9,9\n")
    items = [frame(0), frame(1)]
    (only,) = held_out_frames(items, NAMES, StageTruth.read(table))
    assert only.item is items[1]
    assert only.labels.classes.tolist() == [1]
    np.testing.assert_array_equal(only.labels.boxes, [(0.5, 0.5, 8.5, 8.5)])
