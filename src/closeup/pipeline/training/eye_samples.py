"""Reads eye data sets as training samples."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.eye_store import LABELS, EyeStore
from closeup.datasets.eyes.eye_table import EyeRow, corners, places
from closeup.datasets.eyes.label_places import inside
from closeup.datasets.scenes.people import person_of
from closeup.errors import InputError
from closeup.formats.csv_labels import read_labels
from closeup.training.pupils.samples import EyeSamples

_AT_ONCE = 1000
"""Number of colour crops in memory at a time."""


def samples_of(store: EyeStore) -> EyeSamples:
    """The labelled eyes of a complete data set, in the order of its ``labels.csv``.

    Corners that lie outside of their crop are NaN. Photos of one folder are one group; a photo
    that is in no folder is a group of its own, and so is a video. Group numbers are hashes of
    these names, so that the same folder in two data sets is one group.

    Raises:
        InputError: the data set is not complete, damaged, or has no row.

    """
    rows = store.labels()
    if not rows:
        raise InputError(f"{store.folder / LABELS}: no row is left; make the data set again")
    known = corners(rows)
    known[~inside(known.reshape(-1, 2)).reshape(-1, 2)] = np.nan
    points = np.stack([known[:, 0], places(rows), known[:, 1]], axis=1)
    return EyeSamples(
        crops=_grey(store, rows),
        points=points.astype(np.float32),
        openness=np.array([row.openness for row in rows], np.float32),
        weight=np.array([row.confidence for row in rows], np.float32),
        groups=np.array([_group(row.image) for row in rows], np.int64),
        faces=_faces(rows),
        left=np.array([row.side == "left" for row in rows], np.bool_),
        width=store.width,
    )


def _grey(store: EyeStore, rows: Sequence[EyeRow]) -> NDArray[np.uint8]:
    crops = np.empty((len(rows), store.size.height, store.size.width), np.uint8)
    for first in range(0, len(rows), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        for target, crop in zip(crops[some], store.crops(rows[some]), strict=True):
            cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY, dst=target)
    return crops


def people_in(table: Path) -> NDArray[np.int64]:
    """The groups, as in :func:`samples_of`, of all photos that a table of labels names.

    Raises:
        InputError: the table cannot be read.

    """
    return np.array(sorted({_group(label.image) for label in read_labels(table)}), np.int64)


def _group(image: str) -> int:
    digest = hashlib.sha256(person_of(image).encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _faces(rows: Sequence[EyeRow]) -> NDArray[np.int64]:
    numbers: dict[tuple[str, int | None, int | None], int] = {}
    return np.array(
        [numbers.setdefault((row.image, row.frame, row.face), len(numbers)) for row in rows],
        np.int64,
    )
