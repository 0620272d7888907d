from __future__ import annotations

import numpy as np
import pytest

from closeup.identity.false_accepts import distance_at
from closeup.identity.verification import verify


def pair(apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors whose unit vectors are so far apart."""
    angle = 2 * np.arcsin(apart / 2)
    a, b = np.zeros(128, np.float32), np.zeros(128, np.float32)
    a[0] = 3
    b[:2] = np.cos(angle), np.sin(angle)
    return a, b


def test_the_same_photo_is_the_same_person() -> None:
    a, _ = pair(0)
    verdict = verify(a, 7 * a, "dlib-128")
    assert verdict.same
    assert verdict.distance == pytest.approx(0, abs=1e-3)
    assert verdict.threshold == distance_at(1e-3)
    assert verdict.threshold_false_accept_rate == 1e-3
    assert verdict.false_accept_rate is not None
    assert verdict.false_accept_rate < 1e-6


def test_a_stricter_rate_asks_for_less_distance() -> None:
    a, b = pair(1.0)
    assert not verify(a, b, "dlib-128").same
    strict, lax = (verify(a, b, "dlib-128", rate).threshold for rate in (1e-5, 1e-2))
    assert strict < lax


def test_it_does_not_matter_which_is_first() -> None:
    a, b = pair(0.4)
    assert verify(a, b, "dlib-128").distance == pytest.approx(
        verify(b, a, "dlib-128").distance, abs=1e-6
    )


def test_an_embedder_without_calibration_goes_by_its_authors_word() -> None:
    near, far = pair(1.1), pair(1.2)
    verdict = verify(*near, "sface")
    assert verdict.same
    assert verdict.distance == pytest.approx(1.1, abs=1e-3)
    assert (verdict.threshold, verdict.threshold_false_accept_rate) == (1.128, None)
    assert verdict.false_accept_rate is None
    assert not verify(*far, "sface").same


def test_a_rate_that_was_not_measured() -> None:
    with pytest.raises(ValueError, match="rate must be"):
        verify(*pair(0.4), "dlib-128", 1e-12)
