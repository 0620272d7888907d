"""Boxes and points in the XML of dlib's ``imglab``.

    <dataset><images>
      <image file='a.jpg' width='640' height='480'>
        <box top='90' left='194' width='37' height='37'>
          <label>face</label><part name='00' x='201' y='107'/>
        </box>
      </image>
    </images></dataset>

Numbers are whole pixels, counted from 0; a box's last column is left + width - 1. This and the
meaning of attributes follow ``dlib/data_io/image_dataset_metadata.h`` and dlib's ``rectangle``.
dlib sorts parts by their names as text, so numbered ones are written with leading zeros; they are
called ``p0``, ``p1`` … here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import floor
from pathlib import Path
from xml.parsers import expat

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint
from closeup.errors import InputError, OutputError
from closeup.files.atomic import write_text
from closeup.files.text import beginning, read_number, read_whole, shown
from closeup.formats.annotation_format import AnnotationFormat, Aspect, kept, schema_of
from closeup.formats.xml_text import attribute, content, read_xml
from closeup.geometry import Size
from closeup.labels import Box, FaceLabel
from closeup.progress import Progress

NAME = "dlib-xml"
CARRIES = frozenset(
    {
        Aspect.BOXES, Aspect.POINTS, Aspect.NAMES, Aspect.SCORES, Aspect.SIZES, Aspect.EMPTY,
        Aspect.OUTSIDE, Aspect.EXTRA,
    }
)  # fmt: skip
_PARENTS = {"images": "dataset", "image": "images", "box": "image", "part": "box"}
_TEXTS = {"name": "dataset", "comment": "dataset", "label": "box"}
_IGNORED = {"1", "true"}


def read_dlib_annotations(path: Path, _: Progress | None = None) -> AnnotationSet:
    """Read the boxes of a file, with their parts as points; ignored boxes are among them.

    Args:
        path: The file, in UTF-8, UTF-16 or any encoding that it declares and Python knows.

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
    pictures = tuple(reader.pictures)
    return AnnotationSet(
        pictures, schema_of(pictures), {NAME: reader.texts} if reader.texts else {}
    )


def read_dlib_xml(path: Path, progress: Progress | None = None) -> list[FaceLabel]:
    """Read the boxes of a file as faces, in the file's order.

    Boxes marked as ignored are not faces and are left out.

    Args:
        path: The file.
        progress: Receives a message for boxes that are left out; silent if None.

    Raises:
        InputError: as :func:`read_dlib_annotations`.

    """
    labels, ignored = [], 0
    for picture in read_dlib_annotations(path).pictures:
        for one in picture.annotations:
            if one.extra.get(NAME, {}).get("ignore") in _IGNORED:
                ignored += 1
            else:
                points = {name: (point.x, point.y) for name, point in one.points.items()}
                labels.append(FaceLabel(picture.path, one.box, points))
    if ignored and progress:
        progress.say(f"{path}: left out boxes that are marked as ignored: {ignored}")
    return labels


def write_dlib_xml(path: Path, annotations: AnnotationSet) -> None:
    """Write dlib's format: boxes and points in whole pixels; objects without a box are left out.

    Raises:
        OutputError: the file cannot be written, a text has a character that XML has not, or two
            points of an object would have one name, as ``7`` and ``p7``.

    """
    left = kept(annotations, CARRIES, NAME)
    texts = left.extra.get(NAME, {})
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", "<dataset>"]
    lines += [f"<{name}>{content(text, path)}</{name}>" for name, text in texts.items()]
    lines.append("<images>")
    names = _part_names(left, path)
    for picture in left.pictures:
        lines.extend(_image_lines(picture, names, path))
    write_text(path, "\n".join([*lines, "</images>", "</dataset>", ""]))


def is_dlib_xml(path: Path) -> bool:
    """Whether a file begins as dlib's XML does."""
    return "<dataset" in beginning(path, 1 << 10)


def with_numbered_points(annotations: AnnotationSet) -> AnnotationSet:
    """The set with points called ``p7`` that are called ``7`` or ``p07``."""
    pictures = tuple(
        replace(picture, annotations=tuple(map(_with_numbered_points, picture.annotations)))
        for picture in annotations.pictures
    )
    return replace(annotations, pictures=pictures, schema=schema_of(pictures))


DLIB_XML = AnnotationFormat(
    name=NAME,
    title="dlib's XML",
    read=read_dlib_annotations,
    write=write_dlib_xml,
    recognises=is_dlib_xml,
    carries=CARRIES,
    places=0.5,
    convention="whole pixels, points from the first pixel's centre; a point 7 comes back as p7",
    changed=with_numbered_points,
)


def _with_numbered_points(one: Annotation) -> Annotation:
    points = {_read_name(_written_name(name, 0)): point for name, point in one.points.items()}
    return replace(one, points=points)


def _written_name(name: str, digits: int) -> str:
    number = name.removeprefix("p")
    return f"{int(number):0{digits}d}" if _is_number(number) else name


def _read_name(name: str) -> str:
    return f"p{int(name)}" if _is_number(name) else name


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS


_DIGITS = 6
"""Most digits of a numbered part."""


def _part_names(annotations: AnnotationSet, path: Path) -> dict[str, str]:
    """Name of a point → that of its part; numbers have equally many digits, at least two."""
    points = annotations.schema.points
    digits = max(
        [2, *(len(name.removeprefix("p")) for name in points if _is_number(name.removeprefix("p")))]
    )
    return {name: attribute(_written_name(name, digits), path) for name in points}


