"""Labelled photos, read once: the results of the coarse methods, and training samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.label_places import inside
from closeup.evaluation.pupil_reading import face_of
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.executors.threads import ordered_map
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector, Landmarker, PupilFinder
from closeup.pupils.eye_crops import CropShape, eye_crops, normalised
from closeup.pupils.eye_frame import EyeFrame
from closeup.training.pupils.samples import PUPIL, EyeSamples

BY_HAND = "by hand"
"""Name of the labels by hand, beside the names of methods."""

SIZE, WIDTH = Size(144, 108), 2.0
"""Size in pixels and width in eye distances of training crops, with a margin so that shifted
crops show real pixels."""

_SHAPE = CropShape(SIZE.width / WIDTH, WIDTH, WIDTH * SIZE.height / SIZE.width, least=1.0)


@dataclass(frozen=True, slots=True, eq=False)
class ReadFace:
    """One labelled face; of two eyes the subject's right one comes first.

    Attributes:
        face: The detected face, one row; None if it was not detected.
        frame: (2, 2) midpoints of the corners of each eye, source pixels; NaN without a face.
        crops: (2, H, W) grey uint8, eyes level, the left one mirrored; empty without a face.
        labels: Method or :data:`BY_HAND` → (2, 2) x, y in shares of the crops' sides, or NaN.
        found_by: Method → its result for this face; empty without a face.

    """

    face: Faces | None
    frame: NDArray[np.float64]
    crops: NDArray[np.uint8]
    labels: Mapping[str, NDArray[np.float64]]
    found_by: Mapping[str, Eyes]


@dataclass(frozen=True, slots=True, eq=False)
class ReadFaces:
    """All faces of a truth, in its order.

    Attributes:
        truth: The truth of the photos.
        faces: One per photo.

    """

    truth: PupilTruth
    faces: Sequence[ReadFace]

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def frames(self) -> NDArray[np.float64]:
        """(n, 2, 2) frames of the eyes, see :class:`ReadFace`."""
        return np.array([face.frame for face in self.faces]).reshape(-1, 2, 2)

    def found(self, method: str) -> NDArray[np.float64]:
        """Pupils by a method that was run while reading: (n, 2, 2) source pixels, or NaN."""
        return _centres(face.found_by.get(method) for face in self.faces)

    def find(
        self,
        finder: PupilFinder,
        chosen: NDArray[np.integer] | None = None,
        progress: Progress | None = None,
    ) -> NDArray[np.float64]:
        """Find pupils with any finder: (n, 2, 2) source pixels; NaN where none.

        The photos are read again.

        Args:
            finder: The pupil finder to run.
            chosen: (n,) indices of faces; None for all.
            progress: Receives an advance of 0 for each face, within the current stage.

        Raises:
            ImageError: a photo can no longer be read.

        """
        progress = progress or Silent()
        numbers = range(len(self)) if chosen is None else chosen.tolist()
        found = []
        for eyes in ordered_map(lambda index: self._ask(finder, index), numbers):
            found.append(eyes)
            progress.advance(0)
        return _centres(found)

    def moved(
        self, found: NDArray[np.float64], offsets: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Add one offset per eye, as in a calibration, to pupils (n, 2, 2)."""
        after = found.copy()
        for index in np.flatnonzero(np.isfinite(self.frames).all(axis=(1, 2))):
            after[index] += EyeFrame(*self.frames[index]).moved(offsets)
        return after

    def labelled(self, labeller: str) -> NDArray[np.int64]:
        """Indices of the faces whose eyes both have a crop with a label inside."""
        return np.array(
            [n for n, face in enumerate(self.faces) if _usable(face, labeller).all()], np.int64
        )

    def samples(self, labeller: str, chosen: NDArray[np.integer]) -> EyeSamples:
        """Training samples from the labelled eyes of some faces.

        Labels by hand have weight 1 and no openness; a method's are weighted by its confidence.

        Args:
            labeller: Method or :data:`BY_HAND`, whose labels are used; other eyes are left out.
            chosen: Indices of faces.

        """
        eyes = [
            (face, eye)
            for face in chosen.tolist()
            for eye in np.flatnonzero(_usable(self.faces[face], labeller)).tolist()
        ]
        points = np.full((len(eyes), 3, 2), np.nan, np.float32)
        state = np.tile(np.array([np.nan, 1.0], np.float32), (len(eyes), 1))
        crops = np.empty((len(eyes), SIZE.height, SIZE.width), np.uint8)
        for row, (face, eye) in enumerate(eyes):
            own = self.faces[face]
            points[row, PUPIL], crops[row] = own.labels[labeller][eye], own.crops[eye]
            if labeller in own.found_by:
                read = own.found_by[labeller]
                state[row] = read.openness[0, eye], read.confidence[0, eye]
        numbers, sides = np.array(eyes, np.int64).reshape(-1, 2).T
        return EyeSamples(
            crops=crops, points=points, openness=state[:, 0], weight=state[:, 1],
            groups=self.people[numbers], faces=numbers, left=sides == 1, width=WIDTH,
        )  # fmt: skip

    @property
    def people(self) -> NDArray[np.int64]:
        """(n,) number of each face's person, which is the photo's folder, else the photo."""
        _, numbers = np.unique([person(name) for name in self.truth.names], return_inverse=True)
        return numbers.astype(np.int64)

    def _ask(self, finder: PupilFinder, index: int) -> Eyes | None:
        face = self.faces[index].face
        return None if face is None else finder.find(self.truth.image(index), face)


