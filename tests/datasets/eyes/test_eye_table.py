"""Tables of eyes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.datasets.eyes.eye_table import (
    COLUMNS,
    EyeRow,
    corners,
    places,
    read_rows,
    write_rows,
)
from closeup.errors import InputError
from closeup.geometry import Size

LABELLED = EyeRow(
    "a b/ü,1.jpg", None, 0, "left", "00003/17", 0.25, 0.5, 101.5, 99.25,
    1.5, -0.25, -7.5, 3.0, float("nan"), 0.75, "darkest", "contour", 0.1, 0.2, 0.3, 0.4,
)  # fmt: skip
LEFT_OUT = EyeRow("film.mp4", 12, 1, "right", method="darkest", reason="closed")


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    write_rows(path, [LABELLED, LEFT_OUT])
    first, second = read_rows(path)
    assert repr([first, second]) == repr([LABELLED, LEFT_OUT])  # NaN is not equal to itself
    heading, line, _ = path.read_text(encoding="utf-8").splitlines()
    assert heading == ",".join(COLUMNS)
    assert line.startswith('00003/17,"a b/ü,1.jpg",,0,left,0.25,0.5,101.5,99.25,1.5,-0.25,-7.5,3,,')
    assert first.similarity.apply(np.array([1.0, 2.0])) == pytest.approx([-5.5, 5.75])


def test_fewer_columns(tmp_path: Path) -> None:
    write_rows(tmp_path / "short.csv", [LABELLED], ("crop", "image", "x"))
    assert (tmp_path / "short.csv").read_text(encoding="utf-8").splitlines()[0] == "crop,image,x"
    (row,) = read_rows(tmp_path / "short.csv")
    assert (row.crop, row.x, row.face) == ("00003/17", 0.25, None)


def test_places() -> None:
    assert places([]).shape == (0, 2)
    assert places([LABELLED]).tolist() == [[0.25, 0.5]]


def test_corners() -> None:
    assert corners([]).shape == (0, 2, 2)
    left, right = corners([LABELLED, LEFT_OUT])[0].tolist()
    assert (left, right) == ([0.1, 0.2], [0.3, 0.4])
    assert np.isnan(corners([LEFT_OUT])).all()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("crop,image,x\n1,2\n", "line 2: 2 cells in 3 columns"),
        ("crop,image,x\n1,a,b\n", "line 2, x: 'b' is not a finite number"),
        ("crop,image,x\n1,a,inf\n", "line 2, x: 'inf' is not a finite number"),
        ("crop,image,face\n1,a,0.5\n", "line 2, face: '0.5' is not a whole number"),
        ("crop,image,x,x\n1,a,1,2\n", "the column x is there twice"),
        ("crop,x\n1,2\n", "no column called image"),
        ("image,z\na,1\n", "no column called crop"),
        ("", "no column called crop"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=rf"t\.csv.*{reason}.* again with: closeup dataset eyes"):
        read_rows(tmp_path / "t.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_other_programs_may_save_it_with_columns_of_their_own(
    tmp_path: Path, encoding: str
) -> None:
    """pandas writes whole numbers of a column with gaps as 0.0; a spreadsheet, decimal commas."""
    path = tmp_path / "labels.csv"
    text = "crop;image;frame;face;person_x;person_y;x\r\n0/1;a.jpg;;0,0;Ann;;0,25\r\n"
    path.write_bytes(text.encode(encoding))
    (row,) = read_rows(path)
    assert (row.crop, row.frame, row.face, row.x) == ("0/1", None, 0, 0.25)


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.csv: no such file"):
        read_rows(tmp_path / "t.csv")


@pytest.mark.parametrize(("side", "x"), [("right", 21.0), ("left", 42.0)])
def test_a_point_of_the_picture_is_brought_to_the_crop(side: str, x: float) -> None:
    row = EyeRow("a.png", side=side, a=2.0, b=0.0, tx=1.0, ty=-4.0)
    assert row.to_crop(np.array([10.0, 20.0]), Size(64, 48)).tolist() == [x, 36.0]


def test_the_label_of_a_row_is_its_place_in_the_crop() -> None:
    size, point = Size(64, 48), np.array([30.0, 40.0])
    for side in ("right", "left"):
        row = EyeRow("a.png", side=side, a=0.9, b=0.2, tx=3.0, ty=-1.0)
        both = row.to_crop(np.stack([point, point + 1]), size)
        assert np.allclose(both[0], row.to_crop(point, size))
        assert np.isclose(np.linalg.norm(both[1] - both[0]), np.hypot(1, 1) * np.hypot(0.9, 0.2))
