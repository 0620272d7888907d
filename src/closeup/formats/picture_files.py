"""Formats with one label file a picture: which file is whose, and the writing of them all.

The file of ``stage/a.jpg`` is ``stage/a.xml`` (or ``.json``), and names ``a.jpg``, which lies in
its own folder. A picture whose path no common file system takes has its file at the top, which
names the whole path.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from closeup.annotations import AnnotatedPicture, AnnotationSet
from closeup.errors import InputError
from closeup.files.atomic import claiming, scratch, writing
from closeup.files.folders import is_hidden, list_folder
from closeup.files.text import beginning
from closeup.files.unique_names import UniqueNames, portable_stem
from closeup.formats.annotation_format import schema_of
from closeup.formats.left_out import LeftOut
from closeup.progress import Progress


def label_files(path: Path, suffix: str) -> list[Path]:
    """The label files of a folder and its subfolders, in order; a file is the only one.

    Raises:
        InputError: there is no such file or folder, or the folder holds only other files.

    """
    if path.is_file():
        return [path]
    found = list_folder(path, {suffix})
    if found.others and not found.files:
        raise InputError(f"{path}: no {suffix} file in it; name the folder of the labels")
    return found.files


def read_label_files(
    path: Path,
    suffix: str,
    progress: Progress,
    read: Callable[[Path, Path, LeftOut], AnnotatedPicture],
) -> AnnotationSet:
    """The set of all label files of a folder, or of one file.

    Args:
        path: The folder or file.
        suffix: Suffix of the label files.
        progress: Receives messages about what is left out.
        read: Reads a label file, given the folder or only file, and notes what it leaves out.

    Raises:
        InputError: there is no label file, or ``read`` refused one.

    """
    left_out = LeftOut(path, progress)
    pictures = tuple(read(file, path, left_out) for file in label_files(path, suffix))
    left_out.say()
    return AnnotationSet(pictures, schema_of(pictures))


def first_beginning(path: Path, suffix: str) -> str:
    """The first part of a file's text, or of the first label file of a folder; empty without."""
    try:
        first = next(iter(label_files(path, suffix)), None)
    except InputError:
        return ""
    return beginning(first) if first else ""


def picture_path(file: Path, folder: Path, named: str) -> str:
    """Path of a picture relative to the folder.

    Args:
        file: Its label file.
        folder: The folder of the label files, or the only file.
        named: What the file names, relative to its own folder.

    """
    place = PurePosixPath(file.parent.relative_to(folder)) if file != folder else PurePosixPath()
    return named if place == PurePosixPath() else posixpath.normpath(f"{place}/{named}")


class LabelNames:
    """Gives each picture its label file.

    Args:
        suffix: Suffix of the label files.

    """

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self._names = UniqueNames()

    def take(self, path: str) -> tuple[PurePosixPath, str]:
        """The label file of a picture, relative to the folder, and how it names the picture."""
        *folders, name = path.split("/")
        if all(map(self._is_plain, folders)) and self._is_plain(name):
            place, named = PurePosixPath(*folders), name
        else:
            place, named = PurePosixPath(), path
        stem = portable_stem(PurePosixPath(name).stem)
        return self._names.take(place / f"{stem}{self._suffix}"), named

    def _is_plain(self, part: str) -> bool:
        """Whether any file system takes it for a name, and nobody for a label file."""
        plain = part == portable_stem(part) and not is_hidden(part)
        return plain and not part.lower().endswith(self._suffix)


def write_label_files(folder: Path, files: Iterable[tuple[PurePosixPath, str]]) -> None:
    """Write all files, or none if one of them cannot be written.

    Files of the same names are replaced; others in the folder stay.

    Args:
        folder: The folder; it is made.
        files: Path relative to the folder, and the text in UTF-8.

    Raises:
        OutputError: the folder cannot be written to, is in use, or the disk is full.

    """
    with claiming(folder), scratch(folder) as waiting:
        written = list(_written(waiting, files))
        for name in written:
            target = folder / name
            with writing(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                (waiting / name).replace(target)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)  # also without a picture


def _written(folder: Path, files: Iterable[tuple[PurePosixPath, str]]) -> Iterator[PurePosixPath]:
    for name, text in files:
        with writing(folder / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text.encode("utf-8", "backslashreplace"))
        yield name


def in_order_of_files(annotations: AnnotationSet, suffix: str) -> AnnotationSet:
    """The set as it comes back from one file a picture: ordered by the names of the files."""
    names = LabelNames(suffix)
    pictures = tuple(sorted(annotations.pictures, key=lambda picture: names.take(picture.path)[0]))
    return replace(annotations, pictures=pictures, schema=schema_of(pictures))
