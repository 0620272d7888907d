"""What the parts of the pipeline must be able to do; every backend passes the same tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.persons import Persons


class FaceDetector(Protocol):
    """Finds faces."""

    @property
    def name(self) -> str:
        """Its name in the catalogue, as in ``--detector``."""
        ...

    @property
    def reliable_height(self) -> int:
        """Height of a face, in pixels, from which it is found as surely as a larger one."""
        ...

    def detect(self, images: Sequence[RGBImage]) -> list[Faces]:
        """The faces of each picture, best score first, boxes clipped to the picture.

        Two threads may call it at the same time.

        Args:
            images: RGB uint8 arrays of shape (H, W, 3); sizes may differ.

        Returns:
            One :class:`Faces` for each picture, in order, in its own pixels. A batch gives
            the same faces as its pictures one by one.

        """
        ...


class PersonDetector(Protocol):
    """Finds persons."""

    @property
    def name(self) -> str:
        """Its name in the catalogue."""
        ...

    def detect(self, images: Sequence[RGBImage]) -> list[Persons]:
        """The persons of each picture, best score first, boxes clipped to the picture.

        Two threads may call it at the same time.

        Args:
            images: RGB uint8 arrays of shape (H, W, 3); sizes may differ.

        Returns:
            One :class:`Persons` for each picture, in order, in its own pixels.

        """
        ...


class Landmarker(Protocol):
    """Finds the feature points of faces that a detector has found.

    The order is :data:`closeup.landmarks.dlib_points.DlibPoints`.
    """

    @property
    def name(self) -> str:
        """Its name in the catalogue."""
        ...

    @property
    def count(self) -> int:
        """Points of one face."""
        ...

    def find(self, image: RGBImage, faces: Faces) -> NDArray[np.float32]:
        """The points (x, y) of each face in the picture's pixels; shape (n, count, 2) float32.

        Two threads may call it at the same time.

        Args:
            image: RGB uint8 of shape (H, W, 3), not empty.
            faces: May reach out of the picture; so may their points.

        """
        ...


class PupilFinder(Protocol):
    """Finds the centres of the pupils of faces that a detector has found."""

    @property
    def name(self) -> str:
        """As in ``--method``."""
        ...

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """The eyes of each face, in the picture's pixels, in the order of the faces.

        Where no centre can be told, there is a reason and never a made-up point. Two threads
        may call it at the same time.
        """
        ...


class Embedder(Protocol):
    """Turns a face into a vector that is near for the same person and far for others."""

    @property
    def name(self) -> str:
        """Which network made the vectors; vectors of different names do not compare."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    @property
    def calibration(self) -> EmbeddingCalibration | None:
        """What its distances mean; None where nobody has measured it.

        Then vectors can be made and compared, but nobody can be enrolled, identified or verified.
        """
        ...

    def chips(self, image: RGBImage, faces: Faces) -> list[RGBImage]:
        """The aligned picture of each face that :meth:`embed` reads; black outside ``image``."""
        ...

    def embed(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        """One vector a chip; shape (n, dimensions) float32.

        Two threads may call it at the same time; a batch gives the vectors of its chips one by
        one, but for rounding.
        """
        ...
