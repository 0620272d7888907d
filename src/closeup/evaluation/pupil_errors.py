"""Errors of pupils, relative to the distance between the true eyes.

The measure is that of Jesorsky, Kirchberg and Frischholz, "Robust Face Detection Using the
Hausdorff Distance", AVBPA 2001: the **larger** of both eyes' errors over the distance between
the true eyes. An error of 0.25 is about the distance from a pupil to the corner of the eye,
0.10 the width of an iris, and 0.05 about that of a pupil. An eye without a centre has an infinite
error: it counts as a failure at every limit, and is never left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LIMITS = (0.05, 0.10, 0.25)
"""Largest errors of an eye that counts as found."""


def eye_errors(found: NDArray[np.floating], truth: NDArray[np.floating]) -> NDArray[np.float64]:
    """Error of each eye relative to the true interocular distance; infinite without a centre.

    Args:
        found: (n, 2, 2) x and y of the subject's right and left pupil, in pixels; NaN if none.
        truth: (n, 2, 2) true pupils, likewise.

    Returns:
        (n, 2) float64.

    Raises:
        ValueError: a shape is wrong, or both true eyes of a face coincide.

    """
    if found.shape != truth.shape or found.shape[1:] != (2, 2):
        raise ValueError(f"give pupils of shape (n, 2, 2), got {found.shape} and {truth.shape}")
    apart = np.linalg.norm(truth[:, 1] - truth[:, 0], axis=1)
    if not (apart > 0).all():
        raise ValueError("both true eyes of a face are in one place")
    off = np.linalg.norm(found.astype(np.float64) - truth, axis=2) / apart[:, None]
    return np.where(np.isfinite(off), off, np.inf)


def share_within(errors: NDArray[np.floating], limit: float) -> float:
    """Share of ``errors`` (n,) that are at most ``limit``.

    Raises:
        ValueError: ``errors`` is empty.

    """
    if not len(errors):
        raise ValueError("a share needs at least one face")
    return float((errors <= limit).mean())


def share_interval(
    errors: NDArray[np.floating], limit: float, draws: int = 10_000
) -> tuple[float, float]:
    """95 % confidence interval of :func:`share_within`, by bootstrap.

    Faces are drawn with replacement, as many as there are. The number of them within the
    limit has a binomial distribution, so it is drawn directly. The random numbers are the
    same in every run.

    Args:
        errors: (n,) one error per face.
        limit: Largest error that counts as found.
        draws: Number of draws; more make the ends less random.

    Raises:
        ValueError: ``errors`` is empty.

    """
    share, count = share_within(errors, limit), len(errors)
    shares = np.random.default_rng(0).binomial(count, share, draws) / count
    low, high = np.quantile(shares, [0.025, 0.975]).tolist()
    return low, high
