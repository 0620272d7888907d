"""Reads the masks that annotations name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from closeup.drawing.masks import MaskImage
from closeup.errors import ImageError
from closeup.files.folders import named_file
from closeup.geometry import Size
from closeup.media.picture_limits import check_size

_ONE_CHANNEL = {"1", "L", "P", "I;16"}
"""Modes of Pillow whose values are classes; those of a palette are its indices."""


def read_mask(folder: Path, name: str, size: Size) -> MaskImage:
    """Read a mask of a picture.

    The values of grey and palette pictures are the classes. A picture in colours that are all
    greys is read as grey; in another one each colour is a class, numbered in the order of red,
    green and blue, with black as 0.

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
    mask = _decoded(path)
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


def _decoded(path: Path) -> MaskImage:
    try:
        with Image.open(path) as image:
            check_size(path, image.width, image.height)
            if image.mode in _ONE_CHANNEL:
                return _narrow(np.asarray(image))
            return _numbered(np.asarray(image.convert("RGB"), np.int64))
    except ImageError:
        raise
    except Exception as error:  # decoders raise anything for damaged files
        raise ImageError(
            f"the mask {path} is no picture; make it again, or skip it", "damaged"
        ) from error


def _numbered(pixels: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> MaskImage:
    """The classes of a picture in colours."""
    red, green, blue = np.moveaxis(pixels, 2, 0)
    if (red == green).all() and (green == blue).all():
        return np.asarray(red, np.uint8)
    colours = (red * 256 + green) * 256 + blue
    values, classes = np.unique(colours, return_inverse=True)
    first = 0 if values[0] == 0 else 1
    return np.asarray((classes + first).reshape(colours.shape), np.uint16)


def _narrow(grey: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> MaskImage:
    return np.asarray(grey, np.uint16) if grey.itemsize > 1 else np.asarray(grey, np.uint8)
