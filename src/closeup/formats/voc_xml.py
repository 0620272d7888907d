"""Boxes in the XML files of Pascal VOC, one a picture.

    <annotation>
      <filename>a.jpg</filename>
      <size><width>640</width><height>480</height><depth>3</depth></size>
      <object><name>face</name><bndbox><xmin>11</xmin><ymin>21</ymin>…</bndbox></object>
    </annotation>

The development kit of the challenge (http://host.robots.ox.ac.uk/pascal/VOC/voc2012/devkit_doc.pdf)
counts pixels from 1 and includes the last one: a box over columns 0 to 9 of the picture has xmin 1
and xmax 10. It has decimals too, which the files of VOC 2011 and 2012 also have. Files of programs
that count from 0 cannot be told from these; their boxes come out one pixel too far left and up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet
from closeup.errors import InputError
from closeup.files.text import read_number, read_whole
from closeup.formats.annotation_format import AnnotationFormat, Aspect, kept
from closeup.formats.json_members import parsed_text
from closeup.formats.left_out import LeftOut
from closeup.formats.own_keys import OWN, own_keys, with_own_keys
from closeup.formats.picture_files import (
    LabelNames,
    first_beginning,
    in_order_of_files,
    picture_path,
    read_label_files,
    write_label_files,
)
from closeup.formats.xml_elements import (
    XmlDocument,
    XmlElement,
    add_value,
    element_of,
    number_text,
    xml_lines,
)
from closeup.formats.xml_text import read_xml
from closeup.geometry import Size
from closeup.labels import Box
from closeup.progress import Progress

NAME = "voc"
TITLE = "Pascal VOC"
_OBJECT_DEFAULTS = {"pose": "Unspecified", "truncated": "0", "difficult": "0"}
"""What the development kit's readers look for in each object."""
_DEFAULTS = {"segmented": "0"}
_SIZE_DEFAULTS = {"depth": "3"}
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_OFFSETS = (1.5, 1.5, 0.5, 0.5)
"""What is added to x1, y1, x2, y2."""
_CARRIES = frozenset(Aspect) - {
    Aspect.POINTS, Aspect.VISIBILITY, Aspect.BOXLESS, Aspect.TAGS, Aspect.FRAMES, Aspect.SCHEMA
}  # fmt: skip


def read_voc(path: Path, progress: Progress) -> AnnotationSet:
    """Read a folder of XML files, or one of them.

    Args:
        path: The folder, whose subfolders are searched too.
        progress: Receives messages about objects without a box, which are kept in ``extra``.

    Raises:
        InputError: a file cannot be read, is not well-formed or not Pascal VOC's, or a number is
            missing or none.

    """
    return read_label_files(path, ".xml", progress, _picture)


def write_voc(path: Path, annotations: AnnotationSet) -> None:
    """Write one file a picture into a folder, with decimals where a box has them.

    Raises:
        OutputError: the folder cannot be written to, or a name has a character that XML cannot
            carry.

    """
    names = LabelNames(".xml")
    files = []
    for picture in kept(annotations, _CARRIES, NAME).pictures:
        file, named = names.take(picture.path)
        lines = xml_lines(_document(picture, named), path / file)
        files.append((file, "\n".join([*lines, ""])))
    write_label_files(path, files)


def is_voc(path: Path) -> bool:
    """Whether a file, or the first XML file of a folder, begins as one of Pascal VOC."""
    return bool(re.search(r"<annotation[\s>]", first_beginning(path, ".xml")))


def _picture(file: Path, folder: Path, left_out: LeftOut) -> AnnotatedPicture:
    extra: dict[str, Any] = {}
    known: dict[str, XmlElement] = {}
    annotations = []
    document = XmlDocument(read_xml(file), "annotation", str(file), TITLE)
    for element in document.children():
        if element.name == "object" and (one := _annotation(element, left_out)):
            annotations.append(one)
        elif element.name in ("filename", "size") and element.name not in known:
            known[element.name] = element
        else:
            add_value(extra, element)
    if "filename" not in known or not known["filename"].content():
        raise InputError(f"{file}: <annotation> without <filename>; add it")
    extra |= {f"@{name}": held for name, held in document.attributes.items()}
    size = _size(known.get("size"), extra)
    path = picture_path(file, folder, known["filename"].content())
    return AnnotatedPicture(path, None, size, tuple(annotations), _extra(extra, _DEFAULTS))


