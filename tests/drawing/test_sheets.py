from __future__ import annotations

import numpy as np
import pytest

from closeup.drawing.sheets import (
    CAPTION,
    PictureStrip,
    below,
    beside,
    captioned,
    centred,
    contact_sheet,
    draw_strips,
    fitted,
    framed,
    grid,
    heading,
    written,
)
from closeup.frames import RGBImage
from closeup.geometry import Size


def plain(shade: int, height: int, width: int) -> RGBImage:
    return np.full((height, width, 3), shade, np.uint8)


def test_a_grid_has_gaps_and_ends_with_white() -> None:
    page = grid([plain(shade, 4, 5) for shade in (0, 50, 100)], 2, gap=1)
    assert page.shape == (9, 11, 3)
    assert page[0, :, 0].tolist() == [0] * 5 + [255] + [50] * 5
    assert page[4, :, 0].tolist() == [255] * 11
    assert page[5, :, 0].tolist() == [100] * 5 + [255] * 6


def test_tiles_of_any_sizes_lie_in_the_middle_of_their_cells() -> None:
    page = grid([plain(0, 2, 6), plain(0, 4, 2)], 5, gap=0)
    assert page.shape == (4, 12, 3)
    dark = (page[:, :, 0] == 0).astype(int)
    assert dark.sum(axis=1).tolist() == [2, 8, 8, 2]
    assert dark[0].tolist() == [0] * 8 + [1, 1, 0, 0]


def test_without_tiles_there_is_only_the_heading() -> None:
    assert grid([], 3).size == 0
    page = framed(heading("nothing", grid([], 3)), 5)
    assert page.shape[0] == 26 + 2 * 5
    assert (page < 100).any()


def test_parts_keep_their_edges_level() -> None:
    page = below([plain(0, 1, 2), plain(9, 1, 4)], 1)
    assert page[:, :, 0].tolist() == [[0, 0, 255, 255], [255] * 4, [9] * 4]
    page = beside([plain(0, 2, 1), plain(9, 1, 1)], 0)
    assert page[:, :, 0].tolist() == [[0, 9], [0, 255]]
    assert page.flags.c_contiguous


def test_long_captions_become_small() -> None:
    short = captioned(plain(255, 10, 200), "an eye")
    long = captioned(plain(255, 10, 200), "a very long name of a photo " * 5)
    assert short.shape == long.shape == (28, 200, 3)
    assert (short < 100).any()
    assert (long < 230).any()


@pytest.mark.parametrize("text", ["", "지효", "x" * 400])
def test_written_is_never_wider_than_allowed(text: str) -> None:
    plate = written(text, 20, 90)
    assert plate.shape[1] <= 90
    assert plate.shape[0] <= 20
    assert (plate < 230).any() == bool(text)


def test_the_middle() -> None:
    page = centred(plain(0, 2, 2), Size(6, 4))
    assert page[:, :, 0].sum(axis=1).tolist() == [255 * 6, 255 * 4, 255 * 4, 255 * 6]


@pytest.mark.parametrize(("height", "width"), [(1, 900), (900, 1), (3, 2), (40, 40)])
def test_a_picture_of_any_shape_is_fitted(height: int, width: int) -> None:
    page = fitted(plain(7, height, width), Size(60, 40))
    assert page.shape == (40, 60, 3)
    dark = np.argwhere(page[:, :, 0] == 7)
    sides = np.ptp(dark, axis=0) + 1
    assert 40 in (sides[0], 0) or sides[1] == 60
    assert sides[0] / sides[1] == pytest.approx(height / width, rel=0.05) or 1 in sides


def filled(value: int, height: int = 55, width: int = 77) -> RGBImage:
    """A picture of a colour that no letter has."""
    return np.full((height, width, 3), (value, 0, 200), np.uint8)


def place(sheet: RGBImage, value: int) -> tuple[int, int, int, int]:
    """First and last row and column of what has this colour."""
    rows, columns = np.nonzero((sheet == (value, 0, 200)).all(axis=2))
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


def test_pictures_stand_side_by_side_enlarged_to_one_height() -> None:
    sheet = draw_strips(
        [PictureStrip("right eye", [("eye", filled(60)), ("disc", filled(61, 110, 110))])]
    )
    top, bottom, left, right = place(sheet, 60)
    assert bottom - top + 1 == 220
    assert right - left + 1 == 308
    assert place(sheet, 61)[:2] == (top, bottom)
    assert place(sheet, 61)[2] > right


def test_a_large_picture_is_made_smaller() -> None:
    top, bottom, _, _ = place(draw_strips([PictureStrip("face", [("", filled(60, 900, 700))])]), 60)
    assert bottom - top + 1 == 220


def test_a_long_strip_goes_on_below() -> None:
    sheet = draw_strips([PictureStrip("eye", [(str(n), filled(60 + n)) for n in range(8)])])
    assert place(sheet, 66)[0] > place(sheet, 60)[1]
    assert place(sheet, 66)[2] == place(sheet, 60)[2]


def test_strips_lie_below_each_other_and_may_be_empty() -> None:
    sheet = draw_strips(
        [
            PictureStrip("right eye: outside the picture", []),
            PictureStrip("left", [("", filled(9))]),
        ]
    )
    assert (sheet[:40] < 100).any()
    assert place(sheet, 9)[0] > 60


def test_a_title_that_is_wider_than_its_picture_covers_nothing() -> None:
    title = "the weighted centroid of all that is darker than half"
    sheet = draw_strips(
        [PictureStrip("eye", [(title, filled(60, 55, 10)), ("x", filled(61, 55, 10))])]
    )
    assert place(sheet, 61)[2] - place(sheet, 60)[3] > 300


def test_a_contact_sheet_has_pictures_of_one_height_in_rows() -> None:
    red, blue = (
        np.full((40, 60, 3), (255, 0, 0), np.uint8),
        np.full((200, 100, 3), (9, 0, 0), np.uint8),
    )
    sheet = contact_sheet({"one": red, "two": blue, "three": red}, columns=2, height=80)
    assert (sheet == (255, 0, 0)).all(axis=2).sum() == 2 * 80 * 120
    assert (sheet == (9, 0, 0)).all(axis=2).sum() == 80 * 40
    assert len(sheet) == 2 * (80 + CAPTION) + 3 * 12
    assert (sheet[:, 0] == 255).all()
