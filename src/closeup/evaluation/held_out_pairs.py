"""Verification on people who were held out from a training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.evaluation.curves import accepted_share
from closeup.evaluation.verification import best_threshold, threshold_at_far

FAR = 0.01
"""False accept rate at which true accepts are reported; few held-out pairs allow no lower one."""
_MOST_SAME, _LEAST_OTHERS = 20_000, 10_000
"""Pairs of one person at most, and of different people at least, if there are as many."""


class HeldOutPairs:
    """Pairs of faces of one person, and of different people, drawn once.

    Args:
        people: (n,) person of each face.
        seed: Determines the pairs.

    Raises:
        InputError: no two faces are of one person, or all are.

    """

    def __init__(self, people: NDArray[np.int64], seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        first, second = np.triu_indices(len(people), 1)
        same = people[first] == people[second]
        if same.all() or not same.any():
            raise InputError(
                "the held-out faces give no pairs of one person and of different people; hold out "
                "more, or give more photos of each person"
            )
        own = rng.permutation(np.flatnonzero(same))[:_MOST_SAME]
        others = rng.permutation(np.flatnonzero(~same))[: max(len(own), _LEAST_OTHERS)]
        chosen = np.concatenate([own, others])
        self._rows = np.stack([first[chosen], second[chosen]], 1)
        self._same = same[chosen]

    def __len__(self) -> int:
        return len(self._rows)

    def figures(self, vectors: NDArray[np.float32]) -> dict[str, float]:
        """Measure vectors (n, d) of unit length.

        Returns:
            ``error``, the mean of the shares of wrong decisions about both kinds of pairs, at the
            distance that is best for them; ``accepts``, the share of the pairs of one person that
            is accepted where :data:`FAR` of the others is.

        """
        distances = np.linalg.norm(vectors[self._rows[:, 0]] - vectors[self._rows[:, 1]], axis=1)
        same = self._same
        accepted = distances < best_threshold(distances, same)
        strict = threshold_at_far(distances[~same], FAR)
        return {
            "error": float(((~accepted[same]).mean() + accepted[~same].mean()) / 2),
            "accepts": float(accepted_share(distances[same], strict)),
        }
