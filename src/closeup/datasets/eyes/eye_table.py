"""``labels.csv`` and ``left_out.csv`` of an eye data set: one row per eye."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.documents import write_table
from closeup.files.tables import Row, read_table
from closeup.geometry import Size
from closeup.similarity import Similarity

NOWHERE = float("nan")


@dataclass(frozen=True, slots=True)
class EyeRow:
    """One eye: its label, and its position in the original picture.

    Attributes:
        image: Path of the picture relative to the source, or the video's name.
        frame: Number in a video, from 0; None for an image.
        face: Number of the face in the picture, the largest is 0; None if the picture has no face.
        side: ``right`` or ``left`` eye of the subject; empty if the picture has no face.
        crop: ``00003/17`` is the crop in row 17 of ``crops/00003.npy``; empty where the eye
            was left out.
        x: Label in the crop, from 0 at its left edge to 1 at its right one; NaN without a label.
        y: Label in the crop, from 0 at its upper edge to 1 at its lower one; NaN without a label.
        source_x: x of the same point in the picture, in pixels.
        source_y: y of the same point in the picture, in pixels.
        a: Entry of the similarity ``[[a, -b, tx], [b, a, ty]]`` from the picture's pixels to those
            of the crop, before a left eye was mirrored.
        b: Entry of the same similarity.
        tx: Entry of the same similarity, in pixels of the crop.
        ty: Entry of the same similarity, in pixels of the crop.
        openness: From 0 (closed) to 1 (open); NaN if unknown.
        confidence: Confidence in the label, 0..1.
        method: What made the label.
        openness_method: Method that estimated the openness; empty if none did.
        left_corner_x: x of the left eye corner in the crop, 0..1 as ``x``; it is the outer corner
            because left eyes are mirrored. NaN if unknown.
        left_corner_y: y of the same corner, as ``y``.
        right_corner_x: x of the other corner, near the nose.
        right_corner_y: y of the other corner.
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
        """The similarity from the picture's pixels to the crop's, before the crop was mirrored."""
        return Similarity(np.array([[self.a, -self.b, self.tx], [self.b, self.a, self.ty]]))

    def to_crop(self, points: NDArray[np.floating], size: Size) -> NDArray[np.float64]:
        """Bring points (…, 2) from the picture's pixels to those of the crop, mirrored or not.

        Args:
            points: x and y in the picture.
            size: Size of the crop, as :attr:`EyeStore.size` has it.

        """
        places = self.similarity.apply(points)
        if self.side == "left":
            places[..., 0] = size.width - 1 - places[..., 0]
        return places


COLUMNS = ("crop", *(field.name for field in fields(EyeRow) if field.name != "crop"))
"""Columns of ``left_out.csv``; ``labels.csv`` has all but the last."""

_DIGITS = 10
"""Significant digits: a similarity must map back to within 1e-3 pixels in any picture size."""

_TEXT = {"image", "side", "crop", "method", "openness_method", "reason"}
_WHOLE = {"frame", "face"}


def places(rows: Sequence[EyeRow]) -> NDArray[np.float64]:
    """Return the labels of rows; x and y, shape (n, 2)."""
    return np.array([(row.x, row.y) for row in rows], np.float64).reshape(-1, 2)


def corners(rows: Sequence[EyeRow]) -> NDArray[np.float64]:
    """Return the left and right eye corners of rows; shape (n, 2, 2), NaN if unknown."""
    known = [
        (row.left_corner_x, row.left_corner_y, row.right_corner_x, row.right_corner_y)
        for row in rows
    ]
    return np.array(known, np.float64).reshape(-1, 2, 2)


def write_rows(path: Path, rows: Iterable[EyeRow], columns: Sequence[str] = COLUMNS) -> None:
    """Write a heading and one row per eye; unknown values stay empty.

    Raises:
        OutputError: the file cannot be written.

    """
    write_table(path, chain([columns], ([_cell(getattr(row, n)) for n in columns] for row in rows)))


def read_rows(path: Path) -> list[EyeRow]:
    """Read a table of :func:`write_rows`; values of missing columns are unknown.

    Columns that others have added are passed over.

    Raises:
        InputError: the file cannot be read or is not such a table.

    """
    try:
        table = read_table(path, "crop", "surrogateescape")
        known = [name for name in COLUMNS if name in table.columns or name == "image"]
        table.need(known)
        return [_row(row, {name: table.columns[name] for name in known}) for row in table]
    except InputError as error:
        raise InputError(f"{error}, or make it again with: closeup dataset eyes") from error


def _cell(value: float | int | str | None) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.{_DIGITS}g}"
    return "" if value is None else str(value)


def _row(row: Row, columns: Mapping[str, int]) -> EyeRow:
    values = {name: _value(row, name, column) for name, column in columns.items()}
    return EyeRow(**values)  # type: ignore[arg-type]


def _value(row: Row, name: str, column: int) -> float | int | str | None:
    if name in _TEXT:
        return row.cells[column]
    if name in _WHOLE:
        return row.whole(column, name)
    number = row.number(column, name)
    return NOWHERE if number is None else number
