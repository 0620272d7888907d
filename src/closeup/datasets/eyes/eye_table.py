"""``labels.csv`` and ``left_out.csv`` of an eye data set: one row an eye."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.documents import write_table
from closeup.similarity import Similarity

NOWHERE = float("nan")


@dataclass(frozen=True, slots=True)
class EyeRow:
    """One eye: its label, and the way back to its picture.

    Attributes:
        image: Path of the picture below the source, or the video's name.
        frame: Number in a video, from 0; None for an image.
        face: Number in the picture, the largest is 0; None where there is none.
        side: ``right`` or ``left`` eye of the subject; empty where there is no face.
        crop: ``00003/17`` is the crop in row 17 of ``crops/00003.npy``; empty where the eye
            was left out.
        x: From 0 at the crop's left edge to 1 at its right one; NaN without a label.
        y: From 0 at its upper edge to 1 at its lower one.
        source_x: The same point in the picture's pixels.
        source_y: Likewise.
        a: Of the similarity ``[[a, -b, tx], [b, a, ty]]`` from the picture's pixels to those
            of the crop, before a left eye was mirrored.
        b: Likewise.
        tx: Likewise.
        ty: Likewise.
        openness: From 0 (closed) to 1; NaN where nobody knows.
        confidence: Of the label, 0..1.
        method: What made the label.
        openness_method: What told the openness; empty where nobody did.
        left_corner_x: Of the eye, left in the crop: the outer corner, as left eyes are mirrored.
            A share of the crop's width, as ``x``; NaN where unknown.
        left_corner_y: Likewise, of its height.
        right_corner_x: Of the other corner, at the nose.
        right_corner_y: Likewise.
        reason: Why the eye was left out; empty where it has a crop.

    """

    image: str
    frame: int | None = None
    face: int | None = None
    side: str = ""
    crop: str = ""
    x: float = NOWHERE
    y: float = NOWHERE
    source_x: float = NOWHERE
    source_y: float = NOWHERE
    a: float = NOWHERE
    b: float = NOWHERE
    tx: float = NOWHERE
    ty: float = NOWHERE
    openness: float = NOWHERE
    confidence: float = NOWHERE
    method: str = ""
    openness_method: str = ""
    left_corner_x: float = NOWHERE
    left_corner_y: float = NOWHERE
    right_corner_x: float = NOWHERE
    right_corner_y: float = NOWHERE
    reason: str = ""

    @property
    def similarity(self) -> Similarity:
        """From the picture's pixels to those of the crop, before it was mirrored."""
        return Similarity(np.array([[self.a, -self.b, self.tx], [self.b, self.a, self.ty]]))


COLUMNS = ("crop", *(field.name for field in fields(EyeRow) if field.name != "crop"))
"""Of ``left_out.csv``; ``labels.csv`` has all but the last."""

_DIGITS = 10
"""Significant ones: a similarity must lead back to 1e-3 pixels in pictures of any size."""

_TEXT = {"image", "side", "crop", "method", "openness_method", "reason"}
_WHOLE = {"frame", "face"}


def places(rows: Sequence[EyeRow]) -> NDArray[np.float64]:
    """The labels of rows; shape (n, 2)."""
    return np.array([(row.x, row.y) for row in rows], np.float64).reshape(-1, 2)


def corners(rows: Sequence[EyeRow]) -> NDArray[np.float64]:
    """Left and right corners of the eyes of rows, NaN where unknown; shape (n, 2, 2)."""
    known = [
        (row.left_corner_x, row.left_corner_y, row.right_corner_x, row.right_corner_y)
        for row in rows
    ]
    return np.array(known, np.float64).reshape(-1, 2, 2)


def write_rows(path: Path, rows: Iterable[EyeRow], columns: Sequence[str] = COLUMNS) -> None:
    """Write a heading and a row for every eye; what is not known stays empty.

    Raises:
        OutputError: the file cannot be written.

    """
    write_table(path, chain([columns], ([_cell(getattr(row, n)) for n in columns] for row in rows)))


def read_rows(path: Path) -> list[EyeRow]:
    """Read what :func:`write_rows` wrote; what a table has no column for is not known.

    Raises:
        InputError: the file cannot be read, or is no such table.

    """
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return [_row(record) for record in csv.DictReader(file, strict=True)]
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror or error}; check the name"
        ) from error
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(
            f"{path} is no table of eyes, or damaged; make it again with: closeup dataset eyes"
        ) from error


def _cell(value: float | int | str | None) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.{_DIGITS}g}"
    return "" if value is None else str(value)


def _row(record: dict[str, str]) -> EyeRow:
    if None in record.values():
        raise ValueError("a row has fewer cells than columns")
    return EyeRow(**{name: _value(name, text) for name, text in record.items()})  # type: ignore[arg-type]


def _value(name: str, text: str) -> float | int | str | None:
    if name in _TEXT:
        return text
    if name in _WHOLE:
        return int(text) if text else None
    return float(text) if text else NOWHERE
