"""Who is on an image, on all images of a folder, or in a video: each face by itself."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour, distinct_colour
from closeup.drawing.marks import Mark
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.calibration import calibration_of
from closeup.identity.gallery import Gallery, mirrored_mean
from closeup.identity.quality import weights
from closeup.identity.recognition import STRANGERS, Recognition, recognise
from closeup.media.pictures import Kind, Picture, open_pictures
from closeup.opening import open_detector, open_embedder
from closeup.pipeline.faces_table import write_faces_table
from closeup.pipeline.members import find_members, open_members
from closeup.pipeline.records import face_record, picture_record
from closeup.pipeline.search import Search
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class PeopleInPicture:
    """Who was found in one picture.

    Attributes:
        path: The file.
        frame: Number in a video, from 0; None for an image.
        seconds: When a video shows it; None for an image.
        faces: Best score first, in the pixels of the picture as shown.
        people: What the gallery says of each face.

    """

    path: Path
    frame: int | None
    seconds: Fraction | None
    faces: Faces
    people: list[Recognition]

    @property
    def names(self) -> list[str | None]:
        """The name of each face, None where it is nobody of the members."""
        return [person.best.name if person.accepted else None for person in self.people]

    @property
    def points(self) -> NDArray[np.float32]:
        """The detector's own points; shape (n, 5, 2), or (n, 0, 2) where it gives none."""
        own = self.faces.landmarks
        return np.empty((len(self.faces), 0, 2), np.float32) if own is None else own

    def record(self) -> dict[str, Any]:
        """The picture as an object of the JSON that ``closeup identify`` prints."""
        rows = zip(self.faces.boxes, self.faces.scores, self.points, self.people, strict=True)
        return picture_record(
            self,
            [
                face_record(
                    box,
                    float(score),
                    five,
                    person.best,
                    accepted=person.accepted,
                    runner_up=person.runner_up,
                )
                for box, score, five, person in rows
            ],
        )


FacesAndPeople = tuple[Faces, list[Recognition]]

_NOBODY: Colour = (170, 170, 170)


@dataclass(frozen=True, slots=True, eq=False)
class FaceIdentifier:
    """What finds faces and says whose they are.

    Attributes:
        detector: Finds the faces.
        embedder: Makes the vectors.
        gallery: The members, made by the same embedder.
        strangers: Share of strangers that may be called by a name.

    """

    detector: FaceDetector
    embedder: Embedder
    gallery: Gallery
    strangers: float

    def find(self, image: RGBImage) -> FacesAndPeople:
        """Faces, and what the gallery says of each; any thread may call it."""
        (faces,) = self.detector.detect([image])
        chips = self.embedder.chips(image, faces)
        vectors = mirrored_mean(self.embedder, chips)
        worths = weights(faces, chips, self.gallery.calibration.variance)
        return faces, recognise(self.gallery, vectors, worths, self.strangers)

    def marks(self, result: FacesAndPeople) -> list[Mark]:
        """A box for each face, in the member's colour and with the name where it is one."""
        faces, people = result
        return [self._mark(box, person) for box, person in zip(faces.boxes, people, strict=True)]

    def found(self, picture: Picture, result: FacesAndPeople) -> PeopleInPicture:
        """What :meth:`find` gave for a picture, without its pixels."""
        return PeopleInPicture(picture.path, picture.frame, picture.seconds, *result)

    def _mark(self, box: NDArray[np.float32], person: Recognition) -> Mark:
        no_points = np.empty((0, 2), np.float32)
        if not person.accepted:
            return Mark(box, no_points, colour=_NOBODY)
        number = self.gallery.names.index(person.best.name)
        return Mark(box, no_points, person.best.name, f"#{number + 1}", distinct_colour(number))


PeopleSearch = Search[FacesAndPeople, PeopleInPicture]
"""What :func:`identify` gives: iterate it."""


def identify(
    source: Path | str,
    members: Path | str,
    *,
    detector: str = "auto",
    embedder: str = "dlib-128",
    strangers: float = STRANGERS,
    every: int = 1,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> PeopleSearch:
    """Say of every face on an image, a folder of images or a video whose it is.

    Each face stands for itself; ``make_fancams`` decides over whole shots and is surer.

    Args:
        source: Image, folder (searched through sub-folders) or video.
        members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``, or a gallery's file.
        detector: One of :data:`closeup.opening.DETECTORS`.
        embedder: One of :data:`closeup.opening.EMBEDDERS`, or the path of a face embedding.
        strangers: Share of strangers that may be called by any member's name.
        every: Look at every so many frames of a video.
        settings: Where model files are; by default what the environment says.
        progress: Who listens; nobody by default.

    Raises:
        CalibrationError: the embedder has no calibration.
        InputError: there is no picture, or the members cannot be enrolled.
        ModelError: a model cannot be opened.
        ValueError: ``every`` is less than 1, or ``strangers`` not between 0 and 1.

    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, got {every}")
    if not 0 < strangers < 1:
        raise ValueError(f"strangers must be between 0 and 1, got {strangers}")
    settings, progress = settings or Settings.from_environment(), progress or Silent()
    pictures, known = open_pictures(Path(source), every), find_members(Path(members))
    threads = None if pictures.kind is Kind.IMAGE else 1
    finder = open_detector(detector, settings=settings, progress=progress, threads=threads)
    network = open_embedder(settings, threads, embedder)
    calibration_of(network, embedder)
    gallery, _ = open_members(known, finder, network, progress)
    identifier = FaceIdentifier(finder, network, gallery, strangers)
    return Search(pictures, identifier, progress, "people", write_faces_table)
