"""Reads the masks that annotations name."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from closeup.drawing.masks import MaskImage
from closeup.errors import ImageError
from closeup.files.folders import named_file
from closeup.geometry import Size

_DEPTHS = (np.dtype(np.uint8), np.dtype(np.uint16))


def read_mask(folder: Path, name: str, size: Size) -> MaskImage:
    """Read a mask of a picture.

    A mask with colours that are all greys, as some programs write it, is read as grey; one with
    other colours gets a class for each colour, numbered in the order of their values.

    Args:
        folder: The folder of masks.
        name: Path of the mask relative to it.
        size: Size of the picture.

    Returns:
        (size.height, size.width) uint8 or uint16, at least one of them not 0.

    Raises:
        ImageError: the file is gone or is no picture, has another size than its picture, or is
            0 everywhere. The message says so in one line.

    """
    path = named_file(folder, name)
    if path is None:
        raise ImageError(f"the mask {folder / name} is gone; put it back, or skip it", "missing")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ImageError(f"the mask {name} leads out of {folder}; move it there", "outside")
    content = np.frombuffer(path.read_bytes(), np.uint8)
    pixels = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
    if pixels is None or pixels.dtype not in _DEPTHS:
        raise ImageError(
            f"the mask {path} is no picture of 8 or 16 bits; make it again, or skip it", "damaged"
        )
    mask = _one_channel(pixels)
    if Size.of(mask) != size:
        raise ImageError(
            f"the mask {path} has {Size.of(mask)} pixels, its picture {size}; make it again, or "
            "skip it",
            "of another size",
        )
    if not mask.any():
        raise ImageError(
            f"the mask {path} is empty: all of it is 0; make it again, or skip it", "empty"
        )
    return mask


def _one_channel(pixels: cv2.typing.MatLike) -> MaskImage:
    if pixels.ndim == 2:
        return _narrow(pixels)
    colours = pixels[..., :3]
    if pixels.shape[2] < 3 or (colours == colours[..., :1]).all():
        return _narrow(colours[..., 0])
    numbers = np.zeros(pixels.shape[:2], np.int64)
    for channel in np.moveaxis(colours, 2, 0):
        numbers = numbers * 65536 + channel
    values, classes = np.unique(numbers, return_inverse=True)
    first = 0 if values[0] == 0 else 1
    return np.asarray((classes + first).reshape(numbers.shape), np.uint16)


def _narrow(grey: cv2.typing.MatLike) -> MaskImage:
    if grey.dtype == np.uint8:
        return np.asarray(grey, np.uint8)
    return np.asarray(grey, np.uint16)
