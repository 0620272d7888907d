"""Bigger eyes: the eyes of a face magnified."""

from __future__ import annotations

import numpy as np

from closeup.effects.face_shapes import EyeShape, face_shapes
from closeup.effects.warping import Part, Places, warp
from closeup.faces import Faces
from closeup.frames import RGBImage

_REACH = 0.46
"""Radius of the part around an eye that is changed, in eye distances."""
_MOST = 0.42
"""Share by which the way to the centre is shortened at the centre, at an amount of 1."""
_LEAST = 3.0
"""Radius in pixels from which an eye is changed."""


class BiggerEyes:
    """Magnifies each eye; the magnification falls to 1 at the brows and the cheeks.

    Args:
        amount: From 0 (no change) to 1.

    """

    def __init__(self, amount: float = 0.6) -> None:
        self._amount = amount

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        drawn = image.copy()
        for face in face_shapes(faces):
            for eye in face.eyes:
                radius = _REACH * face.unit
                if radius >= _LEAST:
                    _magnify(image, drawn, eye, radius, _MOST * self._amount * eye.opacity)
        return drawn


def _magnify(image: RGBImage, drawn: RGBImage, eye: EyeShape, radius: float, amount: float) -> None:
    """``r -> r (1 - a (1 - (r / R)²)²)`` around the middle of the eye, which is monotonic."""
    inverse = np.linalg.inv(eye.plane) / radius

    def mapping(places: Places) -> Places:
        offsets = places - eye.middle
        share = np.minimum(((offsets @ inverse.T) ** 2).sum(axis=-1, keepdims=True), 1)
        return np.asarray(eye.middle + offsets * (1 - amount * (1 - share) ** 2))

    warp(image, drawn, Part.around(image, eye.middle, 1.1 * radius), mapping)
