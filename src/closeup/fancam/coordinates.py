"""``coordinates.csv``: the position of every member in every frame, for people and programs.

It has one row for each frame and member; in a frame, members are in the given order. Positions are
normalised to the frame: a pixel's centre is at integer coordinates, so x of a point at pixel p
is (p + ½) / width, and a box as large as the frame has centre ½ and size 1.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.documents import write_table
from closeup.geometry import Boxes, Size, boxes_around, centres_of, sides_of
from closeup.tracks import PositionSource, Trajectory

COLUMNS = ("frame", "time", "member", "x", "y", "w", "h", "source", "confidence")
YOLO_COLUMNS = ("frame", "class", "x", "y", "w", "h")

_CHUNK = 1000
"""Frames that are formatted at once."""

_NAMES = {int(source): str(source) for source in PositionSource}
_SOURCES = {str(source): source for source in PositionSource}


class Coordinates(NamedTuple):
    """The content of ``coordinates.csv``.

    Attributes:
        times: (n,) float64, time of each frame in seconds.
        trajectories: Member's name → trajectory, in the file's order; their ``tracklets`` are -1.

    """

    times: NDArray[np.float64]
    trajectories: dict[str, Trajectory]


def write_coordinates(
    path: Path,
    trajectories: Sequence[Trajectory],
    times: NDArray[np.float64],
    frame_size: Size,
) -> None:
    """Write ``frame,time,member,x,y,w,h,source,confidence``, whole or not at all.

    x, y, w, h are centre and size of the face box with six decimals, empty where the member
    is absent; time is in seconds.

    Raises:
        OutputError: the file cannot be written.
        ValueError: trajectories and times differ in length.

    """
    for trajectory in trajectories:
        if len(trajectory) != len(times):
            raise ValueError(
                f"{trajectory.name}: {len(trajectory)} positions but {len(times)} times; "
                "give one a frame"
            )
    write_table(path, chain([COLUMNS], _rows(trajectories, times, frame_size)))


def write_coordinates_yolo(
    path: Path, trajectories: Sequence[Trajectory], frame_size: Size
) -> None:
    """Write ``frame,class,x,y,w,h`` of present members; the class is the index in ``trajectories``.

    Raises:
        OutputError: the file cannot be written.

    """
    write_table(path, chain([YOLO_COLUMNS], _yolo_rows(trajectories, frame_size)))


def read_coordinates(path: Path | str, frame_size: Size) -> Coordinates:
    """Read what :func:`write_coordinates` wrote, boxes in the pixels of ``frame_size``.

    Raises:
        InputError: the file cannot be read, or a row is not valid.

    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = _read(path, file)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text; write it anew") from error
    return _assembled(path, rows, frame_size)


class _Row(NamedTuple):
    frame: int
    time: float
    member: str
    place: tuple[float, ...]
    source: PositionSource
    confidence: float


def _rows(
    trajectories: Sequence[Trajectory], times: NDArray[np.float64], frame_size: Size
) -> Iterator[Sequence[str | int]]:
    for start in range(0, len(times), _CHUNK):
        part = slice(start, start + _CHUNK)
        columns = [_texts(trajectory, part, frame_size) for trajectory in trajectories]
        for frame, time in enumerate(times[part].tolist()):
            clock = f"{time:.6f}"
            for member in columns:
                yield start + frame, clock, *member[frame]


def _texts(
    trajectory: Trajectory, part: slice, frame_size: Size
) -> list[tuple[str, str, str, str, str, str, str]]:
    """Member, x, y, w, h, source and confidence of the frames in ``part``."""
    texts = []
    for source, (x, y, w, h), sure in zip(
        trajectory.sources[part].tolist(),
        _normalised(trajectory.boxes[part], frame_size).tolist(),
        trajectory.confidence[part].tolist(),
        strict=True,
    ):
        if source == PositionSource.ABSENT:
            place = ("", "", "", "")
        else:
            place = (f"{x:.6f}", f"{y:.6f}", f"{w:.6f}", f"{h:.6f}")
        texts.append((trajectory.name, *place, _NAMES[source], f"{sure:.3f}"))
    return texts


