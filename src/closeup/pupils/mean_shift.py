"""Pupils by mean shift on the darkness of the crop, from two starts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.pupils.darkness import bilateral, dark_spot, darkness, disc, grey, weighted
from closeup.pupils.eye_crops import EyeCrop
from closeup.pupils.method import Located, Steps
from closeup.pupils.peaks import plateau_centre

_PASSES = 3
_SETTLED = 0.1
"""Pixels; a smaller step ends the iteration."""
_MOST_STEPS = 50
_PLATEAU = 0.9

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class MeanShift:
    """Moves a box to the centroid of the darkness in it until it converges.

    Mean shift (Comaniciu and Meer, PAMI 2002) on a picture that three passes of a bilateral
    filter have flattened. It has two starts: the darkest row and column, and the maximum of a
    coarse blur; the darker end is taken. An end whose box touches the border is hair or brow
    and is rejected. Two additions improve it, as measured by ``benchmarks/pupils.py``: a
    Gaussian prior favours the centre of the crop, and only pixels darker than their
    surroundings have weight. Removal of reflections matters for large eyes only.

    Attributes:
        box: Side of the box, in eye distances; an iris measures 0.19.
        prior: Standard deviation of the Gaussian prior, in eye distances; 0 for no prior.
        surround: Standard deviation of the surroundings that are subtracted, in eye
            distances; 0 subtracts none.
        reflections: Whether to remove reflections.

    """

    box: float = 0.16
    prior: float = 0.07
    surround: float = 0.1
    reflections: bool = True

    name = "mean-shift"

    @classmethod
    def textbook(cls) -> MeanShift:
        """The method without these additions."""
        return cls(prior=0, surround=0, reflections=False)

    def locate(self, crop: EyeCrop, steps: Steps | None = None) -> Located:
        """See :class:`closeup.pupils.method.EyeMethod`."""
        smooth = bilateral(grey(crop, reflections_removed=self.reflections), crop.unit, _PASSES)
        dark = darkness(smooth)
        weights = weighted(dark, crop.unit, self.surround, self.prior)
        half = self.box * crop.unit / 2
        paths = [climb(weights, start, half) for start in _starts(weights, half)]
        ends = [path[-1] for path in paths if _rests(path) and _inside(path[-1], half, weights)]
        spots = disc(weights, half / 2, 0)
        point = max(ends, key=lambda end: spots[round(end[1]), round(end[0])], default=None)
        if steps:
            steps.show("eye", crop.pixels)
            steps.show("three bilateral passes", smooth)
            steps.show("weights", weights)
            for path in paths:
                x, y = path[0]
                steps.show(f"from {x:.0f}, {y:.0f}", _trail(crop.pixels, path, half), path[-1])
            steps.show("result", crop.pixels, point)
        if point is None:
            why = "ends at the border" if any(map(_rests, paths)) else "does not converge"
            return Located(None, reason=f"the mean shift {why}")
        return dark_spot(dark, point, crop.unit)


def climb(weights: NDArray[np.floating], start: Place, half: float) -> list[Place]:
    """The path of a box that moves to the centroid of the weights in it until it converges.

    Pixels on the box's edge count by the fraction of them inside, so that steps and the final
    position have sub-pixel precision.

    Args:
        weights: (H, W), not negative.
        start: (x, y) of the box's centre, in pixels.
        half: Half the side of the box, in pixels.

    Returns:
        Centres (x, y) of the box from ``start`` on. The box has converged if the last step is
        less than a tenth of a pixel; otherwise it took too many steps, or met only zeros.

    """
    path = [start]
    rows, columns = (np.arange(length) for length in weights.shape)
    for _ in range(_MOST_STEPS):
        x, y = path[-1]
        across = np.clip(half + 0.5 - abs(columns - x), 0, 1)
        down = np.clip(half + 0.5 - abs(rows - y), 0, 1)
        inside = weights * across * down[:, None]
        total = float(inside.sum())
        if total <= 0:
            break
        path.append(
            (float(inside.sum(axis=0) @ columns) / total, float(inside.sum(axis=1) @ rows) / total)
        )
        if _rests(path):
            break
    return path


def _starts(weights: NDArray[np.float32], half: float) -> list[Place]:
    row, column = np.unravel_index(int(disc(weights, half / 2, 0).argmax()), weights.shape)
    starts = [(float(column), float(row))]
    x, y = (plateau_centre(weights.sum(axis=axis), _PLATEAU) for axis in (0, 1))
    return starts if x is None or y is None else [(x, y), *starts]


def _rests(path: list[Place]) -> bool:
    return len(path) > 1 and math.dist(path[-2], path[-1]) < _SETTLED


def _inside(place: Place, half: float, weights: NDArray[np.float32]) -> bool:
    height, width = weights.shape
    x, y = place
    return bool(half <= x <= width - 1 - half and half <= y <= height - 1 - half)


def _trail(picture: RGBImage, path: list[Place], half: float) -> RGBImage:
    drawn = picture.copy()
    cv2.polylines(drawn, [np.rint(path).astype(np.int32)], isClosed=False, color=(255, 255, 0))
    (x, y) = path[-1]
    first, last = (round(x - half), round(y - half)), (round(x + half), round(y + half))
    cv2.rectangle(drawn, first, last, (255, 255, 0))
    return drawn
