"""How near ``closeup loop`` comes to a network that learnt all labels by hand, and at what cost.

The photos are those of ``eyes/truth_train.csv``; an oracle answers from this table in place of
people, without noise unless ``--noise`` gives some. The test is ``eyes/truth_validation.csv``: 824
photos of other people, as measured by ``closeup evaluate pupils``.

- ``loop``: all rounds of one unattended run, of which each gives its labels by hand (one eye is one
  label), its verdicts, the share of faces whose worse eye is within 0.05 eye distances, and its
  minutes.
- ``reference``: one network of the same kind, trained as long as that of the last round, on every
  label by hand of the same crops.
- ``behind``: by how many points the last round is behind the reference.

An interrupted run goes on in its folder; ``--photos``, ``--rounds`` and the others make a quicker
one, of which the figures are not written.

    python -m benchmarks.loop [--folder FOLDER] [--photos N] [--rounds N] [--verdicts N]
                              [--points N] [--epochs N] [--networks N] [--noise POINTS,WRONG]
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


def reference(folder: Path, truth: Path, epochs: int, test: PhotoTest) -> dict[str, Any]:
    """Figures of a network that learns all labels by hand; computed once."""
    done = folder / "reference.json"
    if done.exists():
        return read_document(done, dict, "delete it")
    start = time.perf_counter()
    samples = by_hand(EyeStore.opened(folder / "project" / "eyes"), truth)
    options = PupilTrainingOptions(training=TrainingOptions(epochs=epochs))
    network = new_network(options, samples.width, Silent())
    judges = samples.chosen(np.arange(0, len(samples), 10))
    teach(network, samples, judges, options, folder / "reference", Silent())
    model = folder / "reference.onnx"
    export(network, model)
    found = test.evaluate([model], [], Silent())
    result = {
        "labels": len(samples), "epochs": epochs, **found.figures,
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


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description=__doc__)
    usual = Path(tempfile.gettempdir()) / "closeup-loop"
    parser.add_argument("--folder", type=Path, default=usual)
    parser.add_argument("--photos", type=int)
    parser.add_argument("--noise", default="0,0")
    for name in BUDGET:
        parser.add_argument(f"--{name}", type=int, default=getattr(USUAL, name))
    return parser.parse_args(arguments)


def main() -> None:
    """Run the loop and the reference, and write ``results/loop.json``."""
    given = parsed()
    photos, truth = linked(given.folder, given.photos)
    test_table = shared_data() / "eyes" / "truth_validation.csv"
    images, models = shared_data() / "lfw" / "images", Models(settings())
    budget = {
        name: getattr(given, name)
        for name in ("rounds", "verdicts", "points", "epochs", "networks")
    }
    noise, wrong = map(float, given.noise.split(","))
    pause = run_loop(
        given.folder / "project",
        {
            "pictures": photos, "coarse": COARSE, "detector": "yunet-n",
            "test": test_table, "test_images": images,
        },
        budget, oracle=OracleOptions(truth, noise=noise, wrong=wrong),
        models=models, progress=Lines(),
    )  # fmt: skip
    test = PhotoTest(read_pupil_truth(test_table, images), models, "yunet-n")
    whole = reference(given.folder, truth, 2 * given.epochs, test)
    rounds = rounds_of(pause.state)
    behind = round(100 * (whole[GOAL] - rounds[-1][GOAL]), 2)
    show("closeup loop", [{n: v for n, v in row.items() if n != "sources"} for row in rounds])
    show("all labels by hand", [whole])
    print(f"{behind} points behind, {sum(row['minutes'] for row in rounds):.0f} minutes")
    if given.photos is None and budget == {name: getattr(USUAL, name) for name in budget}:
        result = {"budget": budget, "noise": given.noise, "loop": rounds, "reference": whole}
        save("loop", {**result, "behind": behind})


if __name__ == "__main__":
    main()
