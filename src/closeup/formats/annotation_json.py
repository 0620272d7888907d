"""The plain ``annotation.json``: pictures with a mask each, and their classes or verdicts.

    {"img_dir": "photos", "mask_dir": "masks", "labels": [{"name": "a.png", "class": "true"}]}

A picture and its mask have one name, in their folders; folders are relative to that of the file.
``class`` is a verdict if it is true, false or "unsure", also as text, else the name of a class; an
entry without it is not decided yet. Where an entry has ``mask``, that is the mask's name instead;
with null there, and without a class, it is a picture without objects. Other keys of an annotation
are in an object called ``closeup``: see :mod:`closeup.formats.own_keys`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, LabelVerdict
from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.files.documents import as_json
from closeup.files.text import beginning
from closeup.formats.annotation_format import AnnotationFormat, Aspect, kept, schema_of
from closeup.formats.json_members import member, read_object, without
from closeup.formats.own_keys import OWN, own_keys, with_own_keys
from closeup.progress import Progress

NAME = "annotation-json"
CARRIES = frozenset(
    {
        Aspect.MASKS, Aspect.NAMES, Aspect.KEYS, Aspect.VERDICTS, Aspect.ORIGINS, Aspect.SCORES,
        Aspect.EMPTY, Aspect.TAGS, Aspect.BOXLESS, Aspect.EXTRA,
    }
)  # fmt: skip
_MASKS = "masks"
_NAMED = "name"
"""Key in ``closeup`` of a class that is called as a verdict."""


def read_annotation_json(path: Path, _: Progress | None = None) -> AnnotationSet:
    """Read the entries of a file, grouped by picture.

    Raises:
        InputError: the file cannot be read, is not JSON or of this form, or a value is of a wrong
            type.

    """
    document = read_object(path, "an annotation.json", "img_dir, mask_dir and labels")
    folder, masks = (_folder(document, key, str(path)) for key in ("img_dir", "mask_dir"))
    found: dict[str, list[Annotation]] = {}
    extras: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(member(document, "labels", list, str(path))):
        place = f"{path}, labels[{number}]"
        if not isinstance(entry, dict):
            raise InputError(f"{place}: not an object; correct it")
        if not member(entry, "name", str, place):
            raise InputError(f"{place}: it names no picture; correct it")
        name = (PurePosixPath(folder) / entry["name"]).as_posix()
        one = _annotation(entry, entry["name"] if masks else None, place)
        objects = found.setdefault(name, [])
        if one.mask or one.name or one.verdict:
            objects.append(one)
        else:
            extras[name] = dict(one.extra)
    pictures = tuple(
        AnnotatedPicture(name, annotations=tuple(objects), extra=extras.get(name, {}))
        for name, objects in found.items()
    )
    return AnnotationSet(pictures, schema_of(pictures), {NAME: without(document, ("labels",))})


def write_annotation_json(path: Path, annotations: AnnotationSet) -> None:
    """Write a set; its pictures' folder is that of the file that it was read from, if it can be.

    Raises:
        OutputError: the file cannot be written.

    """
    left = kept(annotations, CARRIES, NAME)
    extra = left.extra.get(NAME, {})
    objects = [one for picture in left.pictures for one in picture.annotations]
    masks = extra.get("mask_dir") or (_MASKS if any(one.mask for one in objects) else "")
    folder = _folder_of(left, extra.get("img_dir") or "")
    labels = [entry for picture in left.pictures for entry in _entries(picture, folder, masks)]
    document = {**extra, "img_dir": folder, "mask_dir": masks, "labels": labels}
    write_text(path, json.dumps(document, indent=1))


def is_annotation_json(path: Path) -> bool:
    """Whether a file begins as an annotation.json does."""
    return bool(re.search(r'"(img_dir|mask_dir)"\s*:', beginning(path)))


ANNOTATION_JSON = AnnotationFormat(
    name=NAME,
    title="annotation.json",
    read=read_annotation_json,
    write=write_annotation_json,
    recognises=is_annotation_json,
    carries=CARRIES,
    places=0,
    convention="no coordinates",
)


def _folder(document: dict[str, Any], key: str, place: str) -> str:
    return "" if document.get(key) is None else str(member(document, key, str, place))


def _annotation(entry: dict[str, Any], mask: str | None, place: str) -> Annotation:
    own, stated = entry.get(OWN), entry.get("class")
    name, verdict = _meaning(stated, place)
    if isinstance(own, dict) and _NAMED in own:
        name, verdict = member(own, _NAMED, str, place), None
    if "mask" in entry:
        mask = None if entry["mask"] is None else member(entry, "mask", str, place)
    others = without(entry, ("name", "mask", OWN, *(("class",) if isinstance(stated, str) else ())))
    extra = {NAME: others} if others else {}
    read = Annotation(name, mask=mask, verdict=verdict, extra=extra)
    return with_own_keys(read, own, place)


def _meaning(stated: object, place: str) -> tuple[str, LabelVerdict | None]:
    """The class and the verdict of a value of ``class``."""
    match stated:
        case None:
            return "", None
        case bool() | str() if str(stated).lower() in list(LabelVerdict):
            return "", LabelVerdict(str(stated).lower())
        case int() | str():
            return str(stated), None
        case _:
            raise InputError(f"{place}: class is {as_json(stated)}, no name; correct it")


def _folder_of(annotations: AnnotationSet, wanted: str) -> str:
    """The folder that all pictures lie in: the wanted one, or the file's own."""
    paths = [PurePosixPath(picture.path) for picture in annotations.pictures]
    return wanted if all(path.is_relative_to(wanted) for path in paths) else ""


def _entries(picture: AnnotatedPicture, folder: str, masks: str) -> list[dict[str, Any]]:
    name = PurePosixPath(picture.path).relative_to(folder).as_posix()
    if not picture.annotations:
        return [{**picture.extra.get(NAME, {}), "name": name, "mask": None}]
    return [_entry(one, name, masks) for one in picture.annotations]


def _entry(one: Annotation, name: str, masks: str) -> dict[str, Any]:
    entry = {**one.extra.get(NAME, {}), "name": name}
    own = own_keys(one, without=("mask", *(() if one.name else ("verdict",))))
    if _meaning(entry.get("class"), name) != (one.name, None if one.name else one.verdict):
        entry["class"] = one.name or str(one.verdict)
    if one.name.lower() in list(LabelVerdict):
        own[_NAMED] = one.name
    if one.mask != (name if masks else None):
        entry["mask"] = one.mask
    return {**entry, **({OWN: own} if own else {})}
