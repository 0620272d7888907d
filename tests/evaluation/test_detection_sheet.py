from __future__ import annotations

import numpy as np
import pytest

from closeup.detections import Detections
from closeup.evaluation.detection_sheet import Shown, detection_sheet
from closeup.labels import PictureLabels
from tests.metrics.drawn_detections import detections_of

GREEN, RED, YELLOW = (60, 220, 90), (255, 60, 60), (255, 210, 40)
GREY = np.full((200, 400, 3), 90, np.uint8)


def shown(found: Detections, truth: PictureLabels) -> Shown:
    return Shown("a.jpg", GREY, found, truth)


def has(sheet: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(sheet.astype(int) - colour).max(axis=2) < 30).any())


def test_right_wrong_and_missed_have_their_colours() -> None:
    box, other = np.array([[50.0, 60, 90, 110]]), np.array([[250.0, 60, 300, 120]])
    one, sure = np.zeros(1, np.int64), np.array([0.9])
    nothing = PictureLabels.none()

    right = detection_sheet([shown(detections_of(box, sure, one), PictureLabels.of(box))], ["face"])
    wrong = detection_sheet([shown(detections_of(other, sure, one), nothing)], ["face"])
    missed = detection_sheet(
        [shown(detections_of(box, np.array([0.1]), one), PictureLabels.of(box))], ["face"]
    )
    mixed = detection_sheet(
        [shown(detections_of(box + 8, sure, one + 1), PictureLabels.of(box))], ["a", "b"]
    )

    seen = [
        tuple(has(own, c) for c in (GREEN, RED, YELLOW)) for own in (right, wrong, missed, mixed)
    ]
    assert seen == [
        (True, False, False), (False, True, False), (False, False, True), (False, True, True)
    ]  # fmt: skip


def test_boxes_are_drawn_where_they_are() -> None:
    """Tiles are 400 pixels wide, so this picture keeps its size."""
    box = np.array([[100.0, 50, 180, 130]])
    sheet = detection_sheet(
        [
            shown(
                Detections.none(),
                PictureLabels.of(box),
            )
        ],
        ["x"],
    )
    rows, columns = np.nonzero(np.abs(sheet.astype(int) - YELLOW).max(axis=2) < 30)

    assert columns.max() - columns.min() == pytest.approx(80, abs=2)
    assert rows.max() - rows.min() == pytest.approx(80, abs=2)


@pytest.mark.parametrize("count", [1, 3, 9])
def test_a_sheet_holds_any_number_of_pictures_of_any_shape(count: int) -> None:
    sizes = [(30, 900), (900, 30), (1, 1), (400, 400)]
    nothing = Detections.none()
    pictures = [
        Shown(
            f"{i}.jpg",
            np.zeros((*sizes[i % 4], 3), np.uint8),
            nothing,
            PictureLabels.none(),
        )
        for i in range(count)
    ]
    sheet = detection_sheet(pictures, ["face"])

    assert sheet.dtype == np.uint8
    assert sheet.shape[1] == 24 + min(count, 4) * 424
    assert (sheet < 250).any()
