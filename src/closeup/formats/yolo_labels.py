"""Boxes and key points of one picture as text, in the format of Ultralytics' tools.

    0 0.512 0.431 0.083 0.121
    0 0.118 0.402 0.064 0.095 0.102 0.391 2 0.133 0.390 2 0.000 0.000 0

A line is a class, the box's centre, width and height, and for each key point x, y and optionally
its visibility (0 not labelled, 1 hidden, 2 visible). All are shares of the picture's sides: 0 is
the edge of the first pixel, 1 that of the last; :class:`closeup.labels.PictureLabels` uses pixels,
whose centres are integers. https://docs.ultralytics.com/datasets/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.files.folders import is_file
from closeup.files.text import lines_of, read_number, read_text
from closeup.geometry import Size
from closeup.labels import PictureLabels

_BOX = 5
"""Number of values of a line without key points."""
_LEAST_CORNERS = 3
_BEYOND = 0.05
"""Share of a side by which a box may extend beyond the picture, through rounding or annotation."""
_FAR = 1.0
"""The same limit for a key point, which may well lie outside: an ear of a face at the edge."""
_ROOM = 0.55
"""Distance of a key point from the box's centre, in sides of the box, within which it fits."""
_POINT_LENGTHS = (2, 3)
_SEEN = 2.0
_HALF = 0.5
"""Distance from the first pixel's edge, the origin of shares, to its centre, our origin."""


class LabelRepairs(NamedTuple):
    """Corrections made while a file of labels was read.

    Attributes:
        cut: Number of boxes that extended slightly beyond the picture and were clipped.
        repeated: Number of repeated lines, which were ignored.
        outlines: For each outline that was read as its box, the forms of key points that the line
            could be in a set with ``kpt_shape``: pairs of their number and length. One that is in
            all outlines of a set makes it likely that they are none.

    """

    cut: int = 0
    repeated: int = 0
    outlines: tuple[frozenset[tuple[int, int]], ...] = ()


def label_file(image: Path) -> Path:
    """Return the label path of a picture: the last folder ``images`` is replaced by ``labels``.

    Without a folder of that name, the labels are beside the picture.
    """
    parts = list(image.parts[:-1])
    if "images" in parts:
        parts[len(parts) - 1 - parts[::-1].index("images")] = "labels"
    return Path(*parts, f"{image.stem}.txt")


def find_labels(picture: Path) -> Path | None:
    """The label file of a picture, where Ultralytics looks or beside it; None without one."""
    files = [label_file(picture), picture.with_suffix(".txt")]
    names = [name for file in files for name in (file, file.with_suffix(".TXT"))]
    return next((name for name in names if is_file(name)), None)


class LabelShares(NamedTuple):
    """The lines of a file of labels, in shares of the picture's sides.

    Attributes:
        rows: Class, x1, y1, x2, y2, then x, y and visibility of each point.
        outlines: As in :class:`LabelRepairs`.

    """

    rows: list[tuple[float, ...]]
    outlines: tuple[frozenset[tuple[int, int]], ...]


def read_shares(
    path: Path, names: tuple[str, ...], points: int = 0, point_length: int = 3
) -> LabelShares:
    """Read the lines of a file; arguments and errors are those of :func:`read_yolo_labels`."""
    shape = _Shape(names, points, point_length)
    rows = []
    outlines = []
    for number, line in enumerate(lines_of(read_text(path)), 1):
        if words := line.split():
            rows.append(shape.row(words, f"{path}, line {number}"))
            if shape.outlined(words):
                outlines.append(_forms([float(word) for word in words[1:]]))
    return LabelShares(rows, tuple(outlines))


