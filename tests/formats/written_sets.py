"""Annotation sets as files or folders, with the pictures that the format's reader needs."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from closeup.annotations import AnnotationSet
from closeup.formats.annotation_format import AnnotationFormat
from closeup.geometry import Size

FOLDERS = {
    "yolo": "labels/a.txt",
    "yolo-pose": "labels/a.txt",
    "voc": "images/a.xml",
    "labelme": "images/a.json",
}
"""Name of a format of folders → a file in it that holds objects."""
_WITH_PICTURES = {"yolo", "yolo-pose"}


def written(form: AnnotationFormat, given: AnnotationSet, folder: Path) -> Path:
    """Write a set into an empty folder; returns the path to read."""
    path = folder / "set"
    form.write(path, given)
    if form.name in _WITH_PICTURES:
        for picture in given.pictures:
            if picture.frame is None and picture.size:
                place = path / picture.path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(beginning_of_png(picture.size))
    return path


def beginning_of_png(size: Size) -> bytes:
    """A picture of which only the size can be read."""
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def place_of(form: AnnotationFormat, path: Path) -> Path:
    """A file that holds objects."""
    return path / FOLDERS[form.name] if form.name in FOLDERS else path
