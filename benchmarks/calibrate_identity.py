"""Calibrate dlib's embedding again, and compare the result with the shipped calibration.

Runs ``closeup calibrate identity`` on the 4,038 people of LFW's development set (View 1, training
part) and compares the measurements with ``identity/calibrations/dlib-128.calibration.json``. The
shipped numbers come from the same people, with an earlier random draw of degraded copies.

How to read it: the odds' coefficients depend on each other, so compare the neutral distances, at
which the log odds are 0. "Accepted" is the share of trials with log odds above the given limit,
on the people of the fit, of whom 2,985 are in View 2, too, and some in our scenes; so few
coefficients cannot overfit to thousands of people. The look-alikes are harder than a stage: each is
the person most similar to that probe among all people. With few ``--people`` there are none, and
the fit differs. In the tables of false accepts "shipped" and "measured" are relative distances,
"genuine" is the share of other photos of the same person that are nearer; the last table uses
degraded copies: one limit suits all of them.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import relative_distances, unit_length
from closeup.embedding_calibration import EmbeddingCalibration, Odds, noise
from closeup.evaluation.calibrating import (
    calibrate,
    face_weights,
    figures,
    own_distances,
    quantiles,
    stranger_distances,
)
from closeup.evaluation.known_faces import KnownFaces, read_known_faces
from closeup.evaluation.odds_fit import Trials, features, make_trials
from closeup.identity.calibration import calibration_of
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent

PHOTOS = (1, 2, 3, 5, 8)


def main() -> None:
    """Read, fit, print tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, help="number of people of View 1; all by default")
    parser.add_argument("--cache", type=Path, help="keep the embeddings in this .npz file")
    chosen = parser.parse_args()
    shipped = calibration_of(open_embedder(settings=settings()))
    assert shipped.cohort is not None
    faces = known_faces(chosen.people, chosen.cache)
    fitted = calibrate(faces, shipped.embedder)
    both = {"shipped": shipped, "fitted": fitted}
    trials = make_trials(faces, face_weights(faces, shipped.variance), shipped.cohort)
    tables = {
        "numbers": number_rows(both),
        "neutral_distances": neutral_rows(both),
        "accepted_by_log_odds": accepted_rows(trials, both),
        "strangers_by_photos": by_photos(faces, shipped),
        "strangers_by_weight": by_weight(faces, shipped),
    }
    figures_of = {name: figures(faces, calibration) for name, calibration in both.items()}
    save("calibrate_identity", {"trials": len(trials.distance), **figures_of, **tables})
    for title, rows in tables.items():
        show(title.replace("_", " ").capitalize(), rows)


def known_faces(people: int | None, cache: Path | None) -> KnownFaces:
    """Load ``people`` people, all by default; ``cache`` keeps them for later runs."""
    names = [field.name for field in fields(KnownFaces)]
    if cache and cache.is_file():
        with np.load(cache) as arrays:
            return KnownFaces(**{name: arrays[name] for name in names})
    detector = open_detector("yunet-n", settings=settings(), progress=Silent(), threads=1)
    embedder = open_embedder(settings=settings(), threads=1)
    faces = read_known_faces(chosen_people(people), detector, embedder, Silent())
    if cache:
        np.savez(cache, **{name: getattr(faces, name) for name in names})
    return faces


def chosen_people(count: int | None) -> list[list[Path]]:
    """Return the photos of View 1's people, all or ``count`` at random, in the list's order."""
    folder = shared_data() / "lfw"
    lines = (folder / "peopleDevTrain.txt").read_text().splitlines()[1:]
    people = [folder / "images" / line.split("\t")[0] for line in lines]
    if count is not None and count < len(people):
        drawn = np.random.default_rng(0).choice(len(people), count, replace=False)
        people = [people[i] for i in np.sort(drawn)]
    return [sorted(person.glob("*.jpg")) for person in people]


def number_rows(both: dict[str, EmbeddingCalibration]) -> list[dict[str, object]]:
    """Return all scalar parameters of both calibrations."""
    flat = {way: numbers_of(calibration) for way, calibration in both.items()}
    return [
        {"number": name, **{way: round(values[name], 4) for way, values in flat.items()}}
        for name in flat["shipped"]
    ]


