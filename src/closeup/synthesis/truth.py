"""The ground truth of a scene: the position of each person in every frame, as arrays and files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.documents import read_document, write_document, write_table
from closeup.files.tables import Row, read_table
from closeup.geometry import Box, Size

_COLUMNS = ["frame", "name", "x1", "y1", "x2", "y2", "visible", "face_visible"]


class TruthRow(NamedTuple):
    """One person in one frame.

    Attributes:
        frame: Index of the frame.
        name: Name of the person, member or non-member.
        box: Tight xyxy box of the head, hairline to chin, from whichever side it is seen; it may
            extend beyond the frame. Pixels.
        visible: Whether at least half of the box is in the frame and not behind a performer.
        face_visible: Whether it is visible, faces the camera and is not behind a hand or hair.

    """

    frame: int
    name: str
    box: Box
    visible: bool
    face_visible: bool


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The truth of a whole scene.

    Attributes:
        size: Size of the video, in pixels.
        rate: Frames per second.
        names: Names of all people, members first.
        members: Names of the members, for whom close-ups are made.
        boxes: (frames, names, 4) float32, xyxy in pixels, NaN if the box is outside the frame.
        visible: (frames, names) bool.
        face_visible: (frames, names) bool.
        cuts: First frames of all shots but the first.
        flashes: Frames at which a flash begins.
        strobes: Periods of strobe light as (first frame, one past the last).

    """

    size: Size
    rate: Fraction
    names: tuple[str, ...]
    members: tuple[str, ...]
    boxes: NDArray[np.float32]
    visible: NDArray[np.bool_]
    face_visible: NDArray[np.bool_]
    cuts: tuple[int, ...] = ()
    flashes: tuple[int, ...] = ()
    strobes: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return len(self.boxes)

    def person(self, name: str) -> int:
        """Return the index of a name in ``names``.

        Raises:
            InputError: there is no such name.

        """
        if name not in self.names:
            known = ", ".join(self.names)
            raise InputError(f"{name!r} is not in the truth; known: {known}")
        return self.names.index(name)

    def rows(self) -> Iterable[TruthRow]:
        """Return a row for each person whose face box touches the frame, frame by frame."""
        for frame, person in np.argwhere(~np.isnan(self.boxes[..., 0])):
            yield TruthRow(
                int(frame),
                self.names[person],
                Box(*(float(edge) for edge in self.boxes[frame, person])),
                bool(self.visible[frame, person]),
                bool(self.face_visible[frame, person]),
            )

    def write(self, video: Path) -> None:
        """Write ``NAME.truth.csv`` and ``NAME.truth.json`` beside the video.

        Raises:
            OutputError: the folder cannot be written.

        """
        described = {
            "size": list(self.size),
            "rate": str(self.rate),
            "frames": len(self),
            "names": self.names,
            "members": self.members,
            "cuts": self.cuts,
            "flashes": self.flashes,
            "strobes": self.strobes,
        }
        rows_path, scene_path = truth_paths(video)
        write_table(rows_path, [_COLUMNS, *map(_cells, self.rows())])
        write_document(scene_path, described)


def _cells(row: TruthRow) -> list[object]:
    edges = [f"{edge:.2f}" for edge in (row.box.x1, row.box.y1, row.box.x2, row.box.y2)]
    return [row.frame, row.name, *edges, int(row.visible), int(row.face_visible)]


def truth_paths(video: Path) -> tuple[Path, Path]:
    """Return the paths of a video's truth: the table and the description."""
    return video.with_suffix(".truth.csv"), video.with_suffix(".truth.json")


def empty_truth(scene: dict[str, Any]) -> Truth:
    """Return a truth without positions, from the fields of ``NAME.truth.json``."""
    frames, names = int(scene["frames"]), tuple(scene["names"])
    return Truth(
        size=Size(*scene["size"]),
        rate=Fraction(scene["rate"]),
        names=names,
        members=tuple(scene["members"]),
        boxes=np.full((frames, len(names), 4), np.nan, np.float32),
        visible=np.zeros((frames, len(names)), np.bool_),
        face_visible=np.zeros((frames, len(names)), np.bool_),
        cuts=tuple(scene["cuts"]),
        flashes=tuple(scene["flashes"]),
        strobes=tuple((int(a), int(b)) for a, b in scene["strobes"]),
    )


def record(truth: Truth, rows: Iterable[TruthRow]) -> None:
    """Enter rows into the arrays of ``truth``, in place."""
    for row in rows:
        place = row.frame, truth.person(row.name)
        truth.boxes[place] = row.box.x1, row.box.y1, row.box.x2, row.box.y2
        truth.visible[place] = row.visible
        truth.face_visible[place] = row.face_visible


def read_truth(video: Path | str) -> Truth:
    """Read the files of :meth:`Truth.write` beside the video.

    Raises:
        InputError: a file is missing or is not such a truth.

    """
    rows_path, scene_path = truth_paths(Path(video))
    try:
        truth = read_document(scene_path, empty_truth, "write it with write_scene")
        table = read_table(rows_path, _COLUMNS[0])
        table.need(_COLUMNS)
        columns = [table.columns[name] for name in _COLUMNS]
        record(truth, (_parsed(row, columns) for row in table))
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise InputError(
            f"the truth beside {video} is not readable: {error}; write it again with write_scene"
        ) from error
    return truth


def _parsed(row: Row, columns: list[int]) -> TruthRow:
    """Parse a row; an empty cell is a TypeError."""
    frame, name, *edges, visible, face = columns
    box = Box(*(float(row.number(edge, "box")) for edge in edges))  # type: ignore[arg-type]
    seen = [bool(row.whole(column, "visibility")) for column in (visible, face)]
    return TruthRow(int(row.whole(frame, "frame")), row.cells[name], box, *seen)  # type: ignore[arg-type]
