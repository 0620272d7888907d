"""Which faces of all photos look aside; photos show so few that each of them is wanted."""

from __future__ import annotations

from pathlib import Path

from closeup.errors import ImageError
from closeup.executors.threads import ordered_map
from closeup.media.images import read_image
from closeup.progress import Progress
from closeup.protocols import FaceDetector
from closeup.scenes.heads import Photo
from closeup.scenes.people import PeoplePhotos
from closeup.scenes.turned import turned_faces


def find_turned_heads(
    people: PeoplePhotos, detector: FaceDetector, progress: Progress
) -> list[Photo]:
    """Search all photos of some people, and whoever stands beside them.

    Args:
        people: Whose photos.
        detector: Finds faces, doubtful ones as well; one that gives points.
        progress: Hears how far it is.

    """

    def search(path: Path) -> list[Photo]:
        try:
            image = read_image(path)
        except ImageError:  # who casts the scenes names it
            return []
        return turned_faces(image, detector.detect([image])[0], detector)

    progress.begin("looking for faces that look aside", len(people.paths))
    found: list[Photo] = []
    for own in ordered_map(search, people.paths):
        found += own
        progress.advance()
    return found
