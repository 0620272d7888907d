"""Describes and cuts out all faces of the pictures; faces with defects are left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.files.atomic import writing
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.calibration import calibration_of
from closeup.identity.defects import defects
from closeup.identity.description import described
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.landmarks.cuts import FaceCutter
from closeup.media.images import encode_jpeg
from closeup.media.pictures import Picture, Pictures
from closeup.pipeline.people.clusters import SeenFace
from closeup.pipeline.search.each_picture import each_picture
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector

MARGIN = 0.4
"""Margin around a face in its crop, in shares of the box: with less, detectors miss some faces in
the crop; with more, they also find the neighbours."""

CUT_OFF = "cut off by the picture's edge"

_QUALITY = 95
"""JPEG quality of the crops, which may become photos of a member."""


@dataclass(frozen=True, slots=True, eq=False)
class DescribedFace:
    """A described face that is good enough to identify a person.

    Attributes:
        face: Picture, box and score of the face.
        picture: Number of the picture, from 0.
        stem: File name of its crop, without folder and suffix.
        vector: (d,) mean of its embedding and that of its mirror image.
        weight: Weight of the vector, 0..1.
        crop: JPEG file of the face with a margin.

    """

    face: SeenFace
    picture: int
    stem: str
    vector: NDArray[np.float32]
    weight: float
    crop: Path


@dataclass(frozen=True, slots=True, eq=False)
class DescribedFaces:
    """The described faces of all pictures.

    Attributes:
        pictures: Number of readable pictures.
        fit: Faces that are good enough, in picture order.
        left_out: The other faces, with reasons.

    """

    pictures: int
    fit: list[DescribedFace]
    left_out: list[SeenFace]


@dataclass(frozen=True, slots=True, eq=False)
class _FacesOfPicture:
    """The faces of one picture, with the reasons why some of them are left out.

    Attributes:
        faces: All faces of the picture.
        reasons: Reasons to leave out each face; empty for a fit face.
        fit: The faces without a reason, with embeddings and weights.
        crops: A JPEG of each fit face.

    """

    faces: Faces
    reasons: list[tuple[str, ...]]
    fit: Faces
    crops: list[bytes]


CROPS = CutOptions(template=Template.CROP, margin=MARGIN)
"""How faces are cut out for viewing and enrolment."""


class FaceDescriber:
    """Finds, describes and cuts out the faces of a picture.

    Args:
        detector: Finds the faces.
        embedder: Computes the vectors.
        cutter: Cuts the faces out, by :data:`CROPS`.

    Attributes:
        calibration: Calibration of the embedder.

    Raises:
        CalibrationError: the embedder has no calibration.

    """

    def __init__(self, detector: FaceDetector, embedder: Embedder, cutter: FaceCutter) -> None:
        self._detector = detector
        self._embedder = embedder
        self.calibration = calibration_of(embedder)
        self._cutter = cutter

    def describe(self, image: RGBImage) -> _FacesOfPicture:
        """All faces of a picture; any thread may call it."""
        faces = self._detector.detect(image)
        chips = self._embedder.chips(image, faces)
        size = Size.of(image)
        reasons = [_reasons(face, chip, size) for face, chip in zip(faces, chips, strict=True)]
        rows = np.flatnonzero([not found for found in reasons])
        fit = described(faces[rows], [chips[row] for row in rows], self._embedder)
        crops = [encode_jpeg(cut.pixels, _QUALITY) for cut in self._cutter.cut(image, fit)]
        return _FacesOfPicture(faces, reasons, fit, crops)


def describe_faces(
    pictures: Pictures, describer: FaceDescriber, folder: Path, progress: Progress
) -> DescribedFaces:
    """Describe the faces of all pictures.

    Args:
        pictures: The pictures to search.
        describer: Finds and describes the faces of each picture.
        folder: Folder for the crops, which are named by running numbers.
        progress: Receives one stage, and a message for each unreadable picture.

    Raises:
        ImageError: no picture can be read.
        OutputError: a crop cannot be written.

    """
    found = DescribedFaces(0, [], [])
    count = 0
    for picture, own in each_picture(pictures, describer.describe, progress):
        _add(found, count, picture, own, folder)
        count += 1
    return DescribedFaces(count, found.fit, found.left_out)


def _add(
    found: DescribedFaces, number: int, picture: Picture, own: _FacesOfPicture, folder: Path
) -> None:
    fit = iter(zip(own.fit, own.crops, strict=True))
    for place, reasons in enumerate(own.reasons):
        face = _seen(picture, own.faces[np.array([place])], reasons)
        if reasons:
            found.left_out.append(face)
            continue
        row, jpeg = next(fit)
        crop = folder / f"{len(found.fit)}.jpg"
        with writing(crop):
            crop.write_bytes(jpeg)
        stem = _stem(picture, place, len(own.faces))
        assert row.embeddings is not None and row.weights is not None  # noqa: S101, PT018
        vector, weight = row.embeddings[0], float(row.weights[0])
        found.fit.append(DescribedFace(face, number, stem, vector, weight, crop))


def _reasons(face: Faces, chip: RGBImage, size: Size) -> tuple[str, ...]:
    """Return the reasons to leave a face out.

    One reason is a cut-off face: such faces of different people have similar embeddings.
    """
    flaws: list[str] = list(defects(face, chip))
    if face.landmarks is not None:
        x, y = face.landmarks[0].T
        inside = (x >= 0) & (x <= size.width - 1) & (y >= 0) & (y <= size.height - 1)
        if not inside.all():
            flaws.append(CUT_OFF)
    return tuple(f"the face is {flaw}" for flaw in flaws)


def _seen(picture: Picture, face: Faces, reasons: tuple[str, ...]) -> SeenFace:
    x1, y1, x2, y2 = np.round(face.boxes[0].astype(np.float64), 2).tolist()
    return SeenFace(
        image=str(picture.path),
        frame=picture.frame,
        seconds=None if picture.seconds is None else round(float(picture.seconds), 6),
        box=(x1, y1, x2, y2),
        score=round(float(face.scores[0]), 4),
        reasons=reasons,
    )


def _stem(picture: Picture, place: int, faces: int) -> str:
    stem = PurePosixPath(picture.name).stem
    frame = "" if picture.frame is None else f"-{picture.frame:06d}"
    # A frame of an iterable has its number in its name.
    return f"{stem.removesuffix(frame)}{frame}{f'-{place + 1}' * (faces > 1)}"
