"""HEIF files as phones write them: HEVC pictures (``.heic``) by libheif, AV1 ones by Pillow.

libheif joins the tiles, and turns the picture as the file's own properties say. EXIF data repeat
that turn, so they must not be applied (ISO/IEC 23008-12). Pictures whose real size differs from
what the file says are refused by libheif before they are decoded.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile

from closeup.errors import VideoError
from closeup.media.picture_limits import check_size

_PICTURES = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"mif3"}
_SEQUENCES = {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"}
_AVIF = {b"avif", b"avis"}
_EXIF_ITEM = re.compile(rb"(infe(?:\x02.{7}|\x03.{9}))Exif", re.DOTALL)


def is_heif(begin: bytes) -> bool:
    """Whether a file begins as a HEIF or an AVIF file.

    Args:
        begin: Some hundred bytes.

    """
    return not (_PICTURES | _SEQUENCES | _AVIF).isdisjoint(_brands(begin)[:1])


def is_avif(begin: bytes) -> bool:
    """Whether a HEIF file is an AVIF file, too."""
    return not _AVIF.isdisjoint(_brands(begin))


def open_heif(path: Path, content: bytes) -> Image.Image:
    """Decode the main picture of a file, or the first one of a sequence, as it is shown.

    Args:
        path: The file, for messages and for sequences.
        content: What is in it.

    Returns:
        The upright picture, in one of Pillow's modes.

    Raises:
        ImageError: it is too large.
        ValueError: it is damaged; so is RuntimeError.

    """
    import pi_heif  # most pictures need neither it nor FFmpeg

    try:
        file = pi_heif.HeifFile(_without_metadata(content))
    except ValueError:
        if not _SEQUENCES & set(_brands(content)):
            raise
        return _first_of_sequence(path)
    check_size(path, *file.size)
    image: Image.Image = file.to_pillow()
    return image


def open_avif(content: bytes) -> Image.Image:
    """Open an AVIF file without its EXIF data, for which Pillow refuses the file if damaged.

    Returns:
        The picture as it is stored, not yet decoded. The orientation in its ``info`` is what Pillow
        makes of the picture's own properties.

    """
    return AvifImageFile(io.BytesIO(_EXIF_ITEM.sub(rb"\1none", content)))


def _without_metadata(content: bytes) -> bytes:
    """The file without the references by which EXIF and XMP data describe a picture.

    pi-heif ends the process where the type of such data is no text, as in a damaged file.
    """
    at = 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == b"meta":
            end = at + size if size else len(content)
            return content[:at] + content[at:end].replace(b"cdsc", b"none") + content[end:]
        if size < 8:  # up to the end of the file, or of more than 32 bits, as no box before meta
            break
        at += size
    return content


def _brands(begin: bytes) -> list[bytes]:
    """The main brand of the file, then those that it is compatible with."""
    if begin[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(begin[:4], "big"), len(begin))
    return [begin[8:12], *(begin[at : at + 4] for at in range(16, end - 3, 4))]


def _first_of_sequence(path: Path) -> Image.Image:
    from closeup.media.video_reader import open_video

    try:
        with open_video(path) as video:
            check_size(path, *video.size)
            frame = next(iter(video.frames()), None)
            if frame is None:
                raise ValueError("no frame can be decoded")
            return Image.fromarray(frame.rgb())
    except VideoError as error:
        raise ValueError(str(error).removeprefix(f"{path}: ")) from error
