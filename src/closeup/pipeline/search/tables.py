"""``faces.csv``, ``people.csv``, ``pupils.csv``: one row per face, with the numbers of the JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from closeup.files.documents import write_table
from closeup.identities import CANDIDATES
from closeup.pipeline.search.search import FacesInPicture

FACE_COLUMNS = ("image", "frame", "seconds", "face", "x1", "y1", "x2", "y2", "score")
"""Columns of faces, followed by those of the points, ``p0_x``, ``p0_y``, ``p1_x`` …"""

_CANDIDATE = ("name", "confidence", "distance", "odds", "false_accept_rate")
NAME_COLUMNS = (
    "name", "confidence", "distance", "runner_up",
    *(f"candidate_{place}_{key}" for place in range(1, CANDIDATES + 1) for key in _CANDIDATE),
)  # fmt: skip
"""Columns between those and the points, if faces were compared with members."""

PUPIL_COLUMNS = (
    "image", "face", "right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y",
    "right_open", "left_open", "confidence", "gaze_x", "gaze_y",
)  # fmt: skip
"""Columns of pupils; for a video, ``frame`` follows ``image``."""

_NOWHERE = (None, None)


def write_faces_table(path: Path, found: Sequence[FacesInPicture]) -> None:
    """Write a heading and a row for every face.

    Args:
        path: The file.
        found: One picture or more, in the order of the rows.

    Raises:
        OutputError: the file cannot be written.

    """
    points = 0 if found[0].faces.points is None else found[0].faces.points.shape[1]
    named = any(picture.faces.identities is not None for picture in found)
    heading = [f"p{point}_{axis}" for point in range(points) for axis in "xy"]
    rows = (row for picture in found for row in _face_rows(picture.record(), named=named))
    write_table(path, chain([[*FACE_COLUMNS, *(NAME_COLUMNS if named else ()), *heading]], rows))


def write_pupils_table(path: Path, found: Sequence[FacesInPicture]) -> None:
    """Write a heading and a row for every face, the largest of a picture first.

    Args:
        path: The file.
        found: One picture or more, in the order of the rows.

    Raises:
        OutputError: the file cannot be written.

    """
    video = found[0].frame is not None
    rows = (
        [picture.name, *[picture.frame] * video, *row]
        for picture in found
        for row in _pupil_rows(picture.record())
    )
    heading = [PUPIL_COLUMNS[0], *["frame"] * video, *PUPIL_COLUMNS[1:]]
    write_table(path, chain([heading], rows))


def _face_rows(record: dict[str, Any], *, named: bool) -> Iterator[list[Any]]:
    place = [record["image"], record.get("frame"), record.get("seconds")]
    for number, face in enumerate(record["faces"]):
        coordinates = [value for point in face["points"] for value in point]
        names = _names(face) if named else []
        yield [*place, number, *face["box"], face["score"], *names, *coordinates]


def _names(face: dict[str, Any]) -> list[Any]:
    runner_up = face["runner_up"] or {}
    members = [*face["candidates"], *[{}] * CANDIDATES][:CANDIDATES]
    return [
        *(face["name"], face["confidence"], face["distance"], runner_up.get("name")),
        *(member.get(key) for member in members for key in _CANDIDATE),
    ]


def _pupil_rows(record: dict[str, Any]) -> Iterator[list[Any]]:
    for number, face in enumerate(record["faces"]):
        eyes = [*(face["right_eye"] or _NOWHERE), *(face["left_eye"] or _NOWHERE)]
        sure = face["right_open"], face["left_open"], face["confidence"]
        yield [number, *eyes, *sure, *(face["gaze"] or _NOWHERE)]
