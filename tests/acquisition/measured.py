"""Candidates for tests of the functions that choose."""

from __future__ import annotations

from typing import Any

import numpy as np

from closeup.acquisition.candidates import LabelCandidates


def candidates(count: int, seed: int = 0, *, unknown: float = 0.0, **other: Any) -> LabelCandidates:
    """Random measures of all kinds; two samples a picture.

    Args:
        count: Number of samples.
        seed: Determines them.
        unknown: Share of values that are NaN, in each measure.
        other: Measures in place of the random ones.

    """
    rng = np.random.default_rng(seed)
    measures: dict[str, Any] = {
        name: rng.random(count) for name in ("entropy", "expected", "disagreement", "bad", "change")
    }
    measures["predictions"] = rng.normal(size=(3, count, 2))
    measures["features"] = rng.normal(size=(count, 5))
    for values in measures.values():
        values[rng.random(values.shape) < unknown] = np.nan
    measures["labelled"] = rng.normal(size=(4, 5))
    measures |= {"pictures": np.arange(count) // 2, **other}
    return LabelCandidates(**measures)
