"""Which names are certain enough to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.identity_assignment import IdentityAssignment
from closeup.tracks import Tracklet


def within_risk(
    assignment: IdentityAssignment, tracklets: Sequence[Tracklet], risk: float
) -> IdentityAssignment:
    """Withhold the least certain names, until few of the shown positions are expected to be wrong.

    The most certain tracklets are shown, as many as keep the expected share of frames with a wrong
    name within ``risk``. Corrected tracklets are certain.

    Args:
        assignment: Members and confidences of all tracklets.
        tracklets: The tracklets, in the same order.
        risk: Largest expected share of wrong frames among those that are shown, 0 to 1.

    Returns:
        The assignment with NOBODY for tracklets that are withheld; ``withheld`` holds the members
        that they probably show.

    """
    named = np.flatnonzero(assignment.members != NOBODY)
    order = named[np.argsort(-assignment.confidence[named], kind="stable")]
    frames = np.array([len(tracklets[row]) for row in order], np.float64)
    hidden = order[_allowed(frames, assignment.confidence[order], risk) :]
    members, withheld = assignment.members.copy(), assignment.withheld.copy()
    confidence = assignment.confidence.copy()
    withheld[hidden] = members[hidden]
    members[hidden] = NOBODY
    confidence[hidden] = 1 - confidence[hidden]
    return replace(assignment, members=members, withheld=withheld, confidence=confidence)


def _allowed(
    frames: NDArray[np.float64], confidence: NDArray[np.float64], risk: float
) -> int:
    """How many of the tracklets, the most certain first, may be shown."""
    if not len(frames):
        return 0
    wrong = np.cumsum(frames * (1 - confidence)) / np.cumsum(frames)
    allowed = np.flatnonzero(wrong <= risk)
    return int(allowed[-1]) + 1 if len(allowed) else 0