def read_yolo_labels(
    path: Path, size: Size, names: tuple[str, ...], points: int = 0, point_length: int = 3
) -> tuple[PictureLabels, LabelRepairs]:
    """Read the labels of one picture; an empty file marks a background picture.

    If the data set has no key points, a line of a class and the corners of an outline is read as
    the outline's box, unless a visibility of 2 shows that it has key points. A point of two numbers
    is not labelled if both are 0, or one is negative.

    Args:
        path: The text file.
        size: Size of the picture, in pixels.
        names: Names of the data set's classes.
        points: Number of key points per box.
        point_length: Values per key point, 2 or 3.

    Raises:
        InputError: the file cannot be read, or a line has a wrong number of values, a value that
            is not finite, an unknown class, key points in a set without these, or a box that is
            empty or far outside the picture.

    """
    rows, outlines = read_shares(path, names, points, point_length)
    kept = list(dict.fromkeys(rows))
    table = np.array(kept, np.float64).reshape(len(kept), _BOX + 3 * points)
    corners = table[:, 1:_BOX]
    within = np.clip(corners, 0, 1)
    marks = _without_outside(table[:, _BOX:].reshape(len(kept), points, 3))
    marks[..., :2] = marks[..., :2] * np.array(size) - _HALF
    marks[marks[..., 2] == 0] = 0
    labels = PictureLabels.of(
        within * np.tile(size, 2) - _HALF, table[:, 0].astype(np.int64), marks
    )
    cut = int((np.abs(within - corners) > 1e-6).any(axis=1).sum())
    return labels, LabelRepairs(cut, len(rows) - len(kept), outlines)


def write_yolo_labels(path: Path, labels: PictureLabels, size: Size, point_length: int = 3) -> None:
    """Write the labels of one picture, to a millionth of a side.

    Boxes are clipped to the picture; a point outside the picture is written as not
    labelled.

    Args:
        path: ``labels/….txt`` for ``images/….jpg``.
        labels: Labels of the picture; without labels the file is empty.
        size: Size of the picture, in pixels.
        point_length: Values per key point, 2 or 3.

    Raises:
        ValueError: a box lies outside the picture, or an object is ignored, which the format
            cannot express: leave it out.
        OutputError: the file cannot be written.

    """
    if labels.ignored.any():
        raise ValueError("YOLO's labels cannot mark an object as ignored: leave it out")
    corners = np.clip((labels.boxes.astype(np.float64) + _HALF) / np.tile(size, 2), 0, 1)
    if not (corners[:, 2:] > corners[:, :2]).all():
        raise ValueError(f"a box has nothing in a picture of {size}: leave it out")
    points = labels.points.astype(np.float64)
    points[..., :2] = (points[..., :2] + _HALF) / np.array(size)
    rows = zip(
        labels.classes.tolist(),
        corners.tolist(),
        _without_outside(points).tolist(),
        strict=True,
    )
    write_text(path, "".join(label_line(*row, point_length) for row in rows))


def label_line(
    number: int,
    corners: Sequence[float],
    points: Iterable[Sequence[float]],
    point_length: int = 3,
    digits: int = 6,
) -> str:
    """The line of one object, with its line end.

    Args:
        number: Number of its class.
        corners: x1, y1, x2, y2 as shares of the picture's sides.
        points: x, y and visibility of each key point, as shares.
        point_length: Values per key point, 2 or 3.
        digits: Number of decimal places.

    """
    x1, y1, x2, y2 = corners
    shares = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
    words = [str(number), *(f"{share:.{digits}f}" for share in shares)]
    for x, y, seen in points:
        words += [f"{x:.{digits}f}", f"{y:.{digits}f}", f"{seen:.0f}"][:point_length]
    return " ".join(words) + "\n"


