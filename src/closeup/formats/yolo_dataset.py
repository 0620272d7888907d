"""The YAML file of a data set in Ultralytics' layout, as written by people.

        path: stage            # optional: the file's own folder by default
    train: images/train    # a folder, a .txt list of pictures, or a list of these
    val: images/val
    names: {0: face}       # or a list
        kpt_shape: [5, 3]      # with key points only
    flip_idx: [1, 0, 2, 4, 3]
    kpt_names: {0: [right_eye, left_eye, nose, mouth_right, mouth_left]}

https://docs.ultralytics.com/datasets/detect/ and …/pose/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from closeup.errors import InputError
from closeup.files.atomic import write_text
from closeup.files.folders import is_file, is_folder, named_file
from closeup.files.text import lines_of, read_text, shown

_PARTS = ("train", "val", "test")
_KEYS = {
    *_PARTS, "path", "names", "nc", "kpt_shape", "flip_idx", "kpt_names", "task", "download",
}  # fmt: skip
_POINT_LENGTHS = (2, 3)
_NEXT_LINE = "\x85"
_NOTHING = {"", "~", "null"}
_OUTLINED = ("segment", "obb")
_MOST = 100_000
"""Largest number in a file, such as that of its classes."""


@dataclass(frozen=True, slots=True)
class YoloDataset:
    """The pictures of a data set, and the meaning of their labels.

    Attributes:
        names: Names of the classes, in the order of their numbers; unique.
        train: Folders and .txt lists of training pictures.
        val: Folders and .txt lists of validation pictures.
        test: Folders and .txt lists of test pictures; often empty.
        points: Number of key points per box, 0 for none.
        point_length: Values per key point: 2 (x, y) or 3 (x, y, visibility).
        flip: Index that each point has in a mirror image; empty if unknown, and then
            pictures with points cannot be mirrored.
        outlines: Whether the file says that objects are labelled by outlines (``task: segment`` or
            ``obb``); without it, lines that could as well be key points are refused.
        point_names: Names of the points (``kpt_names``), unique; empty if the file has none, or
            not one for each point.

    """

    names: tuple[str, ...]
    train: tuple[Path, ...]
    val: tuple[Path, ...]
    test: tuple[Path, ...] = ()
    points: int = 0
    point_length: int = 3
    flip: tuple[int, ...] = ()
    outlines: bool = False
    point_names: tuple[str, ...] = ()


def read_yolo_dataset(path: Path) -> YoloDataset:
    """Read the YAML file of a data set, without a check that its pictures exist.

    Relative folders start at ``path``, and a relative ``path`` at the file. If ``path`` does not
    exist on this machine, as in a file from another one, the file's own folder is used.
    ``../images`` becomes ``images`` if only that exists, because Roboflow exports it so.

    Raises:
        InputError: the file cannot be read, is not YAML, or has an invalid value of
            ``train``, ``val``, ``names``, ``nc``, ``kpt_shape`` or ``flip_idx``.

    """
    said = _mapping(path)
    root = _root(path, said)
    names = _names(path, said)
    places = {part: _places(path, said, part, root) for part in _PARTS}
    for part in ("train", "val"):
        if not places[part]:
            raise InputError(
                f"{path}: {part} is missing; name the folder of the pictures "
                f"to {'learn from' if part == 'train' else 'judge by'}"
            )
    points, length = _key_points(path, said)
    return YoloDataset(
        names, places["train"], places["val"], places["test"], points, length,
        _flip(path, said, points), said.get("task") in _OUTLINED, _point_names(said, points),
    )  # fmt: skip


def read_other_keys(path: Path) -> dict[str, Any]:
    """Read what a YAML file of a data set has beside the keys of :class:`YoloDataset`.

    Raises:
        InputError: the file cannot be read, or is not YAML.

    """
    known = _mapping(path).keys() & _KEYS
    try:
        said = yaml.load(read_text(path), _PlainLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{path}: not YAML: {reason}; correct it") from None
    return {str(key): value for key, value in said.items() if key not in known}


def write_yolo_dataset(
    path: Path, dataset: YoloDataset, others: Mapping[str, Any] | None = None
) -> None:
    """Write the YAML file; paths below its folder stay valid when the folder is moved.

    Args:
        path: The file.
        dataset: Its content.
        others: More keys, those of :func:`read_other_keys`; none if None.

    Raises:
        OutputError: the file cannot be written.

    """
    said: dict[str, Any] = {}
    for part in _PARTS:
        written = [_written(place, path.parent) for place in getattr(dataset, part)]
        if written:
            said[part] = written[0] if len(written) == 1 else written
    said["names"] = dict(enumerate(dataset.names))
    if dataset.points:
        said["kpt_shape"] = [dataset.points, dataset.point_length]
    if dataset.outlines:
        said["task"] = _OUTLINED[0]
    if dataset.flip:
        said["flip_idx"] = list(dataset.flip)
    if dataset.point_names:
        # One list each, as the same one would be written as an alias of the first.
        said["kpt_names"] = {number: [*dataset.point_names] for number in said["names"]}
    said |= others or {}
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    if _NEXT_LINE in text:  # PyYAML writes NEL unchanged, but reads it as a line feed
        text = yaml.safe_dump(said, sort_keys=False)
    write_text(path, text)


def read_image_list(path: Path, *roots: Path) -> list[Path]:
    """Read the pictures named in a .txt list; none need exist.

    Args:
        path: The list. Relative names begin in its folder.
        roots: Other folders that a relative name may begin in, where only these have the picture.

    Raises:
        InputError: the list cannot be read, or is empty.

    """
    names = [line.strip() for line in lines_of(read_text(path)) if line.strip()]
    if not names:
        raise InputError(f"{path}: the list names no picture; write one in each line")
    folders = (path.parent, *roots)
    return [
        next((found for folder in folders if (found := named_file(folder, name))), None)
        or path.parent / name.replace("\\", "/")
        for name in names
    ]


def _mapping(path: Path) -> dict[str, Any]:
    """Return the file's content; numbers stay text, as a class may be called ``no`` or ``1e3``."""
    try:
        said = yaml.load(read_text(path), _OnceLoader)  # noqa: S506 - it makes texts only
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        reason = " ".join(str(error.problem or error.context).split())
        raise InputError(f"{path}{line}: not YAML: {reason}; correct it") from None
    except (yaml.YAMLError, RecursionError):
        raise InputError(f"{path}: not YAML; give the set's YAML file") from None
    if not isinstance(said, dict):
        raise InputError(
            f"{path}: no lines such as 'train: images/train'; give the set's YAML file"
        )
    return said


