"""CVAT's XML 1.1, for images and for video, also inside a zip.

    <annotations><version>1.1</version><meta>…</meta>
      <image id="0" name="a.jpg" width="640" height="480"><box …/></image>
      <track id="0" label="face"><box frame="3" …/></track>
    </annotations>

See :mod:`.cvat_shapes`, :mod:`.cvat_tracks` and :mod:`.cvat_meta` for the parts. CVAT draws pixel
(0, 0) from 0 to 1, and the last corner of a picture is its width and height
(https://github.com/cvat-ai/cvat/issues/9973), so a pixel's centre has 0.5 there. It
states a rotated rectangle before its rotation, which is about the rectangle's centre and clockwise
(https://github.com/cvat-ai/cvat/issues/4748), and shows pictures after their EXIF orientation, as
it has done since https://github.com/cvat-ai/cvat/pull/4529.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet
from closeup.errors import InputError
from closeup.files.atomic import replacing, write_text
from closeup.files.text import beginning, read_whole
from closeup.formats.annotation_format import ALL_ASPECTS, AnnotationFormat, completed, kept
from closeup.formats.cvat_meta import CvatMeta, meta_of, task_ids, videos_of
from closeup.formats.cvat_shape_writer import (
    CvatLabels,
    add_own,
    native_name,
    shapes_of,
    source_of,
    tag_of,
)
from closeup.formats.cvat_shapes import (
    NAME,
    SHAPES,
    CvatShape,
    in_objects,
    joined,
    read_shape,
)
from closeup.formats.cvat_tracks import (
    CvatTrack,
    TrackWriter,
    objects_of,
    read_track,
    tracked_objects,
)
from closeup.formats.left_out import LeftOut
from closeup.formats.placeless import with_placeless
from closeup.formats.xml_elements import (
    XmlDocument,
    XmlElement,
    add_value,
    elements_of,
    xml_lines,
)
from closeup.formats.xml_text import decode_xml, read_xml
from closeup.geometry import Size
from closeup.progress import Progress

TITLE = "CVAT XML 1.1"
_INNER = "annotations.xml"
_MOST_BYTES = 1 << 30
"""Largest unpacked file in a zip."""
_TAG = "tag"


def read_cvat(path: Path, progress: Progress) -> AnnotationSet:
    """Read an XML file of CVAT, or the ``annotations.xml`` at any depth of a zip.

    Args:
        path: The file.
        progress: Receives messages about polygons, masks and other shapes that have no place in
            an annotation, which are kept in ``extra``.

    Raises:
        InputError: the file cannot be read, is not well-formed or not CVAT's, or a value is
            missing or of a wrong type. The message names the line.

    """
    left_out = LeftOut(path, progress)
    extra: dict[str, Any] = {}
    pictures: list[AnnotatedPicture] = []
    tracks: list[CvatTrack] = []
    meta: XmlElement | None = None
    document = XmlDocument(_content(path), "annotations", str(path), TITLE)
    for element in document.children():
        if element.name == "meta":
            meta = element
        elif element.name == "image":
            pictures.append(_picture(element, len(pictures), left_out))
        elif element.name == "track" and (track := read_track(element, left_out)):
            tracks.append(track)
        elif element.name != "version":
            add_value(extra, element)
    left_out.say()
    held = CvatMeta(meta, path)
    pictures += _frames(tracks, held)
    found = AnnotationSet(tuple(pictures), completed(held.schema(), tuple(pictures)))
    extra |= held.others(found)
    return replace(found, extra={NAME: extra} if extra else {})


def write_cvat(path: Path, annotations: AnnotationSet) -> None:
    """Write an XML file, or a zip with one if the path ends with ``.zip``.

    Pictures become images, frames of videos become tracks. Coordinates have up to nine decimals.

    Raises:
        OutputError: the file cannot be written, or a name has a character that XML cannot carry.

    """
    annotations = kept(annotations, ALL_ASPECTS, NAME)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<annotations>", "  <version>1.1</version>"]
    for element in _elements(annotations):
        lines.extend(xml_lines(element, path, 1))
    text = "\n".join([*lines, "</annotations>", ""])
    if path.suffix.lower() != ".zip":
        write_text(path, text)
        return
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        packed.writestr(_INNER, text, zipfile.ZIP_DEFLATED)


def is_cvat(path: Path) -> bool:
    """Whether a file begins as CVAT's XML does, or is a zip that holds such a file."""
    if "<annotations" in beginning(path):
        return True
    try:
        with zipfile.ZipFile(path) as packed:
            return any(PurePosixPath(name).name == _INNER for name in packed.namelist())
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def _content(path: Path) -> str:
    if not path.is_file() or not zipfile.is_zipfile(path):
        return read_xml(path)
    try:
        with zipfile.ZipFile(path) as packed:
            inner = [one for one in packed.infolist() if PurePosixPath(one.filename).name == _INNER]
            if len(inner) != 1:
                raise InputError(
                    f"{path}: holds {len(inner)} files {_INNER}; unpack it and name one"
                )
            if inner[0].file_size > _MOST_BYTES:
                raise InputError(f"{path}: its {_INNER} is larger than 1 GiB; unpack and split it")
            content = packed.read(inner[0])
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise InputError(f"{path} cannot be unpacked: {error}; get it again") from error
    return decode_xml(content, f"{path}, {inner[0].filename}")


