"""The eyes of a loop: rows of the data set, items of the store, who is held out, what was said."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import LabelVerdict
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.datasets.scenes.people import person_of
from closeup.pipeline.loop.pupils.eye_labels import (
    POINT,
    EyeLabel,
    EyeLabelPolicy,
    EyeLabelSource,
    eye_label,
)
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore

HELD_OUT = 0.2
"""Share of the people that are held out where there is no other test."""
_AT_ONCE = 1000
_OPEN = (EyeLabelSource.PSEUDO, EyeLabelSource.NONE, EyeLabelSource.CONTRADICTORY)


@dataclass(frozen=True, slots=True)
class LoopEye:
    """One eye.

    Attributes:
        row: Its row in the data set.
        item: Its item in the store, with labels and verdicts.
        label: The label that counts.

    """

    row: EyeRow
    item: StoredItem
    label: EyeLabel

    @property
    def open(self) -> bool:
        """Whether people may be asked about it: nobody labelled it, called it right, or gave up."""
        return self.label.source in _OPEN and not self.passed_over

    @property
    def called_false(self) -> bool:
        """Whether a proposed label of it was called false."""
        return any(own.annotation.verdict is LabelVerdict.FALSE for own in self.item.labels)

    @property
    def passed_over(self) -> bool:
        """Whether a person could not tell where its pupil is."""
        unsure = LabelVerdict.UNSURE
        return self.item.verdict is unsure or any(
            own.annotation.verdict is unsure for own in self.item.labels
        )

    def place_by(self, key: str) -> NDArray[np.float64]:
        """(2,) the pupil of a label by its key, in the crop's pixels; NaN without one."""
        for own in self.item.labels:
            if own.object == key and POINT in own.annotation.points:
                point = own.annotation.points[POINT]
                return np.array([point.x, point.y])
        return np.full(2, np.nan)


class LoopEyes:
    """All eyes of a project that are in the data set and in the store, in the set's order.

    Args:
        data: The data set.
        store: Its store of labels.
        policy: Which label of an eye counts.
        apart: People that nothing is learnt from; None to hold some out by their names.
        seed: Determines which.

    """

    def __init__(
        self,
        data: EyeStore,
        store: LabelStore,
        policy: EyeLabelPolicy,
        apart: Collection[str] | None = None,
        seed: int = 0,
    ) -> None:
        self.data = data
        self.unit = data.size.width / data.width
        rows = {row.crop: row for row in data.labels()}
        items = {item.path: item for item in store.all_items()}
        self.eyes = [
            LoopEye(row, items[crop], eye_label(items[crop], self.unit, policy))
            for crop, row in rows.items()
            if crop in items
        ]
        rows_in_order = [eye.row for eye in self.eyes]
        self.held_out = held_out_of(rows_in_order, seed) if apart is None else np.array(
            [person_of(row.image) in apart for row in rows_in_order], np.bool_
        )  # fmt: skip

    @cached_property
    def learning(self) -> list[int]:
        """Indices of the eyes that may be learnt from."""
        return np.flatnonzero(~self.held_out).tolist()

    def crops(self, chosen: Sequence[int]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Index and RGB crop of eyes, one after the other.

        Raises:
            InputError: a file of crops is gone or damaged.

        """
        for first in range(0, len(chosen), _AT_ONCE):
            some = chosen[first : first + _AT_ONCE]
            yield from zip(some, self.data.crops([self.eyes[i].row for i in some]), strict=True)


def held_out_of(rows: Sequence[EyeRow], seed: int) -> NDArray[np.bool_]:
    """(n,) eyes that nothing is learnt from: a fifth of the people, by a hash of their names.

    If all pictures are of one folder or video, it is the last fifth of the pictures, since
    neighbouring frames are nearly the same.
    """
    people = [person_of(row.image) for row in rows]
    if len(set(people)) == 1:
        pictures = {picture: n for n, picture in enumerate(dict.fromkeys(map(_picture, rows)))}
        numbers = np.array([pictures[_picture(row)] for row in rows])
        return np.asarray(numbers >= (1 - HELD_OUT) * len(pictures))
    drawn = {person: _lot(seed, person) < HELD_OUT for person in set(people)}
    if len(set(drawn.values())) == 1:  # so few people that the hashes fall on one side
        first = min(drawn, key=lambda person: _lot(seed, person))
        drawn = {person: person == first for person in drawn}
    return np.array([drawn[person] for person in people], np.bool_)


def _picture(row: EyeRow) -> tuple[str, int | None]:
    return row.image, row.frame


def _lot(seed: int, person: str) -> float:
    digest = hashlib.sha256(f"{seed} {person}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