class _OnceLoader(yaml.BaseLoader):  # type: ignore[misc]
    """Loads texts, lists and mappings; a repeated key is an error and does not override."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in getattr(node, "value", ()):
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{shown(key.value)} is there twice", key.start_mark
                )
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep))


class _PlainLoader(yaml.SafeLoader):  # type: ignore[misc]
    """Loads plain values; what looks like a date is a text, as in JSON."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _root(path: Path, said: dict[str, Any]) -> Path:
    given = said.get("path", "")
    if not isinstance(given, str):
        raise InputError(f"{path}: path must be one folder; correct it")
    if _absent(given):
        return path.parent
    root = _found(path.parent, given)
    return root if is_folder(root) else path.parent


def _places(path: Path, said: dict[str, Any], part: str, root: Path) -> tuple[Path, ...]:
    given = said.get(part, "")
    listed = given if isinstance(given, list) else [given]
    if not all(isinstance(place, str) for place in listed):
        raise InputError(f"{path}: {part} must be a folder, a .txt list or a list of these")
    return tuple(_found(root, place) for place in listed if not _absent(place))


def _found(root: Path, given: str) -> Path:
    """Return the first interpretation of a path that exists, or the plain one."""
    tidy = given.replace("\\", "/")
    readings = [given, tidy, tidy.removeprefix("../")]
    places = [root / text for text in readings]
    return next((place for place in places if is_file(place) or is_folder(place)), places[0])


