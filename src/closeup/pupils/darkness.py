"""How dark each place of an eye is, comparable from photo to photo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.pupils.eye_crops import EyeCrop
from closeup.pupils.method import Located

_REFLECTION = 0.045
"""Diameter of the bright spots that are removed, in eye distances."""
_TONES = 30.0
"""Grey levels that the bilateral filter takes for the same surface."""
_SMOOTH = 0.02
"""Standard deviation of its Gaussian, in eye distances."""
_ABOVE = 0.034
"""How far a pupil lies above the line between the corners of its eye, in eye distances: median
over half of the people of LFW. The upper lid arches higher than the lower one hangs."""
_CLEAR = 1.5
"""Contrast of a very clear iris, in standard deviations of the crop's brightness."""
_SPOT, _AROUND = 0.045, 0.09
"""Standard deviations of an iris and of its surroundings, in eye distances."""


def grey(crop: EyeCrop, *, reflections_removed: bool) -> NDArray[np.uint8]:
    """The crop without colours, shape (H, W).

    Reflections lie *in* pupils and split them. A morphological opening takes away what is
    brighter than its surroundings and smaller than an iris.

    Args:
        crop: One eye.
        reflections_removed: Whether that is done.

    """
    plain = cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY)
    if reflections_removed:
        side = max(3, round(_REFLECTION * crop.unit) | 1)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        plain = cv2.morphologyEx(plain, cv2.MORPH_OPEN, disc)
    return np.asarray(plain, np.uint8)


def bilateral(gray: NDArray[np.uint8], unit: float, passes: int) -> NDArray[np.uint8]:
    """Smoothed within surfaces, not across their edges (Tomasi and Manduchi, ICCV 1998).

    Args:
        gray: (H, W).
        unit: Eye distance in its pixels.
        passes: How often.

    """
    for _ in range(passes):
        gray = np.asarray(cv2.bilateralFilter(gray, 0, _TONES, _SMOOTH * unit), np.uint8)
    return gray


def darkness(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) of mean 0 and standard deviation 1, larger where it is darker; 0 without contrast."""
    values = gray.astype(np.float32)
    spread = float(values.std())
    return np.asarray((values.mean() - values) / max(spread, 1.0), np.float32)


def disc(dark: NDArray[np.float32], blur: float, surround: float) -> NDArray[np.float32]:
    """How much darker a spot is than what is around it: a difference of Gaussians.

    Args:
        dark: (H, W), see :func:`darkness`.
        blur: Standard deviation of the spot in pixels.
        surround: That of its surroundings; 0 subtracts none.

    """
    spot = cv2.GaussianBlur(dark, (0, 0), blur)
    if surround:
        spot = spot - cv2.GaussianBlur(dark, (0, 0), surround)
    return np.asarray(spot, np.float32)


def clearness(dark: NDArray[np.float32], point: tuple[float, float], unit: float) -> float:
    """In 0..1: how much an iris at ``point`` (x, y) would stand out from its surroundings.

    Args:
        dark: (H, W), see :func:`darkness`.
        point: The one inside that is nearest counts.
        unit: Eye distance in pixels.

    """
    spots = disc(dark, _SPOT * unit, _AROUND * unit)
    column, row = np.clip(np.rint(point), 0, np.array(dark.shape[::-1]) - 1).astype(int)
    return float(np.clip(spots[row, column] / _CLEAR, 0, 1))


def weighted(
    dark: NDArray[np.float32], unit: float, surround: float, prior: float
) -> NDArray[np.float32]:
    """(H, W) weights, none negative, of what is darker than its surroundings.

    Args:
        dark: (H, W), see :func:`darkness`.
        unit: Eye distance in pixels.
        surround: Standard deviation of the surroundings, in eye distances; 0 for the whole
            crop.
        prior: Standard deviation of the place, in eye distances; 0 for any place.

    """
    if surround:
        dark = np.clip(dark - cv2.GaussianBlur(dark, (0, 0), surround * unit), 0, None)
    weights = dark - dark.min()
    if prior:
        weights = weights * np.exp(-unlikeliness(dark.shape, unit, prior))
    return np.asarray(weights, np.float32)


def unlikeliness(shape: tuple[int, ...], unit: float, deviation: float) -> NDArray[np.float64]:
    """``d² / 2σ²`` of each pixel of a crop: the negative logarithm of a Gaussian.

    A pupil is likely in the middle between the corners of its eye, and a little higher.

    Args:
        shape: Height and width.
        unit: Eye distance in pixels.
        deviation: σ, in eye distances.

    """
    height, width = shape
    y, x = np.mgrid[:height, :width] - np.array([height - 1, width - 1])[:, None, None] / 2
    return np.asarray((x**2 + (y + _ABOVE * unit) ** 2) / (2 * (deviation * unit) ** 2))


_BLUR = 0.06
"""Standard deviation of the spot, in eye distances."""
_OPEN = 0.8
"""Ratio of a well open eye: the median of those whose lids are a third of the eye's width apart."""
_UNCLEAR = -0.1


def openness(dark: NDArray[np.float32], point: tuple[float, float], unit: float) -> float:
    """From 0 for a closed eye to 1 for an open one; NaN where there is no dark spot.

    An iris is as wide as it is high; closed lashes are a level line. So the curvature of the
    darkness across the eye is divided by that down the eye. On LFW this tells nearly closed
    eyes from open ones, as the lids' contour has them, with an area under the ROC curve of
    0.93; the ratio of the principal curvatures gives 0.91.

    Args:
        dark: (H, W), eyes level; see :func:`closeup.pupils.darkness.darkness`.
        point: The pupil, (x, y).
        unit: Eye distance in pixels.

    """
    height, width = dark.shape
    x = int(np.clip(round(point[0]), 1, width - 2))
    y = int(np.clip(round(point[1]), 1, height - 2))
    spots = disc(dark, _BLUR * unit, 2 * _BLUR * unit)
    part = spots[y - 1 : y + 2, x - 1 : x + 2].astype(np.float64)
    across = part[1, 0] - 2 * part[1, 1] + part[1, 2]
    down = part[0, 1] - 2 * part[1, 1] + part[2, 1]
    if down >= 0 or across / down < _UNCLEAR:
        return float("nan")
    return float(np.clip(across / down / _OPEN, 0, 1))


def dark_spot(dark: NDArray[np.float32], point: tuple[float, float], unit: float) -> Located:
    """The pupil at ``point``, how surely it is one, and how open its eye is.

    Args:
        dark: (H, W) as :func:`closeup.pupils.darkness.darkness` gives it.
        point: (x, y) in the crop's pixels.
        unit: Eye distance in pixels of the crop.

    """
    return Located(np.array(point), clearness(dark, point, unit), openness(dark, point, unit))
