"""Identities of tracklets by exact global optimisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from closeup.tracks import PositionSource, Tracklet

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NOBODY = -1
"""Member index of a tracklet that shows none of the members."""

_FORCED = 1e4


def assign_identities(
    tracklets: Sequence[Tracklet],
    evidence: NDArray[np.float64],
    fixed: Mapping[int, int] | None = None,
) -> NDArray[np.int64]:
    """Assign to each tracklet the member it shows, or NOBODY.

    The sum of the evidence is maximised under two conditions: a tracklet shows at most one
    member, and a member is in one place at a time. Tracklets that overlap in time form an
    interval graph, so the second condition is written once for each of its cliques; then the
    linear relaxation has integer solutions, and HiGHS solves it exactly.

    Args:
        tracklets: Tracklets of one or several shots; those of different shots do not interact.
        evidence: (t, m) log likelihood ratios that tracklet t shows member m.
        fixed: Corrections by a person: row of ``tracklets`` → member or NOBODY.

    Returns:
        (t,) member index of each tracklet, or NOBODY.

    """
    count, members = evidence.shape
    if not count or not members:
        return np.full(count, NOBODY, np.int64)
    from scipy.optimize import Bounds, LinearConstraint, milp  # late: a third of all imports

    gain = evidence.copy()
    for row, member in (fixed or {}).items():
        gain[row] = -_FORCED
        if member != NOBODY:
            gain[row, member] = _FORCED
    conditions = _one_member_each(count, members) + [
        [t * members + m for t in clique] for clique in _cliques(tracklets) for m in range(members)
    ]
    solution = milp(
        -gain.ravel(),
        integrality=np.ones(gain.size, np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(_rows(conditions, gain.size), ub=1),
    )
    chosen = np.asarray(solution.x).reshape(gain.shape) > 0.5
    chosen &= gain > 0
    return np.where(chosen.any(axis=1), chosen.argmax(axis=1), NOBODY).astype(np.int64)


def seen_span(tracklet: Tracklet) -> tuple[int, int]:
    """First and last frame in which the face was detected, both included.

    Rows outside this span come from flow and clothes. They may overlap the next tracklet of the
    same member, for example after the member turned round.
    """
    seen = tracklet.frames[tracklet.sources == PositionSource.DETECTED]
    return int(seen[0]), int(seen[-1])


def _one_member_each(count: int, members: int) -> list[list[int]]:
    return [list(range(t * members, (t + 1) * members)) for t in range(count)]


def _cliques(tracklets: Sequence[Tracklet]) -> list[list[int]]:
    """Sets of tracklets that are seen at the same time, one set for each tracklet's start."""
    spans = [seen_span(tracklet) for tracklet in tracklets]
    found = (
        [i for i, (first, last) in enumerate(spans) if first <= start <= last]
        for start in sorted({first for first, _ in spans})
    )
    return [clique for clique in found if len(clique) > 1]


def _rows(conditions: list[list[int]], width: int) -> csr_array:
    from scipy.sparse import csr_array

    rows = np.repeat(np.arange(len(conditions)), [len(columns) for columns in conditions])
    columns = np.concatenate([np.asarray(columns) for columns in conditions])
    return csr_array((np.ones(len(columns)), (rows, columns)), shape=(len(conditions), width))
