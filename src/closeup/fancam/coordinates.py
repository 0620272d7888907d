"""``coordinates.csv``: the position of every member in every frame, for people and programs.

It has one row for each frame and member; in a frame, members are in the given order. Positions are
normalised to the frame: a pixel's centre is at integer coordinates, so x of a point at pixel p
is (p + ½) / width, and a box as large as the frame has centre ½ and size 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.documents import write_table
from closeup.files.tables import Row, read_table
from closeup.files.text import shown
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
    table = read_table(path, COLUMNS[0], "surrogateescape")
    table.need(COLUMNS)
    columns = [table.columns[name] for name in COLUMNS]
    return _assembled(path, [_parsed(row, columns) for row in table], frame_size)


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


def _parsed(row: Row, columns: Sequence[int]) -> _Row:
    """Parse one row; ``columns`` are the indices of :data:`COLUMNS`.

    Raises:
        InputError: it is not valid.

    """
    frame, time, member, *box, source, sure = columns
    name, kind = row.cells[member], row.cells[source]
    if kind not in _SOURCES:
        raise InputError(
            f"{row.place}: source {shown(kind)} is none of {', '.join(_SOURCES)}; correct it"
        )
    absent = _SOURCES[kind] == PositionSource.ABSENT
    place = [row.number(column, axis) for column, axis in zip(box, "xywh", strict=True)]
    if any(absent == (number is not None) for number in place):
        raise InputError(f"{row.place}: x, y, w and h must be empty when absent, and only then")
    numbers = tuple(math.nan if number is None else number for number in place)
    index, seconds = row.whole(frame, "frame"), row.number(time, "time")
    confidence = row.number(sure, "confidence")
    if index is None or seconds is None or confidence is None:
        raise InputError(f"{row.place}: frame, time or confidence is empty; fill it in")
    if not 0 <= confidence <= 1:
        raise InputError(f"{row.place}: the confidence {confidence:g} is not from 0 to 1")
    return _Row(index, seconds, name, numbers, _SOURCES[kind], confidence)


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
