"""What CVAT's XML says of the task: its labels, and the videos that frames belong to.

    <meta><task>
      <size>250</size><mode>interpolation</mode><source>show.mp4</source>
      <original_size><width>1920</width><height>1080</height></original_size>
      <labels><label><name>face</name><type>rectangle</type>…</label></labels>
    </task></meta>

A project has ``<project><tasks>`` with several of these, and its labels beside them. The element
``closeup`` holds what CVAT has no place for, as JSON: the schema, and frames without shapes or of
another size than their video's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closeup.annotations import AnnotationSet, LabelSchema
from closeup.errors import InputError
from closeup.files.documents import as_json
from closeup.files.text import read_whole
from closeup.formats.cvat_shape_writer import CvatLabels
from closeup.formats.cvat_shapes import NAME
from closeup.formats.json_members import parsed_text, typed
from closeup.formats.own_keys import OWN, schema_keys, with_schema_keys
from closeup.formats.placeless import placeless_keys
from closeup.formats.xml_elements import XmlElement, as_value, element_of
from closeup.geometry import Size

_STEP = re.compile(r"step\s*=\s*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class CvatVideo:
    """A video of a file.

    Attributes:
        path: Its path.
        size: Width and height of its frames; None if it is not stated.
        step: Frames from one that is labelled to the next.

    """

    path: str
    size: Size | None = None
    step: int = 1


@dataclass(frozen=True, slots=True)
class OwnFrame:
    """A frame that CVAT cannot state.

    Attributes:
        path: Its video.
        frame: Its number.
        size: Its size.
        own: Closeup's keys of it.
        extra: Keys of the format.

    """

    path: str
    frame: int
    size: Size | None
    own: dict[str, Any]
    extra: dict[str, Any]


class CvatMeta:
    """What a file says of its task.

    Args:
        element: The element ``meta``; None if the file has none.
        file: The file, whose name stands for a video that is not named.

    Raises:
        InputError: a value is missing or of a wrong type.

    """

    def __init__(self, element: XmlElement | None, file: Path) -> None:
        self._element = element or XmlElement("meta", place=str(file))
        own = self._element.child(OWN)
        self._place = own.place if own else self._element.place
        held = parsed_text(own.text, self._place) if own else None
        self.own: dict[str, Any] | None = held and typed(held, dict, f"{self._place}: {OWN}")
        tasks = [task for parent in self._parents() for task in parent.children]
        self._videos = {
            _text(task, "id"): _video(task, f"{file.stem}.mp4")
            for task in tasks
            if task.name == "task"
        }

    def _parents(self) -> Iterator[XmlElement]:
        """The elements whose children are tasks."""
        yield self._element
        project = self._element.child("project")
        if project and (tasks := project.child("tasks")):
            yield tasks

    def video(self, task: str) -> CvatVideo:
        """The video of a task; of the first one, if the id is not known."""
        first = next(iter(self._videos.values()), CvatVideo("video.mp4"))
        return self._videos.get(task, first)

    def videos(self) -> list[str]:
        """The paths of all videos."""
        return [video.path for video in self._videos.values()]

    def schema(self) -> LabelSchema:
        """The names that the file states, of classes and, if Closeup wrote it, of points."""
        if self.own is None:
            return LabelSchema(classes=tuple(dict.fromkeys(self._classes())))
        points, classes = (
            tuple(dict.fromkeys(map(str, typed(self.own.get(key, []), list, self._place))))
            for key in ("points", "classes")
        )
        try:
            schema = LabelSchema(points, classes)
        except ValueError as error:
            raise InputError(f"{self._place}: {error}; correct it") from None
        return with_schema_keys(schema, self.own, self._place)

    def _classes(self) -> Iterator[str]:
        """The labels of the task that are no points of a skeleton."""
        holder = self._element.child("task") or self._element.child("project")
        labels = holder.child("labels") if holder else None
        for label in labels.children if labels else []:
            if label.child("parent") is None and _text(label, "name"):
                yield _text(label, "name")

    def frames(self) -> Iterator[OwnFrame]:
        """The frames that Closeup wrote here.

        Raises:
            InputError: they are not as it writes them.

        """
        for entry in typed((self.own or {}).get("frames", []), list, self._place):
            match entry:
                case {"video": str(path), "frame": int(frame), "size": size, **others}:
                    extra = typed(others.pop("extra", {}), dict, self._place)
                    own = {str(name): held for name, held in others.items()}
                    yield OwnFrame(path, frame, _own_size(size, self._place), own, extra)
                case _:
                    raise InputError(f"{self._place}: {as_json(entry)} is no frame; correct it")

    def others(self, annotations: AnnotationSet) -> dict[str, Any]:
        """What it holds beside what is written for a set."""
        held = XmlElement("meta")
        held.children = [child for child in self._element.children if child.name != OWN]
        found = as_value(held)
        return {} if found in ("", as_value(_task_meta(annotations))) else {"meta": found}


def _own_size(size: Any, place: str) -> Size | None:
    match size:
        case None:
            return None
        case [int(width), int(height)]:
            return Size(width, height)
        case _:
            raise InputError(f"{place}: {as_json(size)} is no size; correct it")


def _text(element: XmlElement, name: str) -> str:
    child = element.child(name)
    return child.content() if child else ""


def _video(task: XmlElement, fallback: str) -> CvatVideo:
    size = task.child("original_size")
    sides = [
        read_whole(_text(size, side) or "0", f"{size.place}, {side}")
        for side in ("width", "height")
        if size
    ]
    step = _STEP.search(_text(task, "frame_filter"))
    return CvatVideo(
        _text(task, "source") or _text(task, "name") or fallback,
        Size(*sides) if sides and min(sides) > 0 else None,
        int(step[1]) if step else 1,
    )


def videos_of(annotations: AnnotationSet) -> dict[str, Size | None]:
    """Path of each video of a set → the size that its frames have, if the first states one."""
    videos: dict[str, Size | None] = {}
    for picture in annotations.pictures:
        if picture.frame is not None:
            videos.setdefault(picture.path, picture.size)
    return videos


def task_ids(annotations: AnnotationSet) -> Mapping[str, str]:
    """Path of each video → id of its task; empty where there are not several."""
    videos = videos_of(annotations)
    return {path: str(number) if len(videos) > 1 else "" for number, path in enumerate(videos)}


def meta_of(annotations: AnnotationSet) -> XmlElement:
    """The element for a set, with all that it was read with."""
    meta = _task_meta(annotations)
    held = annotations.extra.get(NAME, {}).get("meta")
    if held:
        labels = list(_labels(annotations))
        meta = element_of("meta", held)
        _add_labels(meta, labels)
    own = {
        "points": annotations.schema.points,
        "classes": annotations.schema.classes,
        **schema_keys(annotations.schema),
    }
    frames = list(_own_frames(annotations))
    text = json.dumps({**own, **({"frames": frames} if frames else {})}, ensure_ascii=False)
    meta.children.append(XmlElement(OWN, text=text))
    return meta


def _own_frames(annotations: AnnotationSet) -> Iterator[dict[str, Any]]:
    videos = videos_of(annotations)
    for picture in annotations.pictures:
        if picture.frame is None:
            continue
        own = placeless_keys(picture.annotations, NAME)
        shown = any(one.box or one.points for one in picture.annotations)
        extra = {"extra": picture.extra[NAME]} if NAME in picture.extra else {}
        if own or extra or not shown or picture.size != videos[picture.path]:
            size = list(picture.size) if picture.size else None
            where = {"video": picture.path, "frame": picture.frame, "size": size}
            yield {**where, **own, **extra}


def _task_meta(annotations: AnnotationSet) -> XmlElement:
    """The element without Closeup's own."""
    labels = element_of("labels", {"label": list(_labels(annotations))})
    videos = list(videos_of(annotations).items())
    if len(videos) > 1:
        tasks = [_task(path, size, str(number)) for number, (path, size) in enumerate(videos)]
        project = XmlElement("project", children=[XmlElement("tasks", children=tasks), labels])
        return XmlElement("meta", children=[project])
    if videos:
        task = _task(*videos[0], "")
    else:
        size = str(len(annotations.pictures))
        task = element_of("task", {"size": size, "mode": "annotation"})
    task.children.append(labels)
    return XmlElement("meta", children=[task])


