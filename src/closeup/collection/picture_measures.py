"""What is measured of a picture: a hash of what it shows, its size, how much it is compressed.

Copies of one picture have hashes with nearly the same bits.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from closeup.errors import InputError
from closeup.files.text import read_bytes
from closeup.frames import GrayImage, RGBImage
from closeup.geometry import Size
from closeup.media.images import read_reduced

BITS = 64
"""Bits of a hash: the signs of 8 by 8 low frequencies."""
_SMALL = (32, 32)
_SIDE = 64
"""Shorter side at which pictures are hashed; the hash itself takes 32 pixels."""


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


@dataclass(frozen=True, slots=True, eq=False)
class PictureMeasures:
    """Measures of one picture.

    Attributes:
        sha256: Hash of the file's content.
        bits: (64,) bool, see :func:`picture_hash`.
        small: (32, 32) uint8, the picture in grey, squeezed to a square.
        size: Size in pixels, turned as the file says.
        jpeg_quality: Quality of a JPEG file, about 1 to 100; None for other files.

    """

    sha256: str
    bits: NDArray[np.bool_]
    small: GrayImage
    size: Size
    jpeg_quality: int | None

    @classmethod
    def of(cls, path: Path) -> PictureMeasures:
        """Measure a file.

        Raises:
            InputError: it cannot be read, or is no picture.

        """
        reduced = read_reduced(path, _SIDE)
        digest = hashlib.sha256(read_bytes(path)).hexdigest()
        grey = cv2.cvtColor(reduced.image, cv2.COLOR_RGB2GRAY)
        small = np.asarray(cv2.resize(grey, _SMALL, interpolation=cv2.INTER_AREA), np.uint8)
        bits = picture_hash(reduced.image)
        return cls(digest, bits, small, reduced.size, reduced.jpeg_quality)

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.size.width * self.size.height
