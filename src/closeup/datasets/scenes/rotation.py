"""A head from the front turned aside: what is seen of it in a half or full profile.

The head is a stack of slices, each an ellipse as deep as the outline is wide, with a nose, a mouth
and eyes in relief. Such coarse shapes are enough where the texture is real: Zhu et al. 2016 ("Face
alignment across large poses: a 3D solution") learnt profiles from faces that were turned so.
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
"""Of a slice from its axis to its front, over half its width."""

_BEHIND = 0.4
"""How fast the texture goes back from the ear while the back of the head goes on."""

_ABOVE, _BELOW = 0.6, 0.3
"""How far a head reaches over and under the box of its face, in heights of the face."""

_WIDEST = 0.75
"""Half the width of a slice at most, in heights of the face; what is wider is not the head."""

_STEADY = 0.04
"""Standard deviation over which outlines are smoothed from row to row, in heights of the face."""

_INSIDE = 0.95
"""Of an outline, what surely shows the head; the texture is stretched to its edge."""

_SAMPLES = 3
"""Points a pixel of a slice."""

_OUTLINE = 127

_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RotatedHead:
    """A head that looks aside.

    Attributes:
        image: RGB uint8 (H, W, 3), black around the head.
        alpha: uint8 (H, W), 255 in the head.
        points: (5, 2) where the photo's first five points are now, those on the far side too.

    """

    image: RGBImage
    alpha: NDArray[np.uint8]
    points: Landmarks


def turned_aside(photo: Photo, angle: float) -> RotatedHead:
    """Turn the head of the photo's own person to the right of the picture.

    Args:
        photo: Its first face looks more or less at the camera.
        angle: In radians, from 0 to less than a quarter turn.

    Raises:
        ValueError: the angle is none of these.
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
    """The shape of a head that looks at the camera, in the pixels of its photo."""

    def __init__(self, photo: Photo) -> None:
        self._face, self._points = photo.face, photo.points[0].astype(np.float64)
        self._axis = self._face.centre[0]
        self.rows, self._middles, self._radii = self._outlined(photo)

    def slice(self, row: int, angle: float) -> tuple[_Values, _Values, _Values]:
        """Columns after the turn, how near they are, and the photo's columns that they show."""
        middle, radius = self._at(row)
        # Even around the slice: seen from the side, even steps across are far apart at the ears.
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
        """Where the five points are after the turn."""
        x, y = self._points.T
        depths = np.array([self._depths(x[n : n + 1], y[n])[0] for n in range(len(x))])
        columns = self._axis + (x - self._axis) * np.cos(angle) + depths * np.sin(angle)
        return np.stack([columns, y], axis=1).astype(np.float32)

    def _depths(self, columns: _Values, row: float) -> _Values:
        """How far the front of a slice is from its axis."""
        middle, radius = self._at(row)
        steep = _round((columns - middle) / radius)
        return np.asarray(steep * (radius + self._relief(columns, row)))

    def _relief(self, columns: _Values, row: float) -> _Values:
        """Nose and mouth stand out, eyes lie deeper; sizes are shares of the face's width."""
        width, height = self._face.width, self._face.height
        eyes, (x, y), mouth = self._points[:2], self._points[2], self._points[3:].mean(axis=0)
        along = (row - y) / (0.16 * height) * (0.6 if row < y else 1.6)
        relief = 0.16 * np.exp(-(((columns - x) / (0.12 * width)) ** 2) - along**2)
        for (x, y), high, wide in ((mouth, 0.03, 0.2), *((eye, -0.03, 0.12) for eye in eyes)):
            far = ((columns - x) / (wide * width)) ** 2 + ((row - y) / (0.1 * height)) ** 2
            relief += high * np.exp(-far)
        return np.asarray(relief * width)

    def _at(self, row: float) -> tuple[float, float]:
        """Middle and half the width of the slice of a row."""
        middle = np.interp(row, self.rows, self._middles)
        return float(middle), float(np.interp(row, self.rows, self._radii))

    def _outlined(self, photo: Photo) -> tuple[NDArray[np.int64], _Values, _Values]:
        """Rows of the head, and of each its middle and half its width."""
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
    """Depth of a slice's surface from -1 to 1 across."""
    return np.asarray(_DEPTH * np.sqrt(np.clip(1 - across**2, 0, 1)))


def _texture(columns: _Values, nearness: _Values, shown: _Values, width: int) -> _Values:
    """For each of so many columns what is seen there, of that the nearest; NaN for nothing."""
    order = np.argsort(nearness)
    places = np.rint(columns[order]).astype(np.int64)
    inside = (places >= 0) & (places < width)
    seen = np.full(width, np.nan)
    # Of values for one place numpy keeps the last.
    seen[places[inside]] = shown[order][inside]
    return seen
