"""What the drawn copy of a picture is called."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

_LONGEST_STEM = 200
"""Bytes; file systems allow 255, of which a number, the suffix and a temporary name need some."""


def drawn_names(names: Iterable[str], suffixes: tuple[str, ...]) -> dict[str, str]:
    """A name for the drawn copy of each picture, no two of them alike, even in capitals.

    A name that ends in one of ``suffixes`` stays, any other gets the first of them added. A
    very long one is cut, and a number is added where two would meet.

    Args:
        names: Paths below a folder, with forward slashes.
        suffixes: What copies may end in, such as ``.jpg``; in small letters.

    """
    paths = [PurePosixPath(name) for name in names]
    drawn: dict[str, str] = {}
    taken: set[str] = set()
    for path in sorted(paths, key=lambda path: path.suffix.lower() not in suffixes):
        stays = path.suffix.lower() in suffixes
        stem, suffix = (path.stem, path.suffix) if stays else (path.name, suffixes[0])
        stem = _shortened(stem)
        copy, number = path.with_name(stem + suffix), 2
        while str(copy).casefold() in taken:
            copy, number = path.with_name(f"{stem} {number}{suffix}"), number + 1
        taken.add(str(copy).casefold())
        drawn[str(path)] = str(copy)
    return drawn


def _shortened(stem: str) -> str:
    encoded = stem.encode(errors="surrogateescape")  # as names that are no UTF-8 are read
    if len(encoded) <= _LONGEST_STEM:
        return stem
    return encoded[:_LONGEST_STEM].decode(errors="ignore")
