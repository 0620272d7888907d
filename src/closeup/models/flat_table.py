"""Reads tables of flatbuffers by the numbers of their fields."""

from __future__ import annotations

import numpy as np
from flatbuffers import encode, number_types
from flatbuffers.table import Table
from numpy.typing import NDArray

_INT, _BYTE = number_types.Int32Flags, number_types.Int8Flags
_OFFSET, _FIELDS = number_types.UOffsetTFlags, 4
"""Type of a reference; a table's list of fields begins at this byte, with two bytes a field."""


class FlatTable:
    """A table of a flatbuffer, whose schema gives each field a number.

    A field that the file leaves out has a default. All methods raise ``struct.error``,
    ``TypeError`` or ``ValueError`` if the file is damaged.

    Args:
        data: The whole file.
        position: Position of the table in it, in bytes; None for the file's root table.

    """

    def __init__(self, data: bytes, position: int | None = None) -> None:
        if position is None:
            position = int(encode.Get(_OFFSET.packer_type, data, 0))
        self._table = Table(data, position)

    def integer(self, field: int, default: int = 0) -> int:
        """A number of 32 bits."""
        return self._number(field, default, _INT)

    def byte(self, field: int) -> int:
        """A number of 8 bits, such as a boolean or an enumeration; 0 if left out."""
        return self._number(field, 0, _BYTE)

    def text(self, field: int) -> str:
        """A text in UTF-8; empty if left out."""
        place = self._place(field)
        if not place:
            return ""
        return str(self._table.String(self._table.Pos + place), "utf-8", "replace")

    def integers(self, field: int) -> tuple[int, ...]:
        """A list of numbers of 32 bits; empty if left out."""
        return tuple(self._vector(field, _INT).tolist())

    def data(self, field: int) -> NDArray[np.uint8]:
        """Bytes, shape (n,); empty if left out."""
        return self._vector(field, number_types.Uint8Flags).astype(np.uint8, copy=False)

    def tables(self, field: int) -> list[FlatTable]:
        """A list of tables; empty if left out."""
        references = self._vector(field, _OFFSET).tolist()
        if not references:
            return []
        start = self._table.Vector(self._place(field))
        width = _OFFSET.bytewidth
        return [
            FlatTable(self._table.Bytes, start + width * row + reference)
            for row, reference in enumerate(references)
        ]

    def table(self, field: int) -> FlatTable | None:
        """Another table; None if left out."""
        place = self._place(field)
        if not place:
            return None
        return FlatTable(self._table.Bytes, self._table.Indirect(self._table.Pos + place))

    def _place(self, field: int) -> int:
        """Bytes from the table to a field; 0 if left out."""
        return int(self._table.Offset(_FIELDS + 2 * field))

    def _number(self, field: int, default: int, kind: type) -> int:
        return int(self._table.GetSlot(_FIELDS + 2 * field, default, kind))

    def _vector(self, field: int, kind: type) -> NDArray[np.generic]:
        place = self._place(field)
        if not place:
            return np.empty(0, number_types.to_numpy_type(kind))
        return np.asarray(self._table.GetVectorAsNumpy(kind, place))
