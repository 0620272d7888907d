"""What finds the faces for effects, in photos and in the frames of a video."""

from __future__ import annotations

from dataclasses import dataclass

from closeup.detection.face_follower import FaceFollower
from closeup.effects.covered_faces import CoverDetector
from closeup.effects.steady_faces import SteadyFaces
from closeup.errors import ModelMissingError
from closeup.faces import Faces
from closeup.frames import Frame, RGBImage
from closeup.media.pictures import Pictures, SourceKind
from closeup.open_models import Models
from closeup.progress import Progress
from closeup.protocols import FaceDetector, Landmarker, PupilFinder
from closeup.pupils.with_eyes import with_eyes

METHOD = "network"
"""Pupil finder that effects use by default."""


class FollowedFaces:
    """Finds the faces of the frames of one video or camera, in order.

    Args:
        detector: Finds the faces.
        finder: Finds the pupils.
        landmarker: Finds points with the corners of the eyes.

    """

    def __init__(self, detector: FaceDetector, finder: PupilFinder, landmarker: Landmarker) -> None:
        self._follower, self._steady = FaceFollower(detector), SteadyFaces()
        self._finder, self._landmarker = finder, landmarker

    def find(self, frame: Frame, image: RGBImage) -> Faces:
        """The faces of the next frame.

        Args:
            frame: The frame.
            image: Its pixels, RGB uint8 of shape (H, W, 3).

        """
        seconds = float(frame.timecode.seconds)
        faces = self._follower.find(image, seconds)
        described = with_eyes(image, faces, self._finder, self._landmarker)
        return self._steady.step(frame.gray(), described, seconds)


@dataclass(frozen=True, slots=True, eq=False)
class EffectParts:
    """What finds the faces for effects.

    Attributes:
        detector: Finds the faces.
        pupils: Finds the pupils.
        landmarker: Finds points with the corners of the eyes.
        covering: Finds the faces that privacy effects cover in videos; None for ``detector``.

    """

    detector: FaceDetector
    pupils: PupilFinder
    landmarker: Landmarker
    covering: CoverDetector | None = None

    @property
    def cover_detector(self) -> CoverDetector:
        """What finds the faces that privacy effects cover in videos."""
        return self.covering or CoverDetector(self.detector)

    def find(self, image: RGBImage) -> Faces:
        """The faces of a photo with their eyes."""
        return with_eyes(image, self.detector.detect(image), self.pupils, self.landmarker)

    def following(self) -> FollowedFaces:
        """What finds the faces of the frames of a video in order."""
        return FollowedFaces(self.detector, self.pupils, self.landmarker)


def effect_parts(
    models: Models,
    detector: str | FaceDetector,
    method: str | PupilFinder,
    landmarks: str | Landmarker,
    progress: Progress,
    pictures: Pictures | None = None,
    any_rotation: bool = False,
) -> EffectParts:
    """Open what finds the faces for effects; see :func:`apply_effect`."""
    photos = pictures is not None and pictures.photos
    threads = None if pictures is not None and pictures.kind is SourceKind.IMAGE else 1
    opened = models.detector(detector, threads=threads, progress=progress)
    opened = models.turned_detector(opened, photos=photos, any_rotation=any_rotation)
    covering, certain = models.cover_detector(detector, threads=threads)
    covering = models.turned_detector(covering, photos=photos, any_rotation=any_rotation)
    return EffectParts(
        opened,
        models.pupil_finder(method),
        _landmarker(models, landmarks),
        CoverDetector(covering, certain),
    )


def _landmarker(models: Models, part: str | Landmarker) -> Landmarker:
    if part != "auto":
        return models.landmarker(part)
    try:
        return models.landmarker("mediapipe-468")
    except ModelMissingError:
        return models.landmarker("dlib-5-points")
