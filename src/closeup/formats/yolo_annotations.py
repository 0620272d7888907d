"""Annotation sets as folders in the layout of Ultralytics' tools: YOLO and YOLO-pose.

    data.yaml  train.txt  val.txt
    images/train/a.jpg    labels/train/a.txt

Labels lie where these tools look for them: ``labels`` instead of the last folder ``images``, else
beside the picture. They are shares of the sides of the picture as it is shown, so a writer needs
its size, and a reader the picture. A picture belongs to the part (train, val or test) that its
folders are called after, else to train; if the file that it was read from says otherwise, to that
one. Without pictures for train or val, the YAML file names the others' list in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint, LabelSchema
from closeup.errors import ImageError, InputError, OutputError
from closeup.files.atomic import claiming, scratch, write_text, writing
from closeup.files.folders import files_below, is_file, is_folder
from closeup.files.text import beginning, read_text, shown
from closeup.formats.annotation_format import AnnotationFormat, Aspect, completed, kept
from closeup.formats.own_keys import OWN, schema_keys, with_schema_keys
from closeup.formats.yolo_dataset import (
    YoloDataset,
    read_image_list,
    read_other_keys,
    read_yolo_dataset,
    write_yolo_dataset,
)
from closeup.formats.yolo_labels import find_labels, label_file, label_line, read_shares
from closeup.geometry import Size
from closeup.media.images import IMAGE_SUFFIXES, read_size
from closeup.progress import Progress

YOLO_NAME, POSE_NAME = "yolo", "yolo-pose"
_CARRIES = frozenset(
    {
        Aspect.BOXES, Aspect.NAMES, Aspect.SIZES, Aspect.EMPTY, Aspect.SCHEMA, Aspect.EXTRA,
    }
)  # fmt: skip
_DATA = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_SUFFIXES = (".yaml", ".yml")
_PARTS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
"""Folder → part of the set."""
_PART = "part"
_HIDDEN, _VISIBLE = 1, 2
_DIGITS = 12
_SIDES = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}


def read_yolo(path: Path, progress: Progress, name: str = YOLO_NAME) -> AnnotationSet:
    """Read a set; pictures that are not there are reported and left out.

    Args:
        path: The YAML file, or its folder.
        progress: Receives one stage, and messages about what is left out.
        name: Name of the format, under which unknown keys are kept.

    Raises:
        InputError: the YAML file, a list or a label is damaged, a picture cannot be read, or none
            of the pictures is there.

    """
    data = _data_file(path)
    dataset, others = read_yolo_dataset(data), read_other_keys(data)
    own = others.pop(OWN, None)
    if dataset.flip:
        others["flip_idx"] = list(dataset.flip)
    names = dataset.point_names or tuple(f"p{number}" for number in range(dataset.points))
    places = _pictures(data, dataset, progress)
    progress.begin("reading labels", len(places))
    pictures = []
    for place, part in places.items():
        pictures.append(_read_picture(place, part, data.parent, dataset, names, name))
        progress.advance()
    schema = LabelSchema(names, tuple(filter(None, dataset.names)))
    schema = completed(schema, tuple(pictures))
    extra = {name: others} if others else {}
    return AnnotationSet(tuple(pictures), with_schema_keys(schema, own, str(data)), extra)


def write_yolo(
    path: Path,
    annotations: AnnotationSet,
    name: str = YOLO_NAME,
    carries: frozenset[Aspect] = _CARRIES,
) -> None:
    """Write a set; its pictures need not be there.

    Boxes are cut to their picture, and points outside of it are not labelled there.

    Args:
        path: Folder for the set, or the YAML file in it.
        annotations: The set.
        name: Name of the format.
        carries: What of the set is written.

    Raises:
        OutputError: the folder cannot be written, a picture has no size or lies outside of it, or
            two pictures would have one label file.

    """
    left = kept(annotations, carries, name)
    folder, data = (path.parent, path.name) if path.suffix in _SUFFIXES else (path, _DATA[0])
    files = _label_files(folder, left.pictures)
    named = {one.name for picture in left.pictures for one in picture.annotations}
    classes = [*left.schema.classes, *([""] if "" in named or not left.schema.classes else [])]
    with claiming(folder), scratch(folder) as made:
        for picture, size, file in files:
            write_text(made / file, _lines(picture, size, classes, left.schema.points))
        lists = _write_lists(made, left.pictures, name)
        others = {**left.extra.get(name, {}), **_own(left.schema)}
        dataset = YoloDataset(
            tuple(classes), lists["train"], lists["val"], lists.get("test", ()),
            points=len(left.schema.points), point_names=left.schema.points,
            flip=_flip(left.schema.points, others.pop("flip_idx", ())),
        )  # fmt: skip
        write_yolo_dataset(made / data, dataset, others)
        _move(made, folder, data)


def is_yolo(path: Path) -> bool:
    """Whether a path is a set of boxes: a YAML file, or a folder with one."""
    text = _beginning(path)
    return bool(re.search(r"^\s*names\s*:", text, re.MULTILINE)) and not is_yolo_pose(path)


def is_yolo_pose(path: Path) -> bool:
    """Whether a path is a set of boxes with key points."""
    return bool(re.search(r"^\s*kpt_shape\s*:", _beginning(path), re.MULTILINE))


_CONVENTION = "shares of the sides of the picture as shown, from its corner (+0.5, then divided)"

YOLO = AnnotationFormat(
    name=YOLO_NAME,
    title="YOLO",
    read=read_yolo,
    write=write_yolo,
    recognises=is_yolo,
    carries=_CARRIES,
    places=1e-6,
    convention=_CONVENTION,
    needs_sizes=True,
)
_POSE_CARRIES = _CARRIES | {Aspect.POINTS, Aspect.VISIBILITY}
YOLO_POSE = AnnotationFormat(
    name=POSE_NAME,
    title="YOLO-pose",
    read=partial(read_yolo, name=POSE_NAME),
    write=partial(write_yolo, name=POSE_NAME, carries=_POSE_CARRIES),
    recognises=is_yolo_pose,
    carries=_POSE_CARRIES,
    places=1e-6,
    convention=_CONVENTION,
    needs_sizes=True,
)


def _data_file(path: Path) -> Path:
    """The YAML file of a path, which is its own if it is one or is not there."""
    if not is_folder(path):
        return path
    alone = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES)
    named = [path / name for name in _DATA if is_file(path / name)]
    if not named and len(alone) != 1:
        raise InputError(f"{path}: no {_DATA[0]} in it; name the set's YAML file")
    return (named or alone)[0]


def _beginning(path: Path) -> str:
    try:
        data = _data_file(path)
    except (InputError, OSError):
        return ""
    return beginning(data) if data.suffix in _SUFFIXES else ""


def _pictures(data: Path, dataset: YoloDataset, progress: Progress) -> dict[Path, str]:
    """Picture → its part; one that is in several belongs to that of its folder, else the first."""
    found: dict[Path, str] = {}
    for part in ("train", "val", "test"):
        for place in getattr(dataset, part):
            for picture in _listed(data, part, place):
                if picture not in found or part == _part_of(_named(picture, data.parent)):
                    found[picture] = part
    missing = [picture for picture in found if not is_file(picture)]
    if missing and len(missing) == len(found):
        raise InputError(
            f"{data}: none of its pictures is there, the first was looked for as {missing[0]}; "
            "put them there, as labels are shares of their sides"
        )
    if missing:
        progress.say(
            f"{data}: left out pictures that are not there: {len(missing)}, such as {missing[0]}"
        )
    gone = set(missing)
    return {picture: part for picture, part in found.items() if picture not in gone}


def _listed(data: Path, part: str, place: Path) -> list[Path]:
    if is_folder(place):
        return files_below(place, IMAGE_SUFFIXES)
    if place.suffix.lower() == ".txt" and is_file(place):
        above = (folder for folder in place.parents if folder.is_relative_to(data.parent))
        return read_image_list(place, *above) if read_text(place).strip() else []
    if part == "test":  # often named without being there
        return []
    raise InputError(
        f"{data}: {part} names {place}, which is neither a folder nor a .txt list; "
        f"correct {part} or path"
    )


def _read_picture(
    place: Path, part: str, root: Path, dataset: YoloDataset, names: tuple[str, ...], name: str
) -> AnnotatedPicture:
    try:
        size = read_size(place)
    except ImageError as error:
        raise InputError(f"{error}; its labels are shares of its sides") from None
    file = find_labels(place)
    objects: tuple[Annotation, ...] = ()
    if file is not None:
        rows = read_shares(file, dataset.names, dataset.points, dataset.point_length).rows
        objects = tuple(_annotation(row, size, dataset.names, names, file) for row in rows)
    path = _named(place, root)
    extra = {} if part == _part_of(path) else {name: {_PART: part}}
    return AnnotatedPicture(path, None, size, objects, extra)


def _named(picture: Path, root: Path) -> str:
    """The name of a picture in a set: relative to the set's folder if it is in it."""
    return (picture.relative_to(root) if picture.is_relative_to(root) else picture).as_posix()


