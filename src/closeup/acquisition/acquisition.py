"""The interface of all functions that choose what is labelled next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.candidates import LabelCandidates


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Samples to label.

    Attributes:
        rows: (b,) int64, indices of the candidates, the most useful first; no index twice.
        reasons: Why each of them, in a few words for the person who labels.

    """

    rows: NDArray[np.int64]
    reasons: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.reasons) != len(self.rows):
            raise ValueError(f"{len(self.rows)} samples and {len(self.reasons)} reasons")


class Acquisition(Protocol):
    """Chooses samples to label."""

    def __call__(
        self, candidates: LabelCandidates, budget: int, rng: np.random.Generator
    ) -> Selection:
        """Choose ``budget`` candidates, or all if there are fewer.

        Args:
            candidates: What is known of the samples.
            budget: Number of samples to choose, at least 0.
            rng: The only source of chance; equal ones give equal choices.

        Raises:
            InputError: a measure that this function needs was not made.

        """
        ...
