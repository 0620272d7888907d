"""Reading photos of any camera or program, and writing pictures."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from closeup.errors import ImageError
from closeup.files.atomic import replacing
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.bit_depth import eight_bits
from closeup.media.exif import is_tiff, orientation_of
from closeup.media.heif import is_avif, is_heif, open_avif, open_heif
from closeup.media.picture_limits import MOST_BYTES, check_size, too_large
from closeup.media.tiff import open_tiff

IMAGE_SUFFIXES = frozenset(
    {
        ".avif", ".bmp", ".gif", ".heic", ".heics", ".heif", ".heifs", ".hif", ".jfif", ".jpe",
        ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp",
    }
)  # fmt: skip
"""File suffixes of photos in folders; :func:`read_image` itself goes by the content."""

_BEGIN = 256
"""Bytes that show the format of a file."""

_NO_PHOTOS = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "PDF", "WMF"}
"""Formats of Pillow that need other programs, or whose pixels it cannot read."""

_MID_GREY = (128, 128, 128)
"""Background of transparent pixels: next to white or black, a detector would find the outline of
a cut-out face in another place."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF's orientation → what makes the picture upright."""

_ON_ITS_SIDE = range(5, 9)
"""Orientations of pictures that are stored with their sides exchanged."""

_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
"""JPEG's standard quantisation of luminance (ITU-T T.81, table K.1), which is of quality 50."""


class _Jpeg(JpegImageFile):
    """A JPEG file without its EXIF data's resolution, which Pillow warns of if it is damaged."""

    def _read_dpi_from_exif(self) -> None:
        pass


def is_picture(path: Path) -> bool:
    """Whether the first bytes of a file are those of a HEIF, AVIF or TIFF picture.

    FFmpeg takes tiles of such files for a video. Nothing is read from a pipe.
    """
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            begin = file.read(_BEGIN)
    except OSError:
        return False
    return is_heif(begin) or is_tiff(begin)


def read_image(path: Path | str) -> RGBImage:
    """Read a picture as RGB uint8 of shape (H, W, 3), turned as the file says.

    The content decides about the format: JPEG, PNG, WebP, GIF, BMP, AVIF, HEIF, TIFF with samples
    of any type, and what else Pillow reads. Of an animation, a sequence or several pages the first
    is read. Transparent pixels are blended with mid grey. Deeper pictures are scaled to 8 bits as
    :func:`closeup.media.bit_depth.eight_bits` says.

    Any thread may call it; filters of Python's warnings stay as they are.

    Raises:
        ImageError: there is no such file, or it is not a picture, damaged, of a kind that is not
            read, or larger than 100 Mpixel.

    """
    path = Path(path)
    with _refusing(path):
        image, orientation = _opened(path)
        if orientation in _TURNS:
            image = image.transpose(_TURNS[orientation])
        return _rgb(image)


class ReducedPicture(NamedTuple):
    """A picture that was decoded at a fraction of its size.

    Attributes:
        image: RGB uint8 (H, W, 3), turned as the file says.
        size: Size of the whole picture, turned likewise.
        jpeg_quality: Quality of a JPEG file by the scale of the Independent JPEG Group, about 1 to
            100; None for other files.

    """

    image: RGBImage
    size: Size
    jpeg_quality: int | None