def _annotation(
    row: tuple[float, ...], size: Size, classes: tuple[str, ...], names: tuple[str, ...], file: Path
) -> Annotation:
    marks = row[5:]
    points = {
        name: KeyPoint(x * size.width - 0.5, y * size.height - 0.5, seen != _HIDDEN)
        for name, x, y, seen in zip(names, marks[::3], marks[1::3], marks[2::3], strict=True)
        if seen and 0 <= min(x, y) <= max(x, y) <= 1
    }
    x1, y1, x2, y2 = (
        min(max(share, 0.0), 1.0) * side - 0.5
        for share, side in zip(row[1:5], size * 2, strict=True)
    )
    try:
        return Annotation(classes[int(row[0])], (x1, y1, x2, y2), points)
    except ValueError as error:
        raise InputError(f"{file}: {error}; correct it") from None


def _part_of(name: str) -> str:
    """The part that the innermost folder called so says; train without one."""
    folders = (_PARTS.get(folder.lower()) for folder in reversed(name.split("/")[:-1]))
    return next(filter(None, folders), "train")


def _label_files(
    folder: Path, pictures: Iterable[AnnotatedPicture]
) -> list[tuple[AnnotatedPicture, Size, Path]]:
    """Each picture with its size and its label file, relative to the folder."""
    found: dict[Path, str] = {Path(f"{part}.txt"): "a list of pictures" for part in _PARTS}
    labelled = []
    for picture in pictures:
        path = PurePosixPath(picture.path)
        if picture.size is None:
            raise _unwritable(folder, picture, "no size, of which labels are shares; give its size")
        if path.is_absolute() or ".." in path.parts or set("\r\n") & set(picture.path):
            raise _unwritable(folder, picture, "no name below the folder; move or rename it")
        if "images" not in path.parts[:-1] and "images" in folder.absolute().parts:
            reason = "its labels elsewhere, as a folder above is called images"
            raise _unwritable(folder, picture, f"{reason}; put it into a folder images of its own")
        file = label_file(Path(path))
        if file in found:
            raise _unwritable(folder, picture, f"the label file of {shown(found[file])}; rename it")
        found[file] = picture.path
        labelled.append((picture, picture.size, file))
    return labelled


