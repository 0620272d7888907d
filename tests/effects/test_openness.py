from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from closeup.effects.openness import log_odds, openness_of


@given(st.floats(0.01, 0.99))
def test_log_odds_come_back(openness: float) -> None:
    assert np.isclose(openness_of(log_odds(openness)), openness)


def test_log_odds_of_extremes_are_finite_and_of_unknown_eyes_unknown() -> None:
    odds = log_odds([0.0, 0.5, 1.0, np.nan])
    assert -10 < odds[0] < -5
    assert 5 < odds[2] < 10
    assert odds[1] == 0
    assert np.isnan(odds[3])
