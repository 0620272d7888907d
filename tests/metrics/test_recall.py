from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.detections import Detections
from closeup.labels import PictureLabels
from closeup.metrics.recall import recall_at
from tests.metrics.drawn_detections import detections_of, pictures

BOXES = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [60, 0, 70, 10]])


def picture(right: dict[int, float], wrong: list[float]) -> tuple[Detections, PictureLabels]:
    """Four boxes of which some are found, and some that are not there."""
    elsewhere = np.array([[100.0 + 20 * i, 0, 110 + 20 * i, 10] for i in range(len(wrong))])
    boxes = np.concatenate([BOXES[list(right)], elsewhere.reshape(-1, 4)])
    scores = np.array([*right.values(), *wrong])
    return detections_of(boxes, scores, np.zeros(len(boxes), np.int64)), PictureLabels.of(BOXES)


def test_the_threshold_lets_as_many_false_ones_in_as_are_allowed() -> None:
    both = picture({0: 0.9, 1: 0.5, 2: 0.1}, [0.8, 0.4]), picture({3: 0.3}, [0.2])
    found, truth = [own for own, _ in both], [true for _, true in both]

    none = recall_at(found, truth, 0)
    half = recall_at(found, truth, 0.5)
    one = recall_at(found, truth, 1)
    all_ = recall_at(found, truth, 9)

    figures = [(each.recall, each.false_per_image) for each in (none, half, one, all_)]
    assert figures == [(1 / 8, 0), (2 / 8, 0.5), (3 / 8, 1), (4 / 8, 1.5)]
    thresholds = [each.threshold for each in (none, half, one, all_)]
    assert thresholds == pytest.approx([0.9, 0.5, 0.3, 0.1])
    assert [own.tolist() for own in one.found] == [
        [True, True, False, False], [False, False, False, True]
    ]  # fmt: skip


def test_equal_scores_come_together() -> None:
    found, truth = picture({0: 0.5, 1: 0.5}, [0.5, 0.5])

    assert recall_at([found], [truth], 1).recall == 0
    assert recall_at([found], [truth], 1).threshold == float("inf")
    assert recall_at([found], [truth], 2).recall == 0.5


def test_pictures_without_anything_count_as_pictures() -> None:
    found, truth = picture({0: 0.5, 1: 0.3}, [0.4])
    empty = Detections.none()
    bare = PictureLabels.none()

    assert recall_at([found], [truth], 0.5).recall == 1 / 4
    assert recall_at([found, empty], [truth, bare], 0.5).recall == 2 / 4
    assert recall_at([empty], [truth], 1).recall == 0


def test_what_is_ignored_is_not_missed() -> None:
    found, truth = picture({0: 0.9, 1: 0.8}, [])
    some = PictureLabels.of(truth.boxes, truth.classes, ignored=np.array([False, True, True, True]))

    result = recall_at([found], [some], 0)

    assert result.recall == 1
    assert result.false_per_image == 0
    assert result.found[0].tolist() == [True, False, False, False]


@given(st.lists(pictures(), min_size=1, max_size=5), st.sampled_from([0.3, 0.5]))
def test_more_may_be_false_and_no_less_is_found(
    given_: list[tuple[Detections, PictureLabels]], overlap: float
) -> None:
    found, truth = zip(*given_, strict=True)
    if all(own.ignored.all() for own in truth):
        return
    results = [recall_at(found, truth, allowed, overlap) for allowed in (0, 0.5, 1, 3)]

    for result, allowed in zip(results, (0, 0.5, 1, 3), strict=True):
        assert 0 <= result.recall <= 1
        assert result.false_per_image <= allowed
    assert sorted(result.recall for result in results) == [result.recall for result in results]


@given(pictures(), st.floats(0.1, 50), st.floats(-10, 10))
def test_only_the_order_of_scores_counts(
    own: tuple[Detections, PictureLabels], factor: float, offset: float
) -> None:
    found, truth = own
    if truth.ignored.all():
        return
    scaled = replace(found, scores=found.scores * np.float32(factor) + np.float32(offset))

    first, second = (recall_at([each], [truth], 1) for each in (found, scaled))

    assert first.recall == second.recall


def test_there_must_be_something_to_find() -> None:
    found, truth = picture({0: 0.9}, [])
    with pytest.raises(ValueError, match="at least one true box"):
        recall_at([found], [PictureLabels.none()], 1)
    with pytest.raises(ValueError, match="detections of 1 pictures, truth of 2"):
        recall_at([found], [truth, truth], 1)
