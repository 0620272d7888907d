"""A pupil network from coarse labels and few labels by hand.

The photos to learn from are those of ``eyes/truth_train.csv``: 3,361 of LFW. The labels by hand of
100 of them are used, or of 50, which are drawn anew for each seed; two eyes each. The other photos
give their pixels only. All choices of the recipe were made on held-out people of these photos; the
photos of ``eyes/truth_validation.csv``, of other people, only measure the result.

- ``e ≤ 0.05``: as measured by ``closeup evaluate pupils``, the share of the 824 photos whose worse
  eye is within 0.05 eye distances; a missed face is a failure. Mean over the seeds, with the
  standard deviation; ``each`` has the single ones.
- ``teachers`` are the networks that made the labels of the ``student``, see
  :mod:`closeup.pipeline.training.few_labels`; all are networks of the same size: ``compact``, or
  ``wide`` with six times the weights.

    python -m benchmarks.few_labels [--seeds N] [--runs NETWORK=LABELS…] [--folder DIR]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recording import save, settings, shared_data, show
from closeup.evaluation.label_study import pupil_figures
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.files.documents import read_document, write_document
from closeup.open_models import Models
from closeup.pipeline.training.coarse_to_fine_faces import (
    BY_HAND,
    LabelledFaceReader,
    ReadFaces,
    person,
)
from closeup.pipeline.training.coarse_to_fine_runs import COARSE_METHODS
from closeup.pipeline.training.few_labels import (
    FewLabelOptions,
    consensus_samples,
    teach_from_few,
)
from closeup.progress import Silent
from closeup.training.pupils.networks import PupilNetworkOptions

RUNS = ("wide=100", "compact=100", "compact=50")
_DETECTOR = "yunet-n"
_SHARES = ("e_0.05", "e_0.10", "e_0.25")


def main() -> None:
    """Measure, print a table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs", nargs="+", default=RUNS, metavar="NETWORK=LABELS")
    parser.add_argument("--folder", type=Path, help="keep all of it here, or go on from there")
    wanted = parser.parse_args()
    models = Models(settings())
    learning, testing = (read("train", models), read("validation", models))
    if shared := people(learning) & people(testing):
        raise SystemExit(f"{len(shared)} people are in both tables, such as {min(shared)}")
    with tempfile.TemporaryDirectory() as unkept:
        folder = wanted.folder or Path(unkept)
        runs = [
            [
                run(learning, testing, network, int(labels), seed, folder, models)
                for seed in range(wanted.seeds)
            ]
            for network, labels in (one.split("=") for one in wanted.runs)
        ]
    rows = [summary(own) for own in runs]
    show("Pupil networks from coarse labels and few by hand", rows)
    save(
        "few_labels",
        {"photos": len(testing), "rows": rows, "runs": [one for own in runs for one in own]},
    )


def read(part: str, models: Models) -> ReadFaces:
    """Return the faces of one of the two tables, with the results of the coarse methods."""
    data = shared_data()
    truth = read_pupil_truth(data / "eyes" / f"truth_{part}.csv", data / "lfw" / "images")
    reader = LabelledFaceReader(
        models.detector(_DETECTOR, threads=1, progress=Silent()),
        models.landmarker("dlib-5-points"),
        {method: models.pupil_finder(method) for method in COARSE_METHODS},
    )
    return reader.read(truth, Silent(), part)


def people(faces: ReadFaces) -> set[str]:
    """Return the names of the people on the photos."""
    return {person(name) for name in faces.truth.names}


def run(
    learning: ReadFaces,
    testing: ReadFaces,
    network: str,
    labels: int,
    seed: int,
    parent: Path,
    models: Models,
) -> dict[str, Any]:
    """Return the figures of one training, which is done before if the folder does not have it."""
    from closeup.training.pupils.export import export

    folder = parent / f"{network}-{labels}-{seed}"
    options = PupilNetworkOptions(backbone=network)  # type: ignore[arg-type]
    path, start = folder / "result.json", time.perf_counter()
    if path.exists():
        return read_document(path, dict, "delete it to do the run again")
    drawn = np.random.default_rng(seed).permutation(learning.labelled(BY_HAND))[:labels]
    student = teach_from_few(
        consensus_samples(learning, COARSE_METHODS, drawn),
        learning.samples(BY_HAND, drawn),
        folder,
        FewLabelOptions(network=options, seed=seed),
        Silent(),
    )
    export(student, folder / "student.onnx")
    found = testing.find(models.pupil_finder(str(folder / "student.onnx")))
    figures = pupil_figures(found, testing.truth.centres, np.ones(len(found), np.bool_))
    shares = {name: figures[name] for name in _SHARES}
    result = {
        "network": network,
        "photos": labels,
        "eyes": len(learning.samples(BY_HAND, drawn)),
        "seed": seed,
        **shares,
        "minutes": round((time.perf_counter() - start) / 60, 1),
    }
    write_document(path, result)
    return result


def summary(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the means over the seeds of one number of labels."""
    first = runs[0]
    row: dict[str, Any] = {
        "network": first["network"], "photos by hand": first["photos"], "seeds": len(runs),
    }  # fmt: skip
    for name in _SHARES:
        values = 100 * np.array([own[name] for own in runs])
        row[f"{name.replace('_', ' ≤ ')}, %"] = round(float(values.mean()), 1)
        if name == _SHARES[0] and len(runs) > 1:
            row["deviation"] = round(float(values.std(ddof=1)), 1)
    row["minutes each"] = round(float(np.mean([own["minutes"] for own in runs])), 1)
    return row


if __name__ == "__main__":
    main()
