"""Where each collected picture came from: ``manifest.csv``, ``manifest.json``, and the journal.

While a run collects, the journal holds a line of JSON for each picture, and marks up to which
everything is complete. An interrupted run goes on after the last mark: what follows it is made
again, with the same names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any, Self

from closeup.files.atomic import replacing, writing
from closeup.files.documents import write_table

TABLE, DOCUMENT, JOURNAL = "manifest.csv", "manifest.json", "manifest.jsonl"
_MARK = "mark"


@dataclass(frozen=True, slots=True)
class CollectedPicture:
    """One collected picture.

    Attributes:
        file: Name of the file, below the folder.
        sha256: Hash of the file's content.
        source: Path of the video, or address, that it was taken from.
        frame: Number of the frame in the video, from 0; None for a picture that was one.
        seconds: Time of the frame after the video's first one; None likewise.
        width: Width in pixels.
        height: Height in pixels.
        faces: Number of faces that meet the requirements; None if faces were not looked for.
        face_height: Height of the largest of these, in pixels; None without one.
        detail: Sharpness of that face, see :func:`closeup.identity.quality.detail`; None if it
            was not measured.
        member: The member whom that face shows; None if members were not looked for.
        confidence: Confidence of the name in 0..1; None likewise.

    """

    file: str
    sha256: str
    source: str
    frame: int | None
    seconds: float | None
    width: int
    height: int
    faces: int | None = None
    face_height: float | None = None
    detail: float | None = None
    member: str | None = None
    confidence: float | None = None


COLUMNS = tuple(field.name for field in fields(CollectedPicture))


@dataclass(frozen=True, slots=True, eq=False)
class JournalEntry:
    """A collected picture, with what it is compared by.

    Attributes:
        picture: The picture.
        features: Numbers that differ as far as pictures do; None if they are not compared.

    """

    picture: CollectedPicture
    features: tuple[float, ...] | None = None


class CollectionJournal:
    """The journal of a folder; use it as a context manager to add to it.

    Args:
        folder: The folder of the pictures.

    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        with writing(self.path):
            self._file = self.path.open("ab")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def recover(self) -> dict[str, Any] | None:
        """Drop what follows the last mark; return that mark, or None without one."""
        end, mark = 0, None
        if self.path.exists():
            with self.path.open("rb") as file:
                position = 0
                for line in file:
                    position += len(line)
                    if (entry := _parsed(line)) is None:
                        break  # the last line of a run that was killed while it wrote
                    if _MARK in entry:
                        end, mark = position, entry[_MARK]
            with self.path.open("r+b") as file:
                file.truncate(end)
        return mark

    def add(self, entry: JournalEntry) -> None:
        """Add a picture; the next mark makes it count."""
        self._write(_line(entry))

    def mark(self, state: Mapping[str, Any]) -> None:
        """Record that everything up to here is complete.

        Args:
            state: What a run that goes on must know, as JSON supports it.

        """
        self._write(json.dumps({_MARK: state}))
        if self._file is not None:
            with writing(self.path):
                self._file.flush()

    def entries(self) -> Iterator[JournalEntry]:
        """All pictures in the order in which they were added."""
        if self._file is not None:
            self._file.flush()
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                entry = _parsed(line)
                if entry is not None and _MARK not in entry:
                    features = entry.pop("features")
                    yield JournalEntry(
                        CollectedPicture(**entry), None if features is None else tuple(features)
                    )

    def replace(self, entries: Iterable[JournalEntry], state: Mapping[str, Any]) -> None:
        """Hold these pictures only, up to a mark."""
        with replacing(self.path) as temporary:
            lines = [*map(_line, entries), json.dumps({_MARK: state})]
            temporary.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        if self._file is not None:
            self._file.close()
            self._file = self.path.open("ab")

    def _write(self, line: str) -> None:
        if self._file is None:
            raise ValueError("the journal is not open")
        with writing(self.path):
            self._file.write(f"{line}\n".encode())


def write_manifest_table(folder: Path, pictures: Iterable[CollectedPicture]) -> Path:
    """Write ``manifest.csv``, a row for each picture; return its path.

    Raises:
        OutputError: it cannot be written.

    """
    path = folder / TABLE
    write_table(path, _rows(pictures))
    return path


def _rows(pictures: Iterable[CollectedPicture]) -> Iterator[tuple[Any, ...]]:
    yield COLUMNS
    for picture in pictures:
        yield tuple("" if value is None else value for value in asdict(picture).values())


def _line(entry: JournalEntry) -> str:
    return json.dumps({**asdict(entry.picture), "features": entry.features})


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The object of a line; None if it is not whole."""
    try:
        found = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