@dataclass(frozen=True, slots=True)
class LabelledFaceReader:
    """Finds labelled faces, cuts out their eyes, and runs every method.

    Attributes:
        detector: Opened with one thread, since photos are read in parallel.
        landmarker: Finds dlib's five points.
        finders: Method name → pupil finder.

    """

    detector: FaceDetector
    landmarker: Landmarker
    finders: Mapping[str, PupilFinder]

    def read(self, truth: PupilTruth, progress: Progress, stage: str) -> ReadFaces:
        """Read all faces of ``truth``.

        Raises:
            ImageError: a photo cannot be read; no photo is skipped.
            InputError: the truth is of photos of another size.

        """
        progress.begin(stage, len(truth))
        faces = []
        for face in ordered_map(lambda index: self._read(truth, index), range(len(truth))):
            faces.append(face)
            progress.advance()
        return ReadFaces(truth, faces)

    def _read(self, truth: PupilTruth, index: int) -> ReadFace:
        image, eyes = truth.image(index), truth.centres[index]
        faces = self.detector.detect(image)
        face = face_of(faces, eyes)
        frame = None if face is None else EyeFrame.of(self.landmarker.find(image, face)[0])
        if face is None or frame is None or frame.distance < 1:
            nothing = np.empty((0, SIZE.height, SIZE.width), np.uint8)
            return ReadFace(None, np.full((2, 2), np.nan), nothing, {}, {})
        found_by = {name: finder.find(image, face) for name, finder in self.finders.items()}
        centres = {name: own.centres[0].astype(np.float64) for name, own in found_by.items()}
        crops, labels = _cut(image, frame, {**centres, BY_HAND: eyes})
        return ReadFace(face, np.array([frame.right, frame.left]), crops, labels, found_by)


def person(name: str) -> str:
    """Return the person on a photo of this name: its folder, else the photo itself."""
    return name.rpartition("/")[0] or name


def _cut(
    image: RGBImage, frame: EyeFrame, centres: Mapping[str, NDArray[np.float64]]
) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float64]]]:
    """Both grey crops, and each labeller's (2, 2) pupils in shares of the crops' sides."""
    crops = eye_crops(image, frame, _SHAPE, mirror_left=True)
    grey = np.stack([cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY) for crop in crops])
    labels = {
        labeller: np.stack([
            normalised(crop.to_crop(eye), SIZE) for crop, eye in zip(crops, eyes, strict=True)
        ])
        for labeller, eyes in centres.items()
    }  # fmt: skip
    return np.asarray(grey, np.uint8), labels


def _usable(face: ReadFace, labeller: str) -> NDArray[np.bool_]:
    """(2,) whether each eye has a label of ``labeller`` inside its crop."""
    return inside(face.labels[labeller]) if labeller in face.labels else np.zeros(2, np.bool_)


def _centres(results: Iterable[Eyes | None]) -> NDArray[np.float64]:
    nowhere = np.full((2, 2), np.nan)
    found = [nowhere if eyes is None else eyes.centres[0].astype(np.float64) for eyes in results]
    return np.array(found).reshape(-1, 2, 2)
