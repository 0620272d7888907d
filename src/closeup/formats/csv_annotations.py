"""Annotation sets as CSV, one object a row.

``image`` names the picture; all other columns may be missing, and so may their cells:

- ``frame``: number of the frame if the picture is a video;
- ``width``, ``height``: size of the picture;
- ``class``: name of the object's class or of the member;
- ``box_x1`` … ``box_y2``: edges of the box; ``NAME_x``, ``NAME_y``: a point, as in
  :mod:`closeup.formats.csv_labels`;
- ``NAME_v``: 0 if the point is not labelled, 1 if it is covered, else 2. With this column, any
  pair of columns is a point;
- the keys of :mod:`closeup.formats.own_keys`, such as ``mask``, ``verdict`` and ``origin``.

Other columns survive as they are. A row without an object says that there is such a picture.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint
from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.files.tables import Row, Table, read_table
from closeup.files.text import beginning, lines_of, shown
from closeup.formats.annotation_format import (
    ALL_ASPECTS,
    AnnotationFormat,
    Aspect,
    kept,
    schema_of,
)
from closeup.formats.csv_labels import BOX_COLUMNS, LabelColumns, is_point
from closeup.formats.own_keys import OWN_KEYS, own_keys, with_own_keys
from closeup.geometry import Size
from closeup.progress import Progress

NAME = "csv"
CARRIES = ALL_ASPECTS - {Aspect.SCHEMA}
_OF_PICTURES = ("image", "frame", "width", "height")
_TRUTHS = ("keyframe", "absent")
_WORDS = {"true": True, "false": False}
_UNLABELLED, _HIDDEN, _VISIBLE = "0", "1", "2"


def read_csv_annotations(path: Path, _: Progress | None = None) -> AnnotationSet:
    """Read the rows of a table, grouped by picture and frame.

    Raises:
        InputError: the file is missing or not text; the column ``image`` is missing, or a column
            is repeated or has no partner; a row has more or fewer cells than columns, or a cell
            has a value that its column cannot have.

    """
    columns = _Columns.of(read_table(path, "image"))
    found: dict[tuple[str, int | None], AnnotatedPicture] = {}
    objects: dict[tuple[str, int | None], list[Annotation]] = {}
    for row in columns.labels.table:
        picture = columns.picture(row)
        key = picture.path, picture.frame
        if found.setdefault(key, picture).size != picture.size:
            raise InputError(
                f"{row.place}: {shown(picture.path)} has another size in an earlier row; correct it"
            )
        objects.setdefault(key, []).extend(picture.annotations)
    pictures = tuple(
        replace(picture, annotations=tuple(objects[key])) for key, picture in found.items()
    )
    return AnnotationSet(pictures, schema_of(pictures))


def write_csv_annotations(path: Path, annotations: AnnotationSet) -> None:
    """Write a table with a column for each value that any object or picture has.

    Raises:
        OutputError: the file cannot be written.

    """
    left = kept(annotations, CARRIES, NAME)
    rows = [cells for picture in left.pictures for cells in _rows(picture)]
    order = [*_OF_PICTURES, "class", *BOX_COLUMNS]
    order += [f"{name}_{end}" for name in left.schema.points for end in "xyv"]
    order += [*OWN_KEYS, *(key for cells in rows for key in cells)]
    used = {"image", *(key for cells in rows for key in cells)}
    columns = [name for name in dict.fromkeys(order) if name in used]
    text = io.StringIO()
    table = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_text(path, text.getvalue())


def is_csv(path: Path) -> bool:
    """Whether a file begins with the names of columns, of which one is ``image``."""
    heading = next((line for line in lines_of(beginning(path)) if line.strip()), "")
    cells = heading.replace(";", ",").replace("\t", ",").split(",")
    return "image" in [cell.strip(' "') for cell in cells]


CSV = AnnotationFormat(
    name=NAME,
    title="CSV",
    read=read_csv_annotations,
    write=write_csv_annotations,
    recognises=is_csv,
    carries=CARRIES,
    places=1e-6,
    convention="ours: points from the first pixel's centre, boxes as edges in the same pixels",
)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a table of annotations."""

    labels: LabelColumns
    visible: dict[str, int]
    """Name of a point → index of its column ``NAME_v``."""
    known: dict[str, int]
    """Name → index of a column of this module."""
    others: dict[str, int]

    @classmethod
    def of(cls, table: Table) -> _Columns:
        place = table.columns
        stems = (name[:-2] for name in place if name[-2:] in ("_x", "_y"))
        names = {name for name in stems if is_point(name) or f"{name}_v" in place}
        labels = LabelColumns.of(table, names)
        visible = {name: place[f"{name}_v"] for name in names if f"{name}_v" in place}
        points = {f"{name}_{end}" for name in names for end in "xyv"}
        known = {name: place[name] for name in (*_OF_PICTURES, "class", *OWN_KEYS) if name in place}
        table.need([*known, *(f"{name}_v" for name in visible)])
        used = {*known, *points, *BOX_COLUMNS}
        others = {name: place[name] for name in place if name not in used}
        return cls(labels, visible, known, others)

    def picture(self, row: Row) -> AnnotatedPicture:
        """The picture of a row, with its object."""
        path, one = row.cells[self.known["image"]], self._annotation(row)
        frame, width, height = (self._whole(row, key) for key in _OF_PICTURES[1:])
        if not path:
            raise InputError(f"{row.place}: it names no image; correct it")
        if frame is not None and frame < 0:
            raise InputError(f"{row.place}: the frame {frame}; frames count from 0")
        if width == 0 or height == 0 or min(width or 1, height or 1) < 0:
            raise InputError(f"{row.place}: a picture of {width} x {height} pixels; correct it")
        size = Size(width, height) if width and height else None
        if one.box or one.points or one.mask or one.name or one.verdict:
            return AnnotatedPicture(path, frame, size, (one,))
        return AnnotatedPicture(path, frame, size, (), one.extra)

    def _annotation(self, row: Row) -> Annotation:
        box, points = self.labels.places(row)
        seen = {name: self._visibility(row, column) for name, column in self.visible.items()}
        others = {name: row.cells[column] for name, column in self.others.items()}
        extra = {name: cell for name, cell in others.items() if cell}
        try:
            read = Annotation(
                self._text(row, "class"),
                box,
                {
                    name: KeyPoint(x, y, seen.get(name) != _HIDDEN)
                    for name, (x, y) in points.items()
                    if seen.get(name) != _UNLABELLED
                },
                extra={NAME: extra} if extra else {},
            )
        except ValueError as error:
            raise InputError(f"{row.place}: {error}; correct it") from None
        return with_own_keys(read, self._own(row), row.place)

    def _own(self, row: Row) -> dict[str, Any]:
        texts = {key: self._text(row, key) for key in OWN_KEYS}
        given: dict[str, Any] = {key: text for key, text in texts.items() if text}
        for key in given.keys() & set(_TRUTHS):
            given[key] = _WORDS.get(given[key].lower(), given[key])
        if "score" in given:
            given["score"] = row.number(self.known["score"], "score")
        return given

    def _text(self, row: Row, key: str) -> str:
        return row.cells[self.known[key]].strip() if key in self.known else ""

    def _whole(self, row: Row, key: str) -> int | None:
        return row.whole(self.known[key], key) if key in self.known else None

    @staticmethod
    def _visibility(row: Row, column: int) -> str:
        number = row.whole(column, "visibility")
        text = _VISIBLE if number is None else str(number)
        if text not in (_UNLABELLED, _HIDDEN, _VISIBLE):
            raise InputError(f"{row.place}: a visibility of {text}, not 0, 1 or 2; correct it")
        return text


