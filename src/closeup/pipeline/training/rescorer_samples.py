"""Collects the candidates of a face detector in labelled scenes, photos and videos."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.people import find_people, split_people
from closeup.detection.letterbox import resized
from closeup.detection.rescoring import face_crops
from closeup.errors import ImageError
from closeup.executors.threads import ordered_map
from closeup.fancam.frame_preparation import detection_size
from closeup.files.folders import is_folder
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, iou
from closeup.labels import PictureLabels
from closeup.media.images import read_image
from closeup.media.pictures import Picture, open_pictures
from closeup.progress import Progress
from closeup.protocols import FaceDetector
from closeup.training.detection.loading import read_detection_data
from closeup.training.detection.samples import DetectionSet
from closeup.training.rescoring.samples import Candidates

T = TypeVar("T")

_STEP = 5
"""Each fifth frame of a video is searched; the frames between them look the same."""

_SHARES = (1.0, 0.5, 0.35)
"""Photos are searched in their own size and at these shares of it: hands, ties and microphones are
as small in a shrunken portrait as on a stage."""

_VISIBLE = 0.15
"""Score from which a candidate in a scene counts: many fainter ones are faces that the scene hides
from everybody."""

_SURE = 0.7
"""Score of the teacher from which its box is a face; below, it may be one."""

_KNOWN = 0.25
"""Intersection over union from which the teacher and the detector mean the same place."""

_CLOSE, _AROUND = 160, 2.5
"""Side in pixels of the enlarged surroundings of a candidate that the teacher has not found, and
their width in candidates: masked and blurred faces often show themselves only there."""

_SEED = 0
"""Splits people as ``closeup dataset scenes`` does, so that no one is on both sides."""


@dataclass(frozen=True, slots=True)
class CandidateSets:
    """Candidates for a training.

    Attributes:
        train: Candidates to learn from.
        held_out: Candidates in scenes and photos of other people, for validation.

    """

    train: Candidates
    held_out: Candidates


@dataclass(frozen=True, slots=True)
class CandidateCollector:
    """Searches pictures with a detector whose score threshold is low.

    Attributes:
        detector: Gives the candidates.
        teacher: Gives the faces of unlabelled pictures, with a low score where it is in doubt.
        progress: Receives a stage for each source, and messages.

    """

    detector: FaceDetector
    teacher: FaceDetector
    progress: Progress

    def scenes(self, data: Path) -> CandidateSets:
        """Collect candidates in labelled scenes, such as those of ``closeup dataset scenes``.

        Args:
            data: The YAML file of a set in Ultralytics' layout; its boxes are all faces.

        Raises:
            InputError: as for :func:`closeup.training.detection.loading.read_detection_data`.

        """
        sets = read_detection_data(data, self.progress)
        train, held_out = (self._labelled(own, data.name) for own in (sets.train, sets.val))
        return CandidateSets(train, held_out)

    def pictures(self, source: Path, held_out: float) -> CandidateSets:
        """Collect candidates in unlabelled photos of people, or in a video.

        Args:
            source: A folder with a folder of photos for each person, searched in three sizes, or a
                video, of which each fifth frame is searched, at the size at which fancams search
                it.
            held_out: Share of the people who are held out; videos are for training alone.

        Raises:
            InputError: there is no such source, no picture in it, or too few people.
            VideoError: the video cannot be read.

        """
        if is_folder(source):
            people = find_people(source, progress=self.progress)
            train, apart = split_people(people, held_out, _SEED)
            return CandidateSets(self._photos(train.paths), self._photos(apart.paths))
        return CandidateSets(self._video(source), Candidates.none())

    def _labelled(self, pictures: DetectionSet, name: str) -> Candidates:
        def search(number: int) -> Candidates:
            image = read_image(pictures.paths[number])
            found = self.detector.detect(image)
            visible = found[found.scores >= _VISIBLE]
            return Candidates.of(image, visible, pictures.of(number))

        return self._searched(name, len(pictures), search, range(len(pictures)))

    def _photos(self, paths: list[Path]) -> Candidates:
        def search(path: Path) -> Candidates | ImageError:
            try:
                image = read_image(path)
            except ImageError as error:
                return error
            return Candidates.joined([self._taught(_shrunken(image, own)) for own in _SHARES])

        return self._searched("photos", len(paths), search, paths)

    def _video(self, path: Path) -> Candidates:
        def search(frame: Picture) -> Candidates:
            image = frame.read()
            return self._taught(resized(image, detection_size(Size.of(image))))

        pictures = open_pictures(path, _STEP)
        try:
            return self._searched(path.name, pictures.count, search, pictures)
        finally:
            if pictures.video:
                pictures.video.close()

    def _taught(self, image: RGBImage) -> Candidates:
        """The candidates of a picture whose faces are the teacher's."""
        faces, found = self.teacher.detect(image), self.detector.detect(image)
        known = (iou(found.boxes, faces.boxes) > _KNOWN).any(axis=1)
        unknown = found[np.flatnonzero(~known)]
        doubtful = unknown.boxes[self._seen_closely(image, unknown.boxes)]
        truth = PictureLabels.joined(
            [
                PictureLabels.of(faces.boxes, ignored=faces.scores < _SURE),
                PictureLabels.of(doubtful, ignored=np.ones(len(doubtful), np.bool_)),
            ]
        )
        return Candidates.of(image, found, truth)

    def _seen_closely(self, image: RGBImage, boxes: Boxes) -> NDArray[np.bool_]:
        """Whether the teacher takes each box for a face when it is enlarged; (n,)."""
        half = _CLOSE / _AROUND / 2
        middle = (_CLOSE - 1) / 2
        box = np.array([[middle - half, middle - half, middle + half, middle + half]])
        seen = [
            (iou(box, self.teacher.detect(crop).boxes) > _KNOWN).any()
            for crop in face_crops(image, boxes, _CLOSE, _AROUND)
        ]
        return np.array(seen, np.bool_)

    def _searched(
        self,
        name: str,
        count: int | None,
        search: Callable[[T], Candidates | ImageError],
        items: Iterable[T],
    ) -> Candidates:
        """All candidates of some pictures; those that cannot be read are reported."""
        self.progress.begin(f"searching {name}", count)
        parts, passed = [], PassedOver(self.progress)
        for found in ordered_map(search, items):
            if isinstance(found, ImageError):
                passed.leave_out(f"{found}; it is left out", found.kind)
            else:
                parts.append(found)
            self.progress.advance()
        passed.say_sum()
        candidates = Candidates.joined(parts)
        faces = int(np.count_nonzero(candidates.faces))
        self.progress.say(f"{name}: {faces} faces, {len(candidates) - faces} other candidates")
        return candidates


def _shrunken(image: RGBImage, share: float) -> RGBImage:
    return resized(image, Size.of(image).fitted(max(1, round(share * max(image.shape[:2])))))
