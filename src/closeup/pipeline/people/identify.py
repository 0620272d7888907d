"""Names the faces in the pictures of a source, those of each picture together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour, distinct_colour
from closeup.drawing.marks import Mark
from closeup.faces import Faces, PointScheme
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identities import Recognition
from closeup.identity.defects import Defect, defects
from closeup.identity.description import described
from closeup.identity.gallery import FALSE_ACCEPT_RATE, Gallery
from closeup.media.pictures import PictureSource, SourceKind, open_pictures
from closeup.open_models import Models
from closeup.pipeline.people.members import embedder_for, find_members, open_members
from closeup.pipeline.search.search import Search
from closeup.pipeline.search.tables import write_faces_table
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, Executor, FaceDetector

_NOBODY: Colour = (170, 170, 170)


@dataclass(frozen=True, slots=True, eq=False)
class FaceIdentifier:
    """Finds faces and names them.

    Attributes:
        detector: Finds the faces.
        embedder: Computes the vectors.
        gallery: The members, made by the same embedder.
        false_accept_rate: Share of non-members that may be given a name.
        alone: Whether each face is decided by itself; see :meth:`Gallery.identify`.

    """

    detector: FaceDetector
    embedder: Embedder
    gallery: Gallery
    false_accept_rate: float
    alone: bool = False

    def find(self, image: RGBImage) -> Faces:
        """The faces with ``embeddings``, ``weights`` and ``identities``; any thread may call it.

        A head that lies on its side gets no name if its roll cannot be told.
        """
        faces, size = self.detector.detect(image), Size.of(image)
        chips = self.embedder.chips(image, faces)
        faces = described(faces, chips, self.embedder, size)
        own = faces.landmarks
        points = np.empty((len(faces), 0, 2), np.float32) if own is None else own
        scheme = None if own is None else PointScheme.EYES_NOSE_MOUTH
        faces = faces.with_columns(points=points, scheme=scheme)
        faces = self.gallery.identify(faces, self.false_accept_rate, alone=self.alone)
        flaws = [defects(face, chip, size) for face, chip in zip(faces, chips, strict=True)]
        judged = zip(faces.identities or (), flaws, strict=True)
        return faces.with_columns(identities=tuple(_doubted(*row) for row in judged))

    def marks(self, faces: Faces) -> list[Mark]:
        """A box for each face, with colour and name if it is a member's."""
        rows = zip(faces.boxes, faces.identities or (), strict=True)
        return [self._mark(box, identity) for box, identity in rows]

    def _mark(self, box: NDArray[np.float32], identity: Recognition) -> Mark:
        no_points = np.empty((0, 2), np.float32)
        if identity.name is None:
            return Mark(box, no_points, colour=_NOBODY)
        number = self.gallery.names.index(identity.name)
        return Mark(box, no_points, identity.name, f"#{number + 1}", distinct_colour(number))


def _doubted(identity: Recognition, flaws: Sequence[Defect]) -> Recognition:
    return replace(
        identity,
        accepted=identity.accepted and Defect.LYING not in flaws,
        defects=tuple(f"the face is {flaw}" for flaw in flaws),
    )


def identify(
    source: PictureSource,
    members: Path | str | Gallery,
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    false_accept_rate: float = FALSE_ACCEPT_RATE,
    alone: bool = False,
    every: int = 1,
    rotate: int = 0,
    any_rotation: bool = False,
    strict: bool = False,
    executor: Executor | None = None,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Search:
    """Name every face of a source.

    The faces of one picture are decided together, each member at most once. Pictures, and the
    frames of a video, are independent; :func:`closeup.make_fancams` decides over whole shots and
    makes fewer mistakes.

    Args:
        source: Path of an image, a folder (searched through sub-folders) or a video; an RGB array
            of shape (H, W, 3); or an iterable of such arrays or of frames.
        members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``, a gallery's file, or a gallery.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        false_accept_rate: Share of non-members that may be given any member's name.
        alone: Decide each face by itself, for pictures that show one person several times, as
            collages and mirrors do.
        every: Use every ``every``-th frame of a video or an iterable; 1 uses all.
        rotate: Rotation of the source's pictures; see :func:`closeup.find_faces`. The members'
            photos are not rotated.
        any_rotation: See :func:`closeup.find_faces`.
        strict: Whether a member without a usable photo is an error; else such members are
            reported and left out.
        executor: See :func:`closeup.find_faces`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        The search. Iterate it: each picture has ``faces`` with ``identities`` and ``names``.

    Raises:
        CalibrationError: the embedder has no calibration.
        InputError: there is no picture, or the members cannot be enrolled.
        PartError: a part does not implement its protocol.
        ModelError: a model cannot be opened.
        ValueError: ``every`` is less than 1, ``false_accept_rate`` is not between 0 and 1, or
            ``rotate`` is no quarter turn.

    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, got {every}")
    if not 0 < false_accept_rate < 1:
        raise ValueError(f"false_accept_rate must be between 0 and 1, got {false_accept_rate}")
    models, progress = models or Models(), progress or Silent()
    pictures, known = open_pictures(source, every, rotate), find_members(members, progress)
    threads = None if pictures.kind is SourceKind.IMAGE else 1
    finder = models.detector(detector, threads=threads, progress=progress)
    network = models.embedder(embedder_for(known, embedder), threads=threads)
    of_photos = models.turned_detector(finder, photos=True, any_rotation=any_rotation)
    gallery = open_members(known, of_photos, network, progress, strict=strict)
    finder = models.turned_detector(finder, photos=pictures.photos, any_rotation=any_rotation)
    identifier = FaceIdentifier(finder, network, gallery, false_accept_rate, alone)
    photos = None if isinstance(members, Gallery) else Path(members)
    return Search(
        pictures, identifier, progress, "people", write_faces_table, executor=executor,
        members=photos,
    )  # fmt: skip
