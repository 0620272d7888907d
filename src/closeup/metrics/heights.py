"""Recall by how large things are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from closeup.labels import PictureLabels


@dataclass(frozen=True, slots=True)
class HeightRecall:
    """Of the boxes of some height.

    Attributes:
        least: Pixels, included.
        below: Pixels, not included; may be infinite.
        found: How many are found.
        there: How many there are, without those that are ignored.

    """

    least: float
    below: float
    found: int
    there: int

    @property
    def recall(self) -> float:
        """Share that is found; NaN where there is none."""
        return self.found / self.there if self.there else float("nan")


def recall_by_height(
    flags: Sequence[NDArray[np.bool_]], truth: Sequence[PictureLabels], edges: Sequence[float]
) -> list[HeightRecall]:
    """Count what is found between each two of the edges.

    Args:
        flags: For each picture which boxes are found, as :class:`closeup.metrics.recall.Recall`
            has them.
        truth: Of each picture.
        edges: Heights in pixels, ascending.

    Raises:
        ValueError: not one truth a picture.

    """
    counted = [~own.ignored for own in truth]
    heights = [
        own.boxes[kept, 3] - own.boxes[kept, 1] for own, kept in zip(truth, counted, strict=True)
    ]
    height = np.concatenate([np.empty(0), *heights])
    found = np.concatenate(
        [np.empty(0, np.bool_), *(own[kept] for own, kept in zip(flags, counted, strict=True))]
    )
    rows = []
    for least, below in pairwise(edges):
        inside = (height >= least) & (height < below)
        rows.append(HeightRecall(least, below, int(found[inside].sum()), int(inside.sum())))
    return rows
