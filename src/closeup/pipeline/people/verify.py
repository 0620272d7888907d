"""Whether two photos show the same person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import CalibrationError, InputError
from closeup.faces import Faces
from closeup.geometry import Size, areas
from closeup.identity.calibration import calibration_of
from closeup.identity.defects import Defect, defects
from closeup.identity.description import mirrored_mean
from closeup.identity.quality import sharpness
from closeup.identity.verification import Verdict, verify
from closeup.media.images import read_image
from closeup.media.orientation import rotate_image
from closeup.open_models import Models
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.rotation import checked_rotation

_SHAPELESS = 4.0
"""Sharpness below which two faces are nothing but blur, and alike: of LFW's, blurred so much, a
rate of one false accept in 1,000 accepts two of five (``benchmarks/confidence.py``)."""


@dataclass(frozen=True, slots=True, eq=False)
class VerifiedFace:
    """The largest face of one photo.

    Attributes:
        image: The photo.
        face: Its largest face.
        others: Number of further faces in the photo.
        defects: Defects that make the comparison less reliable; usually empty.
        vector: (d,) mean of the face's vector and that of its mirror image.
        sharpness: Sharpness of its chip.

    """

    image: Path
    face: Faces
    others: int
    defects: list[Defect]
    vector: NDArray[np.float32]
    sharpness: float

    def record(self) -> dict[str, Any]:
        """The face as a JSON object."""
        return {
            "image": str(self.image),
            "box": np.round(self.face.boxes[0].astype(np.float64), 2).tolist(),
            "score": round(float(self.face.scores[0]), 4),
            "other_faces": self.others,
            "defects": [f"the face is {defect}" for defect in self.defects],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """Two photos compared.

    Attributes:
        first: Face of the first photo.
        second: Face of the second.
        verdict: Whether they show one person, and the false-accept rate of that decision.
        calibration: Calibration of the embedder whose vectors were compared.

    """

    first: VerifiedFace
    second: VerifiedFace
    verdict: Verdict
    calibration: EmbeddingCalibration

    def record(self) -> dict[str, Any]:
        """The comparison as a JSON object."""
        faces = [self.first.record(), self.second.record()]
        return {**asdict(self.verdict), "embedder": self.calibration.embedder, "faces": faces}


def verify_photos(
    first: Path | str,
    second: Path | str,
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    rate: float | None = None,
    rotate: int = 0,
    any_rotation: bool = False,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Compare the largest faces of two photos.

    Args:
        first: Path of the first photo.
        second: Path of the second photo.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        rate: False-accept rate: share of pairs of different people that may be accepted as one
            person; None for 0.001, or the smallest measured rate if that is higher.
        rotate: Rotation of both photos; see :func:`closeup.find_faces`.
        any_rotation: See :func:`closeup.find_faces`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        CalibrationError: the embedder has no calibration, or it did not measure ``rate``.
        ImageError: a photo cannot be read.
        InputError: no face is found in a photo, its head lies on its side and its roll cannot be
            told, or both faces are nothing but blur.
        ModelError: a model cannot be opened.
        ValueError: ``rotate`` is no quarter turn.

    """
    checked_rotation(rotate)
    models, progress = models or Models(), progress or Silent()
    finder = models.detector(detector, progress=progress)
    finder = models.turned_detector(finder, photos=True, any_rotation=any_rotation)
    network = models.embedder(embedder)
    calibration = calibration_of(network)
    _check_rate(rate, calibration)
    a, b = (_largest_face(Path(path), rotate, finder, network) for path in (first, second))
    if max(a.sharpness, b.sharpness) < _SHAPELESS:
        raise InputError(
            f"{first} and {second}: both faces are so blurred that any two people look alike; "
            "give a sharper photo of one of them"
        )
    cut = sum(Defect.CUT in face.defects for face in (a, b))
    return Verification(a, b, verify(a.vector, b.vector, calibration, rate, cut=cut), calibration)


def _check_rate(rate: float | None, calibration: EmbeddingCalibration) -> None:
    curve = calibration.false_accepts
    if rate is not None and not curve.least <= rate <= curve.most:
        raise CalibrationError(
            f"a false-accept rate of {rate:g} was not measured for {calibration.embedder}; "
            f"give {curve.least:g} to {curve.most:g}"
        )


def _largest_face(
    path: Path, rotate: int, detector: FaceDetector, embedder: Embedder
) -> VerifiedFace:
    image = rotate_image(read_image(path), rotate)
    faces = detector.detect(image)
    if not len(faces):
        raise InputError(
            f"{path}: no face found; give a photo that shows one, or try another --detector"
        )
    face = faces[np.array([areas(faces.boxes).argmax()])]
    if face.lying[0]:
        raise InputError(
            f"{path}: the head lies on its side, and which way is up cannot be told; turn the "
            "photo upright, or give another"
        )
    chips = embedder.chips(image, face)
    vector = mirrored_mean(embedder, chips)[0]
    flaws, sharp = defects(face, chips[0], Size.of(image)), sharpness(chips[0])
    return VerifiedFace(path, face, len(faces) - 1, flaws, vector, sharp)
