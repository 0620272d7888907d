"""Every face of an image, a folder or a video: boxes, scores and feature points."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.marks import Mark
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.pictures import Kind, Picture, open_pictures
from closeup.opening import open_detector, open_landmarker
from closeup.pipeline.records import face_record, picture_record
from closeup.pipeline.search import Search
from closeup.pipeline.tables import write_faces_table
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector, Landmarker
from closeup.settings import Settings


class FacePoints(StrEnum):
    """Which feature points a face gets."""

    AUTO = "auto"
    """The detector's own five where it gives them, else dlib's five."""
    NONE = "none"
    FIVE = "5"
    """dlib's five: the corners of the eyes and the base of the nose."""
    SIXTY_EIGHT = "68"
    """dlib's sixty-eight, which are not free for commercial use."""


class PointSet(StrEnum):
    """What the points of a face are, in order."""

    EYES_NOSE_MOUTH = "eyes-nose-mouth"
    """See :data:`closeup.faces.Landmarks`."""
    DLIB_5 = "dlib-5"
    DLIB_68 = "dlib-68"
    """See :data:`closeup.landmarks.dlib_points.DlibPoints`."""


FacesAndPoints = tuple[Faces, NDArray[np.float32]]
"""Faces, and their points of shape (n, k, 2)."""

_LANDMARKERS = {PointSet.DLIB_5: "dlib-5-points", PointSet.DLIB_68: "dlib-68-points"}


@dataclass(frozen=True, slots=True, eq=False)
class FacesInPicture:
    """What was found in one picture.

    Attributes:
        path: The file.
        frame: Number in a video, from 0; None for an image.
        seconds: When a video shows it; None for an image.
        faces: Best score first, in the pixels of the picture as shown.
        points: (n, k, 2) float32 x and y in the same pixels; k is 0 without points.
        landmarks: What the points are; None without points.

    """

    path: Path
    frame: int | None
    seconds: Fraction | None
    faces: Faces
    points: NDArray[np.float32]
    landmarks: PointSet | None

    def record(self) -> dict[str, Any]:
        """The picture as an object of the JSON that ``closeup faces`` prints."""
        rows = zip(self.faces.boxes, self.faces.scores, self.points, strict=True)
        faces = [face_record(box, float(score), points) for box, score, points in rows]
        return {**picture_record(self, faces), "landmarks": self.landmarks}


@dataclass(frozen=True, slots=True, eq=False)
class FaceFinder:
    """A detector with what gives the points; made by :func:`find_faces`.

    Attributes:
        detector: Finds the faces.
        landmarker: Finds the points; None where the detector does, or nobody.
        landmarks: What the points are; None without points.
        min_score: Faces below are left out.

    """

    detector: FaceDetector
    landmarker: Landmarker | None
    landmarks: PointSet | None
    min_score: float | None

    def find(self, image: RGBImage) -> FacesAndPoints:
        """Faces, and their points of shape (n, k, 2); any thread may call it."""
        (faces,) = self.detector.detect([image])
        if self.min_score is not None:
            faces = faces[faces.scores >= self.min_score]
        return faces, self._points(image, faces)

    def marks(self, result: FacesAndPoints) -> list[Mark]:
        """Box, points and score of each face."""
        faces, points = result
        rows = zip(faces.boxes, faces.scores, points, strict=True)
        return [Mark(box, dots, f"{score:.2f}") for box, score, dots in rows]

    def found(self, picture: Picture, result: FacesAndPoints) -> FacesInPicture:
        """What :meth:`find` gave for a picture, without its pixels."""
        faces, points = result
        return FacesInPicture(
            picture.path, picture.frame, picture.seconds, faces, points, self.landmarks
        )

    def _points(self, image: RGBImage, faces: Faces) -> NDArray[np.float32]:
        if self.landmarker:
            return self.landmarker.find(image, faces)
        if self.landmarks is None:
            return np.empty((len(faces), 0, 2), np.float32)
        return np.empty((0, 5, 2), np.float32) if faces.landmarks is None else faces.landmarks


FaceSearch = Search[FacesAndPoints, FacesInPicture]
"""What :func:`find_faces` gives: iterate it."""


def find_faces(
    source: Path | str,
    detector: str = "auto",
    *,
    points: FacePoints = FacePoints.AUTO,
    every: int = 1,
    min_score: float | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> FaceSearch:
    """Search an image, all images of a folder, or a video for faces.

    Args:
        source: Image, folder (searched through sub-folders) or video.
        detector: One of :data:`closeup.opening.DETECTORS`.
        points: Which feature points.
        every: Look at every so many frames of a video.
        min_score: Leave out faces with a lower score, on the detector's own scale.
        settings: Where model files are; by default what the environment says.
        progress: Who listens; nobody by default.

    Raises:
        InputError: there is no picture.
        ModelError: the detector or the points cannot be opened.
        ValueError: ``every`` is less than 1.

    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, got {every}")
    settings, progress = settings or Settings.from_environment(), progress or Silent()
    pictures = open_pictures(Path(source), every)
    # One image gets all processors; many share them, one each.
    threads = None if pictures.kind is Kind.IMAGE else 1
    opened = open_detector(detector, settings=settings, progress=progress, threads=threads)
    landmarks = _chosen(points, opened)
    name = _LANDMARKERS.get(landmarks) if landmarks else None
    landmarker = open_landmarker(name, settings) if name else None
    finder = FaceFinder(opened, landmarker, landmarks, min_score)
    return Search(pictures, finder, progress, "faces", write_faces_table)


def _chosen(points: FacePoints, detector: FaceDetector) -> PointSet | None:
    match points:
        case FacePoints.NONE:
            return None
        case FacePoints.SIXTY_EIGHT:
            return PointSet.DLIB_68
        case FacePoints.AUTO if _gives_points(detector):
            return PointSet.EYES_NOSE_MOUTH
        case _:
            return PointSet.DLIB_5


def _gives_points(detector: FaceDetector) -> bool:
    (faces,) = detector.detect([np.zeros((64, 64, 3), np.uint8)])
    return faces.landmarks is not None
