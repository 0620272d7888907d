"""Wrong labels told from right ones by a network, and what its maps and cleanlab add.

The eyes are those of LFW with hand-set pupils; a label is *bad* if it is off by more than a
tolerance in eye distances. Networks learn from verdicts on the people of ``truth_train.csv``, drawn
from all coarse methods, and are measured on those of ``truth_validation.csv``, once.

- ``auc``: area under the ROC curve of P(bad), for the labels of each coarse method and of pupil
  networks, with bootstrap intervals over people. ``beyond``: the same between labels that are right
  and those off by more than twice the tolerance.
- ``ceiling``: the same for a judge who knows each right place up to a normal error of this standard
  deviation in x and in y. Labels near the tolerance cannot be told apart by anybody.
- ``noise``: some verdicts are flipped; ``cleanlab`` (Northcutt et al. 2021) looks for them by
  out-of-fold probabilities, and the network is trained again without those that it found.
- ``road``: whether the class activation maps show what the network decides by; see
  :mod:`closeup.evaluation.road`.
- ``selection``: share of bad labels among those that people would see first, by P(bad), by scores
  of the maps, and by both.

    python -m benchmarks.label_quality [--seeds N] [--noise-seeds N] [--cache FOLDER]
                                       [--pupils NAME=FILE …]

A training of 3,000 verdicts takes one to two minutes of one processor; ``noise`` trains six
networks for each share, so it has fewer seeds. All of it takes about an hour. With ``--cache`` a
run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.quality_faces import JudgedEyes, LabelledEyes, judged, network_labels, read_eyes
from benchmarks.quality_maps import map_scores, mean_error_map, road_rows, selections
from benchmarks.recording import save, settings, show
from closeup.models.files import locate
from closeup.pipeline.loop.quality.quality_training import UNJUDGED, QualityTrainingOptions, teach
from closeup.pipeline.training.coarse_to_fine_runs import COARSE_METHODS
from closeup.pipeline.training.trained_files import initial_network
from closeup.progress import Silent
from closeup.training.label_quality.augmentation import plain
from closeup.training.label_quality.network import QualityCnn, QualityShape
from closeup.training.label_quality.samples import QualitySamples, QualityView
from closeup.training.label_quality.task import labels_of, logits_of
from closeup.training.label_quality.validation import area_under_curve, calibration
from closeup.training.pupils.split import groups_apart

COUNTS, TOLERANCES = (300, 1000, 3000), (0.05, 0.10)
FLIPPED = (0.02, 0.05, 0.1)
_NOISY, _FOLDS = 1000, 4
"""Verdicts in the study of wrong ones, and parts for out-of-fold probabilities."""
_SHARE = 0.2
"""Share of the verdicts that choose the best epoch."""
_REMOVED = 100
"""Labels in which ROAD removes pixels."""
_DRAWN = 500
_DEVIATIONS = (0.005, 0.01, 0.015, 0.02, 0.03)
"""Errors of the judges of ``ceiling``, in eye distances."""

Numbers = NDArray[np.float64]
Bad = NDArray[np.bool_]


class Study:
    """Trains and measures networks; finished parts are kept in a folder.

    Args:
        cache: Folder of what was read and measured before; None keeps nothing.
        pupils: Name → file of pupil networks whose labels are judged, too.
        options: Options of all trainings.

    """

    def __init__(
        self, cache: Path | None, pupils: Mapping[str, Path], options: QualityTrainingOptions
    ) -> None:
        self.cache, self.options = cache, options
        self.view = QualityView("eye", QualityShape().size, options.eye_width)
        self.learnt = read_eyes("train", cache)
        eyes = read_eyes("validation", cache)
        networks = {name: network_labels(eyes, file) for name, file in pupils.items()}
        labels = {**eyes.labels, **networks}
        self._networks: dict[tuple[int, float, int], QualityCnn] = {}
        self.test = LabelledEyes(eyes.crops, eyes.people, eyes.truth, labels)

    def drawn(self, count: int, tolerance: float, seed: int) -> JudgedEyes:
        """Verdicts on people to learn from."""
        rng = np.random.default_rng(seed)
        return judged(self.learnt, COARSE_METHODS, self.view, tolerance, count, rng)

    def judged_test(self, tolerance: float) -> JudgedEyes:
        """All labels of the people to measure on."""
        return judged(self.test, list(self.test.labels), self.view, tolerance)

    def trained(self, samples: QualitySamples, tolerance: float, seed: int) -> QualityCnn:
        """A network from verdicts; a fifth of their people choose the best epoch."""
        apart = next(
            own
            for attempt in range(seed, seed + 50)
            if (own := groups_apart(samples.groups, _SHARE, attempt)) is not None
            and 0 < samples.bad[own].sum() < own.sum()
        )
        training = replace(self.options.training, seed=seed)
        options = replace(self.options, tolerance=tolerance, training=training)
        network = initial_network(lambda: QualityCnn(QualityShape(self.view.size)), seed, None)
        others = self.drawn(UNJUDGED, tolerance, seed + 1000).samples
        others = others[~np.isin(others.groups, samples.groups[apart])]
        with tempfile.TemporaryDirectory() as folder:
            teach(network, samples[~apart], samples[apart], options, Path(folder), Silent(), others)
        return network

    def kept(self, measure: Callable[..., dict[str, Any]], *given: float) -> dict[str, Any]:
        """What ``measure`` gives, or what it gave in an earlier run with the same cache."""
        name = " ".join([measure.__name__, *map(str, given)])
        file = self.cache / f"{name}.json" if self.cache else None
        if file is not None and file.exists():
            return dict(json.loads(file.read_text()))
        made = measure(self, *given)
        if file is not None:
            file.write_text(json.dumps(made))
        print(f"{name} is done", flush=True)
        return made

    def network(self, count: int, tolerance: float, seed: int) -> QualityCnn:
        """The network of ``count`` verdicts, trained once."""
        known = count, tolerance, seed
        if known not in self._networks:
            drawn = self.drawn(count, tolerance, seed)
            self._networks[known] = self._remembered(drawn.samples, *known)
        return self._networks[known]

    def _remembered(
        self, samples: QualitySamples, count: int, tolerance: float, seed: int
    ) -> QualityCnn:
        file = self.cache / f"network {count} {tolerance} {seed}.pt" if self.cache else None
        if file is not None and file.exists():
            network = QualityCnn(QualityShape(self.view.size))
            network.load_state_dict(torch.load(file, weights_only=True))
            return network.eval()
        network = self.trained(samples, tolerance, seed)
        if file is not None:
            torch.save(network.state_dict(), file)
        return network


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each kind")
    parser.add_argument("--noise-seeds", type=int, default=1, help="of the wrong verdicts")
    parser.add_argument(
        "--cache", type=Path, help="folder of finished parts, to go on after a stop"
    )
    parser.add_argument(
        "--pupils", nargs="*", default=[], metavar="NAME=FILE",
        help="pupil networks trained without the people of the validation",
    )  # fmt: skip
    given = parser.parse_args()
    pupils = {"closeup-pupils": locate("closeup-pupils", settings())}
    pupils |= {name: Path(file) for name, _, file in (one.partition("=") for one in given.pupils)}
    study = Study(given.cache, pupils, QualityTrainingOptions())
    seeds = range(given.seeds)
    runs = [
        study.kept(auc_run, count, tolerance, seed)
        for seed in seeds
        for tolerance in TOLERANCES
        for count in COUNTS
        if tolerance == TOLERANCES[0] or count == COUNTS[-1]
    ]
    noise = [
        study.kept(noise_run, flipped, seed)
        for seed in range(given.noise_seeds)
        for flipped in FLIPPED
    ]
    maps = [study.kept(map_run, seed) for seed in seeds]
    rows = summary(runs)
    show("area under the ROC curve", [_plain(row) for row in rows])
    show("wrong verdicts", noise_summary(noise))
    show("ROAD, first seed", [_plain(row) for row in maps[0]["road"]])
    show("bad labels among the first, first seed", [_plain(row) for row in maps[0]["selection"]])
    save("label_quality", {
        "parameters": maps[0]["parameters"], "seeds": given.seeds,
        "bad": bad_shares(study), "ceiling": ceiling_rows(study), "auc": rows, "auc_runs": runs,
        "noise": noise_summary(noise), "noise_runs": noise, "maps": maps,
    })  # fmt: skip


def auc_run(study: Study, count: int, tolerance: float, seed: int) -> dict[str, Any]:
    """Areas under the curve after a training on ``count`` verdicts."""
    network = study.network(count, tolerance, seed)
    test = study.judged_test(tolerance)
    logits = logits_of(network, test.samples)
    methods = {
        method: _areas(logits, test, test.methods == method, tolerance)
        for method in study.test.labels
    }
    return {"verdicts": count, "tolerance": tolerance, "seed": seed, "methods": methods}


def _areas(logits: Numbers, test: JudgedEyes, own: Bad, tolerance: float) -> dict[str, Any]:
    bad, far = test.samples.bad, test.errors > 2 * tolerance
    clear = own & (far | ~bad)
    rng = np.random.default_rng(0)
    people, scores = test.samples.groups[own], logits[own]
    rows_of = {person: np.flatnonzero(people == person) for person in np.unique(people)}
    names = list(rows_of)
    drawn = []
    for _ in range(_DRAWN):
        rows = np.concatenate([rows_of[names[i]] for i in rng.integers(0, len(names), len(names))])
        drawn.append(_area(scores[rows], bad[own][rows]))
    return {
        "auc": round(_area(scores, bad[own]), 4),
        "interval": np.nanquantile(drawn, [0.025, 0.975]).round(4).tolist(),
        "beyond": round(_area(logits[clear], bad[clear]), 4),
    }


def _area(scores: Numbers, bad: Bad) -> float:
    """Area under the ROC curve; NaN without labels of both kinds."""
    return area_under_curve(scores, bad) if 0 < bad.sum() < len(bad) else float("nan")


def noise_run(study: Study, flipped: float, seed: int) -> dict[str, Any]:
    """Train on verdicts of which some are wrong, as they are and without those found."""
    from cleanlab.filter import find_label_issues

    tolerance = TOLERANCES[0]
    drawn = study.drawn(_NOISY, tolerance, seed)
    rng = np.random.default_rng(seed + 100)
    wrong = rng.random(_NOISY) < flipped
    samples = replace(drawn.samples, bad=drawn.samples.bad ^ wrong)
    chances = out_of_fold(study, samples, tolerance, seed)
    issues = find_label_issues(samples.bad.astype(int), np.column_stack([1 - chances, chances]))
    test = study.judged_test(tolerance)
    coarse = np.isin(test.methods, COARSE_METHODS)

    def area(own: QualitySamples) -> float:
        logits = logits_of(study.trained(own, tolerance, seed), test.samples[coarse])
        return round(area_under_curve(logits, test.samples.bad[coarse]), 4)

    return {
        "flipped": flipped, "seed": seed, "wrong": int(wrong.sum()), "found": int(issues.sum()),
        "right_finds": int((issues & wrong).sum()),
        "auc_as_they_are": area(samples),
        "auc_without_found": area(samples[~issues]),
        "auc_without_wrong": area(samples[~wrong]),
    }  # fmt: skip


def out_of_fold(study: Study, samples: QualitySamples, tolerance: float, seed: int) -> Numbers:
    """(n,) P(bad) of each label by a network that did not see its person, calibrated."""
    people = np.unique(samples.groups)
    fold = np.random.default_rng(seed).integers(0, _FOLDS, len(people))
    own = fold[np.searchsorted(people, samples.groups)]
    logits = np.empty(len(samples))
    for number in range(_FOLDS):
        network = study.trained(samples[own != number], tolerance, seed)
        logits[own == number] = logits_of(network, samples[own == number])
    slope, offset = calibration(logits, samples.bad)
    return np.asarray(expit(slope * logits + offset))


def map_run(study: Study, seed: int) -> dict[str, Any]:
    """ROAD, and selections by maps, of a network from the most verdicts."""
    tolerance = TOLERANCES[0]
    drawn = study.drawn(COUNTS[-1], tolerance, seed)
    network = study.network(COUNTS[-1], tolerance, seed)

    def judge(crops: NDArray[np.uint8]) -> tuple[Numbers, Numbers]:
        batches = [torch.from_numpy(crops[i : i + 256]) for i in range(0, len(crops), 256)]
        with torch.no_grad():
            parts = [network(one) for one in batches]
        logits, maps = (torch.cat([part[i] for part in parts]).double().numpy() for i in (0, 1))
        return logits, maps

    learnt_maps = judge(plain(labels_of(drawn.samples), study.view).numpy())[1]
    test = study.judged_test(tolerance)
    test = test[np.isin(test.methods, COARSE_METHODS)]
    crops = plain(labels_of(test.samples), study.view).numpy()
    logits, maps = judge(crops)
    scores = map_scores(maps, crops[..., 3], mean_error_map(learnt_maps, drawn.samples.bad))
    called = np.random.default_rng(seed).permutation(np.flatnonzero(logits > 0))[:_REMOVED]
    return {
        "parameters": sum(values.numel() for values in network.parameters()),
        "seed": seed,
        "labels": len(test.errors),
        "bad": int(test.samples.bad.sum()),
        "road": road_rows(judge, crops[called], seed),
        "selection": selections(logits, scores, test.samples.bad),
    }


def ceiling_rows(study: Study) -> list[dict[str, Any]]:
    """Areas under the curve of judges who know the right place up to an error."""
    rows, rng = [], np.random.default_rng(0)
    for tolerance in TOLERANCES:
        test = study.judged_test(tolerance)
        for deviation in _DEVIATIONS:
            # Only the length of the error counts, and normal noise has no direction.
            noise = rng.normal(0, deviation, (2, len(test.errors)))
            seen = np.hypot(test.errors + noise[0], noise[1])
            row: dict[str, Any] = {"tolerance": tolerance, "deviation": deviation}
            for method in study.test.labels:
                own = test.methods == method
                row[method] = round(_area(seen[own], test.samples.bad[own]), 4)
            rows.append(row)
    return rows


def bad_shares(study: Study) -> dict[str, dict[str, float]]:
    """Method → share of its labels that are bad, at each tolerance."""
    return {
        method: {
            str(tolerance): round(float((study.test.errors(method) > tolerance).mean()), 4)
            for tolerance in TOLERANCES
        }
        for method in study.test.labels
    }


def summary(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for each number of verdicts and tolerance: means over seeds."""
    rows = []
    for tolerance, count in dict.fromkeys((run["tolerance"], run["verdicts"]) for run in runs):
        own = [run for run in runs if (run["tolerance"], run["verdicts"]) == (tolerance, count)]
        row: dict[str, Any] = {"tolerance": tolerance, "verdicts": count, "seeds": len(own)}
        for method in own[0]["methods"]:
            areas = [run["methods"][method]["auc"] for run in own]
            row[method] = round(float(np.mean(areas)), 4)
            row[f"{method}_sd"] = round(float(np.std(areas, ddof=1)), 4) if len(own) > 1 else None
            beyond = [run["methods"][method]["beyond"] for run in own]
            row[f"{method}_beyond"] = round(float(np.mean(beyond)), 4)
        rows.append(row)
    return rows


def noise_summary(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for each share of wrong verdicts: means over seeds."""
    rows = []
    for flipped in dict.fromkeys(run["flipped"] for run in runs):
        own = [run for run in runs if run["flipped"] == flipped]
        names = [name for name in own[0] if name not in {"flipped", "seed"}]
        means = {name: round(float(np.mean([run[name] for run in own])), 4) for name in names}
        rows.append({"flipped": flipped, "seeds": len(own), **means})
    return rows


def _plain(row: Mapping[str, Any]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, list) else value for name, value in row.items()}


if __name__ == "__main__":
    main()
