"""Similarity transforms (rotation, uniform scale, translation) for the alignment of faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Similarity:
    """A similarity transform of the plane: rotation, uniform scale and translation, no reflection.

    Attributes:
        matrix: (2, 3) float64, ``[[a, -b, x], [b, a, y]]``: a point p becomes
            ``matrix[:, :2] @ p + matrix[:, 2]``, as in ``cv2.warpAffine``.

    Raises:
        ValueError: the matrix has another form, or maps all points to one.

    """

    matrix: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.matrix.shape != (2, 3) or not np.isfinite(self.matrix).all():
            raise ValueError(
                f"a finite matrix of shape (2, 3) is needed, got {self.matrix.tolist()}"
            )
        (a, minus_b, _), (b, d, _) = self.matrix.tolist()
        if not np.allclose([a, b], [d, -minus_b], rtol=1e-9, atol=1e-12 * self.scale):
            raise ValueError(f"{self.matrix.tolist()} does more than turn, scale and move")
        if self.scale == 0:
            raise ValueError(_ONE_POINT)

    @classmethod
    def between(cls, source: NDArray[np.floating], target: NDArray[np.floating]) -> Similarity:
        """The least-squares similarity from ``source`` to ``target``.

        It minimises the sum of squared distances of the mapped points from ``target`` (Umeyama,
        "Least-squares estimation of transformation parameters between two point patterns",
        PAMI 1991). In the plane, with points as complex numbers around their means, that is
        ``a + bi = Σ conj(source)·target / Σ |source|²``.

        Args:
            source: (k, 2) points (x, y), at least two of them different.
            target: (k, 2) their wanted positions (x, y).

        Raises:
            ValueError: the shapes are not (k, 2) or differ, or the points determine no similarity:
                those of one side are all equal, or only a reflection maps one side to the other.

        """
        if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2:
            raise ValueError(f"give points of shape (k, 2), got {source.shape} and {target.shape}")
        if not all(len(points) and np.ptp(points, axis=0).any() for points in (source, target)):
            raise ValueError(_ONE_POINT)
        means = [points.mean(axis=0, dtype=np.float64) for points in (source, target)]
        p, q = _complex(source - means[0]), _complex(target - means[1])
        spread = np.sqrt((abs(p) ** 2).sum() * (abs(q) ** 2).sum())
        turn = (p.conj() * q).sum()
        if not abs(turn) > _LEAST_LIKENESS * spread:
            raise ValueError(_ONE_POINT)
        turn /= (abs(p) ** 2).sum()
        linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
        return cls(np.column_stack([linear, means[1] - linear @ means[0]]))

    @property
    def scale(self) -> float:
        """Factor by which lengths are multiplied."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    def apply(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """The mapped points; ``points`` and result have shape (…, 2)."""
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2], np.float64)

    def inverse(self) -> Similarity:
        """The inverse transform."""
        linear = self.matrix[:, :2].T / self.scale**2
        return Similarity(np.column_stack([linear, -linear @ self.matrix[:, 2]]))

    def then(self, other: Similarity) -> Similarity:
        """The composition: first this transform, then ``other``."""
        linear = other.matrix[:, :2] @ self.matrix[:, :2]
        return Similarity(np.column_stack([linear, other.apply(self.matrix[:, 2])]))


_ONE_POINT = "the points fix no similarity: all of them would become one"

_LEAST_LIKENESS = 1e-9
"""Minimum correlation of two sets of points; below, rounding errors determine the rotation."""


def _complex(points: NDArray[np.floating]) -> NDArray[np.complex128]:
    return np.asarray(points[:, 0] + 1j * points[:, 1], np.complex128)
