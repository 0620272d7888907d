from __future__ import annotations

import numpy as np
import pytest

from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.diversity import core_set, k_centres, typicality

GROUPS = np.array([[0.0, 0], [10, 0], [0, 10], [30, 30]])
SIZES = (40, 30, 20, 10)


def grouped(seed: int = 0) -> tuple[LabelCandidates, np.ndarray]:
    """Four groups of different size, and the group of each sample."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(4), SIZES)
    features = GROUPS[group] + rng.normal(0, 0.5, (len(group), 2))
    return LabelCandidates(np.arange(len(group)), features=features), group


def test_k_centres_on_a_line() -> None:
    """From 0, the farthest is 10, then the one in the middle of the longest gap."""
    line = np.array([[1.0], [10], [6], [4.4], [9]])
    assert k_centres(line, np.array([[0.0]]), 3).tolist() == [1, 3, 2]
    assert k_centres(line, np.array([[0.0], [10.0]]), 1).tolist() == [3]


def test_without_labelled_samples_the_first_is_in_the_middle() -> None:
    line = np.array([[0.0], [1], [4], [5], [10]])
    assert k_centres(line, np.empty((0, 1)), 2).tolist() == [2, 4]


@pytest.mark.parametrize("seed", range(5))
def test_the_core_set_covers_all_groups(seed: int) -> None:
    known, group = grouped(seed)
    chosen = core_set(known, 4, np.random.default_rng(seed))
    assert sorted(group[chosen.rows].tolist()) == [0, 1, 2, 3]
    assert chosen.reasons[0] == "unlike the others"


def test_the_core_set_leaves_out_what_is_labelled() -> None:
    known, group = grouped()
    labelled = LabelCandidates(known.pictures, features=known.features, labelled=GROUPS[:3])
    chosen = core_set(labelled, 1, np.random.default_rng(0))
    assert group[chosen.rows].tolist() == [3]
    assert chosen.reasons == ("unlike all labelled ones",)


def test_k_centres_are_within_twice_of_the_best_radius() -> None:
    """The known bound of the greedy search, against all pairs of centres."""
    points = np.random.default_rng(0).random((12, 2))
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    best = min(
        np.minimum(distances[a], distances[b]).max() for a in range(12) for b in range(a + 1, 12)
    )
    chosen = k_centres(points, np.empty((0, 2)), 2)
    assert distances[chosen].min(axis=0).max() <= 2 * best


@pytest.mark.parametrize("seed", range(5))
def test_typical_ones_are_in_the_middle_of_different_groups(seed: int) -> None:
    known, group = grouped(seed)
    chosen = typicality(known, 4, np.random.default_rng(seed))
    assert sorted(group[chosen.rows].tolist()) == [0, 1, 2, 3]
    assert known.features is not None
    away = np.linalg.norm(known.features - GROUPS[group], axis=1)
    assert (
        away[chosen.rows] < [np.quantile(away[group == g], 0.6) for g in group[chosen.rows]]
    ).all()
    assert group[chosen.rows[0]] == 0, "the largest group comes first"


def test_groups_with_a_label_come_later() -> None:
    known, group = grouped()
    labelled = LabelCandidates(known.pictures, features=known.features, labelled=GROUPS[:2])
    chosen = typicality(labelled, 2, np.random.default_rng(0))
    assert sorted(group[chosen.rows].tolist()) == [2, 3]


def test_equal_samples() -> None:
    same = LabelCandidates(np.arange(30), features=np.ones((30, 3)))
    for choose in (core_set, typicality):
        assert len(set(choose(same, 12, np.random.default_rng(0)).rows.tolist())) == 12
