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
    "text", ["crop,image,x\n1,2\n", "image,x\na,b\n", "image,z\na,1\n", "x\n1\n"]
)
def test_what_is_no_table(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=r"t\.csv is no table of eyes, or damaged"):
        read_rows(tmp_path / "t.csv")


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*No such file"):
        read_rows(tmp_path / "t.csv")
