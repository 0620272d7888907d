"""The probability that a label is wrong, in words and as people read numbers."""

from __future__ import annotations

_GOOD, _BAD = 0.2, 0.8
"""Probabilities up to which a label looks right, and from which it looks wrong."""


def verdict_in_words(bad: float) -> str:
    """``looks right``, ``doubtful`` or ``looks wrong``, by the probability of a wrong label."""
    if bad <= _GOOD:
        return "looks right"
    return "looks wrong" if bad >= _BAD else "doubtful"


def chance_in_words(bad: float) -> str:
    """The probability of a wrong label in percent, from 1 to 99: no network is ever certain."""
    return f"P(wrong) {min(max(round(100 * bad), 1), 99)} %"
