"""The darkest disc of the size of an iris."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.pupils.eye_crops import EyeCrop
from closeup.pupils.method import Located, Steps
from closeup.pupils.peak import peak, roundness

_REFLECTION = 0.045
"""Diameter of the bright spots that are removed first, in eye distances."""


@dataclass(frozen=True, slots=True)
class DarkestPoint:
    """Blur, invert, and take the maximum.

    The textbook's way finds brows, lashes and the corner's shadow as often as the pupil. What
    helps, measured by ``benchmarks/pupils.py``: an opening removes reflections, which lie *in*
    pupils; the blur's surroundings are subtracted (a difference of Gaussians, Marr and Hildreth
    1980), so that a broad shadow is no maximum; a pupil is likely in the middle between the
    corners of the eye (a Gaussian prior); the maximum is found between pixels by a parabola.

    Attributes:
        blur: Standard deviation of the Gaussian, in eye distances; an iris measures 0.19.
        surround: That of the subtracted one, times ``blur``; 0 subtracts none.
        prior: Standard deviation of the place across and down, in eye distances.
        trust: How much the prior counts, in standard deviations of the crop's brightness.
        reflections: Whether to remove them.

    """

    blur: float = 0.045
    surround: float = 2.0
    prior: float = 0.06
    trust: float = 0.4
    reflections: bool = True

    name = "darkest"

    def locate(self, crop: EyeCrop, steps: Steps | None = None) -> Located:
        """See :class:`closeup.pupils.method.EyeMethod`."""
        gray = np.asarray(cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        plain = _without_reflections(gray, crop.unit) if self.reflections else gray
        spread = float(plain.std())
        if spread < 1:
            return Located(None, reason="the eye has no contrast")
        dark = (float(plain.mean()) - plain.astype(np.float32)) / spread
        blurred = cv2.GaussianBlur(dark, (0, 0), self.blur * crop.unit)
        score = np.asarray(blurred, np.float32)
        if self.surround:
            score = score - cv2.GaussianBlur(dark, (0, 0), self.blur * self.surround * crop.unit)
        height, width = score.shape
        y, x = np.mgrid[:height, :width] - np.array([height - 1, width - 1])[:, None, None] / 2
        far = (x**2 + y**2) / (2 * (self.prior * crop.unit) ** 2)
        likely = np.asarray(score - self.trust * far, np.float64)
        point = peak(likely)
        if steps:
            self._show(steps, crop, plain, score, likely, point)
        if point is None:
            return Located(None, reason="the darkest place is at the border")
        at = score[round(point[1]), round(point[0])]
        return Located(np.array(point), float(np.clip(at / 1.5, 0, 1)), roundness(score, point))

    def _show(
        self,
        steps: Steps,
        crop: EyeCrop,
        plain: NDArray[np.uint8],
        score: NDArray[np.float32],
        likely: NDArray[np.float64],
        point: tuple[float, float] | None,
    ) -> None:
        steps.show("eye", crop.pixels)
        steps.show("without reflections", plain)
        steps.show("dark disc", score)
        steps.show("with the prior", np.maximum(likely, likely.max() - 3), point)
        steps.show("result", crop.pixels, point)


def _without_reflections(gray: NDArray[np.uint8], unit: float) -> NDArray[np.uint8]:
    side = max(3, round(_REFLECTION * unit) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.morphologyEx(gray, cv2.MORPH_OPEN, disc), np.uint8)
