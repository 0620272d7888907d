"""Fills a store with labels that programs propose."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence

from closeup.annotations import AnnotatedPicture, Annotation
from closeup.errors import ImageError
from closeup.executors.threads import ordered_map
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.shown_pictures import PictureReader
from closeup.pipeline.labelling.label_projects import add_classes
from closeup.pipeline.labelling.proposers import LabelProposer
from closeup.progress import Progress, Silent
from closeup.store.label_import import Imported, import_pictures
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore

PICTURES_A_PART = 100
"""Pictures that are written at a time; an interrupted run loses at most these."""

_Found = tuple[StoredItem, Size, tuple[Annotation, ...]]

Merge = Callable[[StoredItem, tuple[Annotation, ...]], tuple[Annotation, ...]]
"""Chooses those of the labels of a program that a picture needs."""


def propose_labels(
    store: LabelStore,
    reader: PictureReader,
    proposer: LabelProposer,
    *,
    wanted: Collection[int] | None = None,
    merge: Merge | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Let a program label all pictures that it has not seen yet.

    Its labels stand beside all others. The store notes how far the program has come, so that an
    interrupted run goes on, and pictures that are added later are the only ones that are searched
    then. A program with another version begins anew.

    Args:
        store: The store.
        reader: Reads the pictures.
        proposer: The program.
        wanted: Numbers of the items that are labelled, the same ones at each call; None for all.
        merge: Chooses which of the program's labels are written; None for all.
        progress: Receives one stage and messages; silent if None.

    Returns:
        What was added.

    Raises:
        OutputError: the store cannot be written; complete parts are.

    """
    progress = progress or Silent()
    note = _note_of(proposer)
    begin = int(store.setting(note, 0))
    items = [
        item
        for item in store.all_items()
        if item.place >= begin and (wanted is None or item.id in wanted)
    ]
    added = Imported()
    if not items:
        return added
    progress.begin(f"proposing labels with {proposer.method}", len(items))
    passed, found = PassedOver(progress, noun="picture"), list[_Found]()
    # The loop holds the only reference to the threads, which end with it.
    for item, result in zip(items, ordered_map(_search(reader, proposer), items), strict=True):
        progress.advance()
        if isinstance(result, ImageError):
            passed.leave_out(f"{result}; it gets no labels", result.kind)
        else:
            found.append(result if merge is None else (*result[:2], merge(item, result[2])))
        if len(found) == PICTURES_A_PART or item is items[-1]:
            added.add(_write(store, found))
            store.set_setting(note, item.place + 1)
            found = []
    passed.say_sum()
    return added


def _note_of(proposer: LabelProposer) -> str:
    """Name of the setting that holds the place of the next picture for a program."""
    name = f"{proposer.method} {proposer.version}".encode()
    return f"proposed {hashlib.sha256(name).hexdigest()[:40]}"


def _search(
    reader: PictureReader, proposer: LabelProposer
) -> Callable[[StoredItem], _Found | ImageError]:
    def search(item: StoredItem) -> _Found | ImageError:
        try:
            image: RGBImage = reader.read(item)
        except ImageError as error:
            return error
        return item, Size.of(image), proposer.propose(image)

    return search


def _write(store: LabelStore, found: Sequence[_Found]) -> Imported:
    def pictures() -> Iterator[AnnotatedPicture]:
        for item, size, labels in found:
            yield AnnotatedPicture(item.path, item.frame, size, labels)

    added = import_pictures(store, pictures())
    store.set_sizes({item.id: size for item, size, _ in found if item.size is None})
    add_classes(store, (label.name for _, _, labels in found for label in labels))
    return added
