"""The eyes in the pictures of a labelling project: one in a crop, or those of all faces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ImageError
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.labelling.shown_pictures import PictureReader
from closeup.labels import EYES
from closeup.pipeline.labelling.proposers import recut
from closeup.pipeline.loop.pupils.eye_measures import EyeCutter, MeasuredEyes, measure_eyes
from closeup.progress import Progress
from closeup.protocols import FaceDetector, Landmarker
from closeup.pupils.crop_finder import points_of
from closeup.pupils.eye_crops import CropShape, EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.network import EyeNetwork
from closeup.pupils.visibility import OF_NETWORKS, why_hidden
from closeup.store.label_records import StoredItem

PUPIL = "pupil"
"""Name of the point in labels of an eye data set."""

_BACKGROUND = 0.5
"""Faces with less than this share of the largest eye distance of a picture are in the background,
and few people label them."""

_Key = tuple[str, int | None]
"""Path and frame of an item."""

_SAME_EYE = 0.5
"""Eye distances between the same eye in two frames, and between a label and its eye."""


@dataclass(frozen=True, slots=True)
class EyeInPicture:
    """An eye that can be measured.

    Attributes:
        point: Name of its point in labels: ``pupil``, ``right_eye`` or ``left_eye``.
        face: Number of its face in the picture.
        cut: Cuts it out.

    """

    point: str
    face: int
    cut: EyeCutter


class EyeFinder(Protocol):
    """Finds the eyes in a picture."""

    def find(self, image: RGBImage) -> list[EyeInPicture]:
        """The eyes that are not hidden."""
        ...


@dataclass(frozen=True, slots=True)
class EyesOfCrops:
    """The eye in each crop of an eye data set.

    Attributes:
        width: Width of the crops, in eye distances.

    """

    width: float

    def find(self, image: RGBImage) -> list[EyeInPicture]:
        """See :meth:`EyeFinder.find`."""
        return [EyeInPicture(PUPIL, 0, partial(recut, image, self.width))]


@dataclass(frozen=True, slots=True, eq=False)
class EyesOfFaces:
    """The eyes of all faces but those in the background.

    Attributes:
        detector: Finds the faces.
        landmarker: Finds the corners of their eyes.

    """

    detector: FaceDetector
    landmarker: Landmarker

    def find(self, image: RGBImage) -> list[EyeInPicture]:
        """See :meth:`EyeFinder.find`."""
        faces = self.detector.detect(image)
        frames = [EyeFrame.of(points) for points in points_of(faces, image, self.landmarker)]
        least = _BACKGROUND * max((frame.distance for frame in frames), default=0.0)
        found = []
        for number, frame in enumerate(frames):
            hidden = why_hidden(image, faces[np.array([number])], frame, OF_NETWORKS)
            found += [
                EyeInPicture(name, number, partial(_cut, image, frame, side))
                for side, name in enumerate(EYES)
                if not hidden[side] and frame.distance >= least
            ]
        return found


def _cut(image: RGBImage, frame: EyeFrame, side: int, shape: CropShape) -> EyeCrop:
    return eye_crops(image, frame, shape, mirror_left=True)[side]


@dataclass(frozen=True, slots=True, eq=False)
class EyesOfItems:
    """The measured eyes of the items of a store.

    Attributes:
        measured: What networks say of the eyes.
        points: For each eye the name of its point.
        faces: (n,) number of its face in the picture.
        rows: Path and frame → indices of the eyes there; a picture that could not be read is not
            among them.

    """

    measured: MeasuredEyes
    points: Sequence[str]
    faces: NDArray[np.int64]
    rows: dict[_Key, list[int]]

    def of(self, item: StoredItem) -> list[int]:
        """Indices of the eyes of an item."""
        return self.rows.get((item.path, item.frame), [])

    def at(self, item: StoredItem, point: str, place: NDArray[np.float64]) -> int | None:
        """The nearest eye of an item to a place in pixels; None if none is near."""
        return self._nearest(self.of(item), point, place)

    def jump(self, item: StoredItem, eye: int) -> float:
        """How far a pupil of a video jumps, in eye distances.

        It is the distance from the middle between the frames before and after, as seen in the level
        crop of the eye; so a motion of the face does not count. NaN if the eye is not found there.
        """
        if item.frame is None:
            return np.nan
        place = self.measured.mean[eye]
        frames = (self.rows.get((item.path, item.frame + step), []) for step in (-1, 1))
        around = [self._nearest(eyes, self.points[eye], place) for eyes in frames]
        if None in around:
            return np.nan
        places = self.measured.places
        middle = places[np.array(around, np.int64)].mean(axis=0)
        return float(np.linalg.norm(places[eye] - middle))

    def _nearest(self, eyes: Sequence[int], point: str, place: NDArray[np.float64]) -> int | None:
        same = [eye for eye in eyes if self.points[eye] == point]
        if not same:
            return None
        away = np.linalg.norm(self.measured.mean[same] - place, axis=1)
        best = int(np.argmin(away))
        # A crop of an eye data set shows one eye, however wrong its label is.
        near = point == PUPIL or away[best] <= _SAME_EYE * self.measured.distances[same[best]]
        return same[best] if near else None


def measure_items(
    items: Sequence[StoredItem],
    reader: PictureReader,
    finder: EyeFinder,
    networks: Sequence[EyeNetwork],
    progress: Progress,
    passed: PassedOver,
) -> EyesOfItems:
    """Measure the eyes of items, and for frames of a video those of the frames before and after.

    Args:
        items: The items.
        reader: Reads their pictures.
        finder: Finds the eyes in a picture.
        networks: At least one.
        progress: Receives one stage.
        passed: Counts pictures that are gone or damaged.

    """
    every = _with_neighbours(items)
    progress.begin("measuring eyes", len(every))
    points: list[str] = []
    faces: list[int] = []
    rows: dict[_Key, list[int]] = {}

    def cutters() -> Iterator[EyeCutter]:
        for item, wanted in every:
            progress.advance()
            try:
                eyes = finder.find(reader.read(item))
            except ImageError as error:
                if wanted:
                    passed.leave_out(f"{error}; it is left out", error.kind)
                continue
            rows[item.path, item.frame] = list(range(len(points), len(points) + len(eyes)))
            points.extend(eye.point for eye in eyes)
            faces.extend(eye.face for eye in eyes)
            yield from (eye.cut for eye in eyes)

    measured = measure_eyes(networks, cutters())
    return EyesOfItems(measured, points, np.array(faces, np.int64), rows)


def _with_neighbours(items: Sequence[StoredItem]) -> list[tuple[StoredItem, bool]]:
    """Items with the frames around them, in the order of frames, and whether each is an item."""
    every = {(item.path, item.frame): (item, True) for item in items}
    for item in items:
        for step in () if item.frame is None else (-1, 1):
            near = replace(item, frame=(item.frame or 0) + step)
            if near.frame is not None and near.frame >= 0:
                every.setdefault((near.path, near.frame), (near, False))
    return sorted(every.values(), key=lambda one: -1 if one[0].frame is None else one[0].frame)
