"""Lists the files of a folder, and rejects output paths that would harm the source."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from closeup.errors import InputError, OutputError
from closeup.files.passed_over import LINKED_FOLDER

_OF_SYSTEMS = {"thumbs.db", "ehthumbs.db", "desktop.ini"}
"""Files that Windows puts into folders of pictures."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a folder and its subfolders.

    Attributes:
        folder: The folder.
        names: Paths of the files with one of the wanted suffixes, relative to the folder and with
            forward slashes, in order, without hidden ones.
        others: Suffix → number of the other files, without hidden ones; see
            :class:`closeup.files.passed_over.PassedOver`.
        hidden: Number of hidden files and those of the system; what is below a hidden folder does
            not count.

    """

    folder: Path
    names: list[str]
    others: Counter[str]
    hidden: int

    @property
    def files(self) -> list[Path]:
        """The wanted files, in order."""
        return [self.folder / name for name in self.names]


def list_folder(folder: Path, suffixes: Collection[str]) -> Listing:
    """Search a folder and its subfolders; linked folders are counted and not searched.

    Args:
        folder: Folder to search.
        suffixes: Suffixes of the wanted files, in lower case and with the dot.

    Raises:
        InputError: it is not a folder, or a part of it cannot be searched.

    """
    if not folder.is_dir():
        reason = " is no folder" if folder.exists() else ": no such folder; check the name"
        raise InputError(f"{folder}{reason}")
    # Paths of 100,000 files would take a second; their names take a fifth of that.
    found: list[str] = []
    others: Counter[str] = Counter()
    hidden = 0
    for place, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not is_hidden(name)]
        linked = sum(Path(place, name).is_symlink() for name in folders)
        others.update({LINKED_FOLDER: linked} if linked else {})
        below = "" if Path(place) == folder else f"{Path(place).relative_to(folder).as_posix()}/"
        for name in files:
            stem, _, end = name.rpartition(".")
            suffix = f".{end.lower()}" if stem and end else ""
            if is_hidden(name):
                hidden += 1
            elif suffix in suffixes:
                found.append(f"{below}{name}")
            else:
                others[suffix] += 1
    found.sort(key=lambda name: name.replace("/", "\0"))  # a folder's files lie together
    return Listing(folder, found, others, hidden)


def files_below(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """Return the files of :func:`list_folder`, for callers who report the others elsewhere."""
    return list_folder(folder, suffixes).files


def is_file(path: Path) -> bool:
    """Whether there is such a file; False for names that no file can have, as too long ones."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder; False for names that no folder can have."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def named_file(folder: Path, name: str) -> Path | None:
    """Find the file that a table or list names.

    Args:
        folder: The folder that the name begins in, if it is relative.
        name: As it was written, perhaps on Windows or with spaces around it.

    Returns:
        The path, or None if there is no such file.

    """
    bare = name.strip()
    readings = dict.fromkeys([name, name.replace("\\", "/"), bare, bare.replace("\\", "/")])
    return next((folder / text for text in readings if is_file(folder / text)), None)


def is_hidden(name: str) -> bool:
    """Whether users do not see a file or folder of this name, or did not put it there."""
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def _refuse(error: OSError) -> None:
    raise InputError(
        f"{error.filename} cannot be searched: {error.strerror}; allow it or name another folder"
    ) from error


def refuse_inside(out: Path, source: Path) -> None:
    """Reject an output folder that is the source's folder or lies in it.

    If the source is a file, every folder is accepted: results beside it are not its input.

    Raises:
        OutputError: ``out`` lies in the source, symbolic links followed.

    """
    if is_folder(source) and out.resolve().is_relative_to(source.resolve()):
        raise OutputError(
            f"{out} lies in {source}, where the next run would read the results as input; "
            "choose a folder outside of it"
        )


def refuse_replacing(result: Path, sources: Collection[Path]) -> None:
    """Reject a result path that would overwrite one of its own sources.

    Args:
        result: Path of the result.
        sources: Paths of the source files, resolved (``Path.resolve``).

    Raises:
        OutputError: ``result`` is one of them, or a link to one.

    """
    if result.resolve() in sources or result.parent.resolve() / result.name in sources:
        raise OutputError(
            f"{result} is read and would be replaced by a result; choose another output folder"
        )
