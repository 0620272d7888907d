"""Losses of face embeddings: triplets, angular margin, and the distances to a teacher."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from closeup.training.identity.mining import Triplets, squared_distances

_SHARPNESS = 64.0
"""Factor of the cosines: those of one person and of two differ by about 0.1 in dlib's embedding."""


def triplet_loss(distances: Tensor, triplets: Triplets, margin: float) -> Tensor:
    """Mean of max(0, ‖a-p‖² - ‖a-n‖² + α) (Schroff et al. 2015); 0 without triplets.

    Args:
        distances: (n, n) squared distances of a batch.
        triplets: Triplets of its rows.
        margin: The margin α.

    """
    if not len(triplets):
        return distances.sum() * 0  # keeps the graph
    near = distances[triplets.anchors, triplets.positives]
    far = distances[triplets.anchors, triplets.negatives]
    return functional.relu(near - far + margin).mean()


class AngularMargin(nn.Module):
    """Softmax over people with an additive angular margin.

    J. Deng, J. Guo, N. Xue and S. Zafeiriou, "ArcFace: Additive Angular Margin Loss for Deep Face
    Recognition", CVPR 2019.

    Args:
        dims: Components of a vector.
        people: Number of people.
        scale: Factor of the cosines.
        margin: Angle in radians that is added to that of the right person.

    """

    def __init__(self, dims: int, people: int, scale: float = 32.0, margin: float = 0.4) -> None:
        super().__init__()
        self.centres = nn.Parameter(torch.randn(people, dims) / math.sqrt(dims))
        self._scale, self._margin = scale, margin

    def forward(self, vectors: Tensor, people: Tensor) -> Tensor:
        """Mean cross-entropy.

        Args:
            vectors: (n, d) of unit length.
            people: (n,) number of each one's person.

        """
        cosines = vectors @ functional.normalize(self.centres).T
        own = cosines.gather(1, people[:, None]).clamp(-1 + 1e-6, 1 - 1e-6)
        angles = own.acos() + self._margin
        # Beyond 180 degrees the cosine would rise again: a straight line goes on there.
        beyond = own - self._margin * math.sin(self._margin)
        target = torch.where(angles < math.pi, angles.cos(), beyond)
        logits = cosines.scatter(1, people[:, None], target) * self._scale
        return functional.cross_entropy(logits, people)


def distillation_loss(
    vectors: Tensor, targets: Tensor, hardness: float, pairwise: float
) -> dict[str, Tensor]:
    """Distance to a teacher's vectors, and of the distances among them.

    Args:
        vectors: (n, d) of the student, of unit length.
        targets: (n, d) of the teacher, of unit length.
        hardness: Exponent of the weight by which faces far from their target count more; 0 for an
            even mean.
        pairwise: Weight of the second term.

    Returns:
        ``loss`` and its parts: ``distance``, the mean squared distance to the target, and
        ``pairs``, the mean squared difference of the squared distances of all pairs.

    """
    apart = (vectors - targets).square().sum(1)
    weights = apart.detach().clamp(min=1e-6) ** hardness
    distance = (weights * apart).sum() / weights.sum()
    pairs = (squared_distances(vectors) - squared_distances(targets)).square().mean()
    return {
        "loss": distance + pairwise * pairs,
        "distance": apart.mean(),
        "pairs": pairs,
    }


def names_loss(vectors: Tensor, centres: Tensor, people: Tensor) -> Tensor:
    """Cross-entropy of a softmax over people, whose weights are fixed; 0 without vectors.

    Args:
        vectors: (n, d) of unit length.
        centres: (people, d), a vector of unit length for each person.
        people: (n,) row of each one's person.

    """
    if not len(vectors):
        return vectors.sum()
    return functional.cross_entropy(_SHARPNESS * vectors @ centres.T, people)


def hint_loss(
    found: Sequence[Tensor], wanted: Sequence[Tensor], channels: Sequence[NDArray[np.int64]]
) -> Tensor:
    """Squared error of a student's features, relative to their variance, mean of all blocks.

    A. Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015, with a hint at each block, and
    with the teacher's own channels in place of a regression to them.

    Args:
        found: (n, c, H, W) features of the student after each block.
        wanted: (n, C, H, W) features of the teacher.
        channels: The c channels of the teacher that the student has.

    """
    errors = []
    for own, whole, kept in zip(found, wanted, channels, strict=True):
        target = whole[:, torch.from_numpy(kept).to(whole.device)]
        spread = (target - target.mean((0, 2, 3), keepdim=True)).square().mean()
        errors.append((own - target).square().mean() / spread.clamp(min=1e-12))
    return torch.stack(errors).mean()
