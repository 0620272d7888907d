"""The files of a folder."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from closeup.errors import InputError


def files_below(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """Files in a folder and its sub-folders, in order; what is hidden is passed over.

    Args:
        folder: Where to look.
        suffixes: What their names end with, in lower case and with the dot.

    Raises:
        InputError: it is no folder, or a part of it cannot be searched.

    """
    if not folder.is_dir():
        reason = " is no folder" if folder.exists() else ": no such folder; check the name"
        raise InputError(f"{folder}{reason}")
    return sorted(_walk(folder, suffixes))


def _walk(folder: Path, suffixes: Collection[str]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(place, name)
            if not name.startswith(".") and path.suffix.lower() in suffixes:
                yield path


def _refuse(error: OSError) -> None:
    raise InputError(
        f"{error.filename} cannot be searched: {error.strerror}; allow it or name another folder"
    ) from error
