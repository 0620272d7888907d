"""How certain names are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY, Gains

SLOPE, SHIFT = 1.22, -0.76
"""Logistic calibration of the confidence of a name: ``benchmarks/calibrate_fancams.py``."""
_LINK_SLOPE, _LINK_SHIFT = 0.35, 1.0
"""The same for the log odds that a tracklet belongs to its person: of those of 2 to 3 87 % did, of
those of 5 to 7 96 %."""
_COMPARED = 1.75
"""Factor on differences of log odds between members, as for the faces of one picture: see
:func:`closeup.identity.recognition.compared_odds`."""
_LEAST_CERTAIN = 10.0
"""How many times likelier than on average the least certain name that is shown may be wrong. Most
of the shown time is far more certain: of all names above a confidence of 0.9, 0.8 % are expected to
be wrong (``benchmarks/calibrate_fancams.py``)."""


def threshold(risk: float) -> float:
    """Confidence from which names are shown.

    Args:
        risk: Share of the shown time, 0 to 1, that may show somebody else. At 0 only corrected
            names are shown, from 0.1 on all.

    """
    return 1 - _LEAST_CERTAIN * risk


def calibrated(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities that named persons are members, from log odds against NOBODY (Platt)."""
    return np.asarray(1 / (1 + np.exp(-(SLOPE * odds + SHIFT))), np.float64)


def linked(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities that tracklets belong to their persons, from log odds; 1 where infinite."""
    return np.asarray(1 / (1 + np.exp(-(_LINK_SLOPE * odds + _LINK_SHIFT))), np.float64)


def among_members(losses: NDArray[np.float64], members: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability (p,) of each person's member among all members; 1 for NOBODY."""
    if losses.shape[1] == 1:  # no members at all
        return np.ones(len(members))
    shares = softmax(-_COMPARED * losses[:, :-1])
    own = shares[np.arange(len(members)), np.maximum(members, 0)]
    return np.where(members == NOBODY, 1, own)


def among_persons(
    gains: Gains,
    conflicts: NDArray[np.bool_],
    members: NDArray[np.int64],
    mains: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Probability that each person is its member, and not somebody who is nobody now.

    Anybody may be the main appearance instead, unless seen at once with another appearance of the
    member. The place of a further appearance can be taken by those who are seen at once with it.

    Args:
        gains: Log odds of p persons and m members.
        conflicts: (p, p) as in :func:`assign_identities`.
        members: (p,) the optimal assignment.
        mains: (m,) its main appearances.

    Returns:
        (p,) 1 for NOBODY.

    """
    shares = np.ones(len(members))
    for person in np.flatnonzero(members != NOBODY):
        member, others = members[person], np.arange(len(members)) != person
        same = np.flatnonzero((members == member) & others)
        rivals = (members == NOBODY) & ~conflicts[:, same].any(axis=1)
        odds = gains.main[:, member]
        if mains[member] != person:
            rivals &= conflicts[person]
            odds = gains.further[:, member]
        shares[person] = 1 / (1 + np.exp(_COMPARED * (odds[rivals] - odds[person])).sum())
    return shares


def softmax(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of the columns of log odds (n, k)."""
    shares = np.exp(odds - odds.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
