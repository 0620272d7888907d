"""Assigns people to scenes; their photos are read and searched for faces on demand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.bystanders import SURE
from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.heads import HeadSprite, Photo
from closeup.datasets.scenes.painting_over import paint_over
from closeup.datasets.scenes.people import PeoplePhotos
from closeup.datasets.scenes.photographed_profiles import (
    SCORE_THRESHOLD,
    found_in_mirror,
    turned_faces,
)
from closeup.datasets.scenes.turned_profiles import make_profile
from closeup.errors import ImageError, InputError
from closeup.executors.threads import ordered_map
from closeup.faces import Faces
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, centres_of
from closeup.media.images import read_image
from closeup.progress import Progress
from closeup.protocols import FaceDetector

_SCENES = 25
"""Consecutive scenes that share their people, so that a head is cut out once for all of them."""

_PHOTOS = 48
"""Photos of one head pool."""

_TURNED = 32
"""Photographed profile faces of one head pool."""

_PROFILES = 16
"""Synthetic profile heads of one head pool."""

_LEAST_TURN, _MOST_TURN = np.radians([30, 80])
"""Rotation of synthetic profiles, in radians; LFW's faces are often turned a little already."""

_LEAST_FACE = 24
"""Minimum height, in pixels, of faces that are cut out."""


class HeadPools:
    """Gives each scene its head pool; a scene number always gets the same people.

    Args:
        people: The people and their photos.
        detector: Finds their faces; must give points.
        seed: Decides the order of the photos.
        progress: Receives an advance of 0 per photo, and messages about unreadable ones.
        turned: Share of profile heads; above 0, all photos are searched for profiles.

    """

    def __init__(
        self,
        people: PeoplePhotos,
        detector: FaceDetector,
        seed: tuple[int, ...],
        progress: Progress,
        *,
        turned: float,
    ) -> None:
        paths = people.paths
        order = np.random.default_rng(seed).permutation(len(paths))
        self._paths = [paths[place] for place in order]
        self._folder = people.folder
        self._detector = detector
        self._progress = progress
        self._seed = seed
        self._share = turned
        self._turned = find_turned_heads(people, detector, progress) if turned else []
        self._refused: set[int] = set()
        self._passed = PassedOver(progress)
        self._current: tuple[int, HeadPool] | None = None

    def pool_of(self, scene: int) -> HeadPool:
        """The head pool of a scene.

        Raises:
            InputError: no photo has a face.

        """
        number = scene // _SCENES
        if self._current is None or self._current[0] != number:
            photos, turned = self._photos(number * _PHOTOS), self._some_turned(number)
            profiles = self._some_profiles(photos, number) if self._share else []
            self._current = number, HeadPool(photos, turned, self._share, profiles)
        return self._current[1]

    def say_passed_over(self) -> None:
        """Report how many photos could not be read, and why, in one line."""
        self._passed.say_sum()

    def _some_turned(self, number: int) -> list[Photo]:
        count = min(_TURNED, len(self._turned))
        chance = np.random.default_rng((*self._seed, number))
        places = chance.choice(len(self._turned), count, replace=False) if count else ()
        return [self._turned[place] for place in places]

    def _some_profiles(self, photos: list[Photo], number: int) -> list[HeadSprite]:
        """Synthetic profiles from photos with one face: others would be rotated as well."""
        chance = np.random.default_rng((*self._seed, number, 1))
        alone = [photo for photo in photos if len(photo.faces) == 1][:_PROFILES]
        angles = chance.uniform(_LEAST_TURN, _MOST_TURN, len(alone)).tolist()
        pairs = zip(alone, angles, strict=True)
        made = []
        for photo, angle in pairs:
            made.append(make_profile(photo, angle, self._detector))
            self._progress.advance(0)
        return [head for head in made if head]

    def _photos(self, first: int) -> list[Photo]:
        """Photos with a face, from position ``first`` on; later ones if these have no face."""
        for start in range(first, first + len(self._paths), _PHOTOS):
            count = min(_PHOTOS, len(self._paths))
            found = [self._photo((start + step) % len(self._paths)) for step in range(count)]
            if any(found):
                return [photo for photo in found if photo]
        raise InputError(
            f"{self._folder}: no face found in {len(self._paths)} photos; "
            "give photos of people that show their faces"
        )

    def _photo(self, place: int) -> Photo | None:
        """A photo and its certain faces; doubtful ones are painted over. None without a face."""
        self._progress.advance(0)
        try:
            image = read_image(self._paths[place])
        except ImageError as error:
            if place not in self._refused:
                self._refused.add(place)
                self._passed.leave_out(f"{error}; it is left out", error.kind)
            return None
        faces = self._detector.detect(image)
        sure = self._surely(image, faces)
        paint_over(image, faces.boxes[~sure], np.random.default_rng((*self._seed, place)))
        faces = faces[sure]
        if not len(faces) or faces.landmarks is None:
            return None
        order = _own_person_first(faces.boxes, Size.of(image))
        if faces.boxes[order[0], 3] - faces.boxes[order[0], 1] < _LEAST_FACE:
            return None
        return Photo(image, faces[order])

    def _surely(self, image: RGBImage, faces: Faces) -> NDArray[np.bool_]:
        """(n,) whether each is certainly a face: by score, or as found in the mirrored photo."""
        sure = faces.scores >= SURE
        asked = ~sure & (faces.scores >= SCORE_THRESHOLD)
        return np.asarray(sure | found_in_mirror(image, faces, asked, self._detector))


def _own_person_first(boxes: Boxes, size: Size) -> NDArray[np.int64]:
    """The order of boxes (n, 4) by the distance of their centres from the photo's centre."""
    middles = centres_of(boxes)
    return np.argsort(np.hypot(*(middles - np.array(size) / 2).T), kind="stable")


def find_turned_heads(
    people: PeoplePhotos, detector: FaceDetector, progress: Progress
) -> list[Photo]:
    """Find the profile faces in all photos, those of bystanders included.

    Args:
        people: The people and their photos.
        detector: Finds faces, doubtful ones as well; must give points.
        progress: Receives one stage.

    """

    def search(path: Path) -> list[Photo]:
        try:
            image = read_image(path)
        except ImageError:  # reported when the scenes are composed
            return []
        return turned_faces(image, detector.detect(image), detector)

    progress.begin("finding profile faces", len(people.paths))
    found: list[Photo] = []
    for own in ordered_map(search, people.paths):
        found += own
        progress.advance()
    return found