def read_reduced(path: Path, side: int) -> ReducedPicture:
    """Read a picture of which little is needed.

    A JPEG is decoded at a half, a quarter or an eighth of its size, which takes a fraction of the
    time; other pictures are decoded whole and then reduced by a whole number.

    Args:
        path: The file.
        side: Pixels of the shorter side at least, unless that of the picture has fewer; a picture
            is reduced as far as this allows.

    Raises:
        ImageError: as for :func:`read_image`.

    """
    opened: list[tuple[Size, int | None]] = []

    def draft(image: Image.Image) -> None:
        opened.append((Size(image.width, image.height), _jpeg_quality(image)))
        image.draft(None, (side, side))

    with _refusing(path):
        image, orientation = _opened(path, before=draft)
        size, quality = opened[0] if opened else (Size(image.width, image.height), None)
        if orientation in _ON_ITS_SIDE:
            size = Size(size.height, size.width)
        if orientation in _TURNS:
            image = image.transpose(_TURNS[orientation])
        rgb = _rgb(image)
        factor = min(rgb.shape[:2]) // side
        if factor > 1:
            smaller = Size(rgb.shape[1] // factor, rgb.shape[0] // factor)
            rgb = np.asarray(cv2.resize(rgb, smaller, interpolation=cv2.INTER_AREA), np.uint8)
        return ReducedPicture(rgb, size, quality)


def _jpeg_quality(image: Image.Image) -> int | None:
    """Invert the scaling of the standard table of luminance (ITU-T T.81, table K.1)."""
    tables: dict[int, list[int]] = getattr(image, "quantization", {})
    luminance = tables[min(tables)] if tables else []
    if len(luminance) != len(_LUMINANCE):
        return None
    scale = 100 * sum(luminance) / sum(_LUMINANCE)
    quality = (200 - scale) / 2 if scale <= 100 else 5000 / scale
    return min(100, max(1, round(quality)))


def read_size(path: Path) -> Size:
    """Read the size of a picture as :func:`read_image` returns it, turned as the file says.

    Only TIFF and HEIF pictures are decoded for it; others may turn out to be damaged later.

    Raises:
        ImageError: as for :func:`read_image`.

    """
    with _refusing(path):
        image, orientation = _opened(path, decoded=False)
        size = Size(image.width, image.height)
        return Size(size.height, size.width) if orientation in _ON_ITS_SIDE else size


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever decoders raise into an ImageError of one line."""
    try:
        yield
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_large(path) from None
    except UnidentifiedImageError:
        raise ImageError(
            f"{path} is not a picture; give a JPEG, PNG or WebP file", "without a picture"
        ) from None
    except Exception as error:  # decoders raise anything for damaged files
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ImageError:
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return ImageError(f"{path} is a link to nothing; take it away", "missing")
    if isinstance(error, FileNotFoundError):
        return ImageError(f"{path}: no such file; check the name", "missing")
    if isinstance(error, IsADirectoryError):
        return ImageError(f"{path} is a folder; name the picture in it", "folders")
    if isinstance(error, OSError) and error.strerror:
        return ImageError(
            f"{path} cannot be read: {error.strerror}; allow it or leave it out", "locked"
        )
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return ImageError(f"{path} is damaged: {reason}; save it again or leave it out", "damaged")


def _opened(
    path: Path, *, decoded: bool = True, before: Callable[[Image.Image], None] | None = None
) -> tuple[Image.Image, int]:
    """The picture, and the orientation that is still to be applied.

    Args:
        path: The file.
        decoded: Whether it is decoded; TIFF and HEIF pictures always are.
        before: Called before a picture is decoded, except for these.

    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ImageError(f"{path} is no ordinary file; leave it out", "not ordinary files")
    with path.open("rb") as file:
        begin = file.read(_BEGIN)
        if (is_heif(begin) or is_tiff(begin)) and path.stat().st_size > MOST_BYTES:
            raise too_large(path)
        if is_tiff(begin):
            return open_tiff(path, begin + file.read())
        if is_heif(begin) and not is_avif(begin):
            return open_heif(path, begin + file.read()), 1
        image = open_avif(begin + file.read()) if is_avif(begin) else _by_pillow(path, file)
        check_size(path, image.width, image.height)
        if before is not None:
            before(image)
        if decoded:
            image.load()
        return image, orientation_of(image.info)


def _by_pillow(path: Path, file: IO[bytes]) -> Image.Image:
    """Open a file as ``Image.open`` does, which warns of sizes that are checked here."""
    file.seek(0)
    begin = file.read(16)
    for load in (Image.preinit, Image.init):
        load()
        for name in Image.ID:
            factory, accepts = Image.OPEN[name]
            file.seek(0)
            with suppress(SyntaxError, IndexError, TypeError, struct.error):
                if name in _NO_PHOTOS or (accepts and accepts(begin) is not True):
                    continue
                return (_Jpeg if name == "JPEG" else factory)(file, str(path))
    raise UnidentifiedImageError


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


def _rgb(image: Image.Image) -> RGBImage:
    if image.mode.startswith(("I", "F")):
        pixels = np.asarray(image)
        grey = eight_bits(pixels, pixels.dtype.itemsize * 8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode == "La":  # Pillow converts it to no other mode
        image = image.convert("LA")
    if image.has_transparency_data:
        backdrop = Image.new("RGBA", image.size, _MID_GREY)
        image = Image.alpha_composite(backdrop, image.convert("RGBA"))
    if image.mode != "RGB":  # the conversion would copy an RGB image
        image = image.convert("RGB")
    return np.array(image, np.uint8)