def numbers_of(calibration: EmbeddingCalibration) -> dict[str, float]:
    """Return the scalar parameters by name."""
    groups: dict[str, Any] = {
        "odds": asdict(calibration.odds),
        "variance": asdict(calibration.variance),
        "split": asdict(calibration.split),
    }
    radius = calibration.cohort.radius if calibration.cohort else 0.0
    return {
        **{f"{group}: {key}": value for group, own in groups.items() for key, value in own.items()},
        "false accepts: nearer": calibration.false_accepts.nearer,
        "same person": calibration.same_person,
        "cohort: radius": radius,
    }


def neutral_rows(both: dict[str, EmbeddingCalibration]) -> list[dict[str, object]]:
    """Return the distances of log odds 0, by number of photos and weight of the probes."""
    return [
        {
            "photos": photos,
            "probes": probes,
            **{way: neutral(each.odds, photos, probes) for way, each in both.items()},
        }
        for photos in (1, 3, 5)
        for probes in (0.3, 1.0, 1.5)
    ]


def neutral(odds: Odds, photos: int, probes: float) -> float:
    """Return the distance at which the log odds are 0."""
    noisy = float(noise(np.array(probes)))
    level = odds.constant + odds.per_photo / photos + odds.per_noise * noisy
    return round(-level / (odds.per_distance + odds.per_noisy_distance * noisy), 3)


def accepted_rows(trials: Trials, both: dict[str, EmbeddingCalibration]) -> list[dict[str, object]]:
    """Return the shares of the trials of each kind with log odds above several limits."""
    kinds = {
        "genuine": trials.genuine,
        "random": ~trials.genuine & ~trials.lookalike,
        "lookalike": trials.lookalike,
    }
    coefficients = {way: np.array([*asdict(each.odds).values()]) for way, each in both.items()}
    logits = {way: features(trials) @ each for way, each in coefficients.items()}
    return [
        {
            "above": limit,
            **{
                f"{kind}, {way}": round(float((odds[rows] > limit).mean()), 4)
                for kind, rows in kinds.items()
                for way, odds in logits.items()
            },
        }
        for limit in range(5)
    ]


def by_photos(faces: KnownFaces, shipped: EmbeddingCalibration) -> list[dict[str, object]]:
    """Return one row per rate and number of photos."""
    found: list[dict[str, object]] = []
    genuine = own_distances(faces, shipped.cohort)
    for photos in PHOTOS:
        strangers = stranger_distances(faces, shipped.cohort, photos)
        found += [
            {
                "photos": photos,
                "strangers_accepted": rate,
                "shipped": round(shipped.false_accepts.distance_at(rate, photos), 4),
                "measured": round(apart, 4),
                "genuine_accepted": round(float((genuine < apart).mean()), 4)
                if photos == 1
                else None,
            }
            for rate, apart in quantiles(strangers).items()
        ]
    return found


def by_weight(faces: KnownFaces, shipped: EmbeddingCalibration) -> list[dict[str, object]]:
    """Return the false-accept rates at the shipped distances, for probes of different quality."""
    rng = np.random.default_rng(0)
    people, weights = faces.by_person(), face_weights(faces, shipped.variance)
    photos: NDArray[np.float32] = faces.enrolled[[rows[0] for rows in people]]
    found: list[dict[str, object]] = []
    for low, high in pairwise((0.0, 0.1, 0.3, 0.5, 0.7, 1.01)):
        rows = np.flatnonzero((weights >= low) & (weights < high))
        rows = rng.choice(rows, min(len(rows), 1000), replace=False)
        apart = relative_distances(unit_length(faces.probe[rows]), photos, shipped.cohort)
        strangers = apart[faces.person[rows][:, None] != np.arange(len(people))]
        shares = {
            f"at {rate:g}": float(
                f"{(strangers < shipped.false_accepts.distance_at(rate)).mean():.2g}"
            )
            for rate in (1e-2, 1e-3, 1e-4)
        }
        found.append({"weight": f"{low} to {min(high, 1.0)}", "probes": len(rows), **shares})
    return found


if __name__ == "__main__":
    main()
