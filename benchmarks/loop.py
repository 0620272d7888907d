"""How near ``closeup loop`` comes to a network that learnt all labels by hand, and at what cost.

The photos are those of ``eyes/truth_train.csv``; an oracle answers from this table in place of
people, without noise unless ``--noise`` gives some. The test is ``eyes/truth_validation.csv``: 824
photos of other people, as measured by ``closeup evaluate pupils``.

Each seed gives other first labels and other weights:

- ``loop``: all rounds of one unattended run, of which each gives its labels by hand (one eye is one
  label), its verdicts, the share of faces whose worse eye is within 0.05 eye distances, and its
  minutes.
- ``reference``: one network of the same kind, trained as long as that of the last round, on every
  label by hand of the same crops.
- ``behind``: by how many points the last round is behind the reference; mean and standard error
  over the seeds, as one run and its reference differ by chance.

An interrupted run goes on in its folder, and several processes may do a seed each; ``--photos``,
``--rounds`` and the others make a quicker one, of which the figures are not written.

    python -m benchmarks.loop [--folder FOLDER] [--seeds N,N,...] [--photos N] [--rounds N]
                              [--verdicts N] [--points N] [--epochs N] [--networks N]
                              [--noise POINTS,WRONG]
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recording import save, settings, shared_data, show
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.files.documents import read_document, write_document
from closeup.open_models import Models
from closeup.pipeline.loop.loop_history import answers_until
from closeup.pipeline.loop.loop_options import LoopBudget, OracleOptions
from closeup.pipeline.loop.loop_projects import run_loop
from closeup.pipeline.loop.loop_state import LoopState
from closeup.pipeline.loop.oracles import PupilOracle
from closeup.pipeline.loop.pupils.measuring import GOAL, PhotoTest
from closeup.pipeline.training.eye_samples import samples_of
from closeup.pipeline.training.pupil_training import PupilTrainingOptions, new_network, teach
from closeup.progress import Silent
from closeup.pupils.eye_crops import normalised
from closeup.training.options import TrainingOptions
from closeup.training.pupils.export import export
from closeup.training.pupils.samples import PUPIL, EyeSamples

USUAL = LoopBudget(points=115)
"""At most 690 labels by hand and 3,000 verdicts."""
COARSE = ("contour", "darkest", "projection", "mean-shift")
TEST, DETECTOR = "truth_validation.csv", "yunet-n"
SEEDS = (0, 1, 2)
BUDGET = ("rounds", "verdicts", "points", "epochs", "networks")


class Lines(Silent):
    """Prints what the loop says of its rounds."""

    def say(self, message: str) -> None:
        """Print it if it is about a round."""
        if message.startswith("round "):
            print(message, flush=True)


def linked(folder: Path, count: int | None) -> tuple[Path, Path]:
    """A folder with links to the photos of the training table, and a table of these."""
    table, photos = shared_data() / "eyes" / "truth_train.csv", folder / "photos"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:count]
    for row in rows:
        link = photos / row["image"]
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to(shared_data() / "lfw" / "images" / row["image"])
    return photos, table


def by_hand(eyes: EyeStore, truth: Path) -> EyeSamples:
    """All eyes of the data set whose truth is known, with it as their label."""
    oracle = PupilOracle(eyes, OracleOptions(truth))
    samples = samples_of(eyes)
    places = np.array([oracle.place(row.crop) for row in eyes.labels()])
    points = samples.points.copy()
    points[:, PUPIL] = normalised(places, eyes.size)
    labelled = replace(samples, points=points, weight=np.ones(len(samples), np.float32))
    return labelled.chosen(np.isfinite(places).all(axis=1))


def reference(
    folder: Path, truth: Path, training: TrainingOptions, test: PhotoTest
) -> dict[str, Any]:
    """Figures of a network that learns all labels by hand; computed once."""
    done = folder / "reference.json"
    if done.exists():
        return read_document(done, dict, "delete it")
    start = time.perf_counter()
    samples = by_hand(EyeStore.opened(folder / "project" / "eyes"), truth)
    options = PupilTrainingOptions(training=training)
    network = new_network(options, samples.width, Silent())
    judges = samples.chosen(np.arange(0, len(samples), 10))
    teach(network, samples, judges, options, folder / "reference", Silent())
    model = folder / "reference.onnx"
    export(network, model)
    found = test.evaluate([model], [], Silent())
    result = {
        "labels": len(samples), "epochs": training.epochs, **found.figures,
        "interval": list(found.interval), "minutes": round((time.perf_counter() - start) / 60, 1),
    }  # fmt: skip
    write_document(done, result)
    return result


def rounds_of(state: LoopState) -> list[dict[str, Any]]:
    """One row for each round."""
    points, verdicts = (answers_until(state.rounds, kind) for kind in ("points", "verdicts"))
    return [
        {
            "round": one.number,
            "labels": own_points,
            "verdicts": own_verdicts,
            **one.figures,
            "interval": list(one.interval),
            "sources": dict(one.sources),
            "minutes": round(sum(one.seconds.values()) / 60, 1),
        }
        for one, own_points, own_verdicts in zip(state.rounds, points, verdicts, strict=True)
    ]


def seeds(text: str) -> tuple[int, ...]:
    """Seeds separated by commas."""
    return tuple(map(int, text.split(",")))


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description=__doc__)
    usual = Path(tempfile.gettempdir()) / "closeup-loop"
    parser.add_argument("--folder", type=Path, default=usual)
    parser.add_argument("--photos", type=int)
    parser.add_argument("--seeds", type=seeds, default=SEEDS)
    parser.add_argument("--noise", default="0,0")
    for name in BUDGET:
        parser.add_argument(f"--{name}", type=int, default=getattr(USUAL, name))
    return parser.parse_args(arguments)


def seed_run(
    given: argparse.Namespace, seed: int, photos: Path, truth: Path, test: PhotoTest
) -> dict[str, Any]:
    """The loop and the reference with one seed, or what an earlier run found."""
    folder, tested = given.folder / f"seed-{seed}", shared_data() / "eyes" / TEST
    noise, wrong = map(float, given.noise.split(","))
    pause = run_loop(
        folder / "project",
        {
            "pictures": photos, "coarse": COARSE, "detector": DETECTOR, "seed": seed,
            "test": tested, "test_images": shared_data() / "lfw" / "images",
        },
        {name: getattr(given, name) for name in BUDGET},
        oracle=OracleOptions(truth, noise=noise, wrong=wrong),
        models=test.models, progress=Lines(),
    )  # fmt: skip
    whole = reference(folder, truth, TrainingOptions(epochs=2 * given.epochs, seed=seed), test)
    rounds = rounds_of(pause.state)
    return {
        "seed": seed, "loop": rounds, "reference": whole,
        "behind": round(100 * (whole[GOAL] - rounds[-1][GOAL]), 2),
        "minutes": round(sum(row["minutes"] for row in rounds), 1),
    }  # fmt: skip


def summary(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each round, and one for the reference: means over the seeds."""
    rounds = [
        {
            "round": own[0]["round"], "labels": own[0]["labels"], "verdicts": own[0]["verdicts"],
            **spread([row[GOAL] for row in own]),
            "minutes": round(float(np.mean([row["minutes"] for row in own])), 1),
        }
        for own in zip(*(run["loop"] for run in runs), strict=True)
    ]  # fmt: skip
    whole = [run["reference"] for run in runs]
    return [
        *rounds,
        {
            "round": "all labels", "labels": whole[0]["labels"], "verdicts": 0,
            **spread([row[GOAL] for row in whole]),
            "minutes": round(float(np.mean([row["minutes"] for row in whole])), 1),
        },
    ]  # fmt: skip


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean, lowest and highest."""
    return {
        GOAL: round(float(np.mean(values)), 4),
        "lowest": round(min(values), 4),
        "highest": round(max(values), 4),
    }


def main() -> None:
    """Run the loop and the reference with each seed, and write ``results/loop.json``."""
    given = parsed()
    photos, truth = linked(given.folder, given.photos)
    truth_of_test = read_pupil_truth(
        shared_data() / "eyes" / TEST, shared_data() / "lfw" / "images"
    )
    test = PhotoTest(truth_of_test, Models(settings()), DETECTOR)
    runs = [seed_run(given, seed, photos, truth, test) for seed in given.seeds]
    behind = [run["behind"] for run in runs]
    error = float(np.std(behind, ddof=1) / np.sqrt(len(behind))) if len(behind) > 1 else 0.0
    result = {
        "budget": {name: getattr(given, name) for name in BUDGET}, "noise": given.noise,
        "summary": summary(runs), "behind": round(float(np.mean(behind)), 2),
        "behind_error": round(error, 2), "runs": runs,
    }  # fmt: skip
    show("closeup loop", result["summary"])
    print(f"{result['behind']} ± {result['behind_error']} points behind")
    usual = {name: getattr(USUAL, name) for name in BUDGET}
    if given.photos is None and result["budget"] == usual and given.seeds == SEEDS:
        save("loop", result)


if __name__ == "__main__":
    main()
