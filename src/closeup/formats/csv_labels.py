"""Labels as CSV with named columns, such as ``right_eye_x`` and ``right_eye_y``.

``image`` names the picture; ``box_x1`` … ``box_y2`` are the face's box, if known. Every
pair of columns ``NAME_x`` and ``NAME_y`` is a point; an empty pair of cells is a point that was
not labelled. Other columns are ignored. A row is a face, so an image may have many.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from closeup.errors import InputError
from closeup.files.atomic import replacing
from closeup.formats.text import read_number, read_text
from closeup.labels import FIVE_POINTS, Box, FaceLabel

BOX_COLUMNS = ("box_x1", "box_y1", "box_x2", "box_y2")
_DIGITS = 4


def read_labels(path: Path) -> list[FaceLabel]:
    """Read the faces of a CSV file, in its order.

    Raises:
        InputError: the file is missing or not UTF-8 text; the column ``image`` is missing, or a
            column is repeated or has no partner; a row has more or fewer cells than columns, half
            a point, a cell that is not a number or an empty box; or there is no row.

    """
    rows = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        columns = _Columns.of(path, next(rows, []))
        labels = [
            columns.label(row, f"{path}, line {rows.line_num}")
            for row in rows
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise InputError(f"{path}, line {rows.line_num}: {error}; write it anew as CSV") from None
    if not labels:
        raise InputError(f"{path}: no row below the heading; it needs one for each face")
    return labels


def write_labels(path: Path, labels: Sequence[FaceLabel]) -> None:
    """Write a file for :func:`read_labels`, to 1e-4 of a pixel, completely or not at all.

    The file has a column for each value that any label has; the five landmarks come first.

    Raises:
        OutputError: the file cannot be written.

    """
    found = dict.fromkeys(name for label in labels for name in label.points)
    names = [name for name in FIVE_POINTS if name in found]
    names += [name for name in found if name not in FIVE_POINTS]
    boxes = BOX_COLUMNS if any(label.box for label in labels) else ()
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["image", *boxes, *(f"{name}_{axis}" for name in names for axis in "xy")])
        for label in labels:
            box = _cells(label.box, len(boxes))
            points = [cell for name in names for cell in _cells(label.points.get(name), 2)]
            rows.writerow([label.image, *box, *points])


def _cells(values: Sequence[float] | None, count: int) -> list[str]:
    return [""] * count if values is None else [repr(round(value, _DIGITS)) for value in values]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The meaning of the cells of a row."""

    count: int
    image: int
    box: tuple[int, ...]
    points: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, path: Path, heading: list[str]) -> _Columns:
        names = [cell.strip() for cell in heading]
        twice = [name for name in dict.fromkeys(names) if name and names.count(name) > 1]
        if twice:
            raise InputError(f"{path}: the column {twice[0]} is there twice; keep one")
        place = {name: number for number, name in enumerate(names)}
        if "image" not in place:
            raise InputError(
                f"{path}: no column called image in its first line; the first is "
                f"{names[0] if names else ''!r}; name the columns, separated by commas"
            )
        box = [place[name] for name in BOX_COLUMNS if name in place]
        if len(box) not in (0, len(BOX_COLUMNS)):
            raise InputError(f"{path}: a box needs all of {', '.join(BOX_COLUMNS)}; add the others")
        return cls(len(names), place["image"], tuple(box), dict(_pairs(path, place)))

    def label(self, row: list[str], place: str) -> FaceLabel:
        if len(row) != self.count:
            raise InputError(f"{place}: {len(row)} cells in {self.count} columns; correct it")
        points = {}
        for name, (x, y) in self.points.items():
            point = _numbers([row[x], row[y]], name, place)
            if point:
                points[name] = (point[0], point[1])
        box = _numbers([row[column] for column in self.box], "box", place)
        try:
            return FaceLabel(row[self.image], _box(box), points)
        except ValueError as error:
            raise InputError(f"{place}: {error}; correct it") from None


def _pairs(path: Path, place: dict[str, int]) -> Iterator[tuple[str, tuple[int, int]]]:
    for column in place:
        name, _, axis = column.rpartition("_")
        if not name or axis not in {"x", "y"}:
            continue
        other = f"{name}_{'y' if axis == 'x' else 'x'}"
        if other not in place:
            raise InputError(f"{path}: there is a column {column}, but no {other}; add it")
        if axis == "x":
            yield name, (place[column], place[other])


def _numbers(cells: list[str], name: str, place: str) -> list[float]:
    """Parse all cells; empty if all are empty."""
    given = [cell for cell in cells if cell.strip()]
    if given and len(given) < len(cells):
        raise InputError(f"{place}: {name} has only some of its numbers; fill in or empty all")
    return [read_number(cell, f"{place}, {name}") for cell in given]


def _box(numbers: list[float]) -> Box | None:
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if numbers else None
