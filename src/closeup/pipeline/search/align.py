"""Aligned pictures of the faces of an image or of a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from closeup.errors import InputError, OutputError
from closeup.faces import Faces, PointScheme
from closeup.files.atomic import claiming
from closeup.files.folders import refuse_replacing
from closeup.files.passed_over import PassedOver
from closeup.files.unique_names import UniqueNames, shortened
from closeup.frames import RGBImage
from closeup.geometry import Size, areas, sides_of
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.landmarks.cuts import FaceCut, FaceCutter
from closeup.media.images import IMAGE_SUFFIXES, write_image
from closeup.media.pictures import Picture, Pictures, PictureSource, SourceKind, open_pictures
from closeup.open_models import Models
from closeup.pipeline.search.each_picture import each_picture
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector
from closeup.similarity import Similarity

_FACELESS = "without a face"

SMALLEST_FACE = 8
"""Minimum longer side of a box in pixels; feature points of smaller faces coincide."""


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFace:
    """A face that was cut out and written to a file.

    Attributes:
        image: The source picture.
        file: The PNG file.
        face: The face as the detector found it: one row, in the picture's pixels.
        template: Template that the face was cut with.
        size: Width and height of the PNG in pixels.
        similarity: Maps source pixels to PNG pixels; pixel centres have integer coordinates.

    """

    image: Path
    file: Path
    face: Faces
    template: Template
    size: Size
    similarity: Similarity

    def record(self) -> dict[str, Any]:
        """The face as an object of the JSON that ``closeup align`` prints."""
        return {
            "image": str(self.image),
            "file": str(self.file),
            "box": np.round(self.face.boxes[0].astype(np.float64), 2).tolist(),
            "score": round(float(self.face.scores[0]), 4),
            "template": str(self.template),
            "size": list(self.size),
            "matrix": self.similarity.matrix.tolist(),
        }


def align_faces(
    source: PictureSource,
    out: Path | str,
    options: CutOptions,
    *,
    every_face: bool = False,
    rotate: int = 0,
    any_rotation: bool = False,
    detector: str | FaceDetector = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> list[AlignedFace]:
    """Cut the faces out of an image, or out of every image of a folder, into PNG files.

    Args:
        source: Path of an image or a folder (searched through sub-folders, which the results
            repeat); an RGB array of shape (H, W, 3); or an iterable of such arrays.
        out: Folder for the results: ``NAME.png``, with ``every_face`` ``NAME-1.png`` …; for one
            face of one image also a file's name with ``.png``.
        options: How faces are cut.
        every_face: Whether to cut all faces, largest first; False cuts only the largest.
        rotate: See :func:`closeup.find_faces`.
        any_rotation: See :func:`closeup.find_faces`.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        The faces that were written, in the order of the pictures.

    Raises:
        InputError: there is no picture, none can be read, or there is no face in them.
        OutputError: a result cannot be written, or would be among the pictures that are read.
        ModelError: the detector or the points cannot be opened.
        ValueError: ``rotate`` is no quarter turn.

    """
    models, progress = models or Models(), progress or Silent()
    pictures = _images(source, rotate)
    files = _Files(pictures, Path(out), every_face)
    # One image uses all processors; several images run in parallel, one thread each.
    threads = None if pictures.kind is SourceKind.IMAGE else 1
    finder = models.detector(detector, threads=threads, progress=progress)
    finder = models.turned_detector(finder, photos=True, any_rotation=any_rotation)
    find = _finder(finder, _cutter(options, models), every_face=every_face)
    made: list[AlignedFace] = []
    faceless = PassedOver(progress, noun="picture")
    with claiming(files.folder, alone=not files.named):
        for picture, (faces, cuts) in each_picture(pictures, find, progress, "aligning faces"):
            if not cuts and pictures.kind is not SourceKind.IMAGE:
                faceless.leave_out(f"{picture.path}: no face found; it is left out", _FACELESS)
            for number, (face, cut) in enumerate(zip(faces, cuts, strict=True), 1):
                file = files.path(picture, number)
                write_image(file, cut.pixels)
                about = options.template, cut.size, cut.similarity
                made.append(AlignedFace(picture.path, file, face, *about))
    faceless.say_sum()
    if not made:
        raise InputError(
            f"{pictures.path}: no face found; try another --detector or larger pictures"
        )
    return made


def _images(source: PictureSource, rotate: int) -> Pictures:
    pictures = open_pictures(source, rotate=rotate)
    if pictures.kind is SourceKind.VIDEO:
        raise InputError(f"{pictures.path} is a video; give an image or a folder of images")
    return pictures


def _cutter(options: CutOptions, models: Models) -> FaceCutter:
    sixty_eight = options.points is PointScheme.DLIB_68
    landmarker = models.landmarker("dlib-68-points" if sixty_eight else "dlib-5-points")
    return FaceCutter(options, landmarker)


def _finder(
    detector: FaceDetector, cutter: FaceCutter, *, every_face: bool
) -> Callable[[RGBImage], tuple[Faces, list[FaceCut]]]:
    """Return the function that is applied to every picture, from several threads."""

    def find(image: RGBImage) -> tuple[Faces, list[FaceCut]]:
        faces = _largest_first(detector, image)
        faces = faces if every_face else faces[np.arange(min(1, len(faces)))]
        return faces, cutter.cut(image, faces)

    return find


def _largest_first(detector: FaceDetector, image: RGBImage) -> Faces:
    faces = detector.detect(image)
    faces = faces[sides_of(faces.boxes).max(axis=1, initial=0) >= SMALLEST_FACE]
    return faces[np.argsort(-areas(faces.boxes), kind="stable")]


class _Files:
    """Chooses the output file of each face.

    Raises:
        OutputError: ``out`` is among the pictures, or is a file that cannot hold the results.

    """

    def __init__(self, pictures: Pictures, out: Path, every_face: bool) -> None:
        self._numbered = every_face
        named = out.suffix.lower() in IMAGE_SUFFIXES and not out.is_dir()
        self.named = named
        self._file = out if named else None
        self.folder = out.parent if named else out
        if named and (every_face or pictures.kind is not SourceKind.IMAGE):
            raise OutputError(f"{out} is one file, but there may be many; name a folder")
        if named and out.suffix.lower() != ".png":
            raise OutputError(f"{out}: results are PNG files; name it {out.stem}.png, or a folder")
        pictures.refuse_results_in(self.folder)
        # Frames have names without suffixes, and may be iterable once.
        named_files = [] if pictures.kind is SourceKind.FRAMES else list(pictures)
        self._given = {picture.path.resolve() for picture in named_files}
        self._stems = _unique_stems([Path(picture.name) for picture in named_files])

    def path(self, picture: Picture, number: int) -> Path:
        """Return the output file of a picture's face ``number``, from 1."""
        if self._file:
            path = self._file
        else:
            name = Path(picture.name)
            stem = self._stems.get(name, name)
            path = self.folder / f"{stem}{f'-{number}' * self._numbered}.png"
        refuse_replacing(path, self._given)
        return path


def _unique_stems(names: list[Path]) -> dict[Path, Path]:
    """The path of each picture's results without a suffix; no two are the same in any case.

    Suffixes are kept if two pictures differ by them only: a.jpg and a.webp must not share a.png.
    """
    stems = [str(name.with_suffix("")).casefold() for name in names]
    whole = len(set(stems)) < len(stems)
    unique = UniqueNames()
    chosen = {}
    for name in names:
        stem = shortened(name.name if whole else name.stem)
        free = unique.take(name.with_name(f"{stem}.png"))
        chosen[name] = free.with_name(free.name.removesuffix(".png"))
    return chosen
