"""Reads the masks of annotations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from closeup.errors import ImageError
from closeup.files.folders import named_file
from closeup.geometry import Size
from closeup.media.picture_limits import check_size

_WHITE = 255
"""Value of the only class in masks that are black and white."""


def read_mask(folder: Path, name: str, size: Size | None = None) -> NDArray[np.uint16]:
    """The classes of a mask's pixels, of shape (H, W); 0 is the background.

    Grey and palette files give their values; a file in colours gives each colour a number in the
    order of its red, green and blue, black being 0.

    Args:
        folder: Folder of the masks.
        name: Path of the mask's file in it.
        size: Size of its picture in pixels; None if it is not known.

    Raises:
        ImageError: the file is gone, is not a picture, leads out of the folder or has another size
            than its picture.

    """
    path = named_file(folder, name)
    if path is None:
        raise ImageError(f"the mask {folder / name} is gone; put it back, or skip it", "missing")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ImageError(f"the mask {name} leads out of {folder}; move it there", "outside")
    try:
        with Image.open(path) as image:
            check_size(path, image.width, image.height)
            values = _values(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ImageError(
            f"the mask {path} is not a picture ({error}); make it anew, or skip it", "damaged"
        ) from error
    height, width = values.shape
    if size is not None and (width, height) != size:
        raise ImageError(
            f"the mask {path} is {width} × {height} pixels and its picture is "
            f"{size.width} × {size.height}; make both the same size, or skip it",
            "of another size",
        )
    return values


def _values(image: Image.Image) -> NDArray[np.uint16]:
    if image.mode in {"1", "L", "P", "I", "I;16"}:
        grey = np.asarray(image)
        white = grey.dtype == bool
        return np.asarray(grey.astype(np.uint16) * (_WHITE if white else 1), np.uint16)
    red, green, blue = np.moveaxis(np.asarray(image.convert("RGB"), np.uint32), 2, 0)
    if (red == green).all() and (green == blue).all():
        return np.asarray(red, np.uint16)
    colours = red << 16 | green << 8 | blue
    _, places = np.unique(np.append(colours, 0), return_inverse=True)  # black is number 0
    return np.asarray(places[:-1].reshape(colours.shape), np.uint16)
