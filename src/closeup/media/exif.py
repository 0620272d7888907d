"""The first directory of a TIFF file; EXIF data are a TIFF file, too.

Pillow's reader warns of damaged tags, and a warning is an error for a caller who wants it so. What
is needed here are a few tags only, so they are read alone.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

ORIENTATION = 274
_REDUCED = 254
_SUB_DIRECTORIES = 330
_MARKS = {
    b"II*\0": ("<", False), b"MM\0*": (">", False),
    b"II+\0": ("<", True), b"MM\0+": (">", True),
}  # fmt: skip
"""First bytes → byte order, and whether offsets have 64 bits."""
_FORMATS = {1: "B", 3: "H", 4: "I"}
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=[\"']|>)([1-8])")
_MOST_DIRECTORIES = 100


def is_tiff(begin: bytes) -> bool:
    """Whether a file begins as a TIFF file, of 32 or 64 bits."""
    return begin[:4] in _MARKS


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory of a TIFF file.

    Attributes:
        content: The file.
        order: ``<`` or ``>``, the byte order.
        large: Whether it is of a BigTIFF file, with offsets of 64 bits.
        place: Offset of the directory in the file.
        entries: Tag → its entry as it is stored.
        following: Offset of the next directory; 0 if there is none.

    """

    content: bytes = field(repr=False)
    order: str
    large: bool
    place: int
    entries: dict[int, bytes]
    following: int

    def number(self, tag: int) -> int | None:
        """The first value of a tag; None if there is no such tag, or it is no integer."""
        entry = self.entries.get(tag)
        kind = None if entry is None else struct.unpack_from(f"{self.order}2xH", entry)[0]
        if entry is None or kind not in _FORMATS:
            return None
        layout = _layout(self.order, self.large)
        value = self.order + _FORMATS[kind]
        try:
            (count,) = struct.unpack_from(layout.offset, entry, 4)
            if count * struct.calcsize(value) <= struct.calcsize(layout.offset):
                return int(struct.unpack_from(value, entry, layout.entry - layout.field)[0])
            (place,) = struct.unpack_from(layout.offset, entry, layout.entry - layout.field)
            return int(struct.unpack_from(value, self.content, place)[0])
        except struct.error:
            return None

    @property
    def orientation(self) -> int:
        """1 to 8, as EXIF defines it; 1 if there is no such tag or it has no such value."""
        value = self.number(ORIENTATION)
        return value if value is not None and 1 <= value <= 8 else 1

    @property
    def is_reduced(self) -> bool:
        """Whether it is a smaller copy of another picture of the file."""
        return bool((self.number(_REDUCED) or 0) & 1)

    @property
    def has_others_below(self) -> bool:
        """Whether it points to directories below it, as in raw files of cameras."""
        return _SUB_DIRECTORIES in self.entries

    def alone(self, tags: Container[int], values: Mapping[int, int] | None = None) -> bytes:
        """The same file with this directory only, and of its tags only some.

        Args:
            tags: The tags to keep.
            values: Tag → another value, a 16-bit integer.

        """
        layout = _layout(self.order, self.large)
        entries = {tag: entry for tag, entry in self.entries.items() if tag in tags}
        for tag, value in (values or {}).items():
            stored = struct.pack(f"{self.order}H", value).ljust(layout.field, b"\0")
            count = struct.pack(layout.offset, 1)
            entries[tag] = struct.pack(f"{self.order}HH", tag, 3) + count + stored
        directory = struct.pack(layout.count, len(entries)) + b"".join(entries.values())
        directory += struct.pack(layout.offset, 0)
        changed = bytearray(self.content)
        changed[self.place : self.place + len(directory)] = directory
        struct.pack_into(layout.offset, changed, layout.first, self.place)
        return bytes(changed)


@dataclass(frozen=True, slots=True)
class _Layout:
    count: str
    offset: str
    first: int
    entry: int
    field: int


def _layout(order: str, large: bool) -> _Layout:
    return (
        _Layout(f"{order}Q", f"{order}Q", 8, 20, 8) if large else
        _Layout(f"{order}H", f"{order}I", 4, 12, 4)
    )  # fmt: skip


def read_directory(content: bytes, place: int | None = None) -> Directory | None:
    """Read the directory at ``place``, else the first one; None if there is no whole one."""
    if not is_tiff(content):
        return None
    order, large = _MARKS[content[:4]]
    layout = _layout(order, large)
    try:
        if place is None:
            (place,) = struct.unpack_from(layout.offset, content, layout.first)
        (count,) = struct.unpack_from(layout.count, content, place)
        begin = place + struct.calcsize(layout.count)
        end = begin + count * layout.entry
        (following,) = struct.unpack_from(layout.offset, content, end)
    except (struct.error, OverflowError):  # OverflowError: an offset of more than 63 bits
        return None
    stored = [content[at : at + layout.entry] for at in range(begin, end, layout.entry)]
    entries = {struct.unpack_from(f"{order}H", entry)[0]: entry for entry in stored}
    return Directory(content, order, large, place, entries, following)


def main_directory(content: bytes) -> Directory | None:
    """Read the first directory that is not a smaller copy; the first one if all are."""
    first = found = read_directory(content)
    for _ in range(_MOST_DIRECTORIES):
        if found is None or not found.is_reduced:
            break
        found = read_directory(content, found.following) if found.following else None
    return found or first


def orientation_of(info: dict[Any, Any]) -> int:
    """The orientation of a picture that Pillow opened, 1 to 8 as EXIF defines it.

    Args:
        info: ``Image.info``; EXIF data, or else XMP data in it give the orientation.

    """
    exif = info.get("exif") or _profile(info.get("Raw profile type exif"))
    directory = read_directory(re.sub(rb"^(?:Exif\0\0)+", b"", exif)) if exif else None
    if directory and ORIENTATION in directory.entries:
        return directory.orientation
    xmp = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    found = _XMP_ORIENTATION.search(xmp.encode() if isinstance(xmp, str) else xmp)
    return int(found[1]) if found else 1


def _profile(text: str | None) -> bytes:
    """EXIF data that ImageMagick writes into PNG files, as a name, a length and hex digits."""
    try:
        return bytes.fromhex("".join((text or "").split("\n")[3:]))
    except ValueError:
        return b""
