"""The heads that a tracker follows, and checks of whose clothes are seen."""

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
"""Similarity of clothes required to continue a head after a cut or an occlusion: lower, since the
light may have changed, but another costume is less similar still."""
_LEARNT = 0.2
"""Update rate of a head's histogram at each confirmation: stage light changes slowly."""
_LEARNT_OF_OTHERS = 0.05
"""Update rate for clothes unlike the known ones: probably another person is in front."""
_SAME_PLACE = 0.1
"""Share of a torso overlapped by another body above which that body may be what is seen."""
_COVERED = 0.5
"""Share of a torso overlapped by another face and its clothes above which it is occluded."""
_CLEARLY = 0.05
"""Margin by which clothes must be more similar to a head's own than to an overlapping head's."""


@dataclass(slots=True, eq=False)
class TrackedHead:
    """One head that is tracked; the fields are those of the dtype HEAD."""

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
        """A new head whose clothes are not known yet."""
        return cls(number, box, seen=-1, checked=-1, clothes=np.zeros(BINS, np.float32))

    @classmethod
    def from_row(cls, row: NDArray[np.void]) -> TrackedHead:
        """A head from a saved row of the dtype HEAD."""
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
        """Update the head's histogram with the clothes seen now; a zero histogram is ignored."""
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
        """Whether the clothes seen are this head's own, and not those of a person in front.

        Args:
            clothes: Histogram of the clothes seen below ``face``.
            face: (4,) box of this head.
            others: n heads that may be near; this head among them is ignored.
            faces: (n, 4) boxes of the other heads.

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
        """Whether a person whose face is seen occludes this head's torso.

        The clothes seen there are then no evidence for or against this head.

        Args:
            face: (4,) assumed box of this head.
            others: n heads whose faces are seen.
            faces: (n, 4) their boxes.

        """
        torso = torso_boxes(face[None])
        shared = intersections(torso, faces) + intersections(torso, torso_boxes(faces))
        share = shared[0] / max(float(areas(torso)[0]), 1e-6)
        return any(
            own > _COVERED for own, other in zip(share, others, strict=True) if other is not self
        )


def to_rows(heads: Sequence[TrackedHead]) -> NDArray[np.void]:
    """Heads as rows of the dtype HEAD, for saving."""
    rows = np.zeros(len(heads), HEAD)
    for row, head in zip(rows, heads, strict=True):
        for name in HEAD.names or ():
            row[name] = getattr(head, name)
    return rows


def boxes_of(heads: Sequence[TrackedHead]) -> Boxes:
    """Boxes of heads; shape (n, 4)."""
    return np.array([head.box for head in heads], np.float32).reshape(-1, 4)


def likeness(heads: Sequence[TrackedHead], clothes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Similarity of each head's clothes with each row of ``clothes`` (m, BINS); shape (n, m)."""
    worn = np.array([head.clothes for head in heads], np.float32).reshape(-1, 1, BINS)
    return similarity(worn, clothes[None])
