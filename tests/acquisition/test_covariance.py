from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.covariance import covariance, informative_batch


def gain(predictions: np.ndarray, rows: tuple[int, ...]) -> float:
    """log det(I + K / σ²) over all numbers of the rows, written out."""
    models = len(predictions)
    every = predictions - predictions.mean(axis=0)
    spread = np.sqrt((every**2).sum(axis=(0, 2)) / (models - 1))
    noise = np.median(spread[spread > 0])
    flat = every[:, list(rows)].reshape(models, -1) / noise
    kernel = flat.T @ flat / (models - 1)
    return float(np.linalg.slogdet(np.eye(len(kernel)) + kernel).logabsdet)


@pytest.mark.parametrize("seed", range(10))
def test_each_choice_adds_the_most(seed: int) -> None:
    predictions = np.random.default_rng(seed).normal(size=(5, 8, 2))
    chosen = informative_batch(predictions, 4).tolist()
    for size in range(1, 5):
        before = tuple(chosen[: size - 1])
        best = max(gain(predictions, (*before, row)) for row in range(8) if row not in before)
        assert gain(predictions, tuple(chosen[:size])) == pytest.approx(best)


def test_the_batch_is_near_the_best_of_all() -> None:
    predictions = np.random.default_rng(1).normal(size=(6, 9, 1))
    best = max(gain(predictions, rows) for rows in combinations(range(9), 3))
    chosen = tuple(informative_batch(predictions, 3).tolist())
    assert gain(predictions, chosen) >= (1 - 1 / np.e) * best


def test_two_samples_that_err_alike_are_not_both_chosen() -> None:
    """The spread of the second is larger than that of the third, but it is that of the first."""
    predictions = np.array(
        [
            [[1.0], [0.9], [0.0], [0.1]],
            [[-1.0], [-0.9], [0.0], [-0.1]],
            [[0.0], [0.0], [0.8], [0.0]],
            [[0.0], [0.0], [-0.8], [0.0]],
        ]
    )
    known = LabelCandidates(np.arange(4), predictions=predictions, unit="eye distances")
    chosen = covariance(known, 2, np.random.default_rng(0))
    assert chosen.rows.tolist() == [0, 2]
    assert chosen.reasons[0] == "the models differ by 0.82 eye distances, in a new way"


def test_models_that_agree_on_all() -> None:
    assert len(set(informative_batch(np.ones((3, 5, 2)), 5).tolist())) == 5
