"""A hash of what a picture shows: copies of one picture have nearly the same bits."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from closeup.errors import InputError
from closeup.frames import RGBImage

BITS = 64
"""Bits of a hash: the signs of 8 by 8 low frequencies."""


def require_hashes() -> None:
    """Check that the package is installed that computes the hashes.

    Raises:
        InputError: it is missing; the message has the command that installs it.

    """
    if find_spec("imagehash") is None:
        raise InputError(
            "comparing pictures needs imagehash, not installed here; "
            "run: pip install 'closeup[collect]'"
        )


def picture_hash(image: RGBImage) -> NDArray[np.bool_]:
    """Compute the perceptual hash of a picture: bits (64,).

    They are the signs, against their median, of the low frequencies of the discrete cosine
    transform of the picture in grey at 32 by 32 pixels, as ``imagehash.phash`` computes them.

    Args:
        image: The picture, RGB uint8 (H, W, 3); 64 pixels a side are enough.

    """
    # Imported late: an optional package, and importing scipy.fftpack takes a while.
    from imagehash import phash

    return np.asarray(phash(Image.fromarray(image)).hash, np.bool_).ravel()