def _yolo_rows(
    trajectories: Sequence[Trajectory], frame_size: Size
) -> Iterator[Sequence[str | int]]:
    count = len(trajectories[0]) if trajectories else 0
    for start in range(0, count, _CHUNK):
        part = slice(start, start + _CHUNK)
        columns = [_texts(trajectory, part, frame_size) for trajectory in trajectories]
        for frame, members in enumerate(zip(*columns, strict=True)):
            for number, (_, x, y, w, h, _, _) in enumerate(members):
                if x:
                    yield start + frame, number, x, y, w, h


def _normalised(boxes: Boxes, frame_size: Size) -> NDArray[np.float64]:
    """Pixel xyxy to centre and size as shares of the frame; shape (n, 4)."""
    corners = boxes.astype(np.float64)
    size = np.array(frame_size, np.float64)
    centres = (centres_of(corners) + 0.5) / size
    return np.hstack([centres, sides_of(corners) / size])


def _pixels(places: NDArray[np.float64], frame_size: Size) -> Boxes:
    """Reverse :func:`_normalised`."""
    size = np.array(frame_size, np.float64)
    centres, half = places[:, :2] * size - 0.5, places[:, 2:] * size / 2
    return boxes_around(centres, half).astype(np.float32)


def _read(path: Path, file: TextIO) -> list[_Row]:
    lines = csv.reader(file)
    if tuple(next(lines, ())) != COLUMNS:
        raise InputError(f"{path} does not begin with {','.join(COLUMNS)}; write it anew")
    rows = []
    for line in lines:
        try:
            rows.append(_parsed(line))
        except ValueError as error:
            raise InputError(f"{path}, line {lines.line_num}: {error}") from error
    return rows


def _parsed(row: Sequence[str]) -> _Row:
    """Parse one row; raises ValueError if it is not valid."""
    if len(row) != len(COLUMNS):
        raise ValueError(f"{len(row)} columns instead of {len(COLUMNS)}")
    frame, time, member, *place, source, confidence = row
    if source not in _SOURCES:
        raise ValueError(f"source {source!r} is none of {', '.join(_SOURCES)}")
    absent = _SOURCES[source] == PositionSource.ABSENT
    if any(absent == bool(text) for text in place):
        raise ValueError("x, y, w and h must be empty when absent, and only then")
    numbers = tuple(float(text) if text else math.nan for text in place)
    sure = float(confidence)
    if not (absent or all(map(math.isfinite, numbers))) or not 0 <= sure <= 1:
        raise ValueError("a number is out of range")
    return _Row(int(frame), float(time), member, numbers, _SOURCES[source], sure)


def _assembled(path: Path, rows: Sequence[_Row], frame_size: Size) -> Coordinates:
    names = list(dict.fromkeys(row.member for row in rows))
    for place, row in enumerate(rows):
        frame, member = divmod(place, len(names))
        if (row.frame, row.member) != (frame, names[member]):
            raise InputError(
                f"{path}: frame {row.frame} of {row.member} where frame {frame} of "
                f"{names[member]} belongs; keep the rows as they were written"
            )
    if names and len(rows) % len(names):
        raise InputError(f"{path}: the last frame lacks a member; write it anew")
    members = [rows[number :: len(names)] for number in range(len(names))]
    trajectories = {own[0].member: _trajectory(own, frame_size) for own in members}
    times = np.array([row.time for row in rows[:: len(names) or 1]], np.float64)
    return Coordinates(times, trajectories)


def _trajectory(rows: Sequence[_Row], frame_size: Size) -> Trajectory:
    return Trajectory(
        rows[0].member,
        _pixels(np.array([row.place for row in rows]), frame_size),
        np.array([row.source for row in rows], np.uint8),
        np.array([row.confidence for row in rows], np.float32),
        np.full(len(rows), -1, np.int64),
    )
