"""``faces.csv``: one row a face, for people and for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from closeup.pipeline.faces import FacesInPicture

COLUMNS = ("image", "frame", "seconds", "face", "x1", "y1", "x2", "y2", "score")
"""Before the points' ``p0_x``, ``p0_y``, ``p1_x`` …"""


def write_faces_table(path: Path, found: Sequence[FacesInPicture]) -> None:
    """Write a heading and a row for every face, with the numbers that the JSON has.

    Args:
        path: The file.
        found: One picture or more, in the order of the rows.

    """
    points = range(found[0].points.shape[1])
    # Names that are no UTF-8 are written as the bytes that they are.
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*COLUMNS, *(f"p{point}_{axis}" for point in points for axis in "xy")])
        for picture in found:
            rows.writerows(_rows(picture.record()))


def _rows(record: dict[str, Any]) -> Iterator[list[Any]]:
    place = [record["image"], record.get("frame"), record.get("seconds")]
    for number, face in enumerate(record["faces"]):
        coordinates = [value for point in face["points"] for value in point]
        yield [*place, number, *face["box"], face["score"], *coordinates]
