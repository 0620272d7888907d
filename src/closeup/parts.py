"""Checks of objects that are given as parts: their members, and their results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, get_type_hints

import numpy as np

from closeup.errors import PartError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import FaceDetector

T = TypeVar("T")


def required(part: T, protocol: type) -> T:
    """Return the part itself after checking that it has every member of the protocol.

    Args:
        part: Object given by the caller of a use case.
        protocol: A protocol of :mod:`closeup.protocols`.

    Raises:
        PartError: a member is missing, or ``part`` is a class instead of an object; the message
            names the protocol and the missing members.

    """
    kind = part.__name__ if isinstance(part, type) else type(part).__name__
    if isinstance(part, type):
        raise PartError(f"{kind} is a class; give an object of it: {kind}()")
    asked = {*dir(protocol), *get_type_hints(protocol)}
    missing = sorted(name for name in asked if name[0] != "_" and not hasattr(part, name))
    if missing:
        raise PartError(
            f"{kind} is no {protocol.__name__}: it lacks {', '.join(missing)}; "
            f"derive it from closeup.{protocol.__name__}"
        )
    return part


def checked_picture(made: object, image: RGBImage) -> RGBImage:
    """Return an effect's result after checking that it is a picture of the same size.

    Raises:
        PartError: the result is something else.

    """
    if isinstance(made, np.ndarray) and (made.shape, made.dtype) == (image.shape, np.uint8):
        return made
    given = (
        f"shape {made.shape} and dtype {made.dtype}"
        if isinstance(made, np.ndarray)
        else (f"type {type(made).__name__}")
    )
    raise PartError(
        f"the effect returned a picture of {given}; it must return RGB uint8 of shape "
        f"{image.shape}, as it was given"
    )


class CheckedDetector(FaceDetector):
    """A detector of the user whose results are checked before they are used.

    Args:
        detector: The user's detector.

    """

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = required(detector, FaceDetector)
        self.name = detector.name
        self.reliable_height = detector.reliable_height

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`.

        Raises:
            PartError: the detector returned something other than faces with finite numbers and
                boxes x1, y1, x2, y2.

        """
        return self._checked(self._detector.detect(image))

    def detect_batch(self, images: Sequence[RGBImage]) -> list[Faces]:
        """See :meth:`closeup.protocols.FaceDetector.detect_batch`.

        Raises:
            PartError: as for :meth:`detect`, or there is not one result a picture.

        """
        found = list(self._detector.detect_batch(images))
        if len(found) != len(images):
            raise PartError(
                f"{self._text}.detect_batch returned {len(found)} results for {len(images)} "
                "pictures; it must return one Faces a picture"
            )
        return [self._checked(faces) for faces in found]

    @property
    def _text(self) -> str:
        return type(self._detector).__name__

    def _checked(self, faces: object) -> Faces:
        if not isinstance(faces, Faces):
            shape = getattr(faces, "shape", None)
            given = type(faces).__name__ + (f" of shape {shape}" if shape is not None else "")
            raise PartError(
                f"{self._text}.detect returned {given}; it must return closeup.Faces with boxes "
                "of shape (n, 4) and scores of shape (n,)"
            )
        for name in ("boxes", "scores", "landmarks"):
            values = getattr(faces, name)
            if values is not None and not np.isfinite(values).all():
                raise PartError(
                    f"{self._text}.detect returned {name} with a number that is not finite; "
                    "leave such faces out"
                )
        if not (faces.boxes[:, 2:] > faces.boxes[:, :2]).all():
            raise PartError(
                f"{self._text}.detect returned a box that ends before it begins; "
                "a box is x1, y1, x2, y2 in pixels"
            )
        return faces
