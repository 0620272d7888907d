"""Which names are certain enough to be shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from closeup.fancam.assign import NOBODY
from closeup.fancam.identity_assignment import IdentityAssignment

_LEAST_CERTAIN = 10.0
"""How many times likelier than on average the least certain name that is shown may be wrong. Most
of the shown time is far more certain: of all names above a confidence of 0.9, 0.8 % are expected to
be wrong (``benchmarks/calibrate_fancams.py``)."""


def within_risk(assignment: IdentityAssignment, risk: float) -> IdentityAssignment:
    """Withhold names that are too uncertain.

    Args:
        assignment: Members and confidences of all tracklets.
        risk: Share of the shown time, 0 to 1, that may show somebody else. Names are shown from a
            confidence of ``1 - 10 * risk`` on; at 0 only corrected ones are, from 0.1 on all.

    Returns:
        The assignment with NOBODY for tracklets that are withheld; ``withheld`` holds the members
        that they probably show.

    """
    hidden = (assignment.members != NOBODY) & (assignment.confidence < 1 - _LEAST_CERTAIN * risk)
    return replace(
        assignment,
        members=np.where(hidden, NOBODY, assignment.members),
        withheld=np.where(hidden, assignment.members, NOBODY),
        confidence=np.where(hidden, 1 - assignment.confidence, assignment.confidence),
    )