def _rows(picture: AnnotatedPicture) -> Iterator[dict[str, Any]]:
    """The cells of each object by their columns; one row without an object if there is none."""
    size = picture.size
    own = {
        "image": picture.path,
        **({} if picture.frame is None else {"frame": picture.frame}),
        **({"width": size.width, "height": size.height} if size else {}),
    }
    if not picture.annotations:
        yield {**_others(picture.extra, own), **own}
    for one in picture.annotations:
        cells = {**own, **_cells(one)}
        yield {**_others(one.extra, cells), **cells}


def _cells(one: Annotation) -> dict[str, Any]:
    cells: dict[str, Any] = {"class": one.name} if one.name else {}
    cells |= dict(zip(BOX_COLUMNS, map(_digits, one.box or ()), strict=False))
    for name, point in one.points.items():
        cells[f"{name}_x"], cells[f"{name}_y"] = _digits(point.x), _digits(point.y)
        cells[f"{name}_v"] = _VISIBLE if point.visible else _HIDDEN
    keys = own_keys(one)
    return cells | {
        key: str(value).lower() if key in _TRUTHS else value for key, value in keys.items()
    }


def _digits(value: float) -> str:
    return repr(float(value))


def _others(extra: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    return {key: cell for key, cell in extra.get(NAME, {}).items() if key not in used}
