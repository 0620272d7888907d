from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from closeup.timecode import Timecode, parse_time

BASES = st.sampled_from([Fraction(1, 25), Fraction(1001, 30000), Fraction(1, 90000)])


@given(st.integers(-(10**9), 10**9), BASES)
def test_seconds_are_exact(pts: int, base: Fraction) -> None:
    assert Timecode(pts, base).seconds == pts * base


@given(st.fractions(0, 10**5), BASES)
def test_from_seconds_is_the_first_moment_not_before(seconds: Fraction, base: Fraction) -> None:
    code = Timecode.from_seconds(seconds, base)
    assert code.seconds >= seconds
    assert code.seconds - base < seconds


def test_equal_moments_of_different_bases() -> None:
    a, b = Timecode(1, Fraction(1, 25)), Timecode(3600, Fraction(1, 90000))
    assert a == b
    assert hash(a) == hash(b)
    assert not a < b
    assert str(Timecode(-90, Fraction(1))) == "-0:01:30.000"


def test_a_time_base_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        Timecode(0, Fraction(0))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", Fraction(90)),
        ("1:30", Fraction(90)),
        ("1:00:00.5", Fraction(7201, 2)),
        ("0.04", Fraction(1, 25)),
    ],
)
def test_reads_times(text: str, seconds: Fraction) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "-5", "1:-2", "1/0", "nan"])
def test_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|negative"):
        parse_time(text)
