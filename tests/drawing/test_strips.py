from __future__ import annotations

import numpy as np

from closeup.drawing.strips import PictureStrip, draw_strips
from closeup.frames import RGBImage


def plain(value: int, height: int = 55, width: int = 77) -> RGBImage:
    """A picture of a colour that no letter has."""
    return np.full((height, width, 3), (value, 0, 200), np.uint8)


def place(sheet: RGBImage, value: int) -> tuple[int, int, int, int]:
    """First and last row and column of what has this colour."""
    rows, columns = np.nonzero((sheet == (value, 0, 200)).all(axis=2))
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


def test_pictures_stand_side_by_side_enlarged_to_one_height() -> None:
    sheet = draw_strips(
        [PictureStrip("right eye", [("eye", plain(60)), ("disc", plain(61, 110, 110))])]
    )
    top, bottom, left, right = place(sheet, 60)
    assert bottom - top + 1 == 220
    assert right - left + 1 == 308
    assert place(sheet, 61)[:2] == (top, bottom)
    assert place(sheet, 61)[2] > right


def test_a_large_picture_is_made_smaller() -> None:
    top, bottom, _, _ = place(draw_strips([PictureStrip("face", [("", plain(60, 900, 700))])]), 60)
    assert bottom - top + 1 == 220


def test_a_long_strip_goes_on_below() -> None:
    sheet = draw_strips([PictureStrip("eye", [(str(n), plain(60 + n)) for n in range(8)])])
    assert place(sheet, 66)[0] > place(sheet, 60)[1]
    assert place(sheet, 66)[2] == place(sheet, 60)[2]


def test_strips_lie_below_each_other_and_may_be_empty() -> None:
    sheet = draw_strips(
        [PictureStrip("right eye: outside the picture", []), PictureStrip("left", [("", plain(9))])]
    )
    assert (sheet[:40] < 100).any()
    assert place(sheet, 9)[0] > 60


def test_a_title_that_is_wider_than_its_picture_covers_nothing() -> None:
    title = "the weighted centroid of all that is darker than half"
    sheet = draw_strips(
        [PictureStrip("eye", [(title, plain(60, 55, 10)), ("x", plain(61, 55, 10))])]
    )
    assert place(sheet, 61)[2] - place(sheet, 60)[3] > 300
