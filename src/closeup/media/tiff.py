"""TIFF files of all kinds that cameras, scanners and programs write.

Pillow decodes pictures of up to 8 bits; deeper ones, of which it misreads several kinds, tifffile
does. Both see only the tags that the pixels need, since other tags may be damaged.
"""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from closeup.media.bit_depth import eight_bits
from closeup.media.exif import Directory, main_directory
from closeup.media.picture_limits import MOST_PIXELS, check_size, too_large, unsupported

if TYPE_CHECKING:
    from tifffile import TiffPage

# What tifffile logs of damaged files becomes an error here; programs may still listen to it.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_DECODING = frozenset(
    {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325}
    | {332, 338, 339, 347, *range(512, 522), 529, 530, 531, 532}
)
"""Tags that say how the pixels are stored; not the orientation, which is applied afterwards."""

_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT = 258, 262, 339
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _SEPARATED, _CIELAB, _ICCLAB = 0, 1, 2, 5, 8, 9
_UNSIGNED, _SEPARATE_PLANES = 1, 2
_SENSOR = {32803, 34892}
_MOST_BYTES_A_PIXEL = 16
_MOST_GROWTH, _OVERHEAD = 2, 1024
"""LZW makes noise half as large again; what is larger would decompress to anything."""

_MODES = {
    _WHITE_IS_ZERO: "L", _BLACK_IS_ZERO: "L", _RGB: "RGB", _SEPARATED: "CMYK",
    _CIELAB: "LAB", _ICCLAB: "LAB",
}  # fmt: skip
"""Photometric interpretation → mode of Pillow."""
_WITH_ALPHA = {("L", 1): "La", ("L", 2): "LA", ("RGB", 1): "RGBa", ("RGB", 2): "RGBA"}
"""Mode and kind of the extra sample (1 if the colours are multiplied by it) → mode of Pillow."""


def open_tiff(path: Path, content: bytes) -> tuple[Image.Image, int]:
    """Decode the first picture of a file that is not a smaller copy of another.

    Args:
        path: The file, for messages.
        content: What is in it.

    Returns:
        The picture as it is stored, in a mode of Pillow with 8 bits, and its orientation, 1 to 8
        as EXIF defines it.

    Raises:
        ImageError: it is too large, or of a kind that cannot be read.
        ValueError: it is damaged; so are many other errors of the decoders.

    """
    directory = main_directory(content)
    if directory is None:
        raise ValueError("it has no whole directory")
    photometric = directory.number(_PHOTOMETRIC)
    if photometric in _SENSOR or (directory.is_reduced and directory.has_others_below):
        raise unsupported(path, "a camera's raw file")
    plain = (
        (directory.number(_BITS) or 1) <= 8
        and directory.number(_SAMPLE_FORMAT) in (None, _UNSIGNED)
        and photometric != _ICCLAB
        and not (directory.large and directory.order == ">")  # Pillow takes it for 32 bits
    )
    image = (
        _by_pillow(path, directory.alone(_DECODING)) if plain else
        _deep(path, directory)
    )  # fmt: skip
    return image, directory.orientation


def _by_pillow(path: Path, content: bytes) -> Image.Image:
    image = TiffImageFile(io.BytesIO(content))
    check_size(path, image.width, image.height)
    image.load()
    return image


def _deep(path: Path, directory: Directory) -> Image.Image:
    import tifffile  # most pictures need no such package

    with tifffile.TiffFile(io.BytesIO(directory.alone(_DECODING))) as file:
        page = file.pages.first
        check_size(path, page.imagewidth, page.imagelength)
        if page.photometric not in _MODES or page.imagedepth != 1 or page.dtype is None:
            raise unsupported(path, f"a TIFF file of unusual {page.bitspersample}-bit samples")
        _check_bytes(path, page)
        codecs = tifffile.TIFF
        if page.compression in codecs.DECOMPRESSORS and page.predictor in codecs.UNPREDICTORS:
            samples = page.asarray(maxworkers=1)
            if page.planarconfig == _SEPARATE_PLANES and samples.ndim == 3:
                samples = np.moveaxis(samples, 0, -1)
            samples = samples.reshape(page.imagelength, page.imagewidth, -1)
            return _image(path, samples, page.bitspersample, page.photometric, page.extrasamples)
        if page.dtype == np.uint16:
            return _compressed(path, directory)
        packed = getattr(page.compression, "name", f"method {page.compression}").lower()
        raise unsupported(path, f"a TIFF file of {page.dtype} samples packed by {packed}")


def _check_bytes(path: Path, page: TiffPage) -> None:
    """Raise an error if the pixels, or what the file stores for them, need too much memory."""
    counts, whole = page.databytecounts, page.nbytes
    if page.is_tiled and page.dtype is not None:
        whole = len(counts) * math.prod(page.chunks) * page.dtype.itemsize
    if whole > MOST_PIXELS * _MOST_BYTES_A_PIXEL:
        raise too_large(path)
    if sum(counts) > _MOST_GROWTH * whole + _OVERHEAD * len(counts):
        raise ValueError("it stores more than its picture needs")


def _compressed(path: Path, directory: Directory) -> Image.Image:
    """Decode 16 bits that are packed as by LZW, for which tifffile needs another package."""
    inverted = directory.number(_PHOTOMETRIC) == _WHITE_IS_ZERO
    # Pillow ignores that white is zero, or refuses the file; it is told that black is zero.
    change = {_PHOTOMETRIC: _BLACK_IS_ZERO} if inverted else None
    image = _by_pillow(path, directory.alone(_DECODING, change))
    if image.mode.startswith("I"):
        image = Image.fromarray(eight_bits(np.asarray(image), 16))
    return ImageOps.invert(image) if inverted else image


def _image(
    path: Path, samples: NDArray[Any], bits: int, photometric: int, extra: Sequence[int]
) -> Image.Image:
    """The picture with 8 bits of samples of shape (H, W, n)."""
    mode = _MODES[photometric]
    colours = len(Image.new(mode, (1, 1)).getbands())
    if samples.shape[2] < colours:
        raise ValueError(f"it has {samples.shape[2]} samples a pixel instead of {colours}")
    if mode == "LAB":
        shown = _lab(path, samples[..., :3], photometric)
    else:
        shown = eight_bits(samples[..., :colours], bits)
    if photometric == _WHITE_IS_ZERO:
        shown = ~shown
    with_alpha = _WITH_ALPHA.get((mode, extra[0])) if extra else None
    if with_alpha and samples.shape[2] > colours:
        alpha = eight_bits(samples[..., colours : colours + 1], bits)
        mode, shown = with_alpha, np.concatenate([shown, alpha], axis=-1)
    return Image.frombytes(mode, (shown.shape[1], shown.shape[0]), shown.tobytes())


def _lab(path: Path, samples: NDArray[Any], photometric: int) -> NDArray[np.uint8]:
    """L from 0 to 255, and a and b as signed bytes, from integers of 8 or 16 bits."""
    if samples.dtype not in (np.uint8, np.uint16):
        raise unsupported(path, f"a TIFF file of {samples.dtype} samples in Lab")
    bits = samples.dtype.itemsize * 8
    lightness = eight_bits(samples[..., :1], bits)
    chroma = (samples[..., 1:] >> (bits - 8)).astype(np.uint8)
    if photometric == _ICCLAB:
        chroma = chroma ^ np.uint8(128)
    return np.concatenate([lightness, chroma], axis=-1)
