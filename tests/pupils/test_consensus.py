"""The pupil on which several methods agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.pupils.consensus import ConsensusWeights, pupil_consensus

SEEDS = st.integers(0, 2**32 - 1)


def answers(seed: int, eyes: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Three methods, of which the last two err together, each with an offset; and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(1, 0.05, (eyes, 2))
    own, shared = rng.normal(0, 0.015, (2, eyes, 2))
    small = rng.normal(0, 0.002, (2, eyes, 2))
    errors = np.stack([own, shared + small[0], shared + small[1]])
    return truth + errors + np.array([[[0.02, 0.01]], [[0, -0.01]], [[0, 0]]]), truth


@given(SEEDS)
def test_offsets_and_weights_are_found(seed: int) -> None:
    found, truth = answers(seed)
    known = ConsensusWeights.fitted(found, truth)
    assert known.offsets == pytest.approx(np.array([[-0.02, -0.01], [0, 0.01], [0, 0]]), abs=0.006)
    assert known.weights[0] == pytest.approx(0.5, abs=0.12)
    assert known.weights.sum() == pytest.approx(1)
    consensus = pupil_consensus(found, known)
    error = np.linalg.norm(consensus.points - truth, axis=1).mean()
    for own, offset in zip(found, known.offsets, strict=True):
        assert error < np.linalg.norm(own + offset - truth, axis=1).mean()


@given(SEEDS, st.integers(0, 4))
def test_too_few_labels_give_equal_weights(seed: int, labels: int) -> None:
    found, truth = answers(seed, 20)
    truth[labels:] = np.nan
    known = ConsensusWeights.fitted(found, truth)
    assert known.weights.tolist() == [1 / 3] * 3
    assert not known.offsets.any()


@given(SEEDS)
def test_missing_answers_are_left_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found, _ = answers(seed, 30)
    found[rng.random((3, 30)) < 0.5] = np.nan
    consensus = pupil_consensus(found, ConsensusWeights.equal(3))
    count = np.isfinite(found).all(axis=2).sum(axis=0)
    assert (np.isfinite(consensus.points).all(axis=1) == (count > 0)).all()
    assert (consensus.agreement[count == 0] == 0).all()
    assert consensus.agreement[count == 1] == pytest.approx(0.3)
    several = np.flatnonzero(count > 1)
    for eye in several:
        known = found[np.isfinite(found[:, eye]).all(axis=1), eye]
        assert consensus.points[eye] == pytest.approx(known.mean(axis=0))


def test_agreement_falls_with_the_distance() -> None:
    apart = np.array([0, 0.01, 0.05, 0.2])
    found = np.zeros((2, 4, 2))
    found[1, :, 0] = apart
    agreement = pupil_consensus(found, ConsensusWeights.equal(2)).agreement
    assert agreement == pytest.approx(np.exp(-((apart / 0.05) ** 2) / 4))
    assert agreement[0] == 1