def _image_lines(picture: AnnotatedPicture, names: Mapping[str, str], path: Path) -> Iterator[str]:
    size = picture.size
    members = {
        "file": picture.path,
        **({"width": str(size.width), "height": str(size.height)} if size else {}),
        **picture.extra.get(NAME, {}),
    }
    yield f"  <image {_attributes(members, path)}>"
    for one in picture.annotations:
        yield from _box_lines(one, names, f"{path}: {picture.path}", path)
    yield "  </image>"


def _box_lines(one: Annotation, names: Mapping[str, str], place: str, path: Path) -> Iterator[str]:
    x1, y1, x2, y2 = (floor(edge + 1) for edge in one.box or ())
    members = {
        "top": str(y1), "left": str(x1), "width": str(max(1, x2 - x1)),
        "height": str(max(1, y2 - y1)),
        **({} if one.score is None else {"detection_score": repr(one.score)}),
        **one.extra.get(NAME, {}),
    }  # fmt: skip
    yield f"    <box {_attributes(members, path)}>"
    if one.name:
        yield f"      <label>{content(one.name, path)}</label>"
    written = [names[name] for name in one.points]
    if len(set(written)) < len(written):
        raise OutputError(f"{place}: two points of an object are called {max(written)}; rename one")
    for name, point in zip(written, one.points.values(), strict=True):
        yield f"      <part name={name} x='{floor(point.x + 0.5)}' y='{floor(point.y + 0.5)}'/>"
    yield "    </box>"


def _attributes(members: Mapping[str, str], path: Path) -> str:
    return " ".join(f"{key}={attribute(value, path)}" for key, value in members.items())


class _XmlReader:
    """Builds annotations while expat, which knows the line number, parses the file."""

    def __init__(self, path: Path) -> None:
        self.pictures: list[AnnotatedPicture] = []
        self.texts: dict[str, str] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._path = path
        self._open: list[str] = []
        self._given: dict[str, str] = {}
        self._box: Box = (-0.5, -0.5, 0.5, 0.5)
        self._points: dict[str, KeyPoint] = {}
        self._found: list[Annotation] = []
        self._image = AnnotatedPicture("")
        self._text = ""
        self._label = ""

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
        self._text = ""
        if name == "image":
            self._image, self._found = self._read_image(given), []
        elif name == "box":
            self._given, self._points, self._label = given, {}, ""
            self._box = self._read_box(given)
        elif name == "part":
            self._read_part(given)

    def _characters(self, text: str) -> None:
        self._text += text

    def _end(self, name: str) -> None:
        self._open.pop()
        if name == "image":
            self.pictures.append(replace(self._image, annotations=tuple(self._found)))
        elif name == "box":
            self._found.append(self._annotation())
        elif name in _TEXTS and self._open[-1] == _TEXTS[name] and self._text.strip():
            if name == "label":
                self._label = self._text.strip()
            else:
                self.texts[name] = self._text.strip()

    def _annotation(self) -> Annotation:
        others = {key: text for key, text in self._given.items() if key not in _BOX}
        score = None
        if "detection_score" in others:
            number = self._number("box", others, "detection_score")
            if 0 <= number <= 1:
                score = number
                del others["detection_score"]
        extra = {NAME: others} if others else {}
        try:
            return Annotation(self._label, self._box, self._points, score=score, extra=extra)
        except ValueError as error:  # a number too large to add to
            raise InputError(f"{self._place}: {error}; correct it") from None

    def _read_image(self, given: dict[str, str]) -> AnnotatedPicture:
        path, size = self._text_of("image", given, "file"), None
        others = {key: text for key, text in given.items() if key != "file"}
        if given.get("width") and given.get("height"):
            size = Size(*(read_whole(others.pop(key), self._place) for key in ("width", "height")))
            if min(size) < 1:
                raise InputError(f"{self._place}: <image> of {size} pixels; correct it")
        return AnnotatedPicture(path, size=size, extra={NAME: others} if others else {})

    def _read_box(self, given: dict[str, str]) -> Box:
        left, top, width, height = (self._number("box", given, key) for key in _BOX)
        if width <= 0 or height <= 0:
            raise InputError(f"{self._place}: <box> of {width:g} x {height:g} pixels; correct it")
        return left - 0.5, top - 0.5, left + width - 0.5, top + height - 0.5

    def _read_part(self, given: dict[str, str]) -> None:
        stated = self._text_of("part", given, "name").strip()
        name = _read_name(stated)
        if name in self._points:
            raise InputError(f"{self._place}: the part {shown(stated)} is there twice; keep one")
        x, y = self._number("part", given, "x"), self._number("part", given, "y")
        try:
            self._points[name] = KeyPoint(x, y)
        except ValueError as error:
            raise InputError(f"{self._place}: {error}; correct it") from None

    def _text_of(self, element: str, given: dict[str, str], key: str) -> str:
        if not given.get(key):
            raise InputError(f"{self._place}: <{element}> without {key}; add it")
        return given[key]

    def _number(self, element: str, given: dict[str, str], key: str) -> float:
        text = self._text_of(element, given, key)
        return read_number(text, f"{self._place}, {key} of <{element}>")


_BOX = ("left", "top", "width", "height")
