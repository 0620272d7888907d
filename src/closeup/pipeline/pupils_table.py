"""``pupils.csv``: one row a face, the largest of a picture first."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from closeup.pipeline.search import Finding

COLUMNS = (
    "image", "face", "right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y",
    "right_open", "left_open", "confidence", "gaze_x", "gaze_y",
)  # fmt: skip
"""Of a video ``frame`` comes after ``image``."""

_NOWHERE = (None, None)


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

    """
    video = found[0].frame is not None
    # Names that are no UTF-8 are written as the bytes that they are.
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([COLUMNS[0], *["frame"] * video, *COLUMNS[1:]])
        for picture in found:
            place = [picture.name, *[picture.frame] * video]
            rows.writerows([*place, *row] for row in _rows(picture.record()))


def _rows(record: dict[str, Any]) -> Iterator[list[Any]]:
    for number, face in enumerate(record["faces"]):
        eyes = [*(face["right_eye"] or _NOWHERE), *(face["left_eye"] or _NOWHERE)]
        sure = face["right_open"], face["left_open"], face["confidence"]
        yield [number, *eyes, *sure, *(face["gaze"] or _NOWHERE)]
