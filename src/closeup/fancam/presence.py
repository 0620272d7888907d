"""Prior odds that a person of a video is one of the members.

A video that members' photos are given for is likely to show them, and likely to be about them.
Each member is probably one of the persons who are seen for long, and each of these persons is
probably a member. How far both hold is estimated from the video itself, so that photos of people
who are not in it do not name those who are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

BYSTANDER = -1.0
"""Prior log odds that a person who is seen briefly is a given member: on LFW one random impostor in
150 reaches evidence against it, and five genuine faces in six."""
_LASTING = 1 / 3
"""Share of the video from which a person counts as one that the video is about."""
_LIKELY = 0.95
"""Prior probability that a member is in the video, and that a lasting person is a member."""
_AGAIN = 0.73
"""Largest prior probability that a lasting person is one of the members who are found already. The
two parts of a divided person are, and persons beyond the number of members are not."""
_PSEUDO = 10.0
"""Members, or lasting persons, that the prior probability is worth beside those of the video."""


def lasting(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each person counts as one that the video is about, in 0..1.

    Args:
        shares: (p,) share of the frames that show each person.

    Returns:
        (p,) 1 for persons seen in a third of the video, or in as much of it as the one who is seen
        most; less in proportion for others.

    """
    longest = float(shares.max(initial=0))
    return np.asarray(np.minimum(shares / max(min(_LASTING, longest), 1e-9), 1), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """What is known before faces are compared with photos.

    Attributes:
        weights: (p,) how far the video is about each person, see :func:`lasting`.
        available: (p,) number of members that each person may be, 1 or more.
        rivals: (p, m) sum of the weights of the persons that may be member m in each one's place,
            its own weight among them.
        present: Probability that a member is in the video.
        members: Probability that a lasting person is one of the members.

    """

    weights: NDArray[np.float64]
    available: NDArray[np.float64]
    rivals: NDArray[np.float64]
    present: float = _LIKELY
    members: float = _LIKELY

    def main_odds(self) -> NDArray[np.float64]:
        """Prior log odds that each person is the main appearance of each member; (p, m).

        A member who is in the video is one of the rivals, each in proportion to its weight; or
        nobody of them, if all of them together are seen less than one lasting person.
        """
        share = np.maximum(self.weights, 1e-6)[:, None] / np.maximum(self.rivals, 1)
        odds = np.log(self.present / (1 - self.present)) + np.log(share)
        return np.asarray(np.maximum(odds, self.further_odds()[:, None]), np.float64)

    def further_odds(self) -> NDArray[np.float64]:
        """Prior log odds of a further appearance of a member who is found already; (p,)."""
        again = min(self.members, _AGAIN)
        about = np.log(again / (1 - again) / self.available)
        return np.asarray((1 - self.weights) * BYSTANDER + self.weights * about, np.float64)

    def updated(self, chances: NDArray[np.float64], found: NDArray[np.float64]) -> Presence:
        """The same with probabilities that go with a result.

        Args:
            chances: (p,) probability that each person is a member.
            found: (m,) probability that each member was found.

        """
        total = float(self.weights.sum())
        members = (float(self.weights @ chances) + _PSEUDO * _LIKELY) / (total + _PSEUDO)
        present = (float(found.sum()) + _PSEUDO * _LIKELY) / (len(found) + _PSEUDO)
        return replace(self, present=min(present, _LIKELY), members=min(members, _LIKELY))
