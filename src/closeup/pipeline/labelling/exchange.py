"""Labels from files and from other stores into a store, and back to files in any format."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.errors import InputError
from closeup.formats.annotation_format import AnnotationFormat, Aspect
from closeup.formats.annotation_formats import recognised
from closeup.labelling.label_task import schema_of_json
from closeup.pipeline.labelling.label_projects import CLASSES, add_classes, find_store
from closeup.pipeline.labelling.open_labels import OpenLabels
from closeup.progress import Progress, Silent
from closeup.store.database import is_url, open_database
from closeup.store.label_import import Imported, import_pictures
from closeup.store.label_records import Change, StoredItem
from closeup.store.label_store import LabelStore
from closeup.store.merging import Merged, merge_stores

_Key = tuple[str, int | None]
_AT_ONCE = 2000
"""Pictures whose labels are compared at once."""
_ROUNDING = 1e-5
"""Pixels by which sums of shares of a picture's sides may be off."""
_NAMED = 3
"""Pictures that a message names."""


class WantedLabels(StrEnum):
    """Which labels are exported."""

    TRUE = "true"
    """Those that a person made or called true, and all of complete pictures, without false ones."""
    BY_PERSON = "by-person"
    """Those that a person made."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file of labels is taken.

    Attributes:
        form: Its format; None to recognise it.
        origin: How the labels came to be; None for what the file says.
        method: Name of the method that made them; empty for what the file says, or where it says
            nothing at all for its own name, or the author's of labels by hand.
        version: Version of that method; empty for what the file says.
        author: The person who made labels by hand and verdicts; empty if it is not known.

    """

    form: AnnotationFormat | None = None
    origin: Origin | None = None
    method: str = ""
    version: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class ExportedLabels:
    """What an export wrote.

    Attributes:
        pictures: Number of pictures in the file.
        labels: Number of labels in the file.
        left_out: Number of labels that were not wanted.

    """

    pictures: int
    labels: int
    left_out: int


def import_labels(
    labels: OpenLabels,
    file: Path,
    options: ImportOptions | None = None,
    *,
    progress: Progress | None = None,
) -> Imported:
    """Add the labels of a file to a store; those that it has already are left as they are.

    A label is there already if a label of the same picture has its name, place, origin, method and
    version, so that what was exported can be imported again. The file is read completely before
    anything is written. Its pictures are those of the store with the same path, else with the same
    end of the path if only one has it. If the pictures themselves are at hand, others are left out
    and counted.

    Args:
        labels: The store.
        file: File or folder of labels.
        options: How it is taken; None for what it says itself.
        progress: Receives a stage and messages; silent if None.

    Raises:
        InputError: the file is missing, damaged, in no known format, or about other pictures.
        OutputError: the store cannot be written.

    """
    options, progress = options or ImportOptions(), progress or Silent()
    form = options.form or recognised(file)
    progress.begin(f"reading {form.title}", None)
    found = form.read(file, progress)
    pictures = _matched(labels, found.pictures, file, progress)
    _say_sizes(labels, pictures, file, progress)
    placed = [_with_origin(one, options, file.name) for one in pictures]
    placed = list(_without_known(labels.store, placed, form.places))
    done = import_pictures(labels.store, map(_without_tags, placed), options.author)
    done.verdicts += _judge_wholes(labels.store, placed, options.author)
    add_classes(labels.store, found.schema.classes)
    return done


def _matched(
    labels: OpenLabels, pictures: Iterable[AnnotatedPicture], file: Path, progress: Progress
) -> list[AnnotatedPicture]:
    """The pictures of a file under their paths in the store."""
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


def _say_sizes(
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


def _with_origin(picture: AnnotatedPicture, options: ImportOptions, name: str) -> AnnotatedPicture:
    def given(one: Annotation) -> Annotation:
        origin = options.origin or one.origin
        source = options.author if origin is Origin.PERSON and options.author else name
        unnamed = source if one.origin is Origin.IMPORTED else ""
        method = options.method or one.method or unnamed
        return replace(one, origin=origin, method=method, version=options.version or one.version)

    return replace(picture, annotations=tuple(map(given, picture.annotations)))


def _without_known(
    store: LabelStore, pictures: Sequence[AnnotatedPicture], places: float
) -> Iterator[AnnotatedPicture]:
    """Pictures without the labels that a store has, within an error of places in pixels."""
    numbers = store.numbers()
    for begin in range(0, len(pictures), _AT_ONCE):
        some = pictures[begin : begin + _AT_ONCE]
        wanted = [numbers.get((one.path, one.frame), 0) for one in some]
        items = {item.id: item for item in store.items(wanted)}
        for picture, number in zip(some, wanted, strict=True):
            own = [label.annotation for label in items[number].labels] if number in items else []
            new = tuple(
                one
                for one in picture.annotations
                if not any(_is_same(one, other, places + _ROUNDING) for other in own)
            )
            yield replace(picture, annotations=new)


def _is_same(one: Annotation, other: Annotation, error: float) -> bool:
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


def _is_tag(one: Annotation) -> bool:
    """Whether an annotation is only a verdict on the whole picture."""
    return one.verdict is not None and not (one.box or one.points or one.mask or one.name)


def _without_tags(picture: AnnotatedPicture) -> AnnotatedPicture:
    own = tuple(one for one in picture.annotations if not _is_tag(one))
    return replace(picture, annotations=own)


def _judge_wholes(store: LabelStore, pictures: Iterable[AnnotatedPicture], author: str) -> int:
    """Write verdicts on whole pictures that have none yet; return their number."""
    verdicts = {
        (picture.path, picture.frame): one.verdict
        for picture in pictures
        for one in picture.annotations
        if _is_tag(one)
    }
    changes = []
    for (path, frame), verdict in verdicts.items():
        item = store.number(path, frame)
        if item is not None:
            said = f"{path}\0{frame}\0{verdict}\0{author}"
            action = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:40]
            changes.append(Change.of_verdict(action, item, verdict))
    return sum(not written.stale for written in store.write(changes, author)) if changes else 0


