"""Heads on features of eyes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.pipeline.training.active_heads import FeatureMap, bagged_heads, fit_head

Eyes = tuple[NDArray[np.float32], NDArray[np.float64]]


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    """Features of 600 eyes, and offsets that depend on some of them, not linearly."""
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1, (600, 12)).astype(np.float32)
    offsets = 0.02 * np.stack([np.tanh(features[:, 0]), features[:, 1] + 0.5], axis=1)
    return features, offsets.astype(np.float64)


def error(
    head: NDArray[np.float64], inputs: NDArray[np.float32], truth: NDArray[np.float64]
) -> float:
    return float(np.linalg.norm(inputs @ head - truth, axis=1).mean())


def test_more_labels_teach_more(eyes: Eyes) -> None:
    features, offsets = eyes
    inputs = FeatureMap.of(features)(features)
    assert inputs.shape == (600, 401)
    errors = [
        error(fit_head(inputs[:count], offsets[:count])[0], inputs[400:], offsets[400:])
        for count in (5, 40, 400)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.4 * np.linalg.norm(offsets[400:], axis=1).mean()


def test_few_wrong_labels_do_little_harm(eyes: Eyes) -> None:
    features, offsets = eyes
    inputs = FeatureMap.of(features)(features)
    wrong = offsets[:200].copy()
    wrong[::20] += 0.5
    head, shares = fit_head(inputs[:200], wrong)
    assert shares[::20].max() < 0.2 < shares[1::20].min()
    assert error(head, inputs[400:], offsets[400:]) < 0.03


def test_resamples_give_other_heads_and_the_whole_gives_the_head(eyes: Eyes) -> None:
    features, offsets = eyes
    inputs = FeatureMap.of(features)(features)
    some, labels = inputs[:50], offsets[:50]
    head, shares = fit_head(some, labels)
    counts = np.stack([np.ones(50, np.int64), np.r_[np.full(25, 2), np.zeros(25)].astype(int)])
    whole, half = bagged_heads(some, labels, shares, counts)
    assert np.abs(whole - head).max() < 0.01
    assert np.abs(half - head).max() > 0.001


def test_the_map_is_of_few_eyes_too(eyes: Eyes) -> None:
    features = eyes[0][:3]
    inputs = FeatureMap.of(features)(features)
    assert inputs.shape == (3, 4)
    assert np.isfinite(inputs).all()
