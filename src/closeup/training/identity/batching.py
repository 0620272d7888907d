"""Batches of a few photos of many people, in which triplets are found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from closeup.errors import InputError
from closeup.training.rng import TensorRng


class PeopleBatches:
    """Draws batches of P people with K photos each (Schroff et al. 2015; Hermans et al. 2017).

    In one epoch each person comes once, or as often as their photos fill: a person with many photos
    comes several times with other photos, so that every photo is seen about once. Those with a
    single photo are left out.

    Args:
        people: (n,) person of each photo.
        size: Photos of each person in a batch, 2 or more; of a person with fewer all are taken.

    Raises:
        InputError: there are fewer than two people with two photos.

    """

    def __init__(self, people: NDArray[np.int64], size: int) -> None:
        order = np.argsort(people, kind="stable")
        names, first = np.unique(people[order], return_index=True)
        parts = np.split(order, first[1:])
        self._photos = [
            torch.from_numpy(rows)
            for name, rows in zip(names.tolist(), parts, strict=True)
            if name >= 0 and len(rows) > 1
        ]
        self._size = size
        if len(self._photos) < 2:
            raise InputError(
                f"{len(self._photos)} of {len(names)} people have two photos or more; triplets "
                "need two such people at least: give more photos of each"
            )

    def count(self, batch: int) -> int:
        """Number of whole batches of ``batch`` photos in one epoch."""
        total = sum(len(rows) - (len(rows) % self._size == 1) for rows in self._photos)
        return total // batch

    def epoch(self, rng: TensorRng, batch: int) -> Iterator[Tensor]:
        """Yield the photos (batch,) int64 of each batch; a person's photos lie side by side."""
        groups = [group for rows in self._photos for group in self._groups(rows, rng)]
        order = rng.order(len(groups)).tolist()
        rest = torch.cat([groups[number] for number in order])
        for number in range(self.count(batch)):
            yield rest[number * batch : (number + 1) * batch]

    def _groups(self, rows: Tensor, rng: TensorRng) -> list[Tensor]:
        """The photos of a person in random groups; a last one that would be alone is left out."""
        shuffled = rows[rng.order(len(rows))]
        parts = torch.split(shuffled, self._size)
        return [part for part in parts if len(part) > 1]
