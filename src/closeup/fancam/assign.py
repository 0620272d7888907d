"""The member that each person of a video is, by exact global optimisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.linear_programmes import Constraints, minimum

NOBODY = -1
"""Member index of a person or a tracklet that shows none of the members."""

_FORCED = 1e4


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """Log odds of all choices against NOBODY.

    Attributes:
        main: (p, m) that person p is the main appearance of member m.
        further: (p, m) that person p is a further appearance of m, whose main one is another
            person; at most ``main``.

    """

    main: NDArray[np.float64]
    further: NDArray[np.float64]

    def beside(self, main: NDArray[np.int64], conflicts: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Log odds (p, m) beside an assignment.

        A person in conflict with the main appearance of a member could only replace it.

        Args:
            main: (m,) person that is the main appearance of each member; -1 for none.
            conflicts: (p, p) as in :func:`assign_identities`.

        """
        rows = np.arange(len(self.main))[:, None]
        replaces = (main == -1) | (rows == main) | conflicts[:, main]
        return np.where(replaces, self.main, self.further)


def assign_identities(
    gains: Gains,
    conflicts: NDArray[np.bool_],
    weights: NDArray[np.float64],
    fixed: Mapping[int, int] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Assign to each person the member that it is, or NOBODY.

    The weighted sum of the log odds is maximised under three conditions: a person is at most one
    member, a member has one main appearance, the one that counts most, and persons in conflict are
    not the same member. HiGHS solves it exactly.

    Args:
        gains: Log odds of p persons and m members.
        conflicts: (p, p) symmetric; pairs that are seen at the same time at different places.
        weights: (p,) how much each person counts, above 0: of two persons in conflict the one who
            is seen for long is not given up for one who is seen briefly.
        fixed: Corrections by the user: row → member or NOBODY.

    Returns:
        (p,) member index of each person, or NOBODY; (m,) main appearance of each member, or -1.

    """
    count, members = gains.main.shape
    chosen, mains = np.full(count, NOBODY, np.int64), np.full(members, -1, np.int64)
    both = np.stack([_forced(gains.main, fixed or {}), _forced(gains.further, fixed or {})])
    kinds, rows, columns = np.nonzero(both > 0)
    if len(rows):
        exclusions = _exclusions(kinds, rows, columns, conflicts, _importance(both[0], weights))
        taken = _maximum(weights[rows] * both[kinds, rows, columns], exclusions)
        chosen[rows[taken]] = columns[taken]
        first = taken & (kinds == 0)
        mains[columns[first]] = rows[first]
    return chosen, _completed(mains, chosen, _importance(both[0], weights))


def _importance(
    odds: NDArray[np.float64], weights: NDArray[np.float64]
) -> list[list[tuple[float, float]]]:
    """How each person (p) compares with others as the main appearance of each member (m).

    The main one counts most; of those that count alike it is the likeliest, so that a doubtful one
    does not become certain by the prior of a main appearance.
    """
    return [
        [(weight, one) for one in row]
        for weight, row in zip(weights.tolist(), odds.tolist(), strict=True)
    ]


def _completed(
    mains: NDArray[np.int64],
    chosen: NDArray[np.int64],
    importance: list[list[tuple[float, float]]],
) -> NDArray[np.int64]:
    """Main appearances (m,), also where further ones are as likely and all of a member's are."""
    found = mains.copy()
    for member in np.setdiff1d(chosen, [NOBODY, *np.flatnonzero(mains >= 0)]):
        own = np.flatnonzero(chosen == member).tolist()
        found[member] = max((importance[row][member], -row, row) for row in own)[2]
    return found


def _forced(gain: NDArray[np.float64], fixed: Mapping[int, int]) -> NDArray[np.float64]:
    forced: NDArray[np.float64] = gain.copy()
    for row, member in fixed.items():
        forced[row] = -_FORCED
        if member != NOBODY:
            forced[row, member] = gain[row, member] + _FORCED
    return forced


def _maximum(gain: NDArray[np.float64], exclusions: list[list[int]]) -> NDArray[np.bool_]:
    """The set of greatest total gain with at most one of each list in it; shape (n,)."""
    if not exclusions:
        return np.ones(len(gain), bool)
    one_of_each = Constraints.sums(exclusions, len(gain))
    return minimum(-gain, one_of_each, (-np.inf, 1.0), (0.0, 1.0), whole=True).values > 0.5


def _exclusions(
    kinds: NDArray[np.int64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    conflicts: NDArray[np.bool_],
    importance: list[list[tuple[float, float]]],
) -> list[list[int]]:
    """Sets of choices that exclude each other.

    Choice i is that person ``rows[i]`` is member ``columns[i]``: the main appearance if
    ``kinds[i]`` is 0, a further one if it is 1. No further one is more important than the main
    one.
    """
    found = [np.flatnonzero(rows == row).tolist() for row in np.unique(rows)]
    for column in np.unique(columns):
        own = np.flatnonzero(columns == column)
        main, further = own[kinds[own] == 0], own[kinds[own] == 1]
        found.append(main.tolist())
        of = [importance[row][column] for row in rows.tolist()]
        found += [[i, j] for i in main for j in further if of[i] < of[j]]
        cliques = _cliques(conflicts[np.ix_(rows[own], rows[own])])
        found += [[int(own[i]) for i in clique] for clique in cliques]
    return [choices for choices in found if len(choices) > 1]


def _cliques(conflicts: NDArray[np.bool_]) -> list[list[int]]:
    """Cliques that cover all conflicts (n, n): large ones make the linear relaxation tight."""
    left = np.triu(conflicts)
    found = []
    while left.any():
        first, second = np.unravel_index(int(left.argmax()), left.shape)
        clique = [int(first), int(second)]
        for other in np.flatnonzero(conflicts[first] & conflicts[second]):
            if conflicts[other, clique].all():
                clique.append(int(other))
        left[np.ix_(sorted(clique), sorted(clique))] = False
        found.append(clique)
    return found


def option_losses(
    gains: Gains,
    conflicts: NDArray[np.bool_],
    weights: NDArray[np.float64],
    members: NDArray[np.int64],
    mains: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How much each other choice for each person costs.

    If a person is to be a member whom a person in conflict with it is, that one takes its own
    second choice. If a main appearance is to be somebody else, a further one takes its place. All
    others stay as they are.

    Args:
        gains: Log odds of p persons and m members.
        conflicts: (p, p) as in :func:`assign_identities`.
        weights: (p,) as there.
        members: (p,) the optimal assignment.
        mains: (m,) its main appearances.

    Returns:
        (p, m + 1) loss of the total; the last column is for NOBODY, and 0 is the optimum.

    """
    beside = gains.beside(mains, conflicts)
    gain = np.hstack([beside, np.zeros((len(members), 1))])
    losses = gain[np.arange(len(members)), members][:, None] - gain
    losses -= _promotions(gains, members, mains)[:, None]
    for person, other in np.argwhere(conflicts & (members != NOBODY)):
        share = min(1.0, weights[other] / weights[person])
        rivals = conflicts[other] & (members != NOBODY)
        rivals[person], rivals[other] = False, True
        second = np.delete(gain[other], members[rivals]).max()
        losses[person, members[other]] += share * (gain[other, members[other]] - second)
    return np.asarray(np.maximum(losses, 0), np.float64)


def _promotions(
    gains: Gains, members: NDArray[np.int64], mains: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What is gained where a further appearance takes the place of each person; shape (p,).

    A main appearance is likelier than a further one: without this gain a person who is taken for
    the main appearance of a member would seem sure because the member is surely in the video.
    """
    gained = np.zeros(len(members))
    for member in np.flatnonzero(mains >= 0):
        further = np.flatnonzero((members == member) & (np.arange(len(members)) != mains[member]))
        more = gains.main[further, member] - gains.further[further, member]
        gained[mains[member]] = more.max(initial=0)
    return gained
