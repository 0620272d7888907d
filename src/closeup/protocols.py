"""What the parts of the pipeline can do; every backend of a protocol passes the same tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage

T = TypeVar("T")
R = TypeVar("R")


class FaceDetector(Protocol):
    """Finds faces.

    Derive a detector of your own from it: ``name`` and :meth:`detect` are then all it needs.

    Attributes:
        name: Its name in the catalogue, as in ``--detector``. Another name means other results,
            so that a saved analysis is not used for it.
        reliable_height: Height of a face, in pixels, from which it is found as surely as a
            larger one.

    """

    name: str
    reliable_height: int = 32

    def detect(self, image: RGBImage) -> Faces:
        """The faces of a picture, best score first, boxes clipped to the picture.

        Two threads may call it at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3).

        Returns:
            The faces in the pixels of the picture.

        """
        ...

    def detect_batch(self, images: Sequence[RGBImage]) -> list[Faces]:
        """The faces of several pictures, whose sizes may differ.

        Args:
            images: RGB uint8 arrays of shape (H, W, 3).

        Returns:
            The same faces as :meth:`detect` gives, one :class:`Faces` a picture, in order.

        """
        return [self.detect(image) for image in images]


class PersonDetector(Protocol):
    """Finds persons.

    Attributes:
        name: Its name in the catalogue.

    """

    name: str

    def detect(self, image: RGBImage) -> Detections:
        """The persons of a picture, best score first, boxes clipped to the picture.

        Two threads may call it at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3).

        Returns:
            Boxes around all that is seen of each person, in the pixels of the picture.

        """
        ...


class MemberDetector(Protocol):
    """Finds the members of a stage by what they wear and how their hair looks.

    Attributes:
        name: Another name means other results, so that a saved analysis is not used for it.
        names: The members, in the order of their class numbers.

    """

    name: str
    names: tuple[str, ...]

    def detect(self, image: RGBImage) -> Detections:
        """The members in a picture, best score first, boxes clipped to the picture.

        Args:
            image: RGB uint8 of shape (H, W, 3).

        Returns:
            Boxes around head and upper body, in the pixels of the picture, with the class
            number of each.

        """
        ...


class Landmarker(Protocol):
    """Finds the feature points of faces that a detector has found.

    Attributes:
        name: Its name in the catalogue.
        scheme: What the points are, in which order: a :class:`closeup.faces.PointScheme` or a
            name of its own.
        count: Points of one face.

    """

    name: str
    scheme: str
    count: int

    def find(self, image: RGBImage, faces: Faces) -> NDArray[np.float32]:
        """The points (x, y) of each face in the picture's pixels; shape (n, count, 2) float32.

        Two threads may call it at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3), not empty.
            faces: May reach out of the picture; so may their points.

        """
        ...


class PupilFinder(Protocol):
    """Finds the centres of the pupils of faces that a detector has found.

    Attributes:
        name: As in ``--method``.

    """

    name: str

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """The eyes of each face, in the picture's pixels, in the order of the faces.

        An eye whose centre cannot be found has a reason and no made-up point. Two threads may
        call it at the same time.
        """
        ...


class Embedder(Protocol):
    """Turns a face into a vector that is near for the same person and far for others.

    Attributes:
        name: Which network made the vectors; vectors of different names do not compare.
        dimensions: Length of a vector.

    """

    name: str
    dimensions: int

    calibration: EmbeddingCalibration | None = None
    """What distances between its vectors mean.

    None before it is measured: then vectors can be made and compared, but enrolling, identifying
    and verifying are refused.
    """

    def chips(self, image: RGBImage, faces: Faces) -> list[RGBImage]:
        """The aligned picture of each face that :meth:`embed` reads; black outside ``image``."""
        ...

    def embed(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        """One vector a chip; shape (n, dimensions) float32.

        Two threads may call it at the same time; a batch gives the vectors of its chips one by
        one, but for rounding.
        """
        ...


class Effect(Protocol):
    """Changes pictures by the faces in them; any function of this form will do."""

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """Another picture; the one that is given stays as it is.

        Two threads may call it at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3).
            faces: In its pixels, with the columns that the search has filled.

        Returns:
            RGB uint8 of the same shape.

        """
        ...


class Executor(Protocol):
    """Calls a function for many items, several at a time.

    Attributes:
        separate: Whether items and results are pickled, since other processes work on them.

    """

    separate: bool

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Yield every item with ``work(item)``, in order.

        An error is raised in the place of the result that it prevented. Then, and when the
        reader stops early, the items that no worker has begun are given up.

        Args:
            work: Called for several items at a time.
            items: Taken lazily, a few in advance, in the reader's own thread.

        """
        ...
