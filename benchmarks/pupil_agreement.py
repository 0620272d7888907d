"""Photos that pupil networks miss in common: how far labels, not networks, limit the figure.

Networks that were trained apart from each other, on none of the people of the test, are run on the
824 photos of ``eyes/truth_validation.csv``. A photo is missed if the worse eye is more than 0.05
eye distances off. A photo that nearly all of them miss while they agree is one whose
label, or whose eye, cannot be read otherwise. Results of fewer than three networks are not written.

    python -m benchmarks.pupil_agreement NAME=FILE NAME=FILE …
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import save, settings, shared_data, show
from closeup.evaluation.pupil_reading import PupilReader, errors_of
from closeup.evaluation.pupil_truth import PupilTruth, read_pupil_truth
from closeup.open_models import Models
from closeup.progress import Silent

LIMIT = 0.05
_LEAST = 3


def measured(
    files: Mapping[str, str], truth: PupilTruth
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Errors (k, n) of the worse eyes, and places (k, n, 2, 2) in eye distances."""
    models = Models(settings())
    finders = {name: models.pupil_finder(file) for name, file in files.items()}
    detector = models.detector("yunet-n", threads=1)
    readings = PupilReader(detector, finders).read(truth, Silent(), "reading")
    apart = np.linalg.norm(truth.centres[:, 1] - truth.centres[:, 0], axis=1)[:, None, None]
    errors = [errors_of(name, readings, truth).max(axis=1) for name in finders]
    places = [
        np.array([reading.found[name].centres for reading in readings]) / apart for name in finders
    ]
    return np.array(errors), np.array(places)


def figures(
    errors: NDArray[np.float64], places: NDArray[np.float64], truth: PupilTruth
) -> dict[str, Any]:
    """What all, most and any of the networks miss, and what their mean reaches."""
    missed = ~(errors <= LIMIT)
    most = missed.sum(axis=0) >= 0.75 * len(missed)
    apart = np.linalg.norm(truth.centres[:, 1] - truth.centres[:, 0], axis=1)[:, None, None]
    together = np.linalg.norm(places.mean(axis=0) - truth.centres / apart, axis=2).max(axis=1)
    between = np.linalg.norm(places - np.median(places, axis=0), axis=3).max(axis=2)
    return {
        "photos": missed.shape[1],
        "missed by all": int(missed.all(axis=0).sum()),
        "missed by three in four": int(most.sum()),
        "missed by any": int(missed.any(axis=0).sum()),
        "share of their mean": round(float((together <= LIMIT).mean()), 4),
        "apart on those missed by three in four": round(float(np.nanmedian(between[:, most])), 4),
        "apart on the others": round(float(np.nanmedian(between[:, ~most])), 4),
    }


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("networks", nargs="*", metavar="NAME=FILE")
    given = dict(one.split("=", 1) for one in parser.parse_args().networks)
    truth = read_pupil_truth(
        shared_data() / "eyes" / "truth_validation.csv", shared_data() / "lfw" / "images"
    )
    files = {"closeup-pupils": "network", **given}
    errors, places = measured(files, truth)
    rows = [
        {"network": name, "share": round(float((own <= LIMIT).mean()), 4)}
        for name, own in zip(files, errors, strict=True)
    ]
    found = figures(errors, places, truth)
    show("within 0.05, worse eye", rows)
    show("in common", [found])
    if len(files) >= _LEAST:
        save("pupil_agreement", {"networks": rows, **found})


if __name__ == "__main__":
    main()
