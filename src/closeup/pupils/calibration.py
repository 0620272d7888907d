"""A constant offset per eye, which corrects the systematic error of a method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.files.documents import read_document, write_document
from closeup.frames import RGBImage
from closeup.protocols import Landmarker, PupilFinder
from closeup.pupils.eye_crops import CropShape, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.method import Steps, showing

LEAST_PHOTOS = 5
"""Number of faces that :func:`fit_offsets` needs for each eye."""

_VERSION = 1
_REACH = 0.1
"""Errors farther than this from the offset, in eye distances, are outliers and do not count."""
_SETTLED = 1e-5
_MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The offsets that are added to all pupils of a method.

    Attributes:
        method: Name of the method, as in ``--method``.
        offsets: (2, 2) float64 in eye distances, right eye first: across (towards the
            subject's left) and down the face, as :meth:`EyeFrame.moved` takes them.
        photos: Number of labelled faces that they were fitted to.

    Raises:
        ValueError: the offsets have another shape or are not finite.

    """

    method: str
    offsets: NDArray[np.float64]
    photos: int

    def __post_init__(self) -> None:
        if self.offsets.shape != (2, 2) or not np.isfinite(self.offsets).all():
            raise ValueError(f"offsets must be (2, 2) and finite, got {self.offsets.tolist()}")

    def save(self, path: Path) -> None:
        """Write the calibration as JSON.

        Raises:
            OutputError: the file cannot be written.

        """
        right, left = self.offsets.round(5).tolist()
        document = {
            "version": _VERSION,
            "method": self.method,
            "offsets": {"right": right, "left": left},
            "photos": self.photos,
        }
        write_document(path, document, checksum=True)

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read a file written by :meth:`save`.

        Raises:
            InputError: the file cannot be read, or is not a calibration of this version.

        """
        return read_document(path, cls._of, "make a calibration with: closeup calibrate pupils")

    @classmethod
    def _of(cls, document: dict[str, Any]) -> Calibration:
        if document["version"] != _VERSION:
            raise ValueError(f"version {document['version']}")
        offsets = np.array([document["offsets"][eye] for eye in ("right", "left")], np.float64)
        return cls(str(document["method"]), offsets, int(document["photos"]))


def fit_offsets(found: NDArray[np.floating], truth: NDArray[np.floating]) -> NDArray[np.float64]:
    """Fit the offset of each eye that moves the found pupils to the truth.

    Tukey's biweight (Beaton and Tukey, Technometrics 1974), started from the median: a mean of
    the errors with weights that are 0 for outliers such as a brow.

    Args:
        found: (n, 2, 2) pupils in pixels, right eye first, as in :class:`closeup.eyes.Eyes`;
            NaN if not found.
        truth: (n, 2, 2) true pupils, likewise.

    Returns:
        (2, 2) float64, as in :attr:`Calibration.offsets`.

    Raises:
        InputError: fewer than :data:`LEAST_PHOTOS` faces have an eye in both.
        ValueError: a shape is wrong.

    """
    if found.shape != truth.shape or found.shape[1:] != (2, 2):
        raise ValueError(f"give pupils of shape (n, 2, 2), got {found.shape} and {truth.shape}")
    errors = np.full(found.shape, np.nan)
    for row, (own, true) in enumerate(zip(found, truth, strict=True)):
        frame = EyeFrame(*true.astype(np.float64))
        errors[row] = frame.measured(true - own) if frame.distance > 0 else np.nan
    return np.array([fit_offset(errors[:, eye]) for eye in (0, 1)])


def fit_offset(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The offset of one eye; see :func:`fit_offsets`.

    Args:
        errors: (n, 2) vectors from the found pupils to the truth, in eye distances; NaN where
            there is none.

    Raises:
        InputError: fewer than :data:`LEAST_PHOTOS` are known.

    """
    known = errors[np.isfinite(errors).all(axis=1)]
    if len(known) < LEAST_PHOTOS:
        raise InputError(
            f"only {len(known)} faces have a labelled pupil that was found; "
            f"label at least {LEAST_PHOTOS}"
        )
    place = np.median(known, axis=0)
    for _ in range(_MOST_ROUNDS):
        near = np.linalg.norm(known - place, axis=1) / _REACH
        weights = np.clip(1 - near**2, 0, None) ** 2
        if not weights.any():
            return np.asarray(place)
        before, place = place, np.average(known, axis=0, weights=weights)
        if np.linalg.norm(place - before) < _SETTLED:
            break
    return np.asarray(place)


class CalibratedPupilFinder:
    """Adds a constant offset per eye to the pupils of a finder.

    The scale and direction of the offset come from the eye corners, not from the pupils, so
    that one eye is corrected even if the other was not found.

    Args:
        finder: Finds the pupils.
        landmarker: dlib's five or sixty-eight points.
        calibration: Calibration fitted to pupils of this finder.

    """

    def __init__(
        self, finder: PupilFinder, landmarker: Landmarker, calibration: Calibration
    ) -> None:
        self.name = finder.name
        self._finder = finder
        self._landmarker = landmarker
        self._offsets = calibration.offsets

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """See :meth:`closeup.protocols.PupilFinder.find`."""
        eyes = self._finder.find(image, faces)
        points = self._landmarker.find(image, faces)
        moves = [EyeFrame.of(face).moved(self._offsets) for face in points]
        centres = eyes.centres + np.array(moves, np.float32).reshape(-1, 2, 2)
        return replace(eyes, centres=centres)

    def show(self, image: RGBImage, face: Faces) -> tuple[Steps, Steps]:
        """The steps of the finder, then the pupil moved by the offset."""
        steps = showing(self._finder).show(image, face)
        frame = EyeFrame.of(self._landmarker.find(image, face)[0])
        if frame.distance >= 1:
            centres = self.find(image, face).centres[0]
            crops = eye_crops(image, frame, CropShape())
            for own, crop, centre in zip(steps, crops, centres, strict=True):
                if np.isfinite(centre).all():
                    x, y = crop.to_crop(centre).tolist()
                    own.show("calibrated", crop.pixels, (x, y))
        return steps
