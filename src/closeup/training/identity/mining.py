"""Triplets of an anchor, a photo of the same person and one of another, chosen by distance.

F. Schroff, D. Kalenichenko and J. Philbin, "FaceNet: A Unified Embedding for Face Recognition and
Clustering", CVPR 2015. All distances are squared.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Triplets:
    """k triplets as rows of a batch.

    Attributes:
        anchors: (k,) int64.
        positives: (k,) int64, other photos of the anchors' people.
        negatives: (k,) int64, photos of other people.

    """

    anchors: Tensor
    positives: Tensor
    negatives: Tensor

    def __len__(self) -> int:
        return len(self.anchors)


@dataclass(frozen=True, slots=True, eq=False)
class TripletShares:
    """Kinds of all triplets of a batch, as shares that add up to 1; scalars.

    Attributes:
        hard: The negative is not farther from the anchor than the positive.
        semi_hard: The negative is farther by less than the margin.
        easy: The negative is farther by the margin or more; it teaches nothing.

    """

    hard: Tensor
    semi_hard: Tensor
    easy: Tensor


def squared_distances(vectors: Tensor) -> Tensor:
    """Squared Euclidean distances (n, n) of vectors (n, d) of unit length."""
    return (2 - 2 * vectors @ vectors.T).clamp(min=0)


def semi_hard(
    distances: Tensor, people: Tensor, margin: float, lots: Tensor
) -> tuple[Triplets, TripletShares]:
    """Choose a semi-hard negative for each ordered pair of photos of one person.

    Semi-hard negatives are farther from the anchor than the positive, by less than the margin; the
    hardest ones can collapse the network at the beginning. A pair without one is left out.

    Args:
        distances: (n, n) squared distances.
        people: (n,) person of each photo.
        margin: The margin α of the loss.
        lots: (n, n) random numbers; of several negatives of an anchor the one with the largest
            number is taken.

    """
    same = people[:, None] == people
    pairs = same & ~torch.eye(len(people), dtype=torch.bool, device=people.device)
    anchors, positives = pairs.nonzero(as_tuple=True)
    gaps = distances[anchors] - distances[anchors, positives][:, None]  # (pairs, n)
    other = ~same[anchors]
    band = other & (gaps > 0) & (gaps < margin)
    negatives = torch.where(band, lots[anchors], -torch.inf).argmax(1)
    some = band.any(1)
    chosen = Triplets(anchors[some], positives[some], negatives[some])
    total = other.sum().clamp(min=1)
    hard, near = (other & (gaps <= 0)).sum() / total, band.sum() / total
    return chosen, TripletShares(hard, near, 1 - hard - near)


def hardest(
    vectors: Tensor, people: Tensor, margin: float, skipped: float, anchors: Tensor
) -> Triplets:
    """Choose hard triplets among all photos, as the paper's off-line mining does.

    The positive is the farthest photo of the anchor's person. The negative is the nearest photo of
    another person beyond the share ``skipped``: the very nearest ones are often wrong names, and
    collapse the network. Anchors whose negative is farther than the positive by the margin or more
    are left out.

    Args:
        vectors: (n, d) of unit length, of all photos.
        people: (n,) person of each.
        margin: The margin α of the loss.
        skipped: Share of the photos of other people that are passed over, from 0 to below 1.
        anchors: (k,) rows of the anchors.

    """
    distances = (2 - 2 * vectors[anchors] @ vectors.T).clamp(min=0)
    same = people[anchors][:, None] == people
    own = torch.where(same, distances, -1.0)
    own[torch.arange(len(anchors)), anchors] = -1.0
    farthest, positives = own.max(1)
    rank = 1 + int(skipped * (len(people) - 1))
    others = torch.where(same, torch.inf, distances)
    nearest, negatives = (part[:, -1] for part in others.topk(rank, largest=False))
    useful = (farthest >= 0) & torch.isfinite(nearest) & (nearest < farthest + margin)
    return Triplets(anchors[useful], positives[useful], negatives[useful])
