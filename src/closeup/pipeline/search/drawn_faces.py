"""Draws the faces of a source and writes them as JSON and CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

import cv2
import numpy as np

from closeup.drawing.marks import draw_marks
from closeup.faces import Faces
from closeup.files.atomic import claiming, replacing
from closeup.files.folders import refuse_inside, refuse_replacing
from closeup.files.unique_names import UniqueNames, shortened
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import encode_jpeg
from closeup.media.pictures import Picture, Pictures, SourceKind
from closeup.media.video_reader import VideoReader
from closeup.parts import checked_picture
from closeup.pipeline.search.drawn_video import drawn_video
from closeup.pipeline.search.each_picture import each_picture
from closeup.pipeline.search.records import document_lines
from closeup.pipeline.search.search import FacesInPicture, Finder, Search
from closeup.protocols import Effect, Executor

Packed = TypeVar("Packed")

STEPS = "steps"
"""Sub-folder of the results for pictures of the intermediate steps."""

_QUALITY = 92
_LONGEST_JPEG = 65_500
"""Maximum side of a JPEG in pixels, by libjpeg's limit."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnFaces:
    """Files that one run wrote.

    Attributes:
        table: ``faces.csv``, ``people.csv`` or ``pupils.csv``.
        document: The JSON file of the same name.
        drawn: The drawn picture or video, or the folder of the drawn pictures.
        found: The faces in the tables, one entry per picture.

    """

    table: Path
    document: Path
    drawn: Path
    found: list[FacesInPicture]


def draw_faces(search: Search, out: Path | str, *, effect: Effect | None = None) -> DrawnFaces:
    """Find faces, draw them on copies of the pictures, and write them as JSON and CSV.

    Images become JPEGs below ``out``, in the source's sub-folders; a video becomes one MP4
    with the same time stamps and sound. Each result appears whole or not at all.

    Args:
        search: Returned by :func:`closeup.find_faces`, :func:`closeup.identify` or
            :func:`closeup.find_pupils`.
        out: Folder for the results; made when it does not exist.
        effect: Makes the copy of a picture from the picture and its faces; None draws boxes,
            points and names.

    Raises:
        InputError: no picture can be read.
        PartError: the effect did not return an RGB picture of the same size.
        OutputError: a result cannot be written, would replace a picture, or would lie among the
            pictures or the members' photos.

    """
    pictures, out = search.pictures, Path(out)
    if search.members is not None:
        refuse_inside(out, search.members)
    results = _results(pictures, out)
    with claiming(out):
        several = search.kind in (SourceKind.FOLDER, SourceKind.FRAMES)
        drawn = out if several else out / results.names[pictures.path.name]
        if pictures.video:
            found = _draw_video(search, pictures.video, drawn, results, effect)
        else:
            found = _draw_images(search, results, effect)
        table, document = (out / f"{search.subject}{suffix}" for suffix in (".csv", ".json"))
        made = DrawnFaces(table, document, drawn, found)
        _write_tables(search, made)
    return made


@dataclass(frozen=True, slots=True, eq=False)
class _Results:
    """Output paths; no input file is ever replaced.

    Attributes:
        folder: Folder of all results.
        names: Picture name → name of its drawn copy.
        given: Paths of the inputs, links resolved.

    """

    folder: Path
    names: dict[str, str]
    given: set[Path]

    def write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        refuse_replacing(path, self.given)
        with replacing(path) as temporary:
            temporary.write_bytes(content)

    def write_steps(self, picture: Picture, steps: Sequence[bytes]) -> None:
        name = self.name_of(picture)
        video = picture.frame is not None and picture.name in self.names
        own = f"{name}-{picture.frame:06}" if video else name
        for face, png in enumerate(steps):
            self.write(f"{STEPS}/{own}-{face}.png", png)

    def name_of(self, picture: Picture) -> str:
        """Name of the drawn copy; a frame of an iterable is named when it arrives."""
        return self.names.get(picture.name) or f"{picture.name}.jpg"


def _results(pictures: Pictures, out: Path) -> _Results:
    names: dict[str, str] = {}
    sources: set[Path] = set()
    if pictures.video:
        names, sources = drawn_names([pictures.path.name], (".mp4",)), {pictures.path.resolve()}
    elif pictures.kind is not SourceKind.FRAMES:
        each = list(pictures)
        names = drawn_names((picture.name for picture in each), (".jpg", ".jpeg"))
        sources = {picture.path.resolve() for picture in each}
    pictures.refuse_results_in(out)
    for name in names.values():
        refuse_replacing(out / name, sources)
    return _Results(out, names, sources)


