"""Boxes and points in the JSON of Label Studio: a list of tasks, each with one picture.

    [{"id": 1, "data": {"image": "/data/local-files/?d=stage/a.jpg"},
      "annotations": [{"completed_by": 3, "result": [… regions …]}],
      "predictions": [{"model_version": "v1", "result": [… regions …]}]}]

The keys are those of https://labelstud.io/guide/task_format: one entry of ``annotations`` for each
person, one of ``predictions`` for each version of a model. :mod:`.label_studio_regions` has the
regions. Their sizes are those of the picture after its EXIF orientation, as a browser shows it.
"""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, Origin
from closeup.errors import InputError, OutputError
from closeup.files.atomic import replacing
from closeup.files.documents import as_json
from closeup.files.text import beginning
from closeup.formats.annotation_format import AnnotationFormat, Aspect, kept, schema_of
from closeup.formats.json_members import member, read_json, typed
from closeup.formats.label_studio_regions import NAME, RegionReader, regions_of
from closeup.formats.left_out import LeftOut
from closeup.formats.own_keys import OWN
from closeup.formats.placeless import placeless_keys, with_placeless
from closeup.geometry import Size
from closeup.progress import Progress

TITLE = "Label Studio JSON"
_ORIGINS = {"annotations": Origin.PERSON, "predictions": Origin.MODEL}
"""Lists of a task → origin of the labels in them, where these do not say it."""
_BY_PROGRAMS = {Origin.COARSE, Origin.MODEL, Origin.INTERPOLATED}
_KNOWN = {"data", "meta", *_ORIGINS}
_LOCAL = "/data/local-files/?d="
_UPLOADED = re.compile(r"^/data/upload/(?:\d+/)?(?:[0-9a-f]{8}-)?")
_TASK = re.compile(r'"data"\s*:\s*\{')
_CARRIES = frozenset(Aspect) - {Aspect.FRAMES, Aspect.SCHEMA}


def read_label_studio(path: Path, progress: Progress) -> AnnotationSet:
    """Read a file that Label Studio exported as JSON, or that it imports.

    The path of a picture is what stands behind ``?d=`` in an address of Label Studio's local
    storage, the name under which a file was uploaded, or an address without its host.

    Args:
        path: The file.
        progress: Receives messages about regions that are neither a rectangle nor a key point,
            which are kept in ``extra``, and about tasks without a picture, which are left out.

    Raises:
        InputError: the file cannot be read, is not JSON or not Label Studio's, or a value is
            missing or of a wrong type. The message names the task and the region.

    """
    content = read_json(path, TITLE)
    left_out = LeftOut(path, progress)
    pictures = []
    tasks = [content] if isinstance(content, dict) else typed(content, list, str(path))
    for number, task in enumerate(tasks):
        place = f"{path}, task [{number}]"
        if picture := _picture(typed(task, dict, place), place, left_out):
            pictures.append(picture)
    left_out.say()
    return AnnotationSet(tuple(pictures), schema_of(tuple(pictures)))


def write_label_studio(path: Path, annotations: AnnotationSet) -> None:
    """Write a file that Label Studio imports, with a task in each line.

    Labels by people, and those whose origin is not known, become an entry of ``annotations``; those
    of each version of a model one of ``predictions``. Pictures are named as in Label Studio's local
    storage. The labelling configuration needs ``<Image name="image" value="$image"/>``,
    ``<RectangleLabels name="box" toName="image"/>`` and ``<KeyPointLabels name="point"
    toName="image"/>``, with all names as labels.

    Raises:
        OutputError: the file cannot be written, or a picture has no size, without which there are
            no percentages.

    """
    pictures = kept(annotations, _CARRIES, NAME).pictures
    tasks = (json.dumps(_task(picture, path), ensure_ascii=False) for picture in pictures)
    text = "[\n" + ",\n".join(tasks) + "\n]\n"
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))


