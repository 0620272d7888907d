"""Boxes and points in the XML of dlib's ``imglab``.

    <dataset><images>
      <image file='a.jpg'>
        <box top='90' left='194' width='37' height='37'><part name='00' x='201' y='107'/></box>
      </image>
    </images></dataset>

Numbers are whole pixels, counted from 0; a box's last column is left + width - 1. This and the
meaning of ``ignore`` follow ``dlib/data_io/image_dataset_metadata.h`` and dlib's ``rectangle``.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.files.text import read_number, read_whole, shown
from closeup.formats.xml_text import read_xml
from closeup.labels import Box, FaceLabel, Point
from closeup.progress import Progress

_PARENTS = {"images": "dataset", "image": "images", "box": "image", "part": "box"}


def read_dlib_xml(path: Path, progress: Progress | None = None) -> list[FaceLabel]:
    """Read the boxes of a file, with their parts as points, in the file's order.

    A part named by a number becomes ``p0``, ``p1`` …, others keep their names. Boxes
    marked as ignored are not faces and are left out.

    Args:
        path: The file, in UTF-8, UTF-16 or any encoding that it declares and Python knows.
        progress: Receives a message for boxes that are left out; silent if None.

    Raises:
        InputError: the file cannot be read, is not XML or not dlib's, an attribute is missing or
            not a number, or a part is repeated.

    """
    text = read_xml(path)
    reader = _XmlReader(path)
    try:
        # Expat itself reads no encoding with several bytes for a letter but UTF-8 and UTF-16.
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise InputError(
            f"{path}, line {error.lineno}: {reason}; it is damaged, or not XML"
        ) from None
    if reader.ignored and progress:
        progress.say(f"{path}: left out boxes that are marked as ignored: {reader.ignored}")
    return reader.labels


def write_dlib_xml(path: Path, labels: Iterable[FaceLabel]) -> None:
    """Write dlib's format: boxes and points in whole pixels; labels are grouped by image.

    Raises:
        OutputError: the file cannot be written.
        ValueError: a label has no box, which dlib's format requires.

    """
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", "<dataset>", "<images>"]
    for image, faces in groupby(labels, lambda label: label.image):
        lines.append(f"  <image file={quoteattr(image)}>")
        for face in faces:
            lines.extend(_box_lines(face))
        lines.append("  </image>")
    write_text(path, "\n".join([*lines, "</images>", "</dataset>", ""]))


def _box_lines(face: FaceLabel) -> list[str]:
    if face.box is None:
        raise ValueError(f"{face.image}: dlib's XML has no face without a box")
    left, top, right, bottom = (round(edge + 0.5) for edge in face.box)
    box = f"    <box top='{top}' left='{left}' width='{right - left}' height='{bottom - top}'>"
    parts = [
        f"      <part name={quoteattr(_part_name(name))} x='{round(x)}' y='{round(y)}'/>"
        for name, (x, y) in face.points.items()
    ]
    return [box, *parts, "    </box>"]


def _part_name(name: str) -> str:
    return f"{int(name[1:]):02d}" if name[:1] == "p" and name[1:].isdecimal() else name


class _XmlReader:
    """Builds labels while expat, which knows the line number, parses the file."""

    def __init__(self, path: Path) -> None:
        self.labels: list[FaceLabel] = []
        self.ignored = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._path = path
        self._open: list[str] = []
        self._image = ""
        self._box: Box | None = None
        self._points: dict[str, Point] = {}
        self._ignored = False

    @property
    def _place(self) -> str:
        return f"{self._path}, line {self.parser.CurrentLineNumber}"

    def _refuse_doctype(self, *_: object) -> None:
        # Entities declared by a document can expand to gigabytes.
        raise InputError(f"{self._place}: a DOCTYPE, which dlib's files have not; remove it")

    def _start(self, name: str, given: dict[str, str]) -> None:
        if not self._open and name != "dataset":
            raise InputError(
                f"{self._place}: <{name[:40]}> where <dataset> should be; not dlib's XML"
            )
        if name in _PARENTS and self._open[-1:] != [_PARENTS[name]]:
            raise InputError(f"{self._place}: <{name}> outside <{_PARENTS[name]}>; correct it")
        self._open.append(name)
        if name == "image":
            self._image = self._text(name, given, "file")
        elif name == "box":
            self._box, self._points = self._read_box(given), {}
            self._ignored = given.get("ignore") in {"1", "true"}
        elif name == "part":
            self._read_part(given)

    def _end(self, name: str) -> None:
        self._open.pop()
        if name == "box" and self._ignored:
            self.ignored += 1
        elif name == "box":
            try:
                self.labels.append(FaceLabel(self._image, self._box, self._points))
            except ValueError as error:  # a number too large to add to
                raise InputError(f"{self._place}: {error}; correct it") from None

    def _read_box(self, given: dict[str, str]) -> Box:
        left, top, width, height = (
            self._number("box", given, key) for key in ("left", "top", "width", "height")
        )
        if width <= 0 or height <= 0:
            raise InputError(f"{self._place}: <box> of {width:g} x {height:g} pixels; correct it")
        return left - 0.5, top - 0.5, left + width - 0.5, top + height - 0.5

    def _read_part(self, given: dict[str, str]) -> None:
        stated = self._text("part", given, "name").strip()
        number = read_whole(stated, self._place) if stated.isdecimal() else None
        name = stated if number is None else f"p{number}"
        if name in self._points:
            raise InputError(f"{self._place}: the part {shown(stated)} is there twice; keep one")
        self._points[name] = self._number("part", given, "x"), self._number("part", given, "y")

    def _text(self, element: str, given: dict[str, str], key: str) -> str:
        if not given.get(key):
            raise InputError(f"{self._place}: <{element}> without {key}; add it")
        return given[key]

    def _number(self, element: str, given: dict[str, str], key: str) -> float:
        text = self._text(element, given, key)
        return read_number(text, f"{self._place}, {key} of <{element}>")
