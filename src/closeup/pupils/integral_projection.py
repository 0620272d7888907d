"""Pupils as the crossing of the darkest row and the darkest column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.pupils.darkness import bilateral, dark_spot, darkness, grey, weighted
from closeup.pupils.eye_crops import EyeCrop
from closeup.pupils.method import Located, Steps, chart
from closeup.pupils.peaks import plateau_centre

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Projection:
    """Takes the centres of the plateaus in the sums of darkness over rows and over columns.

    Integral projection (Kanade 1973; Zhou and Geng, "Projection functions for eye detection",
    Pattern Recognition 2004) after a bilateral filter. Sums over the whole crop find brows,
    lashes and shadows, which are longer than an iris. Three additions improve it, as measured by
    ``benchmarks/pupils.py``: only pixels darker than their surroundings count; a Gaussian prior
    favours the centre of the crop; and rows are summed again over the columns of an iris only,
    and columns over its rows.

    Attributes:
        prior: Standard deviation of the Gaussian prior, in eye distances; 0 for no prior.
        surround: Standard deviation of the surroundings that are subtracted, in eye
            distances; 0 subtracts none.
        band: Height and width of an iris, in eye distances; 0 sums over the whole crop.
        plateau: Lower limit of the plateau, as a fraction of the range of a sum.
        reflections: Whether to remove reflections.

    """

    prior: float = 0.07
    surround: float = 0.1
    band: float = 0.15
    plateau: float = 0.6
    reflections: bool = True

    name = "projection"

    @classmethod
    def textbook(cls) -> Projection:
        """The method without these additions."""
        return cls(prior=0, surround=0, band=0, plateau=0.9, reflections=False)

    def locate(self, crop: EyeCrop, steps: Steps | None = None) -> Located:
        """See :class:`closeup.pupils.method.EyeMethod`."""
        smooth = bilateral(grey(crop, reflections_removed=self.reflections), crop.unit, 1)
        dark = darkness(smooth)
        counted = weighted(dark, crop.unit, self.surround, self.prior)
        point = self._point(counted, crop.unit)
        if steps:
            steps.show("eye", crop.pixels)
            steps.show("bilateral filter", smooth)
            steps.show("darkness", counted, point)
            steps.show("sum of each column", chart(counted.sum(axis=0)))
            steps.show("sum of each row", chart(counted.sum(axis=1)).T)
            steps.show("result", crop.pixels, point)
        if point is None:
            return Located(None, reason="the darkest row or column is at the border")
        return dark_spot(dark, point, crop.unit)

    def _point(self, dark: NDArray[np.float32], unit: float) -> tuple[float, float] | None:
        y = plateau_centre(dark.sum(axis=1), self.plateau)
        x = plateau_centre(dark.sum(axis=0), self.plateau)
        for _ in range(_ROUNDS if self.band else 0):
            if x is None or y is None:
                break
            rows, columns = (_around(place, self.band * unit) for place in (y, x))
            x = plateau_centre(dark[rows].sum(axis=0), self.plateau)
            y = plateau_centre(dark[:, columns].sum(axis=1), self.plateau)
        return None if x is None or y is None else (x, y)


def _around(place: float, width: float) -> slice:
    return slice(max(0, round(place - width / 2)), round(place + width / 2) + 1)