def _task(path: str, size: Size | None, number: str) -> XmlElement:
    values: dict[str, Any] = {"id": number} if number else {}
    values |= {"mode": "interpolation", "source": path}
    if size:
        values["original_size"] = {"width": str(size.width), "height": str(size.height)}
    return element_of("task", values)


def _labels(annotations: AnnotationSet) -> Iterator[dict[str, Any]]:
    labels = CvatLabels(annotations)
    own = {"name": OWN, "mutable": "True", "input_type": "text", "default_value": "", "values": ""}
    attributes = {"attributes": {"attribute": own}}
    kinds = dict.fromkeys(labels.boxes, "rectangle")
    kinds |= dict.fromkeys(labels.skeletons, "skeleton")
    kinds |= {name: "points" for name in labels.points if name not in kinds}
    others = [*labels.tags, *annotations.schema.classes]
    kinds |= {name: "any" for name in others if name not in kinds}
    for name, kind in kinds.items():
        yield {"name": name, "type": kind, **attributes}
    for parent, names in labels.skeletons.items():
        for name in names:
            yield {"name": name, "type": "points", **attributes, "parent": parent}


def _add_labels(meta: XmlElement, labels: list[dict[str, Any]]) -> None:
    """Add the labels that a task which was read does not have."""
    holder = meta.child("task") or meta.child("project")
    there = holder.child("labels") if holder else None
    if there is None:
        return
    known = {(_text(label, "name"), _text(label, "parent")) for label in there.children}
    for label in labels:
        if (label["name"], label.get("parent", "")) not in known:
            there.children.append(element_of("label", label))
