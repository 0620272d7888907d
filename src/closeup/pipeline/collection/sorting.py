"""``closeup collect people``: pictures sorted into a folder for each member."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.sheets import contact_sheet
from closeup.errors import InputError
from closeup.files.atomic import claiming, replacing
from closeup.files.documents import write_table
from closeup.files.folders import refuse_inside
from closeup.files.unique_names import UniqueNames, portable_stem
from closeup.frames import RGBImage
from closeup.geometry import Size, boxes_around, centres_of, sides_of
from closeup.identity.gallery import FALSE_ACCEPT_RATE, Gallery
from closeup.media.images import encode_jpeg, read_image
from closeup.open_models import Models
from closeup.pipeline.people.identify import identify
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector

TABLE, NOBODY = "people.csv", "unknown"
COLUMNS = ("picture", "member", "confidence", "x1", "y1", "x2", "y2", "copy")
_AROUND = 1.6
"""Side of the square that the sheet shows of a face, in sides of its box."""
_SHOWN, _COLUMNS_OF_SHEET = 60, 10


@dataclass(frozen=True, slots=True, eq=False)
class SortedFace:
    """A face that shows a member.

    Attributes:
        picture: The picture's file.
        member: Name of the member.
        confidence: Confidence of the name in 0..1.
        box: (4,) float32 xyxy in pixels.

    """

    picture: Path
    member: str
    confidence: float
    box: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SortedPeople:
    """Pictures that were sorted.

    Attributes:
        table: ``people.csv``, a row for each face of a member.
        copies: Member, or ``unknown`` → the copies in that folder.
        sheets: Member → contact sheet of the faces, the most doubtful first.

    """

    table: Path
    copies: Mapping[str, Sequence[Path]]
    sheets: Mapping[str, Path]


def sort_people(
    source: Path | str,
    members: Path | str | Gallery,
    out: Path | str,
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    false_accept_rate: float = FALSE_ACCEPT_RATE,
    models: Models | None = None,
    progress: Progress | None = None,
) -> SortedPeople:
    """Copy the pictures of a folder to a folder for each member whom they show.

    A picture of several members is copied to each of them, one without any to ``unknown``.

    Args:
        source: Folder of photos or frames; its sub-folders are searched, too.
        members: Folder of the members' photos, a gallery's file, or a gallery.
        out: Folder for the copies; made when it does not exist.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        false_accept_rate: Share of people who are no members that may get a member's name.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        InputError: the folder holds no picture, or the members cannot be enrolled.
        ModelError: a model cannot be opened.
        OutputError: a result cannot be written, or would lie in the folder.

    """
    source, out, progress = Path(source), Path(out), progress or Silent()
    if not source.is_dir():
        raise InputError(f"{source}: no such folder; name one with pictures")
    refuse_inside(out, source)
    search = identify(
        source, members,
        detector=detector, embedder=embedder, false_accept_rate=false_accept_rate,
        models=models, progress=progress,
    )  # fmt: skip
    with claiming(out):
        sorting = _Sorting(out)
        for picture in search:
            rows = zip(picture.faces.boxes, picture.faces.identities or (), strict=True)
            found = [
                SortedFace(picture.path, one.name, one.best.confidence, box)
                for box, one in rows
                if one.name is not None
            ]
            sorting.add(picture.path, found)
        return sorting.finish()


@dataclass(slots=True)
class _Sorting:
    """Copies pictures while they are searched."""

    out: Path
    faces: list[SortedFace] = field(default_factory=list)
    places: dict[tuple[Path, str], Path] = field(default_factory=dict)
    copies: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    names: UniqueNames = field(default_factory=UniqueNames)

    def add(self, picture: Path, found: Sequence[SortedFace]) -> None:
        """Copy a picture to each of its members."""
        self.faces += found
        for name in dict.fromkeys([face.member for face in found] or [NOBODY]):
            folder = self.out / portable_stem(name)
            place = self.names.take(folder / picture.name)
            with replacing(place) as temporary:
                shutil.copyfile(picture, temporary)
            self.places[picture, name] = place
            self.copies[name].append(place)

    def finish(self) -> SortedPeople:
        """Write the table and a sheet for each member."""
        write_table(self.out / TABLE, self._rows())
        by_member: dict[str, list[SortedFace]] = defaultdict(list)
        for face in sorted(self.faces, key=lambda face: face.confidence):
            by_member[face.member].append(face)
        sheets = {}
        for name, faces in by_member.items():
            sheets[name] = self.out / f"{portable_stem(name)}.jpg"
            with replacing(sheets[name]) as temporary:
                temporary.write_bytes(encode_jpeg(_sheet(faces)))
        return SortedPeople(self.out / TABLE, dict(self.copies), sheets)

    def _rows(self) -> Iterator[Sequence[object]]:
        yield COLUMNS
        for face in self.faces:
            place = self.places[face.picture, face.member].relative_to(self.out)
            box = [round(float(value), 1) for value in face.box]
            yield face.picture, face.member, round(face.confidence, 4), *box, place.as_posix()


def _sheet(faces: Sequence[SortedFace]) -> RGBImage:
    """Faces with their confidences; the first ones if there are many."""
    tiles = {
        f"{face.confidence:.2f}  {number}": _cut(read_image(face.picture), face.box)
        for number, face in enumerate(faces[:_SHOWN], 1)
    }
    return contact_sheet(tiles, _COLUMNS_OF_SHEET, 120)


def _cut(image: RGBImage, box: NDArray[np.float32]) -> RGBImage:
    """The square around a face, as far as the picture has it."""
    half = sides_of(box).max() / 2 * _AROUND
    square = boxes_around(centres_of(box), np.array([half, half]))
    size = Size.of(image)
    x1, y1, x2, y2 = np.clip(square, 0, [*size, *size]).astype(int)
    return image[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)]
