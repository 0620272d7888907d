"""Losses of face embeddings that learn from names: triplets, angular margin."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from closeup.training.identity.mining import Triplets


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