def is_label_studio(path: Path) -> bool:
    """Whether a file begins as a list of Label Studio's tasks does."""
    text = beginning(path).lstrip()
    return text[:1] in ("[", "{") and bool(_TASK.search(text))


def _picture(task: dict[str, Any], place: str, left_out: LeftOut) -> AnnotatedPicture | None:
    """The picture of a task; None if it has none."""
    data = member(task, "data", dict, place)
    key = _image_key(data)
    if key is None:
        left_out.add("tasks without a picture")
        return None
    path = _path_of(data[key])
    extra = {name: held for name, held in task.items() if name not in _KNOWN}
    if len(data) > 1 or key != "image" or _address(path) != data[key]:
        extra["data"] = data
    meta = dict(typed(task.get("meta") or {}, dict, f"{place}: meta"))
    own = typed(meta.pop(OWN, {}), dict, f"{place}: {OWN}")
    if "completions" in task:
        left_out.add("lists of completions, as Label Studio wrote before 1.0")
    lists = [_read_entries(name, task, place, left_out) for name in _ORIGINS]
    extra |= {"meta": meta} if meta else {}
    extra |= {one.name: one.others for one in lists if one.others}
    annotations = [one for entries in lists for one in entries.annotations]
    sizes = (one.size for one in lists if one.size)
    return AnnotatedPicture(
        path,
        size=_own_size(own, place) or next(sizes, None),
        annotations=with_placeless(annotations, own, NAME, place),
        extra={NAME: extra} if extra else {},
    )


def _image_key(data: dict[str, Any]) -> str | None:
    """The key of the picture's address."""
    if isinstance(data.get("image"), str) and data["image"]:
        return "image"
    addresses = (key for key, held in data.items() if isinstance(held, str))
    return next((key for key in addresses if _is_picture(data[key])), None)


def _is_picture(address: str) -> bool:
    return (mimetypes.guess_type(address.partition("?")[0])[0] or "").startswith("image/")


def _path_of(address: str) -> str:
    if _LOCAL in address:
        path = address.partition(_LOCAL)[2]
    elif uploaded := _UPLOADED.match(address):
        path = address[uploaded.end() :]
    else:
        path = address.partition("://")[2].partition("/")[2].partition("?")[0]
        if not path:
            return address
    return unquote(path, errors="surrogateescape") or address


def _address(path: str) -> str:
    try:
        return _LOCAL + quote(path, errors="surrogateescape")
    except UnicodeEncodeError:  # half of a pair of surrogates, which no file system gives
        return _LOCAL + quote(path, errors="replace")


def _own_size(own: dict[str, Any], place: str) -> Size | None:
    match own.get("size"):
        case None:
            return None
        case [int(width), int(height)] if width > 0 and height > 0:
            return Size(width, height)
        case other:
            raise InputError(f"{place}: size is {as_json(other)}, no width and height; correct it")


@dataclass(slots=True)
class _Entries:
    """What was read of one of the lists of a task.

    Attributes:
        name: Key of the list.
        annotations: The labels of all its entries.
        others: The keys of its entries that mean nothing here; empty if there are none.
        size: Size of the picture; None if nothing states it.

    """

    name: str
    annotations: list[Annotation] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    size: Size | None = None


def _read_entries(name: str, task: dict[str, Any], place: str, left_out: LeftOut) -> _Entries:
    found, plain, versions = _Entries(name), True, set[str]()
    for number, entry in enumerate(typed(task.get(name) or [], list, f"{place}: {name}")):
        where = f"{place}, {name}[{number}]"
        items = typed(typed(entry, dict, where).get("result") or [], list, f"{where}: result")
        reader, version = RegionReader(left_out), _version(name, entry)
        reader.read(items, f"{where}.result")
        annotations = reader.annotations(_ORIGINS[name], version)
        others = {key: held for key, held in entry.items() if key != "result"}
        others |= {"result": reader.others} if reader.others else {}
        if version in versions:
            annotations = [_with_entry(one, [name, number]) for one in annotations]
        expected = {"model_version"} if name == "predictions" else set()
        plain &= bool(annotations) and version not in versions and others.keys() <= expected
        versions.add(version)
        found.annotations += annotations
        found.others.append(others)
        found.size = found.size or reader.size
    return replace(found, others=[] if plain else found.others)