def _picture(element: XmlElement, number: int, left_out: LeftOut) -> AnnotatedPicture:
    extra: dict[str, Any] = {
        f"@{name}": value
        for name, value in element.attributes.items()
        if name not in ("name", "width", "height") and (name, value) != ("id", str(number))
    }
    found: list[tuple[int, Annotation]] = []
    shapes: list[CvatShape] = []
    places: list[int] = []
    for place, child in enumerate(element.children):
        shape = _shape(child, left_out) if child.name in SHAPES else None
        if child.name == _TAG:
            found.append((place, _tagged(child)))
        elif shape:
            shapes.append(shape)
            places.append(place)
        else:
            add_value(extra, child)
            if child.name not in SHAPES:
                left_out.add(f"shapes of type {child.name}")
    found += [
        (places[numbers[0]], joined([shapes[index] for index in numbers]))
        for numbers in in_objects(shapes)
    ]
    return AnnotatedPicture(
        element.attribute("name"),
        size=_size(element),
        annotations=tuple(one for _, one in sorted(found, key=lambda pair: pair[0])),
        extra={NAME: extra} if extra else {},
    )


def _shape(element: XmlElement, left_out: LeftOut) -> CvatShape | None:
    source = element.attributes.get("source", "file")
    shape = read_shape(element, element.attribute("label"), source)
    if shape.has_area:
        return shape
    left_out.add("boxes without area")
    return None


def _tagged(element: XmlElement) -> Annotation:
    source = element.attributes.get("source", "file")
    return joined([read_shape(element, element.attribute("label"), source)])


def _size(element: XmlElement) -> Size | None:
    width, height = (
        read_whole(element.attributes.get(side, "0"), f"{element.place}, {side}")
        for side in ("width", "height")
    )
    return Size(width, height) if width > 0 and height > 0 else None


def _frames(tracks: list[CvatTrack], meta: CvatMeta) -> list[AnnotatedPicture]:
    """The frames of all videos that have an object, or that Closeup wrote down."""
    objects: dict[tuple[str, int], list[Annotation]] = {}
    sizes: dict[tuple[str, int], Size | None] = {}
    steps = {track.task: meta.video(track.task).step for track in tracks}
    for one in tracked_objects(tracks, steps):
        video = meta.video(one.task)
        for frame, annotation in one.frames.items():
            objects.setdefault((video.path, frame), []).append(annotation)
            sizes[video.path, frame] = video.size
    own = {(frame.path, frame.frame): frame for frame in meta.frames()}
    order = {path: number for number, path in enumerate(meta.videos())}
    places = sorted({*objects, *own}, key=lambda at: (order.get(at[0], len(order)), at))
    pictures = []
    for path, frame in places:
        annotations, held = tuple(objects.get((path, frame), ())), own.get((path, frame))
        picture = AnnotatedPicture(path, frame, sizes.get((path, frame)), annotations)
        if held:
            annotations = with_placeless([*annotations], held.own, NAME, f"{path}, frame {frame}")
            extra = {NAME: held.extra} if held.extra else {}
            picture = replace(picture, size=held.size, annotations=annotations, extra=extra)
        pictures.append(picture)
    return pictures


