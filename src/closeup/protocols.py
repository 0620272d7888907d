"""Protocols of the parts of the pipeline; all implementations of one pass the same tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
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

    A detector of your own that derives from this class needs only ``name`` and :meth:`detect`.

    Attributes:
        name: Name in the catalogue, as in ``--detector``. A saved analysis is used again only
            for the same name.
        reliable_height: Height of a face in pixels, from which faces are found as reliably as
            larger ones.

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
        name: Name in the catalogue.

    """

    name: str

    def detect(self, image: RGBImage) -> Detections:
        """The persons of a picture, best score first, boxes clipped to the picture.

        Two threads may call it at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3).

        Returns:
            Boxes around the visible part of each person, in the pixels of the picture.

        """
        ...


class MemberDetector(Protocol):
    """Finds the members of a stage by their clothes and hair.

    Attributes:
        name: Name of the detector; a saved analysis is used again only for the same name.
        names: Names of the members, in the order of their class numbers.

    """

    name: str
    names: tuple[str, ...]

    def detect(self, image: RGBImage) -> Detections:
        """The members in a picture, best score first, boxes clipped to the picture.

        Args:
            image: RGB uint8 of shape (H, W, 3).

        Returns:
            Boxes around head and upper body, in the pixels of the picture, with their class
            numbers.

        """
        ...


class Landmarker(Protocol):
    """Finds the feature points of faces that a detector has found.

    Attributes:
        name: Name in the catalogue.
        scheme: Meaning and order of the points: a :class:`closeup.faces.PointScheme` or a name
            of its own.
        count: Number of points of one face.

    """

    name: str
    scheme: str
    count: int

    def find(self, image: RGBImage, faces: Faces) -> NDArray[np.float32]:
        """The points (x, y) of each face in the picture's pixels; shape (n, count, 2) float32.

        Two threads may call it at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3), not empty.
            faces: Faces in its pixels; boxes and points may extend beyond the picture.

        """
        ...


class PupilFinder(Protocol):
    """Finds the centres of the pupils of faces that a detector has found.

    Attributes:
        name: Name of the method, as in ``--method``.

    """

    name: str

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """The eyes of each face, in the picture's pixels, in the order of the faces.

        An eye whose centre cannot be found has a reason instead of a point. Two threads may call
        this at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3).
            faces: n faces in its pixels.

        """
        ...


class Embedder(Protocol):
    """Turns a face into a vector; vectors of one person are near to each other.

    Attributes:
        name: Name of the network; vectors of different names cannot be compared.
        dimensions: Number of components of a vector.

    """

    name: str
    dimensions: int

    calibration: EmbeddingCalibration | None = None
    """Meaning of distances between its vectors.

    None before it is measured; vectors can then be computed, but enrolment, identification and
    verification are refused.
    """

    def chips(self, image: RGBImage, faces: Faces) -> list[RGBImage]:
        """The aligned picture of each face for :meth:`embed`.

        Embedders of Closeup repeat the border of ``image`` where a chip extends beyond it.
        """
        ...

    def embed(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        """One vector a chip; shape (n, dimensions) float32.

        Two threads may call it at the same time. A batch gives the same vectors as single chips,
        except for rounding errors.
        """
        ...


class ShotDetector(Protocol):
    """Finds the cuts of a video.

    Attributes:
        name: Name of the detector.

    """

    name: str

    def find(self, thumbnails: Iterable[RGBImage], rate: Fraction) -> list[int]:
        """Index of the first frame of each shot but the first one, increasing.

        In a gradual transition it is a frame near its middle. Memory does not grow with the
        length of the video, but for a few bytes a frame. Two threads may call it at the same time.

        Args:
            thumbnails: One a frame, RGB uint8 of the same shape (H, W, 3), about 48 pixels wide;
                read once, in order.
            rate: Frames a second.

        """
        ...


class Effect(Protocol):
    """Changes pictures by the faces in them; any function with this signature is accepted."""

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """A new picture; the given one is not modified.

        Two threads may call it at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3).
            faces: Faces in its pixels, with the columns that the search has filled.

        Returns:
            RGB uint8 of the same shape.

        """
        ...


class Executor(Protocol):
    """Calls a function for many items, several at a time.

    Attributes:
        separate: Whether other processes do the work, so that items and results are pickled.

    """

    separate: bool

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Yield every item with ``work(item)``, in order.

        An error of ``work`` is raised in place of its result. After an error, and if the reader
        stops early, items that no worker has begun are dropped.

        Args:
            work: Function that is called for several items at a time.
            items: Items, taken lazily, a few in advance, in the reader's thread.

        """
        ...
