"""Figures of a good/bad network on held-out labels, and the scale of its log odds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

_SLOPES = (0.2, 2.0)
"""Range of the factor of the log odds."""

_TRUST = 8.0
"""Weight of the factor 1, in labels: few held-out labels change it little."""


def area_under_curve(scores: NDArray[np.float64], bad: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often a bad label has a higher score than a good one.

    Args:
        scores: (n,) higher for bad labels.
        bad: (n,) at least one of each kind.

    Returns:
        0 to 1; equal scores count half.

    """
    many, few = int(bad.sum()), int((~bad).sum())
    if not many or not few:
        raise ValueError("an area needs labels of both kinds")
    return float((rankdata(scores)[bad].sum() - many * (many + 1) / 2) / (many * few))


def quality_figures(logits: NDArray[np.float64], bad: NDArray[np.bool_]) -> dict[str, float]:
    """Figures on judged labels.

    Args:
        logits: (n,) log odds that a label is bad.
        bad: (n,) verdicts, at least one of each kind.

    Returns:
        ``auc``, the area under the ROC curve; ``misranked``, what it lacks of 1; ``error``, the
        mean cross-entropy of both kinds.

    """
    wrong = np.logaddexp(0, np.where(bad, -logits, logits))
    area = area_under_curve(logits, bad)
    error = float((wrong[bad].mean() + wrong[~bad].mean()) / 2)
    return {"misranked": 1 - area, "auc": area, "error": error}


def calibration(logits: NDArray[np.float64], bad: NDArray[np.bool_]) -> tuple[float, float]:
    """Factor and offset that turn log odds of balanced batches into those of these labels.

    Platt's scaling (1999), with a factor that stays near 1 while labels are few.

    Args:
        logits: (n,) log odds from the network.
        bad: (n,) verdicts.

    """

    def cost(values: NDArray[np.float64]) -> float:
        odds = np.exp(values[0]) * logits + values[1]
        fit = np.logaddexp(0, np.where(bad, -odds, odds)).sum()
        return float(fit + _TRUST * values[0] ** 2 + values[1] ** 2 / _TRUST)

    found = minimize(cost, np.zeros(2), method="L-BFGS-B", bounds=[tuple(np.log(_SLOPES)), (-8, 8)])
    return float(np.exp(found.x[0])), float(found.x[1])