def _elements(annotations: AnnotationSet) -> Iterator[XmlElement]:
    annotations = _in_order_of_tracks(annotations)
    yield meta_of(annotations)
    labels, groups = CvatLabels(annotations), _free_groups(annotations)
    images = (picture for picture in annotations.pictures if picture.frame is None)
    for number, picture in enumerate(images):
        yield _image(picture, number, labels, groups)
    frames = [picture for picture in annotations.pictures if picture.frame is not None]
    tasks = task_ids(annotations)
    keys = {one.key for picture in frames for one in picture.annotations}
    writer = TrackWriter(labels, keys, groups)
    for path, held in objects_of(frames):
        yield from writer.tracks({frame: one for frame, (_, one) in held.items()}, tasks[path])
    extra = annotations.extra.get(NAME, {})
    yield from elements_of({name: value for name, value in extra.items() if name != "meta"})


def _free_groups(annotations: AnnotationSet) -> Iterator[str]:
    """Numbers of groups that no shape was read with."""
    used = {
        held.get("@group_id")
        for picture in annotations.pictures
        for one in picture.annotations
        for held in one.extra.get(NAME, {}).values()
        if isinstance(held, dict)
    }
    return (str(number) for number in count(1) if str(number) not in used)


def _image(
    picture: AnnotatedPicture, number: int, labels: CvatLabels, groups: Iterator[str]
) -> XmlElement:
    extra = picture.extra.get(NAME, {})
    given = {name[1:]: str(value) for name, value in extra.items() if name[:1] == "@"}
    others = {name: value for name, value in extra.items() if name[:1] != "@"}
    image = XmlElement("image", {"id": str(number), "name": picture.path} | given)
    if picture.size:
        width, height = picture.size
        image.attributes |= {"width": str(width), "height": str(height)}
    for one in picture.annotations:
        image.children += _object(one, labels, groups)
    image.children += elements_of(others)
    return image


def _object(one: Annotation, labels: CvatLabels, groups: Iterator[str]) -> list[XmlElement]:
    shapes = shapes_of(one, labels, source_of(one)) or [tag_of(one)]
    add_own(shapes[0], one, native_name(shapes[0]), "")
    if len(shapes) > 1:
        group = next(groups)
        for shape in shapes:
            shape.attributes["group_id"] = group
    return shapes


def _in_order_of_tracks(annotations: AnnotationSet) -> AnnotationSet:
    """The set with images first, then the frames of each video, with the objects as in tracks."""
    order = {path: number for number, path in enumerate(videos_of(annotations))}
    images = [picture for picture in annotations.pictures if picture.frame is None]
    frames = sorted(
        (picture for picture in annotations.pictures if picture.frame is not None),
        key=lambda picture: (order[picture.path], picture.frame),
    )
    ranks = {
        (path, frame, number): rank
        for rank, (path, held) in enumerate(objects_of(frames))
        for frame, (number, _) in held.items()
    }
    ordered = []
    for picture in frames:
        places = [(picture.path, picture.frame or 0, at) for at in range(len(picture.annotations))]
        ranked = sorted(places, key=lambda place: ranks.get(place, len(ranks)))
        some = tuple(picture.annotations[at] for _, _, at in ranked)
        ordered.append(replace(picture, annotations=some))
    return replace(annotations, pictures=(*images, *ordered))


def _changed(annotations: AnnotationSet) -> AnnotationSet:
    ordered = _in_order_of_tracks(annotations)
    return replace(ordered, schema=completed(ordered.schema, ordered.pictures))


CVAT = AnnotationFormat(
    name=NAME,
    title=TITLE,
    read=read_cvat,
    write=write_cvat,
    recognises=is_cvat,
    carries=ALL_ASPECTS,
    places=1e-6,
    convention="pixels of the picture as shown, from its corner (+0.5)",
    changed=_changed,
)
