"""Chooses what a round asks: which labels are judged, and which pictures are labelled."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from closeup.acquisition.acquisition import Acquisition
from closeup.acquisition.mixture import Mixture
from closeup.errors import InputError
from closeup.labelling.project import LabelProject
from closeup.pipeline.loop.loop_history import POINTS, VERDICTS
from closeup.pipeline.loop.loop_kind import LabelPool, LoopKind
from closeup.pipeline.loop.loop_state import LoopState
from closeup.progress import Progress
from closeup.store.label_queue import Unit

MEASURED = "of people that nothing is learnt from; it only measures the accuracy"

_MEASURED_SHARE = 0.2
"""Share of the labels by hand that are of held-out pictures, where these have no truth."""

QueueEntries = list[tuple[Unit, str]]
"""Units in the order in which they are asked, with the reasons."""


def points_to_ask(
    kind: LoopKind, project: LabelProject, state: LoopState, progress: Progress
) -> QueueEntries:
    """The pictures that are labelled by hand in the newest round.

    Raises:
        InputError: so few would be of held-out pictures that nothing could be measured.

    """
    budget, held_out = state.budget.points, kind.to_measure(project)
    measured = round(_MEASURED_SHARE * budget)
    if held_out and state.round.number == 1 and measured < kind.least_measured:
        raise InputError(
            f"of {budget} labels by hand {measured} would measure the accuracy, which takes "
            f"{kind.least_measured}; give --points {round(kind.least_measured / _MEASURED_SHARE)} "
            "or more, or a --test"
        )
    pool = kind.to_label(project, state.models, state.round.version, progress)
    chosen = chosen_units(pool, budget, Mixture(), _rng_of(state, POINTS))
    return with_measured(chosen, held_out[:measured], budget)


def verdicts_to_ask(
    kind: LoopKind,
    project: LabelProject,
    state: LoopState,
    progress: Progress,
    taken: Collection[int],
) -> QueueEntries:
    """The proposed labels that are judged in the newest round, none of the pictures ``taken``."""
    pool = kind.to_judge(project, state.models, state.round.version, progress).without(taken)
    return chosen_units(pool, state.budget.verdicts, Mixture(), _rng_of(state, VERDICTS))


def _rng_of(state: LoopState, name: str) -> np.random.Generator:
    return np.random.default_rng((state.setup.seed, state.round.number, name == POINTS))


def chosen_units(
    pool: LabelPool, budget: int, acquisition: Acquisition, rng: np.random.Generator
) -> QueueEntries:
    """Those of a pool that are asked: the urgent ones, then those that an acquisition chooses.

    Args:
        pool: What may be asked.
        budget: Largest number of units.
        acquisition: Chooses among those that are not urgent.
        rng: The only source of chance.

    """
    entries = [(pool.units[row], reason) for row, reason in pool.first.items()][:budget]
    left = budget - len(entries)
    rest = np.setdiff1d(np.arange(len(pool.units)), np.fromiter(pool.first, np.int64))
    if left > 0 and len(rest):
        selection = acquisition(pool.candidates.chosen(rest), left, rng)
        entries += [
            (pool.units[rest[row]], reason)
            for row, reason in zip(selection.rows.tolist(), selection.reasons, strict=True)
        ]
    return entries


def with_measured(entries: QueueEntries, held_out: Sequence[Unit], budget: int) -> QueueEntries:
    """Replace the last entries by held-out pictures, which measure the accuracy.

    Args:
        entries: What is asked otherwise, the most useful first.
        held_out: The held-out pictures that are asked; often none.
        budget: Largest number of units.

    """
    measured = [(unit, MEASURED) for unit in held_out]
    return entries[: budget - len(measured)] + measured
