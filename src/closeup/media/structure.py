"""The structure of a thumbnail, independent of its lighting."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.sliding import sliding_maximum

_SOFTENING = 0.8
"""Sigma of the blur in pixels; it makes a dancer's movement smaller than a change of scene."""

_NEIGHBOURHOOD = 5.0
"""Sigma in pixels of the local mean and contrast, which are taken as light and removed."""

_NOISE = 2.0
"""Contrast in grey levels below which a difference may be noise and is not amplified."""

_TOO_FLAT = 1.5
"""Mean contrast in grey levels below which a picture is flat: black, white or fog. Dark concert
footage has 10 and more."""


_DIM = 0.15
"""Share of the greatest contrast nearby below which a picture is too dark to compare: the last
pictures of a fade to black, and a strobe's pause."""

_NEARBY = 15
"""Pictures on each side of a picture among which its contrast is compared."""


class Structure:
    """Edges and shapes of a picture, the same in bright, dim, coloured and uneven light.

    The local mean of the luma is subtracted, and the result is divided by the local contrast, as
    in Brown, Muja, Lowe, "Multi-Scale Oriented Patches" (CVPR 2005), but at every pixel. On the
    stage videos in the tests, consecutive pictures of one shot have a correlation of 0.69 or more,
    and pictures of different shots one of 0.31 or less.

    Attributes:
        detail: The luma without its local mean, (H, W) float32; the detail of a mixture of two
            pictures is the mixture of their details.
        light: Mean luma, 0 to 255.
        contrast: Mean local contrast in grey levels.
        visible: False if the picture is too flat to show a scene.

    """

    def __init__(self, thumbnail: RGBImage) -> None:
        luma = cv2.cvtColor(thumbnail, cv2.COLOR_RGB2GRAY).astype(np.float32)
        soft = _blurred(luma, _SOFTENING)
        self.light = float(luma.mean())
        self.detail = soft - _blurred(soft, _NEIGHBOURHOOD)
        contrast = np.sqrt(_blurred(self.detail * self.detail, _NEIGHBOURHOOD))
        self.contrast = float(contrast.mean())
        self.visible = self.contrast >= _TOO_FLAT
        self._values = self.detail / (contrast + _NOISE)

    def direction(self) -> NDArray[np.float32]:
        """A unit vector (H, W) whose dot product with another picture's is their correlation."""
        centred = self._values - self._values.mean()
        return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-6), np.float32)


def comparable(pictures: Sequence[Structure]) -> NDArray[np.bool_]:
    """Whether each picture shows its scene about as well as those around it; shape (n,)."""
    contrasts = np.array([picture.contrast for picture in pictures], np.float32)
    bright = contrasts >= _DIM * sliding_maximum(contrasts, 2 * _NEARBY + 1)
    return np.asarray(bright & np.array([picture.visible for picture in pictures]))


def _blurred(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
