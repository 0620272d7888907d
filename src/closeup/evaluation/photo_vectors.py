"""Vectors of photos by the face nearest the centre of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort
from closeup.executors.threads import ordered_map
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, centres_of
from closeup.media.images import read_image
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector

# Medians of YuNet on the 7,701 photos of View 2, as fractions of their 250 pixels.
_SQUARE = (0.261, 0.288, 0.748, 0.774)
_POINTS = ((0.417, 0.454), (0.589, 0.452), (0.505, 0.552), (0.432, 0.632), (0.581, 0.629))


def nearest_the_middle(faces: Faces, size: Size) -> Faces:
    """The one face whose box's centre is nearest to the picture's; no face if there is none."""
    if not len(faces):
        return faces
    middle = np.array([size.width - 1, size.height - 1]) / 2
    centres = centres_of(faces.boxes)
    return faces[np.array([np.hypot(*(centres - middle).T).argmin()])]


def presumed_face(size: Size) -> Faces:
    """The usual place of LFW's faces, for a photo in which no face was found.

    LFW's photos are cropped so that the person's face is central. The box is a square as
    dlib's predictors expect it, with five points; the score is 0.
    """
    scale = np.array([size.width, size.height], np.float32)
    box = np.array([_SQUARE], np.float32) * np.tile(scale, 2) - np.float32(0.5)
    points = np.array([_POINTS], np.float32) * scale - np.float32(0.5)
    return Faces(box, np.zeros(1, np.float32), points)


_BATCH = 16
"""Photos that a worker reads before it embeds their chips at once: 8 and 32 were slower."""

Change = Callable[[RGBImage, int], RGBImage]
"""Makes a changed picture from a photo, RGB uint8 (H, W, 3), and the photo's index."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoVectors:
    """The vectors of n photos.

    Attributes:
        plain: (n, d) float32, embedding of each face.
        mirror: (n, d) float32, embedding of the face's mirror image; None if not wanted.
        found: (n,) bool, false if no face was detected and the presumed one was used.
        heights: (n,) float32, height of the detected or else the presumed box, in pixels.

    """

    plain: NDArray[np.float32]
    mirror: NDArray[np.float32] | None
    found: NDArray[np.bool_]
    heights: NDArray[np.float32]

    @property
    def missed(self) -> int:
        """Number of photos without a detected face."""
        return int((~self.found).sum())

    def joined(self) -> NDArray[np.float32]:
        """The means as of :func:`closeup.identity.description.mirrored_mean`, else ``plain``."""
        if self.mirror is None:
            return self.plain
        return np.asarray((self.plain + self.mirror) / 2, np.float32)


@dataclass(frozen=True, slots=True)
class PhotoEmbedder:
    """Reads photos with one detector and one embedder.

    Attributes:
        detector: Finds the faces; opened with one thread, since photos are read in parallel.
        embedder: Turns the central face into a vector; opened likewise.
        mirrored: Whether mirror images are embedded, too.

    """

    detector: FaceDetector
    embedder: Embedder
    mirrored: bool = True

    @property
    def cohort(self) -> Cohort | None:
        """The cohort of the embedder's calibration; None if it has none."""
        calibration = self.embedder.calibration
        return None if calibration is None else calibration.cohort

    def read(
        self,
        paths: Sequence[Path],
        progress: Progress,
        stage: str = "embedding photos",
        change: Change | None = None,
    ) -> PhotoVectors:
        """The vectors of all photos, in order.

        Args:
            paths: At least one picture file.
            progress: Receives one stage, with a report for each photo.
            stage: Name of the stage.
            change: Applied to each photo before face detection; None: no change.

        Raises:
            ImageError: a photo cannot be read. No photo is left out: results without the
                hardest photos would not be comparable.

        """
        progress.begin(stage, len(paths))
        parts = []
        for part in ordered_map(lambda batch: self._batch(batch, change), _batches(paths)):
            parts.append(part)
            progress.advance(len(part.found))
        return PhotoVectors(
            np.concatenate([part.plain for part in parts]),
            np.concatenate([p.mirror for p in parts if p.mirror is not None])
            if self.mirrored
            else None,
            np.concatenate([part.found for part in parts]),
            np.concatenate([part.heights for part in parts]),
        )

    def _batch(self, batch: Sequence[tuple[int, Path]], change: Change | None) -> PhotoVectors:
        faces = []
        for index, path in batch:
            image = read_image(path)
            faces.append(self._face(change(image, index) if change else image))
        chips = [face.chip for face in faces]
        mirror = self.embedder.embed(_mirrored(chips)) if self.mirrored else None
        return PhotoVectors(
            self.embedder.embed(chips),
            mirror,
            np.array([face.found for face in faces]),
            np.array([face.height for face in faces], np.float32),
        )

    def _face(self, image: RGBImage) -> _CentralFace:
        size = Size.of(image)
        faces = nearest_the_middle(self.detector.detect(image), size)
        found = len(faces) > 0
        face = faces if found else presumed_face(size)
        (chip,) = self.embedder.chips(image, face)
        return _CentralFace(chip, found, float(face.boxes[0, 3] - face.boxes[0, 1]))


class _CentralFace(NamedTuple):
    chip: RGBImage
    found: bool
    height: float


def _mirrored(chips: Sequence[RGBImage]) -> list[RGBImage]:
    return [np.ascontiguousarray(chip[:, ::-1]) for chip in chips]


def _batches(paths: Sequence[Path]) -> Iterator[list[tuple[int, Path]]]:
    numbered = list(enumerate(paths))
    return (numbered[start : start + _BATCH] for start in range(0, len(numbered), _BATCH))