def _unwritable(folder: Path, picture: AnnotatedPicture, what: str) -> OutputError:
    return OutputError(f"cannot write {folder}: {shown(picture.path)} has {what}")


def _lines(
    picture: AnnotatedPicture, size: Size, classes: list[str], names: tuple[str, ...]
) -> str:
    lines = []
    for one in picture.annotations:
        marks = [_mark(one.points.get(name), size) for name in names]
        corners = _shares(one.box or (), size)
        lines.append(label_line(classes.index(one.name), corners, marks, digits=_DIGITS))
    return "".join(lines)


def _shares(edges: Iterable[float], size: Size) -> list[float]:
    """Coordinates, x and y in turn, as shares of the sides."""
    return [(edge + 0.5) / side for edge, side in zip(edges, size * 2, strict=False)]


def _mark(point: KeyPoint | None, size: Size) -> list[float]:
    if point is None:
        return [0, 0, 0]
    return [*_shares((point.x, point.y), size), _VISIBLE if point.visible else _HIDDEN]


def _write_lists(
    made: Path, pictures: Iterable[AnnotatedPicture], name: str
) -> dict[str, tuple[Path, ...]]:
    """Write the list of each part; returns part → list."""
    parts: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for picture in pictures:
        own = picture.extra.get(name, {}).get(_PART)
        parts[own if own in parts else _part_of(picture.path)].append(picture.path)
    lists = {part: (made / f"{part}.txt",) for part, paths in parts.items() if paths}
    first = next(iter(lists.values()), (made / "train.txt",))
    for (file,), paths in zip(lists.values(), filter(None, parts.values()), strict=True):
        write_text(file, "".join(f"./{path}\n" for path in paths))
    if not lists:
        write_text(first[0], "")
    return {"train": first, "val": first, **lists}


def _own(schema: LabelSchema) -> dict[str, object]:
    keys = schema_keys(schema)
    return {OWN: keys} if keys else {}


def _flip(names: tuple[str, ...], given: object) -> tuple[int, ...]:
    """The index of each point in a mirror image: by left and right in the names, else as given."""
    mirrored = [re.sub("|".join(_SIDES), lambda side: _SIDES[side[0]], name) for name in names]
    if set(mirrored) == set(names) and (mirrored != list(names) or len(names) == 1):
        return tuple(names.index(name) for name in mirrored)
    return tuple(given) if isinstance(given, list) and len(given) == len(names) else ()


def _move(made: Path, folder: Path, data: str) -> None:
    """Move all files into the folder, the YAML file last."""
    files = sorted(_files(made), key=lambda file: (file.name == data, file))
    for file in files:
        target = folder / file.relative_to(made)
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
