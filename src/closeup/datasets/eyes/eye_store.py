"""An eye data set on disk, written part by part so that an interrupted run can be resumed.

A part holds the eyes of a fixed number of pictures: ``crops/00003.npy`` contains its crops,
``crops/00003.jpg`` shows them with their labels, and ``crops/00003.csv`` has a row for each of its
eyes; it is written last and marks the part as complete.
``eyes.json`` holds the *key*, all settings that the eyes depend on, and in the end the checksums of
the crops' files; ``labels.csv`` exists once the data set is complete.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.eye_sheet import draw_sheet
from closeup.datasets.eyes.eye_table import COLUMNS, EyeRow, places, read_rows, write_rows
from closeup.errors import InputError
from closeup.files import documents
from closeup.files.atomic import replacing
from closeup.files.workfolder import WorkFolder
from closeup.geometry import Size
from closeup.media.images import write_image

DOCUMENT, LABELS, LEFT_OUT = "eyes.json", "labels.csv", "left_out.csv"
LABEL_COLUMNS = COLUMNS[:-1]

_CROPS, _CHECKSUMS = "crops", "checksums"
_VERSION = 2
_READABLE = (1, _VERSION)
"""Versions that can be read; version 1 has no eye corners."""
_ABREAST = 24
"""Number of crops in a row of a sheet."""


class EyeStore:
    """A folder with a data set of eyes.

    Args:
        folder: The folder of the data set.
        key: All settings that the eyes depend on; ``size`` is the crops' (width, height) in pixels.

    """

    def __init__(self, folder: Path, key: dict[str, Any]) -> None:
        self.folder = folder
        self.size = Size(*key["size"])
        self._key = key
        self._checksums: dict[str, str] = {}
        self._work = WorkFolder(
            folder,
            DOCUMENT,
            key,
            fingerprints={"pictures": "other pictures"},
            version=_VERSION,
            foreign=(LABELS,),
        )

    @classmethod
    def opened(cls, folder: Path | str) -> EyeStore:
        """Open an existing data set.

        Raises:
            InputError: there is none, or it is damaged.

        """
        folder = Path(folder)
        document = read_document(folder)
        if document is None:
            raise InputError(f"{folder}: no eye data set; make one with: closeup dataset eyes")
        store = cls(folder, document["key"])
        store._checksums = dict(document.get(_CHECKSUMS, {}))
        return store

    @classmethod
    def begun(cls, folder: Path | str, key: dict[str, Any]) -> EyeStore:
        """Start a data set in a folder, or resume it; nothing is written before the first part.

        Raises:
            InputError: an earlier run had another key, its document is damaged, or the folder
                holds labels of something else.

        """
        folder = Path(folder)
        store = cls(folder, key)
        store._work.earlier()
        return store

    @property
    def width(self) -> float:
        """Width of the crops, in eye distances."""
        return float(self._key["width"])

    @property
    def made_by(self) -> str:
        """Version of Closeup that made the labels; empty if it is not known."""
        return str(self._key.get("closeup", ""))

    @property
    def parts(self) -> int:
        """Number of parts present, counted from the first one without a gap."""
        number = 0
        while self._table(number).exists():
            number += 1
        return number

    def write_part(
        self, number: int, rows: Sequence[EyeRow], crops: Sequence[NDArray[np.uint8]]
    ) -> list[EyeRow]:
        """Write a part completely or not at all; return its rows as written.

        Args:
            number: Number of the part; must be the next one.
            rows: Rows of all its eyes.
            crops: (H, W, 3) RGB uint8 crop of each row that was not left out, in the rows' order.

        Raises:
            OutputError: it cannot be written.

        """
        stacked = np.array(crops, np.uint8).reshape(-1, self.size.height, self.size.width, 3)
        numbers = iter(range(len(crops)))
        named = [
            row if row.reason else replace(row, crop=f"{number:05d}/{next(numbers)}")
            for row in rows
        ]
        if number == 0:
            self._work.write()
        with replacing(self._crops(number)) as temporary:
            # Written through memory, because numpy's own file writing does not say why it failed.
            buffer = io.BytesIO()
            np.save(buffer, stacked)
            temporary.write_bytes(buffer.getbuffer())
        if crops:
            labels = places([row for row in rows if not row.reason])
            sheet = draw_sheet(stacked, labels, _ABREAST)
            write_image(self._crops(number).with_suffix(".jpg"), sheet)
        write_rows(self._table(number), named)
        return named

    def rows(self) -> list[EyeRow]:
        """Return all eyes of the parts present, labelled or left out, in order.

        Raises:
            InputError: a part is damaged.

        """
        return [row for number in range(self.parts) for row in read_rows(self._table(number))]

    def labels(self) -> list[EyeRow]:
        """Return the eyes of ``labels.csv``; rows deleted from that file are not returned.

        Raises:
            InputError: the data set is not complete, or the file is damaged.

        """
        path = self.folder / LABELS
        if not path.exists():
            raise InputError(
                f"{self.folder} is not complete: the run that makes it was stopped; run the same "
                "closeup dataset eyes again to go on"
            )
        return read_rows(path)

    def crops(self, rows: Sequence[EyeRow]) -> NDArray[np.uint8]:
        """Return the crops of labelled rows; (n, H, W, 3) RGB uint8.

        Raises:
            InputError: a file of crops is missing or damaged, or a row names no crop.

        """
        found = np.empty((len(rows), self.size.height, self.size.width, 3), np.uint8)
        open_parts: dict[int, NDArray[np.uint8]] = {}
        for row, target in zip(rows, found, strict=True):
            part, place = self._place(row)
            if part not in open_parts:
                open_parts[part] = self._open(part)
            if place >= len(open_parts[part]):
                raise self._no_crop(row)
            target[:] = open_parts[part][place]
        return found

    def finish(self, rows: Sequence[EyeRow], figures: dict[str, Any]) -> dict[str, Any]:
        """Write the tables and the document of the complete data set; return the document."""
        for name, columns, chosen in (
            (LEFT_OUT, COLUMNS, [row for row in rows if row.reason]),
            (LABELS, LABEL_COLUMNS, [row for row in rows if not row.reason]),
        ):
            write_rows(self.folder / name, chosen, columns)
        digests = {path.stem: _digest(path) for path in map(self._crops, range(self.parts))}
        return self._work.write({**figures, _CHECKSUMS: digests})

    def _open(self, number: int) -> NDArray[np.uint8]:
        path = self._crops(number)
        try:
            found = _digest(path)
            if self._checksums.get(path.stem, found) != found:
                raise self._damaged(number)
            crops = np.load(path, mmap_mode="r")
        except (OSError, ValueError) as error:
            raise self._damaged(number) from error
        if crops.shape[1:] != (self.size.height, self.size.width, 3) or crops.dtype != np.uint8:
            raise self._damaged(number)
        return np.asarray(crops)

    def _damaged(self, number: int) -> InputError:
        path = self._crops(number)
        return InputError(f"{path} is damaged; delete {self.folder} and build it again")

    def _place(self, row: EyeRow) -> tuple[int, int]:
        """Return the number of the row's part and the row's index in it."""
        part, _, place = row.crop.partition("/")
        if not (part.isdecimal() and place.isdecimal()):
            raise self._no_crop(row)
        return int(part), int(place)

    def _no_crop(self, row: EyeRow) -> InputError:
        return InputError(
            f"{self.folder / LABELS}: there is no crop {row.crop!r}; correct the row, or delete it"
        )

    def _crops(self, number: int) -> Path:
        return self.folder / _CROPS / f"{number:05d}.npy"

    def _table(self, number: int) -> Path:
        return self.folder / _CROPS / f"{number:05d}.csv"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_document(folder: Path) -> dict[str, Any] | None:
    """Read ``eyes.json``; None if the file does not exist.

    Raises:
        InputError: it cannot be read, is damaged, or of another version.

    """
    path = folder / DOCUMENT
    if not path.exists():
        return None
    return documents.read_document(path, _checked, f"choose another folder, or delete {folder}")


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    width, height = document["key"]["size"]
    if document["version"] not in _READABLE or not min(width, height) > 0:
        raise ValueError(f"version {document['version']} with crops of {width}×{height}")
    return document
