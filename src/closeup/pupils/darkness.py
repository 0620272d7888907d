"""Darkness of eye crops, comparable between photos, and measures based on it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.pupils.eye_crops import EyeCrop
from closeup.pupils.method import Located

_REFLECTION = 0.045
"""Diameter of the bright spots that are removed, in eye distances."""
_TONES = 30.0
"""Range sigma of the bilateral filter, in grey levels."""
_SMOOTH = 0.02
"""Spatial sigma of the bilateral filter, in eye distances."""
_ABOVE = 0.034
"""Height of a pupil above the line between the corners of its eye, in eye distances: the median
over half of the people of LFW. The upper lid is curved more than the lower one."""
_CLEAR = 1.5
"""Contrast of a very clear iris, in standard deviations of the crop's brightness."""
_SPOT, _AROUND = 0.045, 0.09
"""Standard deviations of an iris and of its surroundings, in eye distances."""


def grey(crop: EyeCrop, *, reflections_removed: bool) -> NDArray[np.uint8]:
    """The crop in grey, uint8 (H, W).

    Reflections lie *in* pupils and split them. A morphological opening removes spots that are
    brighter than their surroundings and smaller than an iris.

    Args:
        crop: The crop of one eye.
        reflections_removed: Whether to apply the opening.

    """
    plain = cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY)
    if reflections_removed:
        side = max(3, round(_REFLECTION * crop.unit) | 1)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        plain = cv2.morphologyEx(plain, cv2.MORPH_OPEN, disc)
    return np.asarray(plain, np.uint8)


def bilateral(gray: NDArray[np.uint8], unit: float, passes: int) -> NDArray[np.uint8]:
    """Smooth with an edge-preserving bilateral filter (Tomasi and Manduchi, ICCV 1998).

    Args:
        gray: (H, W) grey levels.
        unit: Eye distance in pixels.
        passes: Number of passes.

    """
    for _ in range(passes):
        gray = np.asarray(cv2.bilateralFilter(gray, 0, _TONES, _SMOOTH * unit), np.uint8)
    return gray


def darkness(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Darkness (H, W), mean 0 and standard deviation 1, larger if darker; 0 without contrast."""
    values = gray.astype(np.float32)
    spread = float(values.std())
    return np.asarray((values.mean() - values) / max(spread, 1.0), np.float32)


def disc(dark: NDArray[np.float32], blur: float, surround: float) -> NDArray[np.float32]:
    """Darkness of a spot relative to its surroundings, (H, W): a difference of Gaussians.

    Args:
        dark: (H, W), see :func:`darkness`.
        blur: Standard deviation of the spot in pixels.
        surround: Standard deviation of its surroundings in pixels; 0 subtracts none.

    """
    spot = cv2.GaussianBlur(dark, (0, 0), blur)
    if surround:
        spot = spot - cv2.GaussianBlur(dark, (0, 0), surround)
    return np.asarray(spot, np.float32)


def clearness(dark: NDArray[np.float32], point: tuple[float, float], unit: float) -> float:
    """Contrast, in 0..1, of an iris at ``point`` (x, y) with its surroundings.

    Args:
        dark: (H, W), see :func:`darkness`.
        point: (x, y) in pixels; clipped to the crop.
        unit: Eye distance in pixels.

    """
    spots = disc(dark, _SPOT * unit, _AROUND * unit)
    column, row = np.clip(np.rint(point), 0, np.array(dark.shape[::-1]) - 1).astype(int)
    return float(np.clip(spots[row, column] / _CLEAR, 0, 1))


def weighted(
    dark: NDArray[np.float32], unit: float, surround: float, prior: float
) -> NDArray[np.float32]:
    """Non-negative weights (H, W) of pixels that are darker than their surroundings.

    Args:
        dark: (H, W), see :func:`darkness`.
        unit: Eye distance in pixels.
        surround: Standard deviation of the surroundings, in eye distances; 0 for the whole
            crop.
        prior: Standard deviation of the Gaussian prior, in eye distances; 0 for no prior.

    """
    if surround:
        dark = np.clip(dark - cv2.GaussianBlur(dark, (0, 0), surround * unit), 0, None)
    weights = dark - dark.min()
    if prior:
        weights = weights * np.exp(-unlikeliness(dark.shape, unit, prior))
    return np.asarray(weights, np.float32)


def unlikeliness(shape: tuple[int, ...], unit: float, deviation: float) -> NDArray[np.float64]:
    """``d² / 2σ²`` of each pixel of a crop: the negative logarithm of a Gaussian.

    Its mean is slightly above the centre between the eye's corners.

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
"""Ratio of a wide open eye: the median of eyes with lids a third of the eye's width apart."""
_UNCLEAR = -0.1


def openness(dark: NDArray[np.float32], point: tuple[float, float], unit: float) -> float:
    """Openness from 0 (closed) to 1 (open); NaN if there is no dark spot.

    An iris is as wide as it is high; closed lashes form a level line. The measure is the
    curvature of the darkness across the eye, divided by that down the eye. On LFW it separates
    nearly closed from open eyes, by the lids' contour, with an area under the ROC curve of 0.93;
    the ratio of the principal curvatures gives 0.91.

    Args:
        dark: (H, W), eyes level; see :func:`darkness`.
        point: The pupil, (x, y) in pixels.
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
    """The pupil at ``point`` with its confidence and the openness of its eye.

    Args:
        dark: (H, W), see :func:`darkness`.
        point: (x, y) in the crop's pixels.
        unit: Eye distance in pixels of the crop.

    """
    return Located(np.array(point), clearness(dark, point, unit), openness(dark, point, unit))
