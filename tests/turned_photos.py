"""Photos that are turned, with a map of their pixels."""

from __future__ import annotations

import cv2
import numpy as np

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.similarity import Similarity


def turned(image: RGBImage, degrees: float) -> tuple[RGBImage, Similarity]:
    """The whole picture turned clockwise, black in its corners."""
    size = np.array(Size.of(image))
    across, down = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    linear = np.array([[across, -down], [down, across]])
    larger = Size(*np.ceil(np.abs(linear) @ size - 1e-9).astype(int).tolist())
    middle = (np.array(larger) - 1) / 2 - linear @ ((size - 1) / 2)
    matrix = np.column_stack([linear, middle])
    return np.asarray(cv2.warpAffine(image, matrix, larger), np.uint8), Similarity(matrix)
