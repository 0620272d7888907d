from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.detections import Detections
from closeup.errors import InputError
from closeup.labels import PictureLabels
from closeup.metrics.average_precision import average_precision, confusion
from tests.metrics.drawn_detections import detections_of, pictures

NAMES = ("anna", "bora", "chen")
BOXES = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]])
TRUTH = PictureLabels.of(BOXES, np.array([0, 1, 0]))
NOTHING = Detections.none()


def test_what_is_found_exactly_scores_one() -> None:
    found = detections_of(BOXES, np.full(3, 0.7), TRUTH.classes)

    result = average_precision([found, NOTHING], [TRUTH, PictureLabels.none()], NAMES)

    assert result.map50 == result.map50_95 == pytest.approx(1)
    assert list(result.classes) == ["anna", "bora"]
    assert result.classes["bora"].ap50_95 == pytest.approx(1)


def test_figures_that_can_be_counted_by_hand() -> None:
    """One of anna's two is found, after a false one; bora's overlaps by 0.6."""
    boxes = np.array([[80.0, 0, 90, 10], [0, 0, 10, 10], [20, 0, 30, 6]])
    found = detections_of(boxes, np.array([0.9, 0.8, 0.7]), np.array([0, 0, 1]))

    result = average_precision([found], [TRUTH], NAMES)

    # Precision 1/2 at a recall of 1/2: 51 of the 101 recall levels are reached.
    assert result.classes["anna"].ap50 == pytest.approx(0.5 * 51 / 101)
    assert result.classes["bora"].ap50 == pytest.approx(1)
    assert result.classes["bora"].ap50_95 == pytest.approx(0.25, abs=0.06)
    assert result.map50 == pytest.approx((0.5 * 51 / 101 + 1) / 2)


def test_finding_nothing_scores_zero_and_ignored_boxes_do_not_matter() -> None:
    assert average_precision([NOTHING], [TRUTH], NAMES).map50 == 0
    found = detections_of(BOXES[:1], np.ones(1), np.zeros(1, np.int64))
    some = PictureLabels.of(BOXES, TRUTH.classes, ignored=np.array([False, True, True]))

    result = average_precision([found], [some], NAMES)

    assert result.map50 == pytest.approx(1)
    assert list(result.classes) == ["anna"]


def test_there_must_be_something_to_find() -> None:
    with pytest.raises(ValueError, match="at least one true box"):
        average_precision([NOTHING], [PictureLabels.none()], NAMES)
    with pytest.raises(ValueError, match="detections of 1 pictures, truth of 2"):
        average_precision([NOTHING], [TRUTH, TRUTH], NAMES)


def test_the_package_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(InputError, match=r"pip install 'closeup\[train\]'"):
        average_precision([NOTHING], [TRUTH], NAMES)


def test_what_is_taken_for_what() -> None:
    boxes = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10], [80, 0, 90, 10], [40, 0, 50, 10]])
    found = detections_of(boxes, np.array([0.9, 0.8, 0.7, 0.1]), np.array([0, 2, 1, 0]))

    table = confusion([found], [TRUTH], NAMES)

    assert table.tolist() == [[1, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0], [0, 1, 0, 0]]


def test_confusion_passes_over_what_is_ignored() -> None:
    found = detections_of(BOXES, np.ones(3), TRUTH.classes)
    some = PictureLabels.of(BOXES, TRUTH.classes, ignored=np.array([False, True, False]))

    assert confusion([found], [some], NAMES).tolist() == [
        [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]
    ]  # fmt: skip


@settings(max_examples=20)
@given(st.lists(pictures(), min_size=1, max_size=3))
def test_every_box_is_counted_once(given_: list[tuple[Detections, PictureLabels]]) -> None:
    found, truth = zip(*given_, strict=True)
    table = confusion(found, truth, NAMES[:2], score_threshold=0)

    assert table[:-1].sum() == sum(int((~own.ignored).sum()) for own in truth)
    assert table[:, :-1].sum() <= sum(len(own) for own in found)
