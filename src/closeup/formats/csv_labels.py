"""Labels as CSV with named columns, such as ``right_eye_x`` and ``right_eye_y``.

``image`` names the picture; ``box_x1`` … ``box_y2`` are the face's box, if known. A pair of
columns ``NAME_x`` and ``NAME_y`` is a point if NAME is a point's name (:func:`is_point`); an empty
pair of cells is a point that was not labelled. Other columns are passed over. A row is a face, so
an image may have many.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from closeup.errors import InputError
from closeup.files.atomic import replacing
from closeup.files.tables import Row, Table, read_table
from closeup.files.text import shown
from closeup.labels import FIVE_POINTS, Box, FaceLabel, Point
from closeup.progress import Progress

BOX_COLUMNS = ("box_x1", "box_y1", "box_x2", "box_y2")
_DIGITS = 4
_NAMED = 8
"""Columns that a message names; the others are counted."""
_NUMBERED = re.compile("p[0-9]{1,6}")
_ENDS = ("_x", "_y")
_NAMES = {*FIVE_POINTS, "pupil", "right_ear", "left_ear"}


def read_labels(
    path: Path, progress: Progress | None = None, names: Collection[str] | None = None
) -> list[FaceLabel]:
    """Read the faces of a CSV file, in its order.

    Args:
        path: The file.
        progress: Receives a message that names columns which look like points, but are passed
            over; silent if None.
        names: Names of the points to read; None for those of :func:`is_point`.

    Raises:
        InputError: the file is missing or not text; the column ``image`` is missing, or a
            column is repeated or has no partner; a row has more or fewer cells than columns, half
            a point, a cell that is not a number or an empty box; or there is no row.

    """
    columns = LabelColumns.of(read_table(path, "image"), names)
    labels = [columns.label(row) for row in columns.table]
    if not labels:
        raise InputError(f"{path}: no row below the heading; it needs one for each face")
    if columns.others and progress:
        named = ", ".join(map(shown, columns.others[:_NAMED]))
        more = f" and {len(columns.others) - _NAMED} more" if columns.others[_NAMED:] else ""
        progress.say(
            f"{path}: columns that are no points are passed over: {named}{more}; "
            f"points are {', '.join(FIVE_POINTS)}, pupil, and p0, p1 … with _x and _y"
        )
    return labels


def write_labels(path: Path, labels: Sequence[FaceLabel]) -> None:
    """Write a file for :func:`read_labels`, to 1e-4 of a pixel, completely or not at all.

    The file has a column for each value that any label has; the five landmarks come first.

    Raises:
        OutputError: the file cannot be written.

    """
    names = point_names(labels)
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


def point_names(labels: Iterable[FaceLabel]) -> list[str]:
    """The names of all points in labels, the five landmarks first."""
    found = dict.fromkeys(name for label in labels for name in label.points)
    named = [name for name in FIVE_POINTS if name in found]
    return named + [name for name in found if name not in FIVE_POINTS]


def _cells(values: Sequence[float] | None, count: int) -> list[str]:
    return [""] * count if values is None else [repr(round(value, _DIGITS)) for value in values]


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """The columns of a table of labels, as their indices.

    Attributes:
        table: The table.
        image: That of the picture's name.
        box: Those of the box; empty without one.
        points: Name → those of x and y.
        others: Names of columns that end as those of points do, but are none.

    """

    table: Table
    image: int
    box: tuple[int, ...]
    points: dict[str, tuple[int, int]]
    others: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, names: Collection[str] | None) -> LabelColumns:
        """Find the columns.

        Args:
            table: The table.
            names: Names of the points; None for those of :func:`is_point`.

        Raises:
            InputError: a column is repeated, or has no partner.

        """
        place = table.columns
        wanted = is_point if names is None else set(names).__contains__
        ends = [name for name in place if name[-2:] in _ENDS]
        stems = [name[:-2] for name in ends if wanted(name[:-2])]
        points = {name: (_partner(table, name, "x"), _partner(table, name, "y")) for name in stems}
        box = [place[name] for name in BOX_COLUMNS if name in place]
        if len(box) not in (0, len(BOX_COLUMNS)):
            raise InputError(
                f"{table.path}: a box needs all of {', '.join(BOX_COLUMNS)}; add the others"
            )
        used = [f"{name}{end}" for name in points for end in _ENDS]
        table.need(["image", *(BOX_COLUMNS if box else ()), *used])
        others = tuple(name for name in ends if name not in used)
        return cls(table, place["image"], tuple(box), points, others)

    def places(self, row: Row) -> tuple[Box | None, dict[str, Point]]:
        """The box and the points of a row; None and empty if their cells are empty.

        Raises:
            InputError: a cell is no number, or a box or point has only some of its numbers.

        """
        points = {}
        for name, columns in self.points.items():
            point = _numbers(row, columns, name)
            if point:
                points[name] = (point[0], point[1])
        return _box(_numbers(row, self.box, "box")), points

    def label(self, row: Row) -> FaceLabel:
        """The face in a row.

        Raises:
            InputError: a cell is no number, names no image, or a box holds nothing.

        """
        box, points = self.places(row)
        try:
            return FaceLabel(row.cells[self.image], box, points)
        except ValueError as error:
            raise InputError(f"{row.place}: {error}; correct it") from None


def paired_names(path: Path) -> list[str]:
    """The names of all pairs of columns ``NAME_x`` and ``NAME_y``, whatever they mean.

    Raises:
        InputError: the table cannot be read.

    """
    columns = read_table(path, "image").columns
    return [name[:-2] for name in columns if name[-2:] == "_x" and f"{name[:-2]}_y" in columns]


def is_point(name: str) -> bool:
    """Whether columns of this name are a point in any table of labels.

    Other pairs of columns may be anything, such as the direction of a gaze or what ``merge`` of
    pandas made of a column that two tables had.
    """
    return name in _NAMES or bool(_NUMBERED.fullmatch(name))


def _partner(table: Table, name: str, axis: str) -> int:
    other = f"{name}_{axis}"
    if other not in table.columns:
        there = f"{name}_{'y' if axis == 'x' else 'x'}"
        raise InputError(f"{table.path}: there is a column {there}, but no {other}; add it")
    return table.columns[other]


def _numbers(row: Row, columns: Sequence[int], name: str) -> list[float]:
    """Parse all cells; empty if all are empty."""
    numbers = [row.number(column, name) for column in columns]
    given = [number for number in numbers if number is not None]
    if given and len(given) < len(numbers):
        raise InputError(f"{row.place}: {name} has only some of its numbers; fill in or empty all")
    return given


def _box(numbers: list[float]) -> Box | None:
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if numbers else None
