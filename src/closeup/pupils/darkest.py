"""Pupils as the darkest disc of the size of an iris."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.pupils.darkness import dark_spot, darkness, disc, grey, unlikeliness
from closeup.pupils.eye_crops import EyeCrop
from closeup.pupils.method import Located, Steps
from closeup.pupils.peaks import peak


@dataclass(frozen=True, slots=True)
class DarkestPoint:
    """Takes the maximum of the blurred and inverted crop.

    The textbook method finds brows, lashes and the corner's shadow as often as the pupil. Two
    additions improve it, as measured by ``benchmarks/pupils.py``: a Gaussian prior between the
    corners of the eye, and a difference of Gaussians (Marr and Hildreth 1980), which suppresses
    broad shadows. Reflections, which lie *in* pupils, are removed by an opening: this changes no
    figure on LFW, whose eyes are small, and keeps the point central in larger eyes. The maximum
    has sub-pixel precision.

    Attributes:
        blur: Standard deviation of the Gaussian, in eye distances; an iris measures 0.19.
        surround: Standard deviation of the subtracted Gaussian, in units of ``blur``; 0: none.
        prior: Standard deviation of the prior in x and y, in eye distances.
        trust: Weight of the prior, in standard deviations of the crop's brightness.
        reflections: Whether to remove reflections.

    """

    blur: float = 0.045
    surround: float = 2.0
    prior: float = 0.06
    trust: float = 0.4
    reflections: bool = True

    name = "darkest"

    @classmethod
    def textbook(cls) -> DarkestPoint:
        """The method without these additions."""
        return cls(surround=0, trust=0, reflections=False)

    def locate(self, crop: EyeCrop, steps: Steps | None = None) -> Located:
        """See :class:`closeup.pupils.method.EyeMethod`."""
        plain = grey(crop, reflections_removed=self.reflections)
        dark = darkness(plain)
        score = disc(dark, self.blur * crop.unit, self.surround * self.blur * crop.unit)
        likely = score - self.trust * unlikeliness(score.shape, crop.unit, self.prior)
        point = peak(likely)
        if steps:
            self._show(steps, crop, plain, score, likely, point)
        if point is None:
            return Located(None, reason="the darkest place is at the border")
        return dark_spot(dark, point, crop.unit)

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