def _version(name: str, entry: dict[str, Any]) -> str:
    version = entry.get("model_version")
    return version if name == "predictions" and isinstance(version, str) else ""


def _with_entry(one: Annotation, entry: list[Any]) -> Annotation:
    return replace(one, extra={NAME: {**one.extra.get(NAME, {}), "entry": entry}})


@dataclass(slots=True)
class _Entry:
    """An entry that is written: its keys, regions of other kinds, and objects."""

    name: str
    keys: dict[str, Any]
    others: list[Any] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)

    @property
    def version(self) -> str:
        return _version(self.name, self.keys)


def _entries(picture: AnnotatedPicture) -> Iterator[_Entry]:
    """The entries of a task: those that were read, then new ones, the people's first."""
    extra = picture.extra.get(NAME, {})
    for name in _ORIGINS:
        entries = [
            _Entry(name, {key: held for key, held in keys.items() if key != "result"},
                   keys.get("result", []))
            for keys in extra.get(name, [])
        ]  # fmt: skip
        for one in picture.annotations:
            if (one.origin in _BY_PROGRAMS) == (name == "predictions"):
                _entry_of(one, name, entries).annotations.append(one)
        yield from entries


def _entry_of(one: Annotation, name: str, entries: list[_Entry]) -> _Entry:
    """The entry that a label was read from, or the first of its version; a new one if none is."""
    match one.extra.get(NAME, {}).get("entry"):
        case [str(held), int(number)] if held == name and 0 <= number < len(entries):
            return entries[number]
    version = one.version if name == "predictions" else ""
    for entry in entries:
        if entry.version == version:
            return entry
    entries.append(_Entry(name, {"model_version": version} if version else {}))
    return entries[-1]


def _task(picture: AnnotatedPicture, path: Path) -> dict[str, Any]:
    if picture.size is None:
        raise OutputError(
            f"cannot write {path}: {picture.path} has no size, of which {TITLE} has percentages; "
            "add it or choose another format"
        )
    extra = dict(picture.extra.get(NAME, {}))
    task = {"data": extra.pop("data", None) or {"image": _address(picture.path)}, **extra}
    lists: dict[str, list[Any]] = {name: [] for name in _ORIGINS}
    ordered: list[Annotation] = []
    for entry in _entries(picture):
        ordered += entry.annotations
        regions = regions_of(entry.annotations, picture.size, _ORIGINS[entry.name], entry.version)
        result = [*regions, *entry.others]
        if result or extra.get(entry.name):
            lists[entry.name].append({**entry.keys, "result": result})
    own = placeless_keys(ordered, NAME)
    if not any(one.box or one.points for one in ordered):
        own["size"] = list(picture.size)
    meta = {**extra.get("meta", {}), **({OWN: own} if own else {})}
    task |= {name: held for name, held in {**lists, "meta": meta}.items() if held}
    return task


def _in_order_of_entries(annotations: AnnotationSet) -> AnnotationSet:
    """The set with the labels of each picture in the order of its entries."""
    pictures = tuple(
        replace(
            picture,
            annotations=tuple(one for entry in _entries(picture) for one in entry.annotations),
        )
        for picture in annotations.pictures
    )
    return replace(annotations, pictures=pictures, schema=schema_of(pictures))


LABEL_STUDIO = AnnotationFormat(
    name=NAME,
    title=TITLE,
    read=read_label_studio,
    write=write_label_studio,
    recognises=is_label_studio,
    carries=_CARRIES,
    places=1e-6,
    convention="percent of the sides of the picture as shown, from its corner (+0.5, then divided)",
    needs_sizes=True,
    changed=_in_order_of_entries,
)
