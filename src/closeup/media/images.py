"""Reading photos of any camera or program, and writing pictures."""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from closeup.errors import ImageError
from closeup.files.atomic import replacing
from closeup.frames import RGBImage

IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
)
"""File suffixes of photos in folders; :func:`read_image` itself goes by the content."""

MOST_PIXELS = 100_000_000
"""Maximum pixels of a photo; a file that claims more may be a decompression bomb."""

_EIGHT_BITS = (np.arange(65536) * (255 / 65535)).round().astype(np.uint8)
"""Lookup table from 16 to 8 bits; it avoids temporary float arrays of the picture's size."""

_MID_GREY = (128, 128, 128)
"""Background of transparent pixels: next to white or black, a detector would find the outline of
a cut-out face in another place."""


def read_image(path: Path | str) -> RGBImage:
    """Read a picture as RGB uint8 of shape (H, W, 3), rotated by its EXIF tag.

    The first frame of an animation is read. Transparent pixels are blended with mid grey, 16-bit
    pictures are scaled to 8 bits.

    Raises:
        ImageError: there is no such file, or it is not a picture, damaged, or larger than
            100 Mpixel.

    """
    path = Path(path)
    try:
        with warnings.catch_warnings():
            # Pillow warns of sizes that are checked here, and of damaged EXIF tags, which do
            # not prevent the pixels from being read.
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                _check_size(path, image)
                ImageOps.exif_transpose(image, in_place=True)
                return _rgb(image)
    except FileNotFoundError:
        raise ImageError(f"{path}: no such file; check the name") from None
    except IsADirectoryError:
        raise ImageError(f"{path} is a folder; name the picture in it") from None
    except UnidentifiedImageError:
        raise ImageError(f"{path} is not a picture; give a JPEG, PNG or WebP file") from None
    except Image.DecompressionBombError:
        raise ImageError(f"{path} {_TOO_LARGE}") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(f"{path} is damaged: {error}; save it again or leave it out") from error


def write_image(path: Path, image: NDArray[np.uint8], quality: int = 85) -> None:
    """Write a picture whole or not at all; the suffix decides the format.

    Args:
        path: ``.jpg`` for a JPEG, ``.png`` for a PNG.
        image: (H, W, 3) RGB uint8; a PNG may also be (H, W) grey.
        quality: JPEG quality, 1–100; ignored for a PNG.

    Raises:
        OutputError: the file cannot be written.

    """
    with replacing(path) as temporary:
        if path.suffix == ".jpg":
            temporary.write_bytes(encode_jpeg(image, quality))
        else:
            Image.fromarray(image).save(temporary)


def encode_jpeg(image: RGBImage, quality: int = 85) -> bytes:
    """Encode an RGB array of shape (H, W, 3) as the content of a JPEG file.

    Raises:
        ValueError: ``quality`` is outside 1–100, or the array holds no pixel.

    """
    if not 1 <= quality <= 100:
        raise ValueError(f"quality must be 1 to 100, got {quality}")
    if image.size == 0:
        raise ValueError(f"cannot make a JPEG of shape {image.shape}")
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


_TOO_LARGE = f"has more than {MOST_PIXELS // 1_000_000} Mpixel; make it smaller"


def _check_size(path: Path, image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise ImageError(f"{path} {_TOO_LARGE}")


def _rgb(image: Image.Image) -> RGBImage:
    if image.mode.startswith(("I", "F")):
        return _from_deep(np.asarray(image))
    if image.has_transparency_data:
        backdrop = Image.new("RGBA", image.size, _MID_GREY)
        image = Image.alpha_composite(backdrop, image.convert("RGBA"))
    if image.mode != "RGB":  # the conversion would copy an RGB image
        image = image.convert("RGB")
    return np.array(image, np.uint8)


def _from_deep(pixels: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> RGBImage:
    """Convert grey of 16 or 32 bits or floats to three equal channels of 8 bits.

    Integers are taken as 16-bit values, which Pillow may store in 32 bits; floats are taken
    as 0 to 1 unless larger values occur.
    """
    if pixels.dtype.kind == "f":
        values = np.nan_to_num(pixels.astype(np.float32))
        white = max(1.0, float(values.max(initial=0)))
        grey = np.clip(values * np.float32(255 / white), 0, 255).round().astype(np.uint8)
    else:
        grey = _EIGHT_BITS[np.clip(pixels, 0, 65535).astype(np.uint16)]
    return np.repeat(grey[..., None], 3, axis=2)
