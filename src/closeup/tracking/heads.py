"""The heads that a tracker follows, and whether clothes that are seen are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes, areas, covered, intersections
from closeup.tracking.clothes import BINS, Histogram, body_boxes, similarity, torso_boxes
from closeup.tracking.observations import HEAD

SAME_CLOTHES = 0.8
"""Bhattacharyya coefficient from which clothes count as the same."""
RECOGNISED = 0.6
"""Clothes must be so similar where a face is not seen in a row: behind a cut, or when it was
hidden. The light may have changed, but another costume is further off."""
_LEARNT = 0.2
"""How much of a head's histogram is renewed when it is confirmed: stage light changes slowly."""
_LEARNT_OF_OTHERS = 0.05
"""The same for clothes that are not like those known: more likely somebody is in front."""
_SAME_PLACE = 0.1
"""By more than this share of a torso, another body may be what is seen there."""
_COVERED = 0.5
"""More than this share of a torso behind another face and its clothes is hidden."""
_CLEARLY = 0.05
"""By so much clothes must be nearer to one's own than to those of who stands there, too."""


@dataclass(slots=True, eq=False)
class TrackedHead:
    """One head that is being followed; see the dtype HEAD for the fields."""

    id: int
    box: NDArray[np.float32]
    seen: int
    checked: int
    clothes: Histogram
    alive: bool = True
    embedded: int = -1
    embeddings: int = 0

    @classmethod
    def new(cls, number: int, box: NDArray[np.float32]) -> TrackedHead:
        """A head that was never seen before, in clothes that are not known yet."""
        return cls(number, box, seen=-1, checked=-1, clothes=np.zeros(BINS, np.float32))

    @classmethod
    def from_row(cls, row: NDArray[np.void]) -> TrackedHead:
        """A head as it was saved."""
        return cls(
            id=int(row["id"]),
            box=row["box"].copy(),
            seen=int(row["seen"]),
            checked=int(row["checked"]),
            clothes=row["clothes"].copy(),
            alive=bool(row["alive"]),
            embedded=int(row["embedded"]),
            embeddings=int(row["embeddings"]),
        )

    @property
    def dressed(self) -> bool:
        """Whether its clothes are known."""
        return bool(self.clothes.any())

    def remember(self, clothes: Histogram) -> None:
        """Learn what it wears now; zeros teach nothing."""
        if not clothes.any():
            return
        known = self.clothes if self.dressed else clothes
        alike = similarity(clothes, known) >= RECOGNISED
        share = np.float32(_LEARNT if alike else _LEARNT_OF_OTHERS)
        self.clothes = (1 - share) * known + share * clothes

    def owns(
        self,
        clothes: Histogram,
        face: NDArray[np.float32],
        others: Sequence[TrackedHead],
        faces: Boxes,
    ) -> bool:
        """Whether clothes that are seen are its own, and not of who stands in front.

        Args:
            clothes: What is seen below ``face``.
            face: (4,) where this head is.
            others: Heads that may be near; this one among them does not matter.
            faces: (n, 4) where they are.

        """
        likeness = similarity(clothes, self.clothes) if self.dressed else SAME_CLOTHES
        torso = torso_boxes(face[None])
        shares = covered(torso, body_boxes(faces))[0]
        return not any(
            share > _SAME_PLACE and similarity(clothes, other.clothes) > likeness - _CLEARLY
            for other, share in zip(others, shares, strict=True)
            if other is not self
        )

    def is_covered(
        self, face: NDArray[np.float32], others: Sequence[TrackedHead], faces: Boxes
    ) -> bool:
        """Whether somebody whose face is seen stands where this head's clothes would be.

        Then whatever is seen there says nothing about this head.

        Args:
            face: (4,) where this head would be.
            others: Heads whose faces are seen.
            faces: (n, 4) where they are.

        """
        torso = torso_boxes(face[None])
        shared = intersections(torso, faces) + intersections(torso, torso_boxes(faces))
        share = shared[0] / max(float(areas(torso)[0]), 1e-6)
        return any(
            own > _COVERED for own, other in zip(share, others, strict=True) if other is not self
        )


def to_rows(heads: Sequence[TrackedHead]) -> NDArray[np.void]:
    """Heads as rows of the dtype HEAD, as they are saved."""
    rows = np.zeros(len(heads), HEAD)
    for row, head in zip(rows, heads, strict=True):
        for name in HEAD.names or ():
            row[name] = getattr(head, name)
    return rows


def boxes_of(heads: Sequence[TrackedHead]) -> Boxes:
    """Where heads are; shape (n, 4)."""
    return np.array([head.box for head in heads], np.float32).reshape(-1, 4)


def likeness(heads: Sequence[TrackedHead], clothes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Similarity of each head's clothes with each row of ``clothes`` (m, BINS); shape (n, m)."""
    worn = np.array([head.clothes for head in heads], np.float32).reshape(-1, 1, BINS)
    return similarity(worn, clothes[None])
