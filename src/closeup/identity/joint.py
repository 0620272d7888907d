"""The joint posterior of the identities of the faces in one picture.

One person is in a picture once, so faces compete for members: an assignment gives every face a
member or nobody, and no member to two faces. This is the joint probabilistic data association of
Fortmann, Bar-Shalom and Scheffe (IEEE J. Oceanic Eng. 8, 1983).

The share of non-members among the faces is not known; it is integrated out. Its prior is
Beta(:data:`NON_MEMBERS`, :data:`NON_MEMBERS` · members), whose mean makes every member and "nobody"
equally likely for a single face. In a picture of many members the share becomes small, in one of
non-members large. Given the number of faces that show members, all pairings of faces and members
are equally likely, so the prior of an assignment depends on the number of its pairs only.

A few pictures show a person twice: in a mirror, on a screen, in a collage. Every face may
therefore repeat a member whom another face shows, with the small prior odds :data:`REPEATED`.

Marginals are sums over all assignments. They are computed exactly by dynamic programming over the
subsets of the smaller side, faces or members. With more than :data:`MOST_EXACT` on both sides,
belief propagation (Vontobel, "The Bethe Permanent of a Nonnegative Matrix", IEEE Trans. Inf.
Theory 59, 2013) finds the pairs that are certain, and what is left is summed exactly if it is
small enough. Else the result of belief propagation stays, which errs by some hundredths, and by
more where many faces resemble many members.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NON_MEMBERS = 1.0
"""Strength of the prior, as the number of non-members, and of faces of each member, seen before."""
REPEATED = 0.01
"""Prior odds that a face repeats a certain member whom another face of the picture shows. Without
it two faces of one person take each other's name; above it fewer look-alikes are named."""
MOST_EXACT = 14
"""Largest number of members or faces, whichever is smaller, of an exact solution."""

_ROUNDS, _CHANGE = 500, 1e-7
_CERTAIN = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class JointPosterior:
    """Probabilities of m members for each of n faces; what a row lacks to 1 is a non-member.

    Attributes:
        once: (n, m) float64, probability that the face is the member's one face of the picture;
            a column sums to 1 at most, up to rounding and errors of belief propagation.
        repeated: (n, m) float64, probability that the face shows the member once more.

    """

    once: NDArray[np.float64]
    repeated: NDArray[np.float64]

    @property
    def shown(self) -> NDArray[np.float64]:
        """(n, m) float64, probability that the face shows the member."""
        return self.once + self.repeated

    @property
    def open_members(self) -> NDArray[np.float64]:
        """(n, m) float64, expected number of members whom no other face of the picture shows.

        It counts the member of the column as one of them: 1 to m.
        """
        elsewhere = np.clip(self.once.sum(axis=0) - self.once, 0, 1)
        free = 1 - elsewhere
        return np.asarray(1 + free.sum(axis=1, keepdims=True) - free)


def joint_posterior(log_odds: NDArray[np.float64]) -> JointPosterior:
    """The posterior of the faces of one picture.

    Args:
        log_odds: (n, m), m ≥ 1: natural logarithm of how many times likelier each face is if it is
            the member's than if it is a non-member's.

    """
    faces, members = log_odds.shape
    if not faces:
        return JointPosterior(np.zeros((0, members)), np.zeros((0, members)))
    odds = np.exp(log_odds)
    again = (REPEATED if faces > 1 else 0.0) * odds
    apart = 1 + again.sum(axis=1, keepdims=True)  # a non-member, or a member once more
    once = pair_marginals(odds / apart, log_prior(faces, members))
    rest = np.maximum(1 - once.sum(axis=1, keepdims=True), 0)
    return JointPosterior(once, rest * again / apart)


