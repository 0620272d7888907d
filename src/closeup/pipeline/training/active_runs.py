"""Learning curves of the experiment ``active``: label, refit, measure, choose, again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.acquisition import Acquisition, Selection
from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.strategies import ACQUISITIONS
from closeup.acquisition.uncertainty import drawn_at_random
from closeup.errors import InputError
from closeup.evaluation.active_study import LearningCurves
from closeup.files.arrays import read_arrays, write_arrays
from closeup.pipeline.training.active_heads import bagged_heads, fit_head
from closeup.pipeline.training.active_pool import StudyPhotos
from closeup.progress import Progress

RANDOM = "random"
"""The strategy that all others are compared with."""

UNKNOWN = ("quality", "temporal")
"""Strategies with measures that photos without verdicts do not have."""


@dataclass(frozen=True, slots=True)
class HalfSpread:
    """Chooses every second sample by the spread of the models, and the others at random.

    Attributes:
        few: Number of labels up to which all samples are drawn at random.

    """

    few: int = 0

    def __call__(
        self, candidates: LabelCandidates, budget: int, rng: np.random.Generator
    ) -> Selection:
        """See :class:`closeup.acquisition.acquisition.Acquisition`."""
        drawn = drawn_at_random(candidates, len(candidates), rng)
        if len(candidates.need("labelled")) < self.few:
            return Selection(drawn.rows[:budget], drawn.reasons[:budget])
        spread = ACQUISITIONS["spread"](candidates, budget - budget // 2, rng)
        others = drawn.rows[~np.isin(drawn.rows, spread.rows)][: budget - len(spread.rows)]
        rows = np.concatenate([spread.rows, others])
        return Selection(rows, spread.reasons + drawn.reasons[: len(others)])


STRATEGIES: Mapping[str, Acquisition] = {
    **{name: choose for name, choose in ACQUISITIONS.items() if name not in UNKNOWN},
    "half-spread": HalfSpread(),
    "late-half-spread": HalfSpread(few=100),
}
"""Those of ``closeup next`` that can be measured here, and two of the experiment's own."""

_BAGS = 6
_LEAST_ERROR = 1e-3
"""Eye distances; about the precision of labels, so that logarithms of errors are finite."""


