"""The pupils of every face of an image, a folder or a video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour
from closeup.drawing.marks import PLAIN, Mark
from closeup.drawing.strips import Strip, draw_strips
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import areas
from closeup.media.pictures import Kind, Picture, open_pictures
from closeup.opening import open_detector, open_landmarker, open_pupil_finder
from closeup.pipeline.records import picture_record, rounded
from closeup.pipeline.search import Search
from closeup.pipeline.tables import write_pupils_table
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector, Landmarker
from closeup.pupils.calibration import Calibration
from closeup.pupils.gaze import gaze
from closeup.pupils.method import PupilMethod
from closeup.pupils.steadied import SteadiedGaze
from closeup.settings import Settings

METHOD = "network"
"""The default: the surest, though not free for commercial use."""

STEPS = "steps"
"""Folder below that of the results."""

_EYELESS: Colour = (170, 170, 170)
_SIDES = ("right", "left")


@dataclass(frozen=True, slots=True, eq=False)
class PupilsInPicture:
    """What was found in one picture.

    Attributes:
        path: The file.
        name: The file's path below the given folder, with forward slashes; else its name.
        frame: Number in a video, from 0; None for an image.
        seconds: When a video shows it; None for an image.
        faces: Largest first, in the pixels of the picture as shown.
        eyes: Of each face, in the same pixels.
        gaze: (n, 2) float64, where each face's eyes look, as :func:`closeup.pupils.gaze.gaze`
            tells it, smoothed in a video; NaN where they do not tell.
        method: What found them.

    """

    path: Path
    name: str
    frame: int | None
    seconds: Fraction | None
    faces: Faces
    eyes: Eyes
    gaze: NDArray[np.float64]
    method: str

    def record(self) -> dict[str, Any]:
        """The picture as an object of the JSON that ``closeup pupils`` prints."""
        faces = [self._face_record(face) for face in range(len(self.faces))]
        return {**picture_record(self, faces), "method": self.method}

    def _face_record(self, face: int) -> dict[str, Any]:
        eyes = self.eyes
        record: dict[str, Any] = {
            "box": rounded(self.faces.boxes[face], 2),
            "score": round(float(self.faces.scores[face]), 4),
        }
        for side, centre, there in zip(_SIDES, eyes.centres[face], eyes.found[face], strict=True):
            record[f"{side}_eye"] = rounded(centre, 3) if there else None
        for side, wide in zip(_SIDES, eyes.openness[face], strict=True):
            record[f"{side}_open"] = rounded(wide, 3) if np.isfinite(wide) else None
        record["confidence"] = rounded(eyes.confidence[face].min(), 3)
        look = self.gaze[face]
        record["gaze"] = rounded(look, 3) if np.isfinite(look).all() else None
        sides = zip(_SIDES, eyes.reasons[face], strict=True)
        record["reasons"] = {f"{side}_eye": reason for side, reason in sides if reason}
        return record


@dataclass(frozen=True, slots=True, eq=False)
class FacesAndEyes:
    """Faces, largest first, and the eyes of each.

    Attributes:
        faces: In the picture's pixels.
        eyes: In the picture's pixels.
        gaze: (n, 2) of this picture alone; see :func:`closeup.pupils.gaze.gaze`.
        steps: For each face, where they were asked for, a PNG of the way to its pupils.

    """

    faces: Faces
    eyes: Eyes
    gaze: NDArray[np.float64]
    steps: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class FaceAndPupilFinder:
    """A detector with a way to find pupils; made by :func:`find_pupils`.

    Attributes:
        detector: Finds the faces.
        method: Finds their pupils.
        landmarker: dlib's five points, by which pupils become a gaze.
        steps: Whether to draw how.

    """

    detector: FaceDetector
    method: PupilMethod
    landmarker: Landmarker
    steps: bool

    def find(self, image: RGBImage) -> FacesAndEyes:
        """Faces and eyes; any thread may call it."""
        (faces,) = self.detector.detect([image])
        faces = faces[np.argsort(-areas(faces.boxes), kind="stable")]
        eyes = self.method.find(image, faces)
        look = gaze(self.landmarker.find(image, faces), eyes)
        if not self.steps:
            return FacesAndEyes(faces, eyes, look)
        drawn = (
            self._steps(image, face, why) for face, why in zip(faces, eyes.reasons, strict=True)
        )
        return FacesAndEyes(faces, eyes, look, tuple(drawn))

    def marks(self, result: FacesAndEyes) -> list[Mark]:
        """The box and number of each face with its crosses; grey with the reason without any."""
        rows = zip(result.faces.boxes, result.eyes.centres, result.eyes.found, strict=True)
        return [
            Mark(
                box,
                np.empty((0, 2), np.float32),
                ": ".join(filter(None, (str(face), _explained(result.eyes.reasons[face])))),
                str(face),
                PLAIN if found.any() else _EYELESS,
                centres[found],
            )
            for face, (box, centres, found) in enumerate(rows)
        ]

    def found(self, picture: Picture, result: FacesAndEyes) -> PupilsInPicture:
        """What :meth:`find` gave for a picture, without its pixels."""
        return PupilsInPicture(
            picture.path,
            picture.name,
            picture.frame,
            picture.seconds,
            result.faces,
            result.eyes,
            result.gaze,
            self.method.name,
        )

    def _steps(self, image: RGBImage, face: Faces, reasons: tuple[str, str]) -> bytes:
        strips = [
            Strip(f"{side} eye{f': {why}' if why else ''}", steps.pictures)
            for side, why, steps in zip(_SIDES, reasons, self.method.show(image, face), strict=True)
        ]
        sheet = cv2.cvtColor(draw_strips(strips), cv2.COLOR_RGB2BGR)
        return cv2.imencode(".png", sheet)[1].tobytes()


PupilSearch = Search[FacesAndEyes, PupilsInPicture]
"""What :func:`find_pupils` gives: iterate it."""


def find_pupils(
    source: Path | str,
    method: str = METHOD,
    *,
    detector: str = "auto",
    calibration: Path | str | None = None,
    every: int = 1,
    steps: bool = False,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> PupilSearch:
    """Search the faces of an image, of all images of a folder, or of a video for pupils.

    Args:
        source: Image, folder (searched through sub-folders) or video.
        method: One of :data:`closeup.opening.PUPIL_METHODS`, or the path of a network's file.
        detector: One of :data:`closeup.opening.DETECTORS`.
        calibration: A file with the method's constant error, which is then taken away.
        every: Look at every so many frames of a video.
        steps: Draw how each pupil is found; :func:`closeup.pipeline.drawn_faces.draw_faces`
            writes it as ``steps/NAME-FACE.png``.
        settings: Where model files are; by default what the environment says.
        progress: Who listens; nobody by default.

    Raises:
        InputError: there is no picture, or the calibration cannot be used.
        ModelError: the detector or the method cannot be opened.
        ValueError: ``every`` is less than 1.

    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, got {every}")
    settings, progress = settings or Settings.from_environment(), progress or Silent()
    pictures = open_pictures(Path(source), every)
    correction = Calibration.load(Path(calibration)) if calibration is not None else None
    threads = None if pictures.kind is Kind.IMAGE else 1
    opened = open_detector(detector, settings=settings, progress=progress, threads=threads)
    finder = FaceAndPupilFinder(
        opened,
        open_pupil_finder(method, settings, correction),
        open_landmarker("dlib-5-points", settings),
        steps,
    )
    smooth = _steadied if pictures.kind is Kind.VIDEO else None
    return Search(pictures, finder, progress, "pupils", write_pupils_table, _step_files, smooth)


def _steadied() -> Callable[[PupilsInPicture], PupilsInPicture]:
    """Smooth the gaze in the frames of one video, which are given in order."""
    steady = SteadiedGaze()

    def refine(found: PupilsInPicture) -> PupilsInPicture:
        seconds = float(found.seconds or 0)
        return replace(found, gaze=steady.step(found.faces.boxes, found.gaze, seconds))

    return refine


def _explained(reasons: tuple[str, str]) -> str:
    """Why eyes have no pupil, as short as a label must be."""
    right, left = (reason.partition(":")[0] for reason in reasons)
    if right == left:
        return right
    return ", ".join(
        f"{side} eye: {why}" for side, why in zip(_SIDES, (right, left), strict=True) if why
    )


def _step_files(name: str, result: FacesAndEyes) -> Iterator[tuple[str, bytes]]:
    for face, png in enumerate(result.steps):
        yield f"{STEPS}/{name}-{face}.png", png
