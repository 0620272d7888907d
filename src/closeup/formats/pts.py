"""Points in ``.pts`` files, as used by BioID and 300-W.

    version: 1
    n_points: 68
    {
    446.000000 91.000000
    ...
    }

The format does not define the pixel origin: 300-W counts the first pixel as 1, others as 0. The
points are returned as in the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.files.text import lines_of, read_number, read_text, read_whole, shown


def read_pts(path: Path, count: int | None = None) -> NDArray[np.float64]:
    """Read the points of a file unchanged; shape (n, 2), x and y.

    Args:
        path: The file.
        count: Required number of points, None for any number.

    Raises:
        InputError: the file cannot be read, ends early, has another number of points than stated
            or required, or a line that is not two numbers.

    """
    lines = [
        (number, line.strip())
        for number, line in enumerate(lines_of(read_text(path)), 1)
        if line.strip()
    ]
    texts = [line for _, line in lines]
    if "{" not in texts:
        raise InputError(f"{path}: no line with {{ before the points; it is no .pts file")
    first = texts.index("{")
    stated = _stated(path, lines[:first])
    if "}" not in texts[first:]:
        raise InputError(f"{path}: ends before the }} after the points; get the file again")
    last = texts.index("}", first)
    points = [_point(line, f"{path}, line {number}") for number, line in lines[first + 1 : last]]
    if stated != len(points):
        raise InputError(f"{path}: says n_points: {stated}, but has {len(points)}; correct it")
    if count not in (None, stated):
        raise InputError(f"{path}: has {stated} points, not {count}; it is of another set")
    return np.array(points, np.float64).reshape(-1, 2)


def write_pts(path: Path, points: NDArray[np.floating]) -> None:
    """Write points of shape (n, 2), x and y, unchanged, to 1e-6 of a pixel.

    Raises:
        OutputError: the file cannot be written.

    """
    lines = "".join(f"{x:.6f} {y:.6f}\n" for x, y in points)
    write_text(path, f"version: 1\nn_points: {len(points)}\n{{\n{lines}}}\n")


def _stated(path: Path, heading: list[tuple[int, str]]) -> int:
    for number, line in heading:
        key, _, value = line.partition(":")
        if key.strip() == "n_points":
            if not value.strip().isdecimal():
                raise InputError(
                    f"{path}, line {number}: {shown(line)} states no number; correct it"
                )
            return read_whole(value, f"{path}, line {number}")
    raise InputError(f"{path}: no n_points: before the points; it is no .pts file")


def _point(line: str, place: str) -> tuple[float, float]:
    words = line.split()
    if len(words) != 2:
        raise InputError(f"{place}: {shown(line)} is not an x and a y; correct it")
    return read_number(words[0], place), read_number(words[1], place)