def drawn_names(names: Iterable[str], suffixes: tuple[str, ...]) -> dict[str, str]:
    """Choose a name for the drawn copy of each picture, unique without regard to case.

    A name that ends in one of ``suffixes`` is kept; the first suffix is added to any other. A
    very long name is shortened, and a number is added where two names would coincide.

    Args:
        names: Paths below a folder, with forward slashes.
        suffixes: Suffixes that copies may have, in lower case, such as ``.jpg``.

    Returns:
        Picture name → name of its copy.

    """

    def stays(path: PurePosixPath) -> bool:
        return path.suffix.lower() in suffixes

    unique = UniqueNames()
    drawn: dict[str, str] = {}
    # Unchanged names come first, so that no changed name takes one of them.
    for path in sorted(map(PurePosixPath, names), key=lambda path: not stays(path)):
        stem, suffix = (path.stem, path.suffix) if stays(path) else (path.name, suffixes[0])
        drawn[str(path)] = str(unique.take(path.with_name(shortened(stem) + suffix)))
    return drawn


def _draw_images(search: Search, results: _Results, effect: Effect | None) -> list[FacesInPicture]:
    found = []
    work = _FindAndDraw(search.finder, search.steps, effect, _jpeg)
    for picture, faces, jpeg in _each(search, work, results, search.executor):
        results.write(results.name_of(picture), jpeg)
        found.append(faces)
    return found


def _draw_video(
    search: Search, source: VideoReader, target: Path, results: _Results, effect: Effect | None
) -> list[FacesInPicture]:
    found = []
    with drawn_video(target, source, search.progress) as video:
        work = _FindAndDraw(search.finder, search.steps, effect, video.prepared)
        # Encoder frames cannot be sent between processes, so threads are used.
        for picture, faces, drawn in _each(search, work, results, None):
            video.write(picture.seconds or Fraction(0), drawn)
            found.append(faces)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _FindAndDraw(Generic[Packed]):
    """Finds the faces of a picture and draws them; a class, so that it can be pickled.

    Attributes:
        finder: Finds the faces.
        steps: Draws the intermediate steps, one PNG per face; None draws no steps.
        effect: Draws the picture; None draws the marks of the finder.
        pack: Converts the drawn picture to JPEG bytes or an encoder frame.

    """

    finder: Finder
    steps: Callable[[RGBImage, Faces], Sequence[bytes]] | None
    effect: Effect | None
    pack: Callable[[RGBImage], Packed]

    def __call__(self, image: RGBImage) -> tuple[Faces, Sequence[bytes], Packed]:
        faces = self.finder.find(image)
        steps = self.steps(image, faces) if self.steps else ()
        return faces, steps, self.pack(self._drawn(image, faces))

    def _drawn(self, image: RGBImage, faces: Faces) -> RGBImage:
        if self.effect is None:
            return draw_marks(image, self.finder.marks(faces))
        return checked_picture(self.effect(image, faces), image)


def _each(
    search: Search,
    work: _FindAndDraw[Packed],
    results: _Results,
    executor: Executor | None,
) -> Iterator[tuple[Picture, FacesInPicture, Packed]]:
    """Every picture with its faces and the drawn copy, packed by the worker that made it."""
    keep = search.keeping()
    found = each_picture(search.pictures, work, search.progress, search.stage, executor)
    for picture, (faces, steps, drawn) in found:
        results.write_steps(picture, steps)
        yield picture, keep(picture, faces), drawn


def _jpeg(image: RGBImage) -> bytes:
    size = Size.of(image)
    if max(size) > _LONGEST_JPEG:
        shape = size.fitted(_LONGEST_JPEG)
        image = np.asarray(cv2.resize(image, shape, interpolation=cv2.INTER_AREA), np.uint8)
    return encode_jpeg(image, _QUALITY)


def _write_tables(search: Search, made: DrawnFaces) -> None:
    records = (picture.record() for picture in made.found)
    with replacing(made.document) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(document_lines(search.kind, records))
    search.write_table(made.table, made.found)
