"""The faces of an image, a folder or a video: drawn, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

import cv2
import numpy as np

from closeup.drawing.marks import draw_marks
from closeup.files.atomic import claiming, replacing
from closeup.files.folders import refuse_inside, refuse_replacing
from closeup.files.unique_names import UniqueNames, shortened
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import encode_jpeg
from closeup.media.pictures import Kind, Picture, Pictures
from closeup.media.video_reader import VideoReader
from closeup.pipeline.drawn_video import drawn_video
from closeup.pipeline.each_picture import each_picture
from closeup.pipeline.records import document_lines
from closeup.pipeline.search import Found, Result, Search

Packed = TypeVar("Packed")

_QUALITY = 92
_LONGEST_JPEG = 65_500
"""Pixels; libjpeg writes no longer side."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnFaces(Generic[Found]):
    """What one run made.

    Attributes:
        table: ``faces.csv``, ``people.csv`` or ``pupils.csv``.
        document: The same name with ``.json``.
        drawn: The drawn picture or video, or the folder of the drawn pictures.
        found: What the tables hold, a picture each.

    """

    table: Path
    document: Path
    drawn: Path
    found: list[Found]


def draw_faces(search: Search[Result, Found], out: Path | str) -> DrawnFaces[Found]:
    """Find faces, draw them on copies of the pictures, and write them as JSON and CSV.

    Images become JPEGs below ``out``, in sub-folders as they were; a video becomes one MP4
    with the same time stamps and sound. Each result appears whole or not at all.

    Args:
        search: What :func:`closeup.pipeline.faces.find_faces`,
            :func:`closeup.pipeline.identify.identify` or
            :func:`closeup.pipeline.pupils.find_pupils` gave.
        out: Folder for the results; made when it does not exist.

    Raises:
        InputError: no picture can be read.
        OutputError: a result cannot be written, or would replace a picture.

    """
    pictures, out = search.pictures, Path(out)
    results = _results(pictures, out)
    with claiming(out):
        drawn = out if search.kind is Kind.FOLDER else out / results.names[pictures.path.name]
        if pictures.video:
            found = _draw_video(search, pictures.video, drawn, results)
        else:
            found = _draw_images(search, results)
        table, document = (out / f"{search.subject}{suffix}" for suffix in (".csv", ".json"))
        made = DrawnFaces(table, document, drawn, found)
        _write_tables(search, made)
    return made


@dataclass(frozen=True, slots=True, eq=False)
class _Results:
    """Where results go: nothing that was given may be replaced.

    Attributes:
        folder: For all of them.
        names: Of each drawn picture there, by the picture's.
        given: What was given, links followed.

    """

    folder: Path
    names: dict[str, str]
    given: set[Path]

    def write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        refuse_replacing(path, self.given)
        with replacing(path) as temporary:
            temporary.write_bytes(content)

    def write_beside(self, search: Search[Result, Found], picture: Picture, result: Result) -> None:
        if search.beside:
            name = self.names[picture.name]
            own = name if picture.frame is None else f"{name}-{picture.frame:06}"
            for path, content in search.beside(own, result):
                self.write(path, content)


def _results(pictures: Pictures, out: Path) -> _Results:
    if pictures.video:
        names, sources = drawn_names([pictures.path.name], (".mp4",)), {pictures.path.resolve()}
    else:
        each = list(pictures)
        names = drawn_names((picture.name for picture in each), (".jpg", ".jpeg"))
        sources = {picture.path.resolve() for picture in each}
    refuse_inside(out, pictures.path)
    for name in names.values():
        refuse_replacing(out / name, sources)
    return _Results(out, names, sources)


def drawn_names(names: Iterable[str], suffixes: tuple[str, ...]) -> dict[str, str]:
    """A name for the drawn copy of each picture, no two of them alike, even in capitals.

    A name that ends in one of ``suffixes`` stays, any other gets the first of them added. A
    very long one is cut, and a number is added where two would meet.

    Args:
        names: Paths below a folder, with forward slashes.
        suffixes: What copies may end in, such as ``.jpg``; in small letters.

    Returns:
        The name of each copy by that of its picture.

    """

    def stays(path: PurePosixPath) -> bool:
        return path.suffix.lower() in suffixes

    unique = UniqueNames()
    drawn: dict[str, str] = {}
    # Names that stay come first, so that none of them has to give way to a changed one.
    for path in sorted(map(PurePosixPath, names), key=lambda path: not stays(path)):
        stem, suffix = (path.stem, path.suffix) if stays(path) else (path.name, suffixes[0])
        drawn[str(path)] = str(unique.take(path.with_name(shortened(stem) + suffix)))
    return drawn


def _draw_images(search: Search[Result, Found], results: _Results) -> list[Found]:
    found = []
    for picture, faces, jpeg in _each(search, _jpeg, results):
        results.write(results.names[picture.name], jpeg)
        found.append(faces)
    return found


def _draw_video(
    search: Search[Result, Found], source: VideoReader, target: Path, results: _Results
) -> list[Found]:
    found = []
    with drawn_video(target, source, search.progress) as video:
        for picture, faces, drawn in _each(search, video.prepared, results):
            video.write(picture.seconds or Fraction(0), drawn)
            found.append(faces)
    return found


def _each(
    search: Search[Result, Found], packed: Callable[[RGBImage], Packed], results: _Results
) -> Iterator[tuple[Picture, Found, Packed]]:
    """Every picture with what was found and the drawn copy, packed by the thread that made it."""
    finder, keep = search.finder, search.keeping()

    def look(image: RGBImage) -> tuple[Result, Packed]:
        result = finder.find(image)
        return result, packed(draw_marks(image, finder.marks(result)))

    stage = f"finding {search.subject}"
    for picture, (result, drawn) in each_picture(search.pictures, look, search.progress, stage):
        results.write_beside(search, picture, result)
        yield picture, keep(picture, result), drawn


def _jpeg(image: RGBImage) -> bytes:
    size = Size(image.shape[1], image.shape[0])
    if max(size) > _LONGEST_JPEG:
        shape = size.fitted(_LONGEST_JPEG)
        image = np.asarray(cv2.resize(image, shape, interpolation=cv2.INTER_AREA), np.uint8)
    return encode_jpeg(image, _QUALITY)


def _write_tables(search: Search[Result, Found], made: DrawnFaces[Found]) -> None:
    records = (picture.record() for picture in made.found)
    with replacing(made.document) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(document_lines(search.kind, records))
    search.write_table(made.table, made.found)
