"""``faces.csv`` and ``people.csv``: one row a face, for people and for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.pipeline.search import Finding

COLUMNS = ("image", "frame", "seconds", "face", "x1", "y1", "x2", "y2", "score")
"""Before the points' ``p0_x``, ``p0_y``, ``p1_x`` …"""

WHO = ("name", "confidence", "distance", "runner_up")
"""Between them and the points, where faces were compared with members."""


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

    """
    points = range(found[0].points.shape[1])
    records = [picture.record() for picture in found]
    who = WHO if any("runner_up" in face for one in records for face in one["faces"]) else ()
    # Names that are no UTF-8 are written as the bytes that they are.
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*COLUMNS, *who, *(f"p{point}_{axis}" for point in points for axis in "xy")])
        for record in records:
            rows.writerows(_rows(record, named=bool(who)))


def _rows(record: dict[str, Any], *, named: bool) -> Iterator[list[Any]]:
    place = [record["image"], record.get("frame"), record.get("seconds")]
    for number, face in enumerate(record["faces"]):
        coordinates = [value for point in face["points"] for value in point]
        who = _who(face) if named else []
        yield [*place, number, *face["box"], face["score"], *who, *coordinates]


def _who(face: dict[str, Any]) -> list[Any]:
    runner_up = face["runner_up"] or {}
    return [face["name"], face["confidence"], face["distance"], runner_up.get("name")]
