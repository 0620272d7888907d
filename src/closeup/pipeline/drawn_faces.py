"""The faces of an image, a folder or a video: drawn, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.atomic import claiming, replacing
from closeup.drawing.marks import Mark, draw_marks
from closeup.errors import OutputError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import encode_jpeg
from closeup.media.pictures import Kind, Picture, Pictures
from closeup.media.video_reader import VideoReader
from closeup.pipeline.drawn_names import drawn_names
from closeup.pipeline.drawn_video import drawn_video
from closeup.pipeline.each_picture import each_picture
from closeup.pipeline.faces import FaceSearch, FacesInPicture
from closeup.pipeline.faces_table import write_faces_table
from closeup.pipeline.records import document_lines

R = TypeVar("R")

_QUALITY = 92
_LONGEST_JPEG = 65_500
"""Pixels; libjpeg writes no longer side."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnFaces:
    """What one run made.

    Attributes:
        table: ``faces.csv``.
        document: ``faces.json``.
        drawn: The drawn picture or video, or the folder of the drawn pictures.
        found: What the tables hold, a picture each.

    """

    table: Path
    document: Path
    drawn: Path
    found: list[FacesInPicture]


def draw_faces(search: FaceSearch, out: Path | str) -> DrawnFaces:
    """Find faces, draw them on copies of the pictures, and write ``faces.json`` and ``faces.csv``.

    Images become JPEGs below ``out``, in sub-folders as they were; a video becomes one MP4
    with the same time stamps and sound. Each result appears whole or not at all.

    Args:
        search: What :func:`closeup.pipeline.faces.find_faces` gave.
        out: Folder for the results; made when it does not exist.

    Raises:
        InputError: no picture can be read.
        OutputError: a result cannot be written, or would replace a picture.

    """
    pictures, out = search.pictures, Path(out)
    names = _names(pictures, out)
    with claiming(out):
        drawn = out if search.kind is Kind.FOLDER else out / names[pictures.path.name]
        if pictures.video:
            found = _draw_video(search, pictures.video, drawn)
        else:
            found = _draw_images(search, out, names)
        made = DrawnFaces(out / "faces.csv", out / "faces.json", drawn, found)
        _write_tables(made, search.kind)
    return made


def _names(pictures: Pictures, out: Path) -> dict[str, str]:
    """Name below ``out`` of each drawn picture; nothing that was given may be replaced."""
    given, folder = pictures.path.resolve(), out.resolve()
    if pictures.video:
        names, sources = drawn_names([pictures.path.name], (".mp4",)), {given}
    else:
        each = list(pictures)
        names = drawn_names((picture.name for picture in each), (".jpg", ".jpeg"))
        sources = {picture.path.resolve() for picture in each}
    if pictures.kind is Kind.FOLDER and folder.is_relative_to(given):
        raise OutputError(
            f"{out} lies in {pictures.path}, where the next run would take the results for "
            "pictures; choose a folder outside of it"
        )
    for name in names.values():
        if folder / name in sources:
            raise OutputError(
                f"{out / name} would be replaced by a result; choose another output folder"
            )
    return names


def _draw_images(search: FaceSearch, out: Path, names: dict[str, str]) -> list[FacesInPicture]:
    found = []
    for picture, faces, jpeg in _each(search, _jpeg):
        with replacing(out / names[picture.name]) as temporary:
            temporary.write_bytes(jpeg)
        found.append(faces)
    return found


def _draw_video(search: FaceSearch, source: VideoReader, target: Path) -> list[FacesInPicture]:
    found = []
    with drawn_video(target, source, search.progress) as video:
        for picture, faces, drawn in _each(search, video.prepared):
            video.write(picture.seconds or Fraction(0), drawn)
            found.append(faces)
    return found


def _each(
    search: FaceSearch, packed: Callable[[RGBImage], R]
) -> Iterator[tuple[Picture, FacesInPicture, R]]:
    """Every picture with its faces and the drawn copy, packed by the thread that made it."""

    def look(image: RGBImage) -> tuple[Faces, NDArray[np.float32], R]:
        faces, points = search.finder.find(image)
        return faces, points, packed(_marked(image, faces, points))

    for picture, (faces, points, drawn) in each_picture(search.pictures, look, search.progress):
        yield picture, search.finder.found(picture, faces, points), drawn


def _marked(image: RGBImage, faces: Faces, points: NDArray[np.float32]) -> RGBImage:
    rows = zip(faces.boxes, faces.scores, points, strict=True)
    return draw_marks(image, [Mark(box, dots, f"{score:.2f}") for box, score, dots in rows])


def _jpeg(image: RGBImage) -> bytes:
    size = Size(image.shape[1], image.shape[0])
    if max(size) > _LONGEST_JPEG:
        shape = size.fitted(_LONGEST_JPEG)
        image = np.asarray(cv2.resize(image, shape, interpolation=cv2.INTER_AREA), np.uint8)
    return encode_jpeg(image, _QUALITY)


def _write_tables(made: DrawnFaces, kind: Kind) -> None:
    with replacing(made.document) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(document_lines(kind, (picture.record() for picture in made.found)))
    with replacing(made.table) as temporary:
        write_faces_table(temporary, made.found)