def export_labels(
    labels: OpenLabels,
    form: AnnotationFormat,
    out: Path,
    wanted: WantedLabels = WantedLabels.TRUE,
    *,
    layer: str = "",
    progress: Progress | None = None,
) -> ExportedLabels:
    """Write the labels of a store to a file, after reporting what the format cannot carry.

    Args:
        labels: The store.
        form: The format.
        out: File, or folder where the format is one of folders; written completely or not at all.
        wanted: Which labels are written. Pictures without any of them are left out, unless a
            person called them complete or all labels are wanted.
        layer: The person whose labels are written, of those who label without seeing each other's
            work; empty for everybody's.
        progress: Receives stages and messages; silent if None.

    Raises:
        InputError: there is no label to write, or no such layer.
        OutputError: the file cannot be written, or the format needs a picture's size that is not
            known.

    """
    progress = progress or Silent()
    if layer and layer not in labels.store.layers():
        raise InputError(f"no labels of {layer!r} alone; --overlap keeps them apart")
    if form.needs_sizes:
        labels.complete_sizes(progress)
    counts: Counter[str] = Counter()
    pictures = tuple(_exported(labels, form, wanted, layer, counts, progress))
    if not counts["labels"] and not pictures:
        raise InputError(
            f"{labels.store.database.name}: no labels to export, of {counts['left out']}; "
            "judge or make some, or take all with --only all"
        )
    content = AnnotationSet(pictures, _schema(labels.store))
    for loss in form.losses(content):
        progress.say(f"warning: {loss}")
    form.write(out, content)
    return ExportedLabels(len(pictures), counts["labels"], counts["left out"])


def _exported(
    labels: OpenLabels,
    form: AnnotationFormat,
    wanted: WantedLabels,
    layer: str,
    counts: Counter[str],
    progress: Progress,
) -> Iterator[AnnotatedPicture]:
    progress.begin("collecting labels", labels.store.count())
    for item in labels.store.all_items(layer=layer):
        progress.advance()
        own = [label.annotation for label in item.labels]
        taken = [one for one in own if _is_wanted(one, item, wanted)]
        counts["labels"] += len(taken)
        counts["left out"] += len(own) - len(taken)
        if item.verdict is not None and not own:
            taken = [Annotation(verdict=item.verdict)]
        if not (taken or item.verdict is LabelVerdict.TRUE or wanted is WantedLabels.ALL):
            continue
        if item.frame is None and Aspect.KEYS not in form.carries:
            taken = [replace(one, key="") for one in taken]  # they mean nothing beyond a picture
        size = item.size
        if size is None and taken:
            size = labels.size_of(item)
        yield AnnotatedPicture(item.path, item.frame, size, tuple(taken), item.extra)


def _is_wanted(one: Annotation, item: StoredItem, wanted: WantedLabels) -> bool:
    by_person = one.origin in (Origin.PERSON, Origin.INTERPOLATED)
    match wanted:
        case WantedLabels.ALL:
            return True
        case WantedLabels.BY_PERSON:
            return by_person and one.verdict is not LabelVerdict.FALSE
        case WantedLabels.TRUE:
            if one.verdict is not None:
                return one.verdict is LabelVerdict.TRUE
            return by_person or item.verdict is LabelVerdict.TRUE


def _schema(store: LabelStore) -> LabelSchema:
    schema = schema_of_json(store.schema() or {})
    classes = dict.fromkeys([*schema.classes, *store.setting(CLASSES, [])])
    return replace(schema, classes=tuple(classes))


def merge_labels(
    source: Path | str, target: Path | str, *, progress: Progress | None = None
) -> Merged:
    """Add all labels of a store to another one; see :func:`closeup.store.merging.merge_stores`.

    An interrupted merge goes on when it is called again.

    Args:
        source: A store's file, a database's URL, or the pictures beside which it is; it is read.
        target: The same, of the store that is written.
        progress: Receives a stage and messages; silent if None.

    Raises:
        InputError: there is no such store, both are the same one, or one is damaged.
        OutputError: the target cannot be written.

    """
    read, written = find_store(source), find_store(target)
    if _same(read, written):
        raise InputError(f"{read} would be merged into itself; name two stores")
    first = open_database(read)
    try:
        second = open_database(written)
        try:
            stores = LabelStore(first), LabelStore(second)
            merged = merge_stores(*stores, progress or Silent())
            add_classes(stores[1], stores[0].setting(CLASSES, []))
        finally:
            second.close()
    finally:
        first.close()
    return merged


def _same(one: Path | str, other: Path | str) -> bool:
    if is_url(one) or is_url(other):
        return one == other
    return Path(one).resolve() == Path(other).resolve()
