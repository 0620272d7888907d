"""Confirmation of the experiment ``active``: the whole network, fine-tuned on chosen photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from closeup.pipeline.training.active_runs import RANDOM, CurveStudy
from closeup.pipeline.training.coarse_to_fine_runs import Bench, Run
from closeup.pipeline.training.experiment_inputs import StepsAlone
from closeup.progress import Progress

_DRAWS = 2000


class NetworkRuns:
    """Fine-tunes the coarse network on the photos that heads on its features chose.

    Args:
        bench: Trains and tests; its coarse network must have been trained.
        study: Has the choices.
        method: Method of the coarse labels.

    """

    def __init__(self, bench: Bench, study: CurveStudy, method: str) -> None:
        self._bench, self._study, self._method = bench, study, method

    def result(
        self, strategy: str, seeds: int, labels: Sequence[int], progress: Progress
    ) -> dict[str, Any] | None:
        """Figures of a strategy and of random photos; None without seeds.

        Returns:
            ``strategy``; ``rows``, for each number of labels the means over seeds of ``e_0.05`` on
            the test and of ``mean_error`` on held-out people for ``chosen`` and ``random``, and
            ``gain`` with ``gain_interval``, the difference of ``e_0.05`` and its 95 % interval by
            resampling the seeds, and ``better``, the number of seeds with a gain; and ``runs``.

        """
        if not seeds:
            return None
        runs = [
            (Run(self._method, count, seed, choice), choice)
            for seed in range(seeds)
            for count in labels
            for choice in (RANDOM, strategy)
        ]
        progress.begin("fine-tuning", sum(self._bench.steps(run) for run, _ in runs))
        results = [self._done(run, progress) for run, _ in runs]
        rows = [paired(results, count, strategy) for count in labels]
        return {"strategy": strategy, "rows": rows, "runs": results}

    def _done(self, run: Run, progress: Progress) -> dict[str, Any]:
        if result := self._bench.done(run):
            progress.advance(self._bench.steps(run))
            return result
        chosen = self._study.chosen(run.choice, run.seed)[: run.labels]
        return self._bench.do(run, StepsAlone(progress), chosen)


def paired(results: Sequence[dict[str, Any]], labels: int, strategy: str) -> dict[str, Any]:
    """Compare both choices of one number of labels, seed by seed."""
    own, others = (
        [run for run in results if run["labels"] == labels and run["choice"] == choice]
        for choice in (strategy, RANDOM)
    )
    gains = np.array([a["e_0.05"] - b["e_0.05"] for a, b in zip(own, others, strict=True)])
    rng = np.random.default_rng(0)
    means = gains[rng.integers(0, len(gains), (_DRAWS, len(gains)))].mean(axis=1)
    return {
        "labels": labels,
        "seeds": len(gains),
        "chosen": _means(own),
        "random": _means(others),
        "gain": float(gains.mean()),
        "gain_interval": np.quantile(means, [0.025, 0.975]).tolist() if len(gains) > 1 else None,
        "better": int((gains > 0).sum()),
    }


def _means(runs: Sequence[dict[str, Any]]) -> dict[str, float]:
    return {
        "e_0.05": float(np.mean([run["e_0.05"] for run in runs])),
        "mean_error": float(np.mean([run["held_out"]["mean_error"] for run in runs])),
    }