@dataclass(frozen=True, slots=True)
class _Shape:
    """The required form of a data set's lines."""

    names: tuple[str, ...]
    points: int
    point_length: int

    def row(self, words: list[str], place: str) -> tuple[float, ...]:
        """Return class, x1, y1, x2, y2, then x, y and visibility of each point."""
        expected = _BOX + self.points * self.point_length
        numbers = [read_number(word, place) for word in words]
        if not self.points and _shows_points(numbers[1:]):
            count = (len(words) - _BOX) // 3
            raise InputError(
                f"{place}: a box with {count} key points, but the set's YAML file has no "
                f"kpt_shape; add kpt_shape: [{count}, 3] to it"
            )
        if len(words) != expected and not self.outlined(words):
            what = (
                f"a class, a box and {self.points} points" if self.points else "a class and a box"
            )
            raise InputError(
                f"{place}: {len(words)} numbers where {expected} are {what}; correct the line, "
                "or kpt_shape in the set's YAML file"
            )
        number = self._class(numbers[0], place)
        if self.outlined(words):
            return number, *_outline(numbers[1:], place)
        return number, *_box(numbers[1:_BOX], place), *self._points(numbers[_BOX:], place)

    def outlined(self, words: list[str]) -> bool:
        """Whether a line has the form of an outline."""
        return not self.points and len(words) > _BOX and len(words) % 2 == 1

    def _class(self, number: float, place: str) -> float:
        if number != int(number) or not 0 <= number < len(self.names):
            raise InputError(
                f"{place}: class {number:g}, but the set's YAML file names the classes 0 to "
                f"{len(self.names) - 1}; add its name there or correct the line"
            )
        return number

    def _points(self, numbers: list[float], place: str) -> list[float]:
        marks: list[float] = []
        for first in range(0, len(numbers), self.point_length):
            x, y, *rest = numbers[first : first + self.point_length]
            seen = rest[0] if rest else _SEEN * ((x, y) != (0, 0) and min(x, y) >= 0)
            if seen not in {0, 1, 2}:
                raise InputError(
                    f"{place}: a key point with visibility {seen:g}; it must be 0, 1 or 2"
                )
            if seen and not -_FAR <= min(x, y) <= max(x, y) <= 1 + _FAR:
                raise InputError(f"{place}: a key point at ({x:g}, {y:g}); {_AS_SHARES}")
            marks += [x, y, seen]
        return marks


_AS_SHARES = "write shares of the picture's sides, 0 to 1, not pixels"


def _box(numbers: list[float], place: str) -> tuple[float, float, float, float]:
    x, y, width, height = numbers
    if width <= 0 or height <= 0:
        raise InputError(f"{place}: a box of {width:g} x {height:g}; correct or remove the line")
    return _checked((x - width / 2, y - height / 2, x + width / 2, y + height / 2), place)


def _outline(numbers: list[float], place: str) -> tuple[float, float, float, float]:
    """Return the box around the corners of an outline."""
    xs, ys = numbers[::2], numbers[1::2]
    if len(xs) < _LEAST_CORNERS or min(xs) == max(xs) or min(ys) == max(ys):
        raise InputError(f"{place}: an outline that holds nothing; correct or remove the line")
    return _checked((min(xs), min(ys), max(xs), max(ys)), place)


def _shows_points(numbers: list[float]) -> bool:
    """Whether the numbers after the class have a visibility of 2, which no outline has."""
    seen = numbers[6::3]
    return len(numbers) > 6 and len(numbers) % 3 == 1 and {2} <= set(seen) <= {0, 1, 2}


def _forms(numbers: list[float]) -> frozenset[tuple[int, int]]:
    """The forms of key points that the numbers after a class could be: all lie in the box."""
    x, y, width, height, *rest = numbers
    found = set()
    for length in _POINT_LENGTHS:
        points = np.array(rest[: len(rest) // length * length], np.float64).reshape(-1, length)
        seen = points[(points[:, 2:] > 0).all(axis=1) & (points[:, :2] != 0).any(axis=1), :2]
        near = np.abs(seen - (x, y)) <= np.array([width, height]) * _ROOM
        fits = len(rest) % length == 0 and set(points[:, 2:].ravel().tolist()) <= {0, 1, 2}
        if fits and len(seen) and near.all():
            found.add((len(points), length))
    return frozenset(found)


def _checked(
    box: tuple[float, float, float, float], place: str
) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    if min(x1, y1) < -_BEYOND or max(x2, y2) > 1 + _BEYOND or min(x2, y2) <= 0 or max(x1, y1) >= 1:
        raise InputError(
            f"{place}: the box reaches from ({x1:g}, {y1:g}) to ({x2:g}, {y2:g}), out of the "
            f"picture; {_AS_SHARES}"
        )
    return box


def _without_outside(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Set points outside the picture to zero, as Ultralytics writes them."""
    outside = (points[..., :2] < 0).any(axis=-1) | (points[..., :2] > 1).any(axis=-1)
    gone = outside | (points[..., 2] == 0)
    return np.where(gone[..., None], 0.0, points)