def _extra(values: Mapping[str, Any], defaults: Mapping[str, str]) -> dict[str, Any]:
    """The keys that the writer would not write by itself, under the format's name."""
    found = {key: value for key, value in values.items() if defaults.get(key) != value}
    return {NAME: found} if found else {}


def _size(element: XmlElement | None, extra: dict[str, Any]) -> Size | None:
    """The size, if it is stated; its other keys are put into ``extra``."""
    if element is None:
        return None
    others: dict[str, Any] = {}
    sides = {"width": 0, "height": 0}
    for child in element.children:
        if child.name in sides:
            sides[child.name] = read_whole(child.text, f"{child.place}, {child.name}")
        else:
            add_value(others, child)
    if others and others != _SIZE_DEFAULTS:
        extra["size"] = others
    return Size(**sides) if min(sides.values()) > 0 else None


def _annotation(element: XmlElement, left_out: LeftOut) -> Annotation | None:
    """The object; None without a box of some area."""
    bounds = element.child("bndbox")
    box = _box(bounds) if bounds else None
    if box is None or box[0] >= box[2] or box[1] >= box[3]:
        left_out.add("objects without a box" if box is None else "boxes without area")
        return None
    values: dict[str, Any] = {}
    for child in element.children:
        if child.name not in ("name", "bndbox", OWN):
            add_value(values, child)
    name, own = element.child("name"), element.child(OWN)
    try:
        one = Annotation(
            name.content() if name else "", box, extra=_extra(values, _OBJECT_DEFAULTS)
        )
    except ValueError as error:
        raise InputError(f"{element.place}: {error}; correct it") from None
    return with_own_keys(one, parsed_text(own.text, own.place), own.place) if own else one


def _box(bounds: XmlElement) -> Box:
    x1, y1, x2, y2 = (
        _side(bounds, side) - offset for side, offset in zip(_SIDES, _OFFSETS, strict=True)
    )
    return x1, y1, x2, y2


def _side(bounds: XmlElement, name: str) -> float:
    side = bounds.child(name)
    if side is None:
        raise InputError(f"{bounds.place}: <bndbox> without {name}; add it")
    return read_number(side.text, f"{side.place}, {name}")


def _document(picture: AnnotatedPicture, named: str) -> XmlElement:
    extra = dict(picture.extra.get(NAME, {}))
    size = {**_SIZE_DEFAULTS, **extra.pop("size", {})}
    root = element_of("annotation", {"filename": named, **_DEFAULTS, **extra})
    if picture.size or size != _SIZE_DEFAULTS:
        width, height = picture.size or (0, 0)
        root.children.append(element_of("size", {"width": width, "height": height, **size}))
    root.children += [_object(one, one.box) for one in picture.annotations if one.box]
    return root


def _object(one: Annotation, box: Box) -> XmlElement:
    sides = [number_text(edge + offset) for edge, offset in zip(box, _OFFSETS, strict=True)]
    own = own_keys(one)
    values = {
        "name": one.name,
        **_OBJECT_DEFAULTS,
        **one.extra.get(NAME, {}),
        "bndbox": dict(zip(_SIDES, sides, strict=True)),
        **({OWN: json.dumps(own, ensure_ascii=False)} if own else {}),
    }
    return element_of("object", values)


def _in_order(annotations: AnnotationSet) -> AnnotationSet:
    """The set in the order of its files."""
    return in_order_of_files(annotations, ".xml")


VOC = AnnotationFormat(
    name=NAME,
    title=TITLE,
    read=read_voc,
    write=write_voc,
    recognises=is_voc,
    carries=_CARRIES,
    places=1e-6,
    convention="the first pixel is 1, a box includes its last one (x1 + 1.5, x2 + 0.5)",
    changed=_in_order,
)
