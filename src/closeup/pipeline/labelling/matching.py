"""Which pictures and labels of a file a store has already."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from closeup.annotations import AnnotatedPicture, Annotation
from closeup.errors import InputError
from closeup.pipeline.labelling.open_labels import OpenLabels
from closeup.progress import Progress
from closeup.store.label_records import StoredItem

_Key = tuple[str, int | None]
_NAMED = 3
"""Pictures that a message names."""


def matched_pictures(
    labels: OpenLabels, pictures: Iterable[AnnotatedPicture], file: Path, progress: Progress
) -> list[AnnotatedPicture]:
    """The pictures of a file under their paths in the store.

    Those that are not in it are left out and counted if its pictures are at hand; else all are
    kept.

    Raises:
        InputError: none of the pictures is in the store, although its pictures are at hand.

    """
    known = labels.store.numbers()
    if not known:
        return list(pictures)
    ends = _by_ends(known)
    matched, others = [], []
    for picture in pictures:
        key = _known(picture, known, ends)
        if key is not None:
            matched.append(replace(picture, path=key[0], frame=key[1]))
        elif labels.source is None:
            matched.append(picture)
        else:
            others.append(picture.path)
    if others and not matched:
        raise InputError(
            f"{file} is about other pictures, such as {others[0]}; the store has "
            f"{min(known, key=str)[0]}: name the folder that the paths begin in"
        )
    if others:
        some = ", ".join(others[:_NAMED]) + (" …" if len(others) > _NAMED else "")
        progress.say(f"{file}: not among the pictures, so left out: {len(others)} ({some})")
    return matched


def _by_ends(known: Collection[_Key]) -> dict[_Key, _Key | None]:
    """Every end of a path, from its name on → the item that alone has it; None if several do."""
    ends: dict[_Key, _Key | None] = {}
    for path, frame in known:
        parts = path.split("/")
        for start in range(len(parts)):
            end = "/".join(parts[start:]), frame
            ends[end] = None if end in ends else (path, frame)
    return ends


def _known(
    picture: AnnotatedPicture, known: Collection[_Key], ends: dict[_Key, _Key | None]
) -> _Key | None:
    """The item of the store that a picture of a file is; None if there is none, or several are."""
    path = picture.path.replace("\\", "/")
    if (path, picture.frame) in known:
        return path, picture.frame
    parts = PurePosixPath(path).parts
    for start in range(len(parts)):
        end = "/".join(parts[start:]), picture.frame
        if end in ends:
            return ends[end]
    return None


def report_sizes(
    labels: OpenLabels, pictures: list[AnnotatedPicture], file: Path, progress: Progress
) -> None:
    """Report pictures whose size is not the one in the file: their labels would be off."""
    if labels.source is None:
        return
    other, turned, example = 0, 0, ""
    progress.begin("comparing sizes", len(pictures))
    for picture in pictures:
        progress.advance()
        if picture.size is None or not picture.annotations:
            continue
        item = StoredItem(0, picture.path, picture.frame, None, 0)
        size = labels.size_of(item)
        if size is not None and size != picture.size:
            other += 1
            turned += tuple(size) == tuple(reversed(picture.size))
            example = example or f"{picture.path} is {size}, not {picture.size}"
    if other:
        why = (
            "the file seems to ignore the EXIF orientation"
            if turned == other
            else "their labels are probably of other versions of the pictures"
        )
        progress.say(f"{file}: {other} pictures have another size ({example}); {why}")


def is_same_label(one: Annotation, other: Annotation, error: float) -> bool:
    """Whether two labels say the same, but for rounding, keys and what other programs added."""
    said = (one.name, one.origin, one.method, one.version, one.mask, one.absent)
    if said != (other.name, other.origin, other.method, other.version, other.mask, other.absent):
        return False
    if one.verdict not in (None, other.verdict) or one.points.keys() != other.points.keys():
        return False
    if (one.box is None) != (other.box is None):
        return False
    places = [*(one.box or ()), *(c for p in one.points.values() for c in (p.x, p.y))]
    others = [*(other.box or ()), *(c for n in one.points for c in _place(other, n))]
    return all(abs(a - b) <= error for a, b in zip(places, others, strict=True))


def _place(label: Annotation, name: str) -> tuple[float, float]:
    return label.points[name].x, label.points[name].y
