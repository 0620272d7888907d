"""Pictures that are taken out of a folder, each for a reason, so that each can come back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from pathlib import Path

from closeup.errors import InputError
from closeup.files.atomic import writing
from closeup.files.documents import write_table
from closeup.files.tables import read_table

TABLE, FOLDER = "removed.csv", "removed"


class RemovalReason(StrEnum):
    """Why a picture is taken out; the value completes "the picture …"."""

    UNREADABLE = "cannot be read"
    COPY = "is a copy of another file"
    NEAR_COPY = "is nearly the same as another picture"
    SAME_FACE = "shows the same shot of a face as another picture"
    SMALL = "is too small"
    COMPRESSED = "is compressed too much"
    NO_FACE = "shows no face"
    SEVERAL = "shows several people"
    POOR_FACE = "shows a face that is not fit for recognition"


@dataclass(frozen=True, slots=True)
class Removal:
    """A picture that is taken out.

    Attributes:
        file: Its path below the folder, with forward slashes.
        reason: Why.
        detail: What was measured, in words; empty if there is nothing to add.
        kept: The picture that stays instead, for a copy; else empty.

    """

    file: str
    reason: RemovalReason
    detail: str = ""
    kept: str = ""


_COLUMNS = tuple(field.name for field in fields(Removal))


def remove(folder: Path, removals: Sequence[Removal]) -> None:
    """Move pictures into the folder ``removed``, and add them to ``removed.csv`` before.

    A run that is interrupted between both leaves rows of pictures that are still in their place;
    they are dropped here, as are those of pictures that somebody put back by hand.

    Raises:
        OutputError: a file cannot be moved, or the table cannot be written.

    """
    earlier = [one for one in read_removals(folder) if (folder / FOLDER / one.file).exists()]
    _write(folder, {one.file: one for one in [*earlier, *removals]}.values())
    for removal in removals:
        _move(folder / removal.file, folder / FOLDER / removal.file)


def restore(folder: Path, files: Collection[str] = ()) -> list[Removal]:
    """Move pictures back to where they were.

    Args:
        folder: The folder.
        files: Their paths below it, as ``removed.csv`` has them; all if empty.

    Returns:
        What was undone.

    Raises:
        InputError: one of the files was not removed, or another picture is in its place.
        OutputError: a file cannot be moved, or the table cannot be written.

    """
    known = {removal.file: removal for removal in read_removals(folder)}
    if unknown := set(files) - known.keys():
        raise InputError(f"{min(unknown)} was not removed; {folder / TABLE} has the names")
    undone = [known[file] for file in files] if files else list(known.values())
    for removal in undone:
        if (folder / removal.file).exists() and (folder / FOLDER / removal.file).exists():
            raise InputError(
                f"{folder / removal.file} is there again; rename it, and undo the removal then"
            )
    for removal in undone:
        _move(folder / FOLDER / removal.file, folder / removal.file)
        del known[removal.file]
    _write(folder, known.values())
    return undone


def read_removals(folder: Path) -> list[Removal]:
    """Read what was taken out of a folder, in the order of ``removed.csv``; empty without one.

    Raises:
        InputError: the table is damaged.

    """
    path = folder / TABLE
    if not path.exists():
        return []
    table = read_table(path, "file", errors="surrogateescape")
    table.need(_COLUMNS)
    places = [table.columns[name] for name in _COLUMNS]
    found = []
    for row in table:
        file, reason, detail, kept = (row.cells[place] for place in places)
        try:
            found.append(Removal(file, RemovalReason(reason), detail, kept))
        except ValueError:
            raise InputError(f"{row.place}: {reason!r} is no reason; restore the file") from None
    return found


def _write(folder: Path, removals: Iterable[Removal]) -> None:
    write_table(folder / TABLE, [_COLUMNS, *map(astuple, removals)])


def _move(source: Path, target: Path) -> None:
    """Move a file; one that is not there was moved before."""
    if source.exists():
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
