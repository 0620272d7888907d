"""Aligned faces and the people they show, as a training of an embedding takes them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOBODY = -1
"""Person of a face whose name is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceChips:
    """n aligned faces.

    Attributes:
        pixels: (n, S, S, 3) RGB uint8.
        people: (n,) int64, number of the person of each face; :data:`NOBODY` if it is not known.
        targets: (n, d) float32, the vector of each face by a teacher; None without one.

    """

    pixels: NDArray[np.uint8]
    people: NDArray[np.int64]
    targets: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> FaceChips:
        """The faces that an index array or mask selects."""
        targets = None if self.targets is None else self.targets[rows]
        return FaceChips(self.pixels[rows], self.people[rows], targets)

    @property
    def side(self) -> int:
        """Width and height of a face in pixels."""
        return int(self.pixels.shape[1])

    def counts(self) -> NDArray[np.int64]:
        """(n,) how many faces of its person there are; 0 for a face of nobody."""
        known = self.people != NOBODY
        _, place, sizes = np.unique(self.people, return_inverse=True, return_counts=True)
        return np.where(known, sizes[place], 0)

    def digest(self) -> bytes:
        """Hash of all columns."""
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        for column in (self.pixels, self.people, self.targets):
            if column is not None:
                digest.update(np.ascontiguousarray(column).data)
        return digest.digest()