def log_prior(faces: int, members: int) -> NDArray[np.float64]:
    """Logarithm of the prior of one assignment with 0, 1, … pairs, but for a constant.

    Returns:
        (min(faces, members) + 1,) float64.

    """
    from scipy.special import betaln, gammaln  # slow to import

    pairs = np.arange(min(faces, members) + 1)
    others = betaln(NON_MEMBERS + faces - pairs, NON_MEMBERS * members + pairs)
    return np.asarray(others + gammaln(members - pairs + 1))


def pair_marginals(odds: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each pair of a row and a column, where each row and column is in one at most.

    Args:
        odds: (r, c) weights ≥ 0; an assignment weighs the product of those of its pairs, times the
            exponential of its number's ``prior``.
        prior: (min(r, c) + 1,) logarithms, by the number of pairs.

    Returns:
        (r, c) float64.

    """
    if odds.shape[1] > odds.shape[0]:
        return pair_marginals(odds.T, prior).T
    if odds.shape[1] <= MOST_EXACT:
        return exact_marginals(odds, prior)
    found = propagated_marginals(odds, prior)
    certain = found > _CERTAIN
    open_ = np.ix_(~certain.any(axis=1), ~certain.any(axis=0))
    if 0 < min(odds[open_].shape) <= MOST_EXACT:
        found[open_] = pair_marginals(odds[open_], prior[certain.sum() :])
    return found


def exact_marginals(odds: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """:func:`pair_marginals` by sums over the subsets of columns; time r · c · 2^c."""
    rows, columns = odds.shape
    pairs = np.array([subset.bit_count() for subset in range(1 << columns)])
    weights = np.append(np.exp(prior - prior.max()), 0.0)
    ahead = [weights[np.minimum(pairs, len(prior))]]  # by the columns taken before
    for row in odds[::-1]:
        ahead.append(_scaled(_extended(ahead[-1], row, back=True)))
    before = np.zeros(1 << columns)  # by the columns taken so far
    before[0] = 1
    found = np.empty((rows, columns))
    for number, row in enumerate(odds):
        after = ahead[rows - number - 1]
        for column in range(columns):
            free, taken = _by_column(before, column)[0], _by_column(after, column)[1]
            found[number, column] = row[column] * np.vdot(free, taken)
        found[number] /= np.vdot(before, after) + found[number].sum()
        before = _scaled(_extended(before, row, back=False))
    return found


def propagated_marginals(
    odds: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """:func:`pair_marginals` by belief propagation, where the prior is that of the mean number."""
    steps, back, number = np.diff(prior), np.ones(odds.shape), min(odds.shape) / 2
    found = np.zeros(odds.shape)
    for _ in range(_ROUNDS):
        step = np.interp(number - 0.5, np.arange(len(steps)), steps)
        own = np.exp(step) * odds
        beliefs = own * back
        sent = own / (1 + beliefs.sum(axis=1, keepdims=True) - beliefs)
        back = (back + 1 / (1 + sent.sum(axis=0) - sent)) / 2
        beliefs = own * back
        last, found = found, beliefs / (1 + beliefs.sum(axis=1, keepdims=True))
        number = (number + float(found.sum())) / 2
        if np.abs(found - last).max() < _CHANGE:
            break
    return found


def _extended(
    sums: NDArray[np.float64], row: NDArray[np.float64], *, back: bool
) -> NDArray[np.float64]:
    """The sums by subset with one more row, which takes a free column or none."""
    wider = sums.copy()
    for column, odds in enumerate(row):
        given, made = _by_column(sums, column), _by_column(wider, column)
        if back:
            made[0] += odds * given[1]
        else:
            made[1] += odds * given[0]
    return wider


def _by_column(sums: NDArray[np.float64], column: int) -> NDArray[np.float64]:
    """A view of sums by subset: [0] of the subsets without the column, [1] of those with it."""
    return sums.reshape(-1, 2, 1 << column).swapaxes(0, 1)


def _scaled(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums without their scale, which would overflow for many rows."""
    return np.asarray(sums / sums.max())
