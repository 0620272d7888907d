"""Reads CSV tables with named columns, as Closeup, people, spreadsheets and other programs write.

Cells are separated by commas, semicolons or tabs. With the latter two, numbers may have a decimal
comma, as spreadsheets write them in most of Europe. Columns may be in any order; columns that the
caller does not ask for are passed over.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from closeup.errors import InputError
from closeup.files.text import read_number, read_text, read_whole, shown

_SEPARATORS = ",;\t"
_WITH_COMMA = re.compile(r"\s*[+-]?\d*,\d+\s*")
_WITH_POINT = re.compile(r"\s*[+-]?\d*\.\d+\s*")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes:
        path: The file.
        line: Number of its last line in the file, from 1.
        cells: Text of each column, as in the file.
        decimal: Decimal mark of the table's numbers.

    """

    path: Path
    line: int
    cells: Sequence[str]
    decimal: str

    @property
    def place(self) -> str:
        """File and line, for error messages."""
        return f"{self.path}, line {self.line}"

    def number(self, column: int, name: str) -> float | None:
        """The finite number in a cell; None if the cell is empty.

        Raises:
            InputError: it is no finite number; the message has ``name``.

        """
        cell = self.cells[column]
        return read_number(cell, f"{self.place}, {name}", self.decimal) if cell.strip() else None

    def whole(self, column: int, name: str) -> int | None:
        """The whole number in a cell, also written as ``3.0``; None if the cell is empty.

        Raises:
            InputError: it is no whole number; the message has ``name``.

        """
        cell = self.cells[column]
        return read_whole(cell, f"{self.place}, {name}", self.decimal) if cell.strip() else None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a file, whose rows are parsed when they are needed.

    Attributes:
        path: The file.
        columns: Name → index of the column, in order; without those that have no name.

    """

    path: Path
    columns: dict[str, int]
    _heading: tuple[str, ...]
    _text: str
    _separator: str

    def need(self, names: Collection[str]) -> None:
        """Check that columns are there, and only once each.

        Raises:
            InputError: one is missing, or there twice.

        """
        for name in names:
            if name not in self.columns:
                raise InputError(f"{self.path}: no column called {name} in its first line; add it")
            if self._heading.count(name) > 1:
                raise InputError(f"{self.path}: the column {name} is there twice; keep one")

    def __iter__(self) -> Iterator[Row]:
        """All rows below the heading that are not blank.

        Raises:
            InputError: a row is damaged, or has more or fewer cells than there are columns.

        """
        rows = _rows(self.path, self._text, self._separator)
        next(rows)
        width, decimal = len(self._heading), _decimal(self._text, self._separator)
        for line, cells in rows:
            if len(cells) < width or any(cell.strip() for cell in cells[width:]):
                raise InputError(
                    f"{self.path}, line {line}: {len(cells)} cells in {width} columns; correct it"
                )
            yield Row(self.path, line, cells, decimal)


def read_table(path: Path, key: str, errors: str = "strict") -> Table:
    """Read a table; its heading is the first line that is not blank.

    Args:
        path: The file.
        key: A column that each table of this kind has, by which the separator is recognised.
        errors: As for :func:`closeup.files.text.read_text`.

    Raises:
        InputError: the file cannot be read, is not text, or has no column ``key``.

    """
    text = read_text(path, errors)
    for separator in _SEPARATORS:
        heading = _heading(path, text, separator)
        if key in heading:
            columns = {name: heading.index(name) for name in heading if name}
            return Table(path, columns, heading, text, separator)
    first = _heading(path, text, _SEPARATORS[0])[:1] or ("",)
    raise InputError(
        f"{path}: no column called {key} in its first line; the first is {shown(first[0])}; "
        "name the columns, separated by commas"
    )


def _heading(path: Path, text: str, separator: str) -> tuple[str, ...]:
    """The names of the columns by one separator; empty if they cannot be read so."""
    try:
        return tuple(cell.strip() for cell in next(_rows(path, text, separator), (0, []))[1])
    except InputError:
        return ()


def _rows(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank, the heading first."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    if text[:4].lower() == "sep=":  # a first line for Excel alone
        next(lines)
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield lines.line_num, cells
    except csv.Error as error:
        raise InputError(f"{path}, line {lines.line_num}: {error}; write it anew as CSV") from None


def _decimal(text: str, separator: str) -> str:
    """The decimal mark; a comma only in tables without any number that has a point."""
    if separator == ",":
        return "."
    cells = text.replace("\n", separator).replace('"', "").split(separator)
    with_comma = any(map(_WITH_COMMA.fullmatch, cells))
    return "," if with_comma and not any(map(_WITH_POINT.fullmatch, cells)) else "."
