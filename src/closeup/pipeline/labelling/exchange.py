"""Labels from files and from other stores into a store, and back to files in any format."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.errors import InputError
from closeup.files.folders import is_folder
from closeup.formats.annotation_format import AnnotationFormat, Aspect
from closeup.formats.annotation_formats import recognised
from closeup.formats.annotation_json import ANNOTATION_JSON
from closeup.labelling.label_task import schema_of_json
from closeup.pipeline.labelling.label_projects import (
    CLASSES,
    MASKS,
    add_classes,
    find_store,
    remember,
)
from closeup.pipeline.labelling.matching import is_same_label, matched_pictures, report_sizes
from closeup.pipeline.labelling.open_labels import OpenLabels
from closeup.progress import Progress, Silent
from closeup.store.database import is_url, open_database
from closeup.store.label_import import Imported, import_pictures
from closeup.store.label_records import LabelChange, StoredItem
from closeup.store.label_store import LabelStore
from closeup.store.merging import Merged, merge_stores

_AT_ONCE = 2000
"""Pictures whose labels are compared at once."""
_ROUNDING = 1e-5
"""Pixels by which sums of shares of a picture's sides may be off."""
_EXTRA = "extra"
"""Setting of a store: format's name → keys of its file as a whole, as the last import had them."""


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
        left_out: Number of labels that were not wanted, without what the format cannot carry.

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
    pictures = matched_pictures(labels, found.pictures, file, progress)
    report_sizes(labels, pictures, file, progress)
    placed = [_with_origin(one, options, file.name) for one in pictures]
    placed = list(_without_known(labels.store, placed, form.places))
    done = import_pictures(labels.store, map(_without_tags, placed), options.author)
    done.verdicts += _judge_wholes(labels.store, placed, options.author)
    add_classes(labels.store, found.schema.classes)
    _keep_extra(labels.store, found.extra, file)
    return done


def _keep_extra(store: LabelStore, extra: Mapping[str, Any], file: Path) -> None:
    """Keep what a file says as a whole, for the export to its format, and where its masks are."""
    before = store.setting(_EXTRA, {})
    if extra and before != (after := {**before, **extra}):
        store.set_setting(_EXTRA, after)
    masks = extra.get(ANNOTATION_JSON.name, {}).get("mask_dir")
    if masks and is_folder(file.parent / masks):
        remember(store, MASKS, file.parent / masks)


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
        _keep_extras(store, zip(some, (items.get(number) for number in wanted), strict=True))
        for picture, number in zip(some, wanted, strict=True):
            own = [label.annotation for label in items[number].labels] if number in items else []
            new = tuple(
                one
                for one in picture.annotations
                if not any(is_same_label(one, other, places + _ROUNDING) for other in own)
            )
            yield replace(picture, annotations=new)


def _keep_extras(
    store: LabelStore, pairs: Iterable[tuple[AnnotatedPicture, StoredItem | None]]
) -> None:
    """Keep other programs' keys of pictures that the store has already."""
    store.set_extras(
        {
            item.id: {**item.extra, **picture.extra}
            for picture, item in pairs
            if item is not None and {**item.extra, **picture.extra} != item.extra
        }
    )


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
            changes.append(LabelChange.of_verdict(action, item, verdict))
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
        InputError: there is no label to write, none that the format can carry, or no such layer.
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
    extra = labels.store.setting(_EXTRA, {})
    content = AnnotationSet(pictures, _schema(labels.store), extra)
    losses, kept = form.losses(content), form.kept(content).pictures
    if pictures and not kept:
        raise InputError(f"{'; '.join(losses)}; nothing would be left: choose another format")
    for loss in losses:
        progress.say(f"warning: {loss}")
    form.write(out, content)
    labels_kept = sum(len(picture.annotations) for picture in kept)
    return ExportedLabels(len(kept), labels_kept, counts["left out"])


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
