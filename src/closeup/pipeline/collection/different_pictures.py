"""The pictures that differ most from each other, of many that come one after the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from closeup.acquisition.diversity import k_centres
from closeup.collection.manifest import JournalEntry

_TIMES, _LEAST = 4, 400
"""Pictures that are held before they are thinned out: so many times the wanted ones, at least
:data:`_LEAST`."""


class KeptAndDropped(NamedTuple):
    """A choice of pictures, both in the order in which they came.

    Attributes:
        kept: The chosen ones.
        dropped: All others.

    """

    kept: list[JournalEntry]
    dropped: list[JournalEntry]


class DifferentPictures:
    """Holds pictures, and chooses the ones that differ most.

    The next that is chosen is the one farthest from all chosen before it: greedy k-centre search,
    after which no picture is more than twice as far from a chosen one as with the best choice
    (Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985). Who adds pictures
    thins them out when they are many, so that neither memory nor disk space grows without end.

    Attributes:
        most: Number of pictures from which they should be thinned out.

    Args:
        wanted: Number of pictures that are wanted in the end.

    """

    def __init__(self, wanted: int) -> None:
        self.most = max(_TIMES * wanted, _LEAST)
        self._entries: list[JournalEntry] = []

    def add(self, entry: JournalEntry) -> None:
        """Hold one more picture, which has features."""
        self._entries.append(entry)

    @property
    def is_full(self) -> bool:
        """Whether it is time to thin the pictures out."""
        return len(self._entries) >= self.most

    def most_different(self, count: int) -> KeptAndDropped:
        """Choose so many pictures, or all if there are fewer, and hold only these."""
        rows = np.arange(len(self._entries))
        if len(rows) > count:
            features = np.array([entry.features for entry in self._entries], np.float64)
            rows = k_centres(features, features[:0], count)
        chosen = set(rows.tolist())
        choice = KeptAndDropped([], [])
        for row, entry in enumerate(self._entries):
            (choice.kept if row in chosen else choice.dropped).append(entry)
        self._entries = list(choice.kept)
        return choice
