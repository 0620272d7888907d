"""Heads that correct the pupils of a frozen network, refitted in closed form.

Kernel ridge regression from features of an eye to the offset between the network's pupil and the
label, by the method of Nyström (Williams and Seeger, NIPS 2000): the kernel's values at some
hundred eyes are the inputs of a linear ridge regression. A fit takes milliseconds, so that learning
curves of many seeds can be measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SAMPLE = 1500
"""Eyes from which principal components are computed."""

_RIDGE = 0.3
"""On held-out people 0.1 was slightly worse, from 20 to 1,000 photos, and better only above."""

_WIDTH = 0.6
"""Kernel: exp(−width · squared distance / its median). On held-out people 0.3 was slightly
worse."""

_KNEE = 0.03
"""Eye distances; larger residuals count linearly, as in the loss of the networks."""

_FITS = 3
"""Reweighted fits."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMap:
    """Maps features of eyes to the inputs of a linear head.

    Attributes:
        mean: (D,) means of the features.
        components: (D, d) principal components of the standardised features.
        landmarks: (m, d) eyes at which the kernel is evaluated.
        whitening: (m, m) inverse root of the landmarks' kernel matrix.
        scale: Factor on the squared distances in the kernel's exponent.

    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    whitening: NDArray[np.float32]
    scale: float

    @classmethod
    def of(
        cls,
        features: NDArray[np.float32],
        seed: int = 0,
        components: int = 250,
        landmarks: int = 400,
    ) -> FeatureMap:
        """Make the map from features (n, D) of unlabelled eyes."""
        rng = np.random.default_rng(seed)
        some = features[rng.permutation(len(features))[:_SAMPLE]]
        mean, deviation = some.mean(axis=0), some.std(axis=0) + 1e-3
        axes = np.linalg.svd((some - mean) / deviation, full_matrices=False)[2][:components].T
        axes = (axes / deviation[:, None]).astype(np.float32)
        drawn = some[rng.permutation(len(some))[:landmarks]]
        places = np.asarray((drawn - mean) @ axes, np.float32)
        distances = _squared(places, places)
        apart = distances[~np.eye(len(places), dtype=np.bool_)]
        scale = _WIDTH / max(float(np.median(apart)) if len(apart) else 1.0, 1e-9)
        values, vectors = np.linalg.eigh(np.exp(-scale * distances).astype(np.float64))
        root = vectors / np.sqrt(np.maximum(values, 1e-4)) @ vectors.T
        return cls(mean, axes, places, root.astype(np.float32), scale)

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The inputs (n, m + 1) of a head for features (n, D); the last is constant."""
        places = np.asarray((features - self.mean) @ self.components, np.float32)
        kernel = np.exp(-self.scale * _squared(places, self.landmarks)) @ self.whitening
        return np.concatenate([kernel, np.ones((len(kernel), 1))], axis=1).astype(np.float32)


def fit_head(
    inputs: NDArray[np.float32], targets: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a robust head to labelled eyes.

    Args:
        inputs: (n, m) of a :class:`FeatureMap`.
        targets: (n, q), such as offsets in eye distances.

    Returns:
        The head's weights (m, q), and the weights (n,) of the eyes that Huber's loss gives.

    """
    shares = np.ones(len(inputs))
    head = np.zeros((inputs.shape[1], targets.shape[1]))
    for _ in range(_FITS):
        head = _solved(inputs, targets, shares)
        residuals = np.linalg.norm(inputs @ head - targets, axis=1)
        shares = np.minimum(1, _KNEE / np.maximum(residuals, 1e-9))
    return head, shares


def bagged_heads(
    inputs: NDArray[np.float32],
    targets: NDArray[np.float64],
    shares: NDArray[np.float64],
    counts: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Heads (b, m, q), each fitted to a resample, in which eye i counts ``counts[b, i]`` times."""
    return np.stack([_solved(inputs, targets, shares * own) for own in counts])


def _solved(
    inputs: NDArray[np.float32], targets: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weighted ridge regression; the constant input is not penalised."""
    weighted = inputs * shares[:, None].astype(np.float32)
    penalty = np.full(inputs.shape[1], _RIDGE)
    penalty[-1] = 1e-6
    matrix = (weighted.T @ inputs).astype(np.float64)
    matrix[np.diag_indices_from(matrix)] += penalty
    return np.asarray(np.linalg.solve(matrix, weighted.T.astype(np.float64) @ targets))


def _squared(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.maximum(squares, 0))
