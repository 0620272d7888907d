from __future__ import annotations

import numpy as np

from closeup.evaluation.tiles import caption, centred, grid, heading


def test_rows_are_filled_with_white() -> None:
    tiles = [np.full((4, 5, 3), shade, np.uint8) for shade in (0, 50, 100)]
    rows = grid(tiles, 2)
    assert [row.shape for row in rows] == [(4, 10, 3)] * 2
    assert rows[1][0, :, 0].tolist() == [100] * 5 + [255] * 5
    assert grid([], 3) == []


def test_long_captions_become_small() -> None:
    short, long = caption("an eye", 200), caption("a very long name of a photo " * 5, 200)
    assert short.shape == long.shape
    assert (short < 100).any()
    assert (long < 230).any()
    assert heading("title", 300).shape[1] == 300


def test_the_middle() -> None:
    page = centred(np.zeros((2, 2, 3), np.uint8), 4, 6)
    assert page[:, :, 0].sum(axis=1).tolist() == [255 * 6, 255 * 4, 255 * 4, 255 * 6]
