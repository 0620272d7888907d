from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from closeup.identity.verification import verify
from tests.calibrations import DLIB


def pair(apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors whose unit vectors are so far apart."""
    angle = 2 * np.arcsin(apart / 2)
    a, b = np.zeros(128, np.float32), np.zeros(128, np.float32)
    a[0] = 3
    b[:2] = np.cos(angle), np.sin(angle)
    return a, b


def test_the_same_photo_is_the_same_person() -> None:
    a, _ = pair(0)
    verdict = verify(a, 7 * a, DLIB)
    assert verdict.same
    assert verdict.distance == pytest.approx(0, abs=1e-3)
    assert verdict.threshold == DLIB.false_accepts.distance_at(1e-3)
    assert verdict.threshold_false_accept_rate == 1e-3
    assert verdict.false_accept_rate < 1e-6


def test_a_stricter_rate_asks_for_less_distance() -> None:
    a, b = pair(1.0)
    assert not verify(a, b, DLIB).same
    strict, lax = (verify(a, b, DLIB, rate).threshold for rate in (1e-5, 1e-2))
    assert strict < lax


def test_it_does_not_matter_which_is_first() -> None:
    a, b = pair(0.4)
    assert verify(a, b, DLIB).distance == pytest.approx(verify(b, a, DLIB).distance, abs=1e-6)


def test_the_default_rate_is_one_that_was_measured() -> None:
    curve = DLIB.false_accepts
    few = replace(curve, rates=curve.rates[:6], distances=curve.distances[:6])
    verdict = verify(*pair(0.4), replace(DLIB, false_accepts=few))
    assert verdict.threshold_false_accept_rate == few.least == 0.01
    assert verdict.threshold == few.distances[-1]


def test_a_rate_that_was_not_measured() -> None:
    with pytest.raises(ValueError, match="rate must be"):
        verify(*pair(0.4), DLIB, 1e-12)


def test_faces_that_are_cut_off_must_be_nearer() -> None:
    whole, one, both = (verify(*pair(0.3), DLIB, cut=cut) for cut in (0, 1, 2))
    assert whole.distance == one.distance == both.distance
    assert whole.threshold > one.threshold > both.threshold
    assert one.threshold == DLIB.false_accepts.distance_at(5e-4)
    rates = [verdict.false_accept_rate for verdict in (whole, one, both)]
    assert rates == pytest.approx([rates[0], 2 * rates[0], 500 * rates[0]])
    assert one.threshold_false_accept_rate == pytest.approx(1e-3)
    assert all(v.same == (v.false_accept_rate < 1e-3) for v in (whole, one, both))


def test_two_cut_faces_and_a_rate_that_cannot_be_measured() -> None:
    curve = DLIB.false_accepts
    few = replace(curve, rates=curve.rates[:6], distances=curve.distances[:6])
    verdict = verify(*pair(0.35), replace(DLIB, false_accepts=few), cut=2)
    assert not verdict.same
    assert verdict.threshold_false_accept_rate == 1
