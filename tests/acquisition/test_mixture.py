from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.acquisition.mixture import Mixture
from closeup.acquisition.uncertainty import RANDOM_REASON
from tests.acquisition.measured import candidates

TYPICAL = "typical of many others"


def test_typical_ones_while_labels_are_few() -> None:
    chosen = Mixture()(candidates(200), 50, np.random.default_rng(0))
    assert Counter(chosen.reasons) == {TYPICAL: 42, RANDOM_REASON: 8}


def test_uncertain_ones_later() -> None:
    many = candidates(200, labelled=np.random.default_rng(1).normal(size=(100, 5)))
    chosen = Mixture()(many, 50, np.random.default_rng(0))
    counts = Counter(chosen.reasons)
    assert counts[TYPICAL] == 0
    assert counts[RANDOM_REASON] == 8


def test_a_batch_over_the_limit_has_both() -> None:
    some = candidates(400, labelled=np.random.default_rng(1).normal(size=(70, 5)))
    chosen = Mixture()(some, 100, np.random.default_rng(0))
    counts = Counter(chosen.reasons)
    assert counts[TYPICAL] == 30
    assert counts[RANDOM_REASON] == 15


def test_the_random_ones_are_even_in_the_order() -> None:
    chosen = Mixture(random_share=0.1)(candidates(400), 100, np.random.default_rng(0))
    places = [place for place, why in enumerate(chosen.reasons) if why == RANDOM_REASON]
    assert len(places) == 10
    assert {place // 10 for place in places} == set(range(10))


def test_uncertain_ones_are_of_the_pool_and_differ() -> None:
    """With one measure and a pool of 4 of 20, the two choices are of these 4."""
    bad = np.linspace(0, 1, 20)
    features = np.zeros((20, 1))
    features[[17, 18]] = [[1.0], [5.0]]
    known = replace(
        candidates(20, features=features, labelled=np.zeros((0, 1)), bad=bad),
        entropy=None, expected=None, disagreement=None, change=None, predictions=None,
        pictures=np.arange(20),
    )  # fmt: skip
    chosen = Mixture(few=0, pool=2, random_share=0)(known, 2, np.random.default_rng(0))
    assert 18 in chosen.rows
    assert set(chosen.rows.tolist()) <= {16, 17, 18, 19}
    assert "probability" in chosen.reasons[0]


def test_without_features_the_covariance_chooses() -> None:
    known = candidates(60, features=None, labelled=None)
    chosen = Mixture()(known, 10, np.random.default_rng(0))
    assert TYPICAL not in chosen.reasons
    assert chosen.reasons.count(RANDOM_REASON) == 2


@given(
    st.integers(1, 4), st.integers(0, 30), st.floats(0, 1), st.sampled_from([0.0, 0.5]),
    st.integers(0, 1000),
)  # fmt: skip
def test_no_picture_gives_more_than_its_share(
    limit: int, budget: int, share: float, unknown: float, seed: int
) -> None:
    pictures = np.random.default_rng(seed).integers(0, 6, 40)
    known = candidates(40, seed, unknown=unknown, pictures=pictures)
    chosen = Mixture(10, random_share=share, per_picture=limit)(
        known, budget, np.random.default_rng(seed)
    )
    counts = Counter(pictures[chosen.rows].tolist())
    assert max(counts.values(), default=0) <= limit
    available = sum(min(count, limit) for count in Counter(pictures.tolist()).values())
    assert len(chosen.rows) == min(budget, available)


def test_without_a_limit_one_picture_may_give_all() -> None:
    known = candidates(10, pictures=np.zeros(10, np.int64))
    assert len(Mixture(per_picture=None)(known, 8, np.random.default_rng(0)).rows) == 8


@pytest.mark.parametrize(
    "wrong",
    [{"few": -1}, {"pool": 0.5}, {"random_share": 1.5}, {"per_picture": 0}],
)
def test_values_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"of range|at least 1"):
        Mixture(**wrong)
