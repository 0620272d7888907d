"""Warps a part of a picture into a chip."""

from __future__ import annotations

import cv2
import numpy as np

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.surroundings import cut_out
from closeup.similarity import Similarity

_LONGEST = 2**15 - 1
"""Longest side of pictures that OpenCV warps into, in pixels."""


def warped(
    image: RGBImage,
    similarity: Similarity,
    size: Size,
    fill: tuple[int, int, int] | None = (0, 0, 0),
) -> RGBImage:
    """Transform the picture by ``similarity`` and return the window of ``size`` at the origin.

    Pixels are interpolated bilinearly. Where the picture shrinks by 1.5 or more, each pixel of
    the chip is the mean of as many samples as it covers pixels, which avoids aliasing; the cost
    depends on the area that is read, not on the picture.

    Args:
        image: (H, W, 3) RGB uint8, not empty.
        similarity: From the picture's pixels to the chip's; pixel centres at integer coordinates.
        size: Size of the chip, in pixels.
        fill: RGB colour outside the picture, black by default; None repeats the picture's border.

    Returns:
        (size.height, size.width, 3) RGB uint8.

    """
    finer = min(max(1, round(1 / similarity.scale)), _LONGEST // max(size))
    edges = np.array([(0, 0), (size.width, 0), (0, size.height), size], np.float64) - 0.5
    reach = similarity.inverse().apply(edges)
    part, origin = cut_out(image, reach.min(axis=0) - 1, reach.max(axis=0) + 1)
    matrix = np.column_stack(
        [similarity.matrix[:, :2], similarity.apply(origin.astype(np.float64))]
    )
    # One pixel becomes a square of finer × finer samples with the same middle.
    matrix = finer * matrix + [(0, 0, (finer - 1) / 2)]
    border = cv2.BORDER_REPLICATE if fill is None else cv2.BORDER_CONSTANT
    canvas = cv2.warpAffine(
        part,
        matrix,
        (size.width * finer, size.height * finer),
        borderMode=border,
        borderValue=fill or (0, 0, 0),
    )
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)
