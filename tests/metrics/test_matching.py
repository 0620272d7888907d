from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.detections import Detections
from closeup.geometry import iou
from closeup.labels import PictureLabels
from closeup.metrics.matching import FALSE, UNCOUNTED, matched, recall_by_height
from tests.metrics.drawn_detections import detections_of, pictures


def found(*rows: tuple[float, float, float, float, int, float]) -> Detections:
    table = np.array(rows, np.float64).reshape(-1, 6)
    return detections_of(table[:, :4], table[:, 5], table[:, 4].astype(np.int64))


TWO = PictureLabels.of(np.array([[0.0, 0, 10, 10], [20, 0, 30, 10]]), np.array([0, 1]))


def test_the_surest_takes_the_box_and_a_second_one_is_false() -> None:
    pairs = matched(found((0, 0, 10, 9, 0, 0.3), (0, 0, 10, 8, 0, 0.9)), TWO, 0.5)

    assert pairs.tolist() == [FALSE, 0]


def test_a_box_of_another_class_or_too_far_off_is_false() -> None:
    pairs = matched(found((0, 0, 10, 10, 1, 0.9), (20, 4, 30, 14, 1, 0.9)), TWO, 0.5)

    assert pairs.tolist() == [FALSE, FALSE]
    assert matched(found((20, 4, 30, 14, 1, 0.9)), TWO, 0.4).tolist() == [1]


def test_what_lies_on_something_ignored_does_not_count() -> None:
    crowd = PictureLabels.of(
        np.array([[0.0, 0, 100, 50]]), np.zeros(1, np.int64), ignored=np.array([True])
    )
    boxes = found((5, 5, 15, 15, 0, 0.9), (50, 5, 60, 15, 0, 0.8), (120, 5, 130, 15, 0, 0.7))

    assert matched(boxes, crowd, 0.5).tolist() == [UNCOUNTED, UNCOUNTED, FALSE]


def test_nothing_matches_nothing() -> None:
    assert matched(found(), TWO, 0.5).tolist() == []
    assert matched(found((0, 0, 9, 9, 0, 1)), PictureLabels.none(), 0.5).tolist() == [FALSE]


@given(pictures(), st.sampled_from([0.3, 0.5, 0.8]))
def test_a_pair_is_of_one_class_overlaps_and_has_no_third(
    picture: tuple[Detections, PictureLabels], overlap: float
) -> None:
    own, truth = picture
    pairs = matched(own, truth, overlap)
    paired = np.flatnonzero(pairs >= 0)

    assert len(set(pairs[paired].tolist())) == len(paired)
    assert not truth.ignored[pairs[paired]].any()
    assert (own.classes[paired] == truth.classes[pairs[paired]]).all()
    overlaps = iou(own.boxes, truth.boxes)
    assert (overlaps[paired, pairs[paired]] >= overlap).all()
    free = np.setdiff1d(np.flatnonzero(~truth.ignored), pairs[paired])
    alike = own.classes[:, None] == truth.classes[None, free]
    assert not ((overlaps[:, free] >= overlap) & alike)[pairs == FALSE].any()


@given(pictures(), st.sampled_from([0.3, 0.6, 0.85]))
def test_what_is_less_sure_changes_nothing(
    picture: tuple[Detections, PictureLabels], least: float
) -> None:
    own, truth = picture
    sure = own.scores >= least

    assert matched(own[sure], truth, 0.5).tolist() == matched(own, truth, 0.5)[sure].tolist()


def test_found_and_missed_are_counted_by_height() -> None:
    heights = np.array([10.0, 20, 30, 40])
    boxes = np.stack([0 * heights, 0 * heights, heights, heights], axis=1)
    truth = PictureLabels.of(
        boxes, np.zeros(4, np.int64), ignored=np.array([False, False, True, False])
    )
    flags = np.array([False, True, False, True])

    rows = recall_by_height([flags, flags], [truth, truth], (5, 20, 40, float("inf"), float("inf")))

    assert [(row.found, row.there) for row in rows] == [(0, 2), (2, 2), (2, 2), (0, 0)]
    assert rows[0].recall == 0
    assert rows[1].recall == 1
    assert np.isnan(rows[3].recall)
    with pytest.raises(ValueError, match="zip"):
        recall_by_height([flags], [truth, truth], (0, 10))
