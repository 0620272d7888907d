"""Parts as users write them: each does what one of ours does, under its own name, and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import GrayImage, RGBImage
from closeup.protocols import Embedder, FaceDetector
from closeup.tracking.head_tracker import HeadTracker


class OwnDetector(FaceDetector):
    """Has what the protocol asks for, and no more."""

    name = "own-detector"

    def __init__(self, inner: FaceDetector) -> None:
        self._inner = inner
        self.calls = 0

    def detect(self, image: RGBImage) -> Faces:
        self.calls += 1
        return self._inner.detect(image)


class OwnLandmarker:
    """Not derived from the protocol; finds the middle of each box, and a corner."""

    name = "own-landmarker"
    scheme = "middle-and-corner"
    count = 2

    def find(self, _: RGBImage, faces: Faces) -> NDArray[np.float32]:
        middles = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
        return np.stack([middles, faces.boxes[:, :2]], axis=1)


class OwnEmbedder:
    """Vectors of dlib's network, so they may have its name and its calibration."""

    name = "dlib-128"
    dimensions = 128

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.calibration = inner.calibration
        self.calls = 0

    def chips(self, image: RGBImage, faces: Faces) -> list[RGBImage]:
        return self._inner.chips(image, faces)

    def embed(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        self.calls += 1
        return self._inner.embed(chips)


class OwnPupilFinder:
    """Takes the eyes of the detector for pupils, and cannot show how."""

    name = "own-pupils"

    def find(self, _: RGBImage, faces: Faces) -> Eyes:
        assert faces.landmarks is not None
        ones = np.ones((len(faces), 2), np.float32)
        return Eyes(faces.landmarks[:, :2].copy(), ones, ones, (("", ""),) * len(faces))


class OwnTracker(HeadTracker):
    """Counts the frames that it follows heads through."""

    name = "own-tracker"

    def __init__(self) -> None:
        super().__init__()
        self.frames = 0

    def step(
        self, index: int, gray: GrayImage, *, key: bool, jump: bool = False, flash: bool = False
    ) -> None:
        self.frames += 1
        super().step(index, gray, key=key, jump=jump, flash=flash)


class OwnPersonDetector:
    """Sees one person in the middle of every picture."""

    name = "own-persons"

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, image: RGBImage) -> Detections:
        self.calls += 1
        height, width = image.shape[:2]
        box = np.array([[0.3 * width, 0.1 * height, 0.7 * width, 0.9 * height]], np.float32)
        return Detections.of_one_class(box, np.array([0.9], np.float32))


class OwnShotDetector:
    """Finds one cut, after a third of every video."""

    name = "own-shots"

    def __init__(self) -> None:
        self.calls = 0

    def find(self, thumbnails: Iterable[RGBImage], rate: Fraction) -> list[int]:
        assert rate > 0
        self.calls += 1
        return [sum(1 for _ in thumbnails) // 3]


class OwnMemberDetector:
    """Sees one member in the left half of every picture."""

    name = "own-members"

    def __init__(self, member: str) -> None:
        self.names: tuple[str, ...] = (member,)

    def detect(self, image: RGBImage) -> Detections:
        height, width = image.shape[:2]
        box = np.array([[0.1 * width, 0.2 * height, 0.4 * width, height - 1]], np.float32)
        return Detections.of_one_class(box, np.array([0.9], np.float32))
