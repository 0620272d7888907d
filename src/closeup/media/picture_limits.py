"""The largest pictures that are read, and the errors of those that are not."""

from __future__ import annotations

from pathlib import Path

from closeup.errors import ImageError

MOST_PIXELS = 100_000_000
"""Maximum pixels of a photo; a file that claims more may be a decompression bomb."""

MOST_BYTES = 2_000_000_000
"""Maximum size of a file that is read as a whole."""


def too_large(path: Path) -> ImageError:
    """The error of a picture beyond the limits."""
    return ImageError(
        f"{path} has more than {MOST_PIXELS // 1_000_000} Mpixel; make it smaller", "too large"
    )


def check_size(path: Path, width: int, height: int) -> None:
    """Raise an error if a picture has too many pixels, or none.

    Raises:
        ImageError: it is too large.
        ValueError: a side is zero.

    """
    if width * height > MOST_PIXELS:
        raise too_large(path)
    if not width * height:
        raise ValueError("it does not say how large its picture is")


def unsupported(path: Path, kind: str) -> ImageError:
    """The error of a whole file of a kind that is not read.

    Args:
        path: The file.
        kind: What it is, such as "a camera's raw file".

    """
    return ImageError(
        f"{path} is {kind}, which cannot be read; save it as JPEG or PNG", "of a kind not read"
    )