@dataclass(frozen=True, slots=True, eq=False)
class CurveStudy:
    """Runs a strategy from its first labels to the last.

    Attributes:
        pool: Photos that may be labelled.
        test: Photos of other people; None: each seed tests on a fifth of the people of the pool,
            who are not learnt from.
        missed: Number of test photos in which the face was not found; their errors are infinite.
        labels: Numbers of labelled photos at which the errors are measured, ascending; the first
            ones are drawn at random, the same for all strategies of a seed.
        folder: Receives one file per strategy and seed; those that exist are not made again.

    """

    pool: StudyPhotos
    test: StudyPhotos | None
    missed: int
    labels: tuple[int, ...]
    folder: Path

    def curves(self, strategy: str, seeds: int, progress: Progress) -> LearningCurves:
        """The errors of all seeds; ``progress`` advances by one for each.

        Raises:
            InputError: a file of an earlier run is damaged, or of other numbers of labels.

        """
        errors = []
        for seed in range(seeds):
            errors.append(self._run(strategy, seed)[0])
            progress.advance()
        return LearningCurves(np.array(self.labels), np.stack(errors))

    def chosen(self, strategy: str, seed: int) -> NDArray[np.int64]:
        """Indices (k,) of the faces in the order in which they were labelled."""
        return self._run(strategy, seed)[1]

    def _run(self, strategy: str, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        path = self.folder / strategy / f"{seed}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            pool, test = self._parted(seed)
            errors, chosen = run(pool, test, self.labels, STRATEGIES[strategy], seed)
            errors = np.pad(errors, ((0, 0), (0, self.missed)), constant_values=np.inf)
            write_arrays(path, errors=errors, chosen=pool.faces[chosen])
        try:
            kept = read_arrays(path, ("errors", "chosen"))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: {error}; delete it to do the run again") from error
        return kept["errors"], kept["chosen"]

    def _parted(self, seed: int) -> tuple[StudyPhotos, StudyPhotos]:
        """Photos to choose from, and photos to test on."""
        if self.test is not None:
            return self.pool, self.test
        people = self.pool.people
        names, person = np.unique(people, return_inverse=True)
        place = np.random.default_rng([seed, 3]).permutation(len(names))[person]
        # As many photos for each seed, whoever has several.
        tested = np.sort(np.argsort(place, kind="stable")[: max(1, len(people) // 5)])
        return self.pool.at(~np.isin(people, people[tested])), self.pool.at(tested)


def run(
    pool: StudyPhotos,
    test: StudyPhotos,
    labels: Sequence[int],
    choose: Acquisition,
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Label, refit and measure, until all labels are there.

    Args:
        pool: Photos that may be labelled.
        test: Photos of other people.
        labels: Numbers of labels, ascending; the first ones are drawn at random.
        choose: Chooses all others.
        seed: Determines the first labels, and all else that chance decides.

    Returns:
        Errors (b, n) of the test photos at each number of labels, and rows of the pool in the order
        in which they were labelled.

    """
    chance = np.random.default_rng([seed, 1])
    chosen = np.random.default_rng(seed).permutation(len(pool))[: labels[0]]
    errors = []
    for number, wanted in enumerate(labels):
        if wanted > len(chosen):
            left = np.setdiff1d(np.arange(len(pool)), chosen)
            known = _known(pool, chosen, left, np.random.default_rng([seed, 2, number]))
            picked = choose(known, wanted - len(chosen), chance)
            chosen = np.concatenate([chosen, left[picked.rows]])
        errors.append(test.errors(test.inputs @ head_of(pool.at(chosen))))
    return np.stack(errors), chosen


def head_of(photos: StudyPhotos) -> NDArray[np.float64]:
    """A head that was fitted to both eyes of all photos."""
    return fit_head(_flat(photos.inputs), _flat(photos.offsets))[0]


def _known(
    pool: StudyPhotos, chosen: NDArray[np.int64], left: NDArray[np.int64], rng: np.random.Generator
) -> LabelCandidates:
    """Read the photos without a label by an ensemble of heads that are fitted to the labels."""
    inputs, offsets = _flat(pool.inputs[chosen]), _flat(pool.offsets[chosen])
    _, shares = fit_head(inputs, offsets)
    drawn = rng.integers(0, len(chosen), (_BAGS, len(chosen)))
    counts = np.stack([np.bincount(own, minlength=len(chosen)) for own in drawn])
    counts = np.repeat(counts, 2, axis=1)
    heads = bagged_heads(inputs, offsets, shares, counts)
    errors = np.linalg.norm(inputs @ heads - offsets, axis=2)
    others = pool.at(left)
    return LabelCandidates(
        pictures=others.faces,
        predictions=np.stack([others.inputs @ head for head in heads.astype(np.float32)])
        .reshape(_BAGS, len(left), 4)
        .astype(np.float64),
        entropy=others.entropy,
        expected=_expected(inputs, np.where(counts > 0, np.nan, errors), others),
        disagreement=others.disagreement,
        features=others.features,
        labelled=pool.features[chosen],
        unit="eye distances",
    )


def _expected(
    inputs: NDArray[np.float32], errors: NDArray[np.float64], others: StudyPhotos
) -> NDArray[np.float64]:
    """Expected error (n,) of the worse eye, learnt from the errors of heads on new eyes.

    After Yoo and Kweon 2019, "Learning Loss for Active Learning".

    Args:
        inputs: (k, m) of the labelled eyes.
        errors: (b, k) of each bagged head, NaN if it has learnt from the eye.
        others: Photos whose errors are wanted.

    """
    known = np.isfinite(errors).any(axis=0)
    unseen = np.nanmean(errors[:, known], axis=0)
    head, _ = fit_head(inputs[known], np.log(np.maximum(unseen, _LEAST_ERROR))[:, None])
    return np.asarray(np.exp(others.inputs @ head)[..., 0].max(axis=1))


def _flat(photos: NDArray[Any]) -> NDArray[Any]:
    """Rows (2 n, d) of eyes from rows (n, 2, d) of photos."""
    return photos.reshape(-1, photos.shape[-1])
