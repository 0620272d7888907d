"""``faces.csv``, ``people.csv`` and ``pupils.csv``: one row a face, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.files.documents import write_table
from closeup.pipeline.search import Finding

FACE_COLUMNS = ("image", "frame", "seconds", "face", "x1", "y1", "x2", "y2", "score")
"""Before the points' ``p0_x``, ``p0_y``, ``p1_x`` …"""

WHO = ("name", "confidence", "distance", "runner_up")
"""Between them and the points, where faces were compared with members."""

PUPIL_COLUMNS = (
    "image", "face", "right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y",
    "right_open", "left_open", "confidence", "gaze_x", "gaze_y",
)  # fmt: skip
"""The largest face of a picture first. Of a video ``frame`` comes after ``image``."""

_NOWHERE = (None, None)


class Pointed(Finding, Protocol):
    """A finding of faces with feature points."""

    @property
    def points(self) -> NDArray[np.float32]:
        """Of each face; shape (n, k, 2)."""
        ...


def write_faces_table(path: Path, found: Sequence[Pointed]) -> None:
    """Write a heading and a row for every face, with the numbers that the JSON has.

    Args:
        path: The file.
        found: One picture or more, in the order of the rows.

    Raises:
        OutputError: the file cannot be written.

    """
    points = range(found[0].points.shape[1])
    records = [picture.record() for picture in found]
    who = WHO if any("runner_up" in face for one in records for face in one["faces"]) else ()
    heading = [*FACE_COLUMNS, *who, *(f"p{point}_{axis}" for point in points for axis in "xy")]
    rows = (row for record in records for row in _face_rows(record, named=bool(who)))
    write_table(path, chain([heading], rows))


def _face_rows(record: dict[str, Any], *, named: bool) -> Iterator[list[Any]]:
    place = [record["image"], record.get("frame"), record.get("seconds")]
    for number, face in enumerate(record["faces"]):
        coordinates = [value for point in face["points"] for value in point]
        who = _who(face) if named else []
        yield [*place, number, *face["box"], face["score"], *who, *coordinates]


def _who(face: dict[str, Any]) -> list[Any]:
    runner_up = face["runner_up"] or {}
    return [face["name"], face["confidence"], face["distance"], runner_up.get("name")]


class Named(Finding, Protocol):
    """A finding that knows its picture's name below what was given."""

    @property
    def name(self) -> str:
        """With forward slashes."""
        ...


def write_pupils_table(path: Path, found: Sequence[Named]) -> None:
    """Write a heading and a row for every face, with the numbers that the JSON has.

    Args:
        path: The file.
        found: One picture or more, in the order of the rows.

    Raises:
        OutputError: the file cannot be written.

    """
    video = found[0].frame is not None
    rows: list[list[Any]] = [[PUPIL_COLUMNS[0], *["frame"] * video, *PUPIL_COLUMNS[1:]]]
    for picture in found:
        place = [picture.name, *[picture.frame] * video]
        rows += [[*place, *row] for row in _pupil_rows(picture.record())]
    write_table(path, rows)


def _pupil_rows(record: dict[str, Any]) -> Iterator[list[Any]]:
    for number, face in enumerate(record["faces"]):
        eyes = [*(face["right_eye"] or _NOWHERE), *(face["left_eye"] or _NOWHERE)]
        sure = face["right_open"], face["left_open"], face["confidence"]
        yield [number, *eyes, *sure, *(face["gaze"] or _NOWHERE)]
