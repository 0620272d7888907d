"""Opens a store of labels for the commands that read or change it without a person's session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from closeup.errors import CloseupError, ImageError
from closeup.geometry import Size
from closeup.labelling.shown_pictures import FolderPictures, PictureReader
from closeup.media.images import read_size
from closeup.pipeline.labelling.label_projects import SOURCE, fill_store, find_store
from closeup.pipeline.labelling.label_sources import LabelSource, open_label_source
from closeup.progress import Progress
from closeup.store.database import is_url, open_database
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore

_AT_ONCE = 5000
"""Sizes that are written in one transaction."""


@dataclass(frozen=True, slots=True)
class OpenLabels:
    """An open store, with the pictures that it is about if they are at hand.

    Attributes:
        store: The store.
        source: The pictures; None if they are not where they were.

    """

    store: LabelStore
    source: LabelSource | None

    def size_of(self, item: StoredItem) -> Size | None:
        """Width and height of a picture as shown; None if it cannot be read."""
        if item.size is not None:
            return item.size
        return None if self.source is None else _size(self.source.reader, item)

    def complete_sizes(self, progress: Progress) -> None:
        """Record the sizes of all pictures with labels that lack them and can be read."""
        found: dict[int, Size] = {}
        progress.begin("reading sizes", self.store.count())
        for item in self.store.all_items():
            progress.advance()
            if item.size is None and item.labels and (size := self.size_of(item)):
                found[item.id] = size
            if len(found) == _AT_ONCE:
                self.store.set_sizes(found)
                found.clear()
        self.store.set_sizes(found)


@contextmanager
def open_labels(
    where: Path | str, progress: Progress, *, make: bool = False
) -> Iterator[OpenLabels]:
    """Open a store of labels.

    Args:
        where: A store's file, a database's URL, or what ``closeup label`` takes, whose usual store
            is meant.
        progress: Receives messages.
        make: Whether a store is made if pictures have none yet; new pictures are then added, too.

    Yields:
        The store, which is closed at the end of the block, with its pictures if they are found.

    Raises:
        InputError: there is no store, or it is damaged, of a newer version, or of something else.
        OutputError: it cannot be written.

    """
    is_store = is_url(where) or Path(where).suffix.lower() == ".db"
    source = None if is_store else open_label_source(where)
    place = source.store if make and source is not None else find_store(where)
    database = open_database(place)
    try:
        store = LabelStore(database)
        if source is None:
            source = _remembered(store, progress)
        elif make:
            fill_store(store, source, progress)
        yield OpenLabels(store, source)
    finally:
        database.close()


def _remembered(store: LabelStore, progress: Progress) -> LabelSource | None:
    """The pictures with which the store was opened last; None if they are gone."""
    path = store.setting(SOURCE)
    if path is None:
        return None
    try:
        return open_label_source(path)
    except CloseupError as error:
        progress.say(f"{error}; going on without the pictures")
        return None


def _size(reader: PictureReader, item: StoredItem) -> Size | None:
    try:
        if isinstance(reader, FolderPictures):
            return read_size(reader.file(item))
        return Size.of(reader.read(item))
    except ImageError:
        return None
