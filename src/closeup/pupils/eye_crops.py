"""Level crops of single eyes, with the exact map back to the source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.warping import warped
from closeup.pupils.eye_frame import EyeFrame
from closeup.similarity import Similarity

_FULL_DISTANCE = 40.0
"""Least distance between the eyes, in source pixels, for a crop of the full size."""


@dataclass(frozen=True, slots=True)
class CropShape:
    """Size and scale of a crop.

    Attributes:
        unit: Pixels of the crop per eye distance.
        width: Width of the crop of a large eye, in eye distances.
        height: Height of the crop of a large eye, in eye distances.
        least: Factor on width and height for a tiny eye, whose surroundings are few blurred
            pixels and only distract; in between, the factor is linear.

    """

    unit: float = 110.0
    width: float = 0.7
    height: float = 0.5
    least: float = 0.8

    def size(self, distance: float) -> Size:
        """Size in pixels of a crop of eyes that are ``distance`` source pixels apart."""
        share = self.least + (1 - self.least) * min(1.0, distance / _FULL_DISTANCE)
        return Size(round(self.width * share * self.unit), round(self.height * share * self.unit))


@dataclass(frozen=True, slots=True, eq=False)
class EyeCrop:
    """The crop of one eye, with the line between the eyes level.

    Attributes:
        pixels: RGB uint8, (H, W, 3).
        similarity: From the source's pixels to the crop's, before mirroring.
        mirrored: Whether left and right were exchanged afterwards.
        unit: Eye distance in pixels of the crop.

    """

    pixels: RGBImage
    similarity: Similarity
    mirrored: bool
    unit: float

    def to_source(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map points (…, 2) from the crop's pixels to the source's."""
        return self.similarity.inverse().apply(self._exchanged(points))

    def to_crop(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map points (…, 2) from the source's pixels to the crop's."""
        return self._exchanged(self.similarity.apply(points))

    def unmirrored(self) -> EyeCrop:
        """The same crop with left and right as in the source."""
        if not self.mirrored:
            return self
        pixels = np.ascontiguousarray(self.pixels[:, ::-1])
        return EyeCrop(pixels, self.similarity, mirrored=False, unit=self.unit)

    def _exchanged(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        places = np.array(points, np.float64)
        if self.mirrored:
            places[..., 0] = self.pixels.shape[1] - 1 - places[..., 0]
        return places


def eye_crops(
    image: RGBImage, frame: EyeFrame, shape: CropShape, *, mirror_left: bool = False
) -> tuple[EyeCrop, EyeCrop]:
    """Cut out both eyes of a face, the subject's right one first, centred by their corners.

    Args:
        image: (H, W, 3) RGB uint8, not empty.
        frame: Positions of the eyes.
        shape: Shape of the crops.
        mirror_left: Whether to mirror the left eye, so that the nose is on the same side of
            both and one network serves both.

    Raises:
        ValueError: the eyes coincide.

    """
    if frame.distance < 1e-9:
        raise ValueError("eyes in one place cannot be cut out")
    size = shape.size(frame.distance)
    middle = (np.array(size) - 1) / 2
    turned = frame.across * (shape.unit / frame.distance)
    linear = np.array([[turned[0], turned[1]], [-turned[1], turned[0]]])
    crops = []
    for place, mirrored in ((frame.right, False), (frame.left, mirror_left)):
        similarity = Similarity(np.column_stack([linear, middle - linear @ place]))
        pixels = warped(image, similarity, size)
        if mirrored:
            pixels = np.ascontiguousarray(pixels[:, ::-1])
        crops.append(EyeCrop(pixels, similarity, mirrored, shape.unit))
    return crops[0], crops[1]


def normalised(points: NDArray[np.floating], size: Size) -> NDArray[np.float64]:
    """Convert points (…, 2) from a crop's pixels to fractions of its sides.

    The edges of the crop are 0 and 1, so the centre of its first pixel is ``0.5 / width``:
    ``(x + 0.5) / width``, independent of a later resizing.
    """
    return np.asarray((points + 0.5) / np.array(size, np.float64), np.float64)


def in_pixels(shares: NDArray[np.floating], size: Size) -> NDArray[np.float64]:
    """The inverse of :func:`normalised`."""
    return np.asarray(shares * np.array(size, np.float64) - 0.5, np.float64)