def _names(path: Path, said: dict[str, Any]) -> tuple[str, ...]:
    given, count = said.get("names", ""), said.get("nc", "")
    if _absent(given) and not _absent(count):
        return tuple(f"class{number}" for number in range(_whole(path, "nc", count)))
    if isinstance(given, dict):
        given = _in_order(path, given)
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise InputError(
            f"{path}: names must be a list of the classes' names, or 0: NAME and so on"
        )
    if not given:
        raise InputError(f"{path}: names is empty; name one class at least")
    if not _absent(count) and _whole(path, "nc", count) != len(given):
        raise InputError(
            f"{path}: nc says {count} classes, but names has {len(given)}; remove nc or correct it"
        )
    name, times = Counter(given).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"{path}: the class {shown(name)} is there twice; labels would be mixed up"
        )
    return tuple(given)


def _in_order(path: Path, given: dict[str, Any]) -> list[Any]:
    numbered = {_whole(path, "a number in names", number): name for number, name in given.items()}
    missing = next((number for number in range(len(given)) if number not in numbered), None)
    if missing is not None:
        raise InputError(
            f"{path}: names has {len(given)} classes, but none with the number {missing}; "
            "count them from 0 on"
        )
    return [numbered[number] for number in range(len(given))]


def _key_points(path: Path, said: dict[str, Any]) -> tuple[int, int]:
    given = said.get("kpt_shape", "")
    if _absent(given):
        return 0, 3
    shape = [_whole(path, "kpt_shape", value) for value in given] if isinstance(given, list) else []
    if len(shape) != 2 or shape[0] < 1 or shape[1] not in _POINT_LENGTHS:
        raise InputError(f"{path}: kpt_shape must be the number of points and 2 or 3, as in [5, 3]")
    return shape[0], shape[1]


def _flip(path: Path, said: dict[str, Any], points: int) -> tuple[int, ...]:
    given = said.get("flip_idx", "")
    if not points or _absent(given):
        return ()
    listed = given if isinstance(given, list) else [given]
    flip = tuple(_whole(path, "flip_idx", value) for value in listed)
    # Two reflections must restore the original order.
    if sorted(flip) != list(range(points)) or any(flip[other] != i for i, other in enumerate(flip)):
        raise InputError(
            f"{path}: flip_idx must exchange pairs of the {points} points, "
            "as in [1, 0, 2] for two eyes and a nose"
        )
    return flip


def _point_names(said: dict[str, Any], points: int) -> tuple[str, ...]:
    """Those of the first class, which those of the others repeat."""
    given = said.get("kpt_names")
    if isinstance(given, dict):
        given = next(iter(given.values()), None)
    if isinstance(given, list) and given and isinstance(given[0], list):
        given = given[0]
    if not isinstance(given, list) or not all(isinstance(name, str) and name for name in given):
        return ()
    return tuple(given) if len(set(given)) == len(given) == points else ()


def _absent(value: Any) -> bool:
    return isinstance(value, str) and value in _NOTHING


def _whole(path: Path, key: str, value: Any) -> int:
    # What an alias stands for may be too large to be shown.
    what = shown(value) if isinstance(value, str) else f"a {type(value).__name__}"
    if not isinstance(value, str) or not value.isdecimal():
        raise InputError(f"{path}: {key} must be a whole number, not {what}; correct it")
    if len(value) > len(str(_MOST)) or int(value) > _MOST:
        raise InputError(f"{path}: {key} is {what}, more than {_MOST}; correct it")
    return int(value)


def _written(place: Path, folder: Path) -> str:
    return (place.relative_to(folder) if place.is_relative_to(folder) else place).as_posix()
