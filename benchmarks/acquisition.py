"""How long the choice of the next labels takes, and where the stopping rule stops.

``of_one_pass`` is the CPU time of a choice of 200 among random candidates with 64 features, 200
labelled ones and the predictions of three networks, over that of one network on as many eyes in
the same run. The stopping rule sees learning curves whose shape is known, with the noise of the
held-out pictures, a round each 100 labels, and stable predictions: ``labels`` are those at which it
stops, ``right`` those from which 100 more labels are worth less than half a point, ``lost`` the
gain of the next 100 labels that it gives away, in points.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.recording import save, settings, show
from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.stopping import LabelRound, StoppingRule
from closeup.acquisition.strategies import ACQUISITIONS
from closeup.opening import open_eye_method
from closeup.pipeline.labelling.proposers import recut
from closeup.pipeline.loop.pupils.eye_measures import measure_eyes
from closeup.pupils.network import EyeNetwork

BUDGET = 200
STEP = 100
FEATURES = 64
CURVES = {
    "fast": (0.05, 2.0, 0.7),
    "usual": (0.05, 2.0, 0.5),
    "slow": (0.03, 0.9, 0.25),
}
"""a, b, c of an error of a + b · n⁻ᶜ after n labels."""


def main() -> None:
    """Measure all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=100, help="of the stopping rule")
    options = parser.parse_args()
    speeds = measured_speeds(options.candidates)
    stops = {
        f"{name}, {count} pictures": stopping(CURVES[name], count, options.runs)
        for name in CURVES
        for count in (200, 824)
    }
    show(
        f"choice of {BUDGET} of {options.candidates:,}",
        [{"strategy": name, **row} for name, row in speeds.items()],
    )
    show("stopping", [{"curve": name, **row} for name, row in stops.items()])
    save("acquisition", {"candidates": options.candidates, "speed": speeds, "stopping": stops})


def measured_speeds(count: int) -> dict[str, dict[str, float]]:
    """CPU seconds of each function, and relative to a network."""
    rng = np.random.default_rng(0)
    known = LabelCandidates(
        np.arange(count) // 2,
        predictions=0.05 * rng.normal(size=(3, count, 2)),
        features=rng.normal(size=(count, FEATURES)),
        labelled=rng.normal(size=(BUDGET, FEATURES)),
        entropy=rng.random(count),
        expected=rng.random(count),
        disagreement=rng.random(count),
        bad=rng.random(count),
        change=rng.random(count),
    )
    one_pass = of_network(1000) * count / 1000
    speeds = {}
    for name, choose in ACQUISITIONS.items():
        seconds = cpu(partial(choose, known, BUDGET, np.random.default_rng(0)))
        speeds[name] = {"seconds": round(seconds, 2), "of_one_pass": round(seconds / one_pass, 2)}
    return speeds


def of_network(eyes: int) -> float:
    """CPU seconds of the shipped network on crops of an eye data set."""
    network = open_eye_method("network", settings=settings())
    assert isinstance(network, EyeNetwork)
    crops = np.random.default_rng(0).integers(0, 256, (eyes, 108, 144, 3), np.uint8)
    return cpu(lambda: measure_eyes([network], (partial(recut, crop, 2.0) for crop in crops)))


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of all threads."""
    start = time.process_time()
    work()
    return time.process_time() - start


def stopping(curve: tuple[float, float, float], count: int, runs: int) -> dict[str, Any]:
    """Where the rule stops on a curve, in many runs with noise."""
    a, b, c = curve

    def error(labels: int) -> float:
        return a + b / math.pow(labels, c)

    def gain(labels: int) -> float:
        return error(labels) - error(labels + STEP)

    rule = StoppingRule()
    stops = [first_stop(rule, error, count, seed) for seed in range(runs)]
    low, middle, high = np.quantile(stops, [0.05, 0.5, 0.95]).tolist()
    return {
        "labels": round(middle),
        "90 %": f"{low:.0f} to {high:.0f}",
        "right": next(n for n in range(STEP, 10**6, STEP) if gain(n) < rule.least_gain),
        "lost": round(100 * float(np.mean([gain(n) for n in stops])), 2),
    }


def first_stop(rule: StoppingRule, error: Callable[[int], float], count: int, seed: int) -> int:
    """Number of labels at which the rule first says stop."""
    rng = np.random.default_rng(seed)
    history: list[LabelRound] = []
    while True:
        labels = STEP * (len(history) + 1)
        right = 1 - rng.binomial(count, min(error(labels), 1.0)) / count
        history.append(LabelRound(labels, right, count, 0.99))
        if rule.advise(history, STEP).stop:
            return labels


if __name__ == "__main__":
    main()
