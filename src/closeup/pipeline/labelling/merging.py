"""Merges the labels of one store into another."""

from __future__ import annotations

from pathlib import Path

from closeup.errors import InputError
from closeup.pipeline.labelling.label_projects import CLASSES, add_classes, find_store
from closeup.progress import Progress, Silent
from closeup.store.database import is_url, open_database
from closeup.store.label_store import LabelStore
from closeup.store.merging import Merged, merge_stores


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
