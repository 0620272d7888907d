"""Rotates a frontal head to a half or full profile.

The head is a stack of slices, each an ellipse as deep as the outline is wide, with nose, mouth and
eyes in relief. Such coarse shapes are enough with a real texture: Zhu et al. 2016 ("Face
alignment across large poses: a 3D solution") trained on profiles of faces rotated this way.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.heads import Photo
from closeup.faces import Landmarks
from closeup.frames import RGBImage

_DEPTH = 1.05
"""Depth of a slice from its axis to its front, over half its width."""

_BEHIND = 0.4
"""Rate at which the texture recedes behind the ear, where the back of the head continues."""

_ABOVE, _BELOW = 0.6, 0.3
"""Extent of a head above and below the box of its face, in face heights."""

_WIDEST = 0.75
"""Largest half width of a slice, in face heights; anything wider is not the head."""

_STEADY = 0.04
"""Standard deviation of the smoothing of outlines across rows, in face heights."""

_INSIDE = 0.95
"""Share of an outline that certainly shows the head; its texture is stretched to the edge."""

_SAMPLES = 3
"""Samples per pixel of a slice."""

_OUTLINE = 127

_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RotatedHead:
    """A rotated head.

    Attributes:
        image: RGB uint8 (H, W, 3), black around the head.
        alpha: uint8 (H, W), 255 in the head.
        points: (5, 2) the photo's first five points after the rotation, including hidden ones.

    """

    image: RGBImage
    alpha: NDArray[np.uint8]
    points: Landmarks


def turned_aside(photo: Photo, angle: float) -> RotatedHead:
    """Rotate the head of the photo's subject to the right of the picture.

    Args:
        photo: A photo whose first face looks roughly at the camera.
        angle: Rotation in radians, from 0 to below π/2.

    Raises:
        ValueError: the angle is outside this range.
        ImageError: the face is too small for its outline.

    """
    if not 0 <= angle < np.pi / 2:
        raise ValueError(f"a head turns by less than a quarter, not by {angle:.2f} radians")
    head = _HeadShape(photo)
    image, alpha = np.zeros_like(photo.image), np.zeros(photo.image.shape[:2], np.uint8)
    for row in head.rows.tolist():
        places, nearness, shown = head.slice(row, angle)
        source = _texture(places, nearness, shown, len(alpha[row]))
        columns = np.flatnonzero(np.isfinite(source))
        if not len(columns):
            continue
        whole = np.arange(columns[0], columns[-1] + 1)
        across = np.interp(whole, columns, source[columns])[None].astype(np.float32)
        down = np.full_like(across, row)
        image[row, whole] = cv2.remap(photo.image, across, down, cv2.INTER_LINEAR)[0]
        alpha[row, whole] = 255
    return RotatedHead(image, alpha, head.turned_points(angle))


class _HeadShape:
    """The shape of a frontal head, in the pixels of its photo."""

    def __init__(self, photo: Photo) -> None:
        self._face, self._points = photo.face, photo.points[0].astype(np.float64)
        self._axis = self._face.centre[0]
        self.rows, self._middles, self._radii = self._outlined(photo)

    def slice(self, row: int, angle: float) -> tuple[_Values, _Values, _Values]:
        """Return rotated columns, their nearness, and the columns of the photo they show."""
        middle, radius = self._at(row)
        # Even steps around the slice, because even steps across are far apart at the ears.
        around = np.linspace(-np.pi / 2, np.pi / 2, int(np.pi * radius * _SAMPLES) + 2)
        across = np.sin(around)
        front = middle + across * radius
        behind = across[across < 0]
        places = np.concatenate([middle + behind * radius, front])
        depths = np.concatenate([-_round(behind) * radius, self._depths(front, row)])
        shown = np.concatenate([_BEHIND * (behind + 1) - 1, across]) * _INSIDE * radius + middle
        away = places - self._axis
        columns = self._axis + away * np.cos(angle) + depths * np.sin(angle)
        return columns, depths * np.cos(angle) - away * np.sin(angle), shown

    def turned_points(self, angle: float) -> Landmarks:
        """Return the five points after the rotation."""
        x, y = self._points.T
        depths = np.array([self._depths(x[n : n + 1], y[n])[0] for n in range(len(x))])
        columns = self._axis + (x - self._axis) * np.cos(angle) + depths * np.sin(angle)
        return np.stack([columns, y], axis=1).astype(np.float32)

    def _depths(self, columns: _Values, row: float) -> _Values:
        """Return the distance of a slice's front from its axis."""
        middle, radius = self._at(row)
        steep = _round((columns - middle) / radius)
        return np.asarray(steep * (radius + self._relief(columns, row)))

    def _relief(self, columns: _Values, row: float) -> _Values:
        """Return the relief: nose and mouth stand out, eyes lie deeper; in shares of face width."""
        width, height = self._face.width, self._face.height
        eyes, (x, y), mouth = self._points[:2], self._points[2], self._points[3:].mean(axis=0)
        along = (row - y) / (0.16 * height) * (0.6 if row < y else 1.6)
        relief = 0.16 * np.exp(-(((columns - x) / (0.12 * width)) ** 2) - along**2)
        for (x, y), high, wide in ((mouth, 0.03, 0.2), *((eye, -0.03, 0.12) for eye in eyes)):
            far = ((columns - x) / (wide * width)) ** 2 + ((row - y) / (0.1 * height)) ** 2
            relief += high * np.exp(-far)
        return np.asarray(relief * width)

    def _at(self, row: float) -> tuple[float, float]:
        """Return the middle and half the width of the slice of a row."""
        middle = np.interp(row, self.rows, self._middles)
        return float(middle), float(np.interp(row, self.rows, self._radii))

    def _outlined(self, photo: Photo) -> tuple[NDArray[np.int64], _Values, _Values]:
        """Return the rows of the head, and the middle and half width of each."""
        unit = self._face.height
        first = max(0, round(self._face.y1 - _ABOVE * unit))
        last = min(photo.image.shape[0], round(self._face.y2 + _BELOW * unit))
        found = []
        for row in range(first, last):
            inside = np.flatnonzero(photo.outline[row] > _OUTLINE)
            inside = inside[np.abs(inside - self._axis) <= _WIDEST * unit]
            if len(inside) > _SAMPLES:
                found.append((row, (inside[0] + inside[-1]) / 2, (inside[-1] - inside[0]) / 2))
        rows, middles, radii = np.array(found or [(first, self._axis, unit / 2)]).T
        steady = [
            cv2.GaussianBlur(values[:, None], (1, 0), 0, sigmaY=max(0.5, _STEADY * unit))[:, 0]
            for values in (middles, radii)
        ]
        return rows.astype(np.int64), steady[0], steady[1]


def _round(across: _Values) -> _Values:
    """Return the depth of a slice's surface from -1 to 1 across."""
    return np.asarray(_DEPTH * np.sqrt(np.clip(1 - across**2, 0, 1)))


def _texture(columns: _Values, nearness: _Values, shown: _Values, width: int) -> _Values:
    """Return the nearest texture value in each of ``width`` columns; NaN where there is none."""
    order = np.argsort(nearness)
    places = np.rint(columns[order]).astype(np.int64)
    inside = (places >= 0) & (places < width)
    seen = np.full(width, np.nan)
    # If an index repeats, numpy keeps the last value.
    seen[places[inside]] = shown[order][inside]
    return seen
