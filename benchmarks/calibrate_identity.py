"""Fit what a distance between faces means, and what a small or blurred face is worth.

Reproduces the constants of ``closeup.identity.calibration`` and ``closeup.identity.quality`` on
the 4,038 people of LFW's development set (View 1). Photos to enrol are used as they are; of each
there is a probe, made as small, dark, noisy, blurred and compressed as a face on a stage. A trial
is the mean of one to three probes against the centroid of one to five photos. In the fit, four of
five impostors count as random people, one as among the sixty whose centroids are nearest to the
probe; genuine trials and impostors weigh the same.

How to read it: the coefficients lean on each other, so compare the neutral distances, at which
nothing speaks for or against. "Accepted" is the share of trials with log odds above so much, by
the code's constants and by the fitted ones: measured on the people of the fit, of whom 2,985 are
in View 2, too, and some in our scenes; but eight numbers cannot learn thousands of people by
heart. The look-alikes are harder than a stage: each is chosen from all people to resemble that
very probe. With few ``--people`` there are no such, and the fit is another one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.lfw_sample import Sample, Vector, sampled
from benchmarks.recording import save, show
from closeup.identity import calibration, quality
from closeup.identity.crowd import crowd_of, relative_distances, unit_length

CROWD = crowd_of("dlib-128")
ROUNDS = 6
LOOKALIKES = 60
LOOKALIKE_SHARE = 0.2
NAMES = ("constant", "per distance", "per 1/photos", "per noise", "per noise x distance")
CODE = np.array(
    [
        calibration._CONSTANT,
        calibration._PER_DISTANCE,
        calibration._PER_PHOTO,
        calibration._PER_NOISE,
        calibration._PER_NOISY_DISTANCE,
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Probes against centroids.

    Attributes:
        distance: (n,) between them.
        photos: (n,) that the centroid is made of.
        probes: (n,) total weight of the probes.
        genuine: (n,) whether they are one person.
        lookalike: (n,) whether the impostor was chosen for resembling the probe.

    """

    distance: Vector
    photos: Vector
    probes: Vector
    genuine: NDArray[np.bool_]
    lookalike: NDArray[np.bool_]


def main() -> None:
    """Sample, fit, print tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, help="so many of View 1, at random; by default all")
    parser.add_argument("--cache", type=Path, help="keep the embeddings in this .npz file")
    chosen = parser.parse_args()
    sample = sampled(chosen.people, chosen.cache)
    trials = make_trials(sample, np.random.default_rng(1))
    fitted = fit_odds(trials)
    result = {
        "people": int(sample.person[-1]) + 1,
        "photos": len(sample.person),
        "photos_without_a_face": sample.missed,
        "trials": len(trials.distance),
        "constants": [*odds_rows(fitted), *quality_rows(sample)],
        "neutral_distances": neutral_rows(fitted),
        "accepted_by_log_odds": accepted_rows(trials, fitted),
    }
    save("calibrate_identity", result)
    for title in ("constants", "neutral_distances", "accepted_by_log_odds"):
        rows: Any = result[title]
        show(title.replace("_", " ").capitalize(), rows)


def make_trials(sample: Sample, rng: np.random.Generator) -> Trials:
    """Everybody with two photos, several times, as probe and beside five impostors."""
    people = sample.by_person()
    centroids = unit_length(np.array([sample.enrolled[rows].mean(axis=0) for rows in people]))
    rows: list[tuple[float, int, float, bool, bool]] = []
    for _ in range(ROUNDS):
        for person, photos in enumerate(people):
            if len(photos) > 1:
                rows += trials_of(person, people, centroids, sample, rng)
    distance, photos_used, probes, genuine, lookalike = zip(*rows, strict=True)
    return Trials(
        np.array(distance),
        np.array(photos_used, np.float64),
        np.array(probes),
        np.array(genuine),
        np.array(lookalike),
    )


def trials_of(
    person: int,
    people: list[NDArray[np.int64]],
    centroids: NDArray[np.float32],
    sample: Sample,
    rng: np.random.Generator,
) -> Iterator[tuple[float, int, float, bool, bool]]:
    """One genuine trial, three with random impostors and two with look-alikes."""
    own = rng.permutation(people[person])
    enrolled = int(rng.integers(1, min(6, len(own))))
    rows = own[enrolled : enrolled + int(rng.integers(1, min(4, len(own) - enrolled) + 1))]
    weights = sample.weight[rows]
    total = float(weights.sum())
    if total < 0.1:
        return
    probe = unit_length((weights[:, None] * sample.probe[rows]).sum(axis=0))
    yield distance(sample, own[:enrolled], probe), enrolled, total, True, False
    order = np.argsort(relative_distances(probe[None], centroids, CROWD)[0])
    strangers = order[order != person]
    random = [(other, False) for other in rng.choice(strangers, 3)]
    alike = [(other, True) for other in rng.choice(strangers[:LOOKALIKES], 2)]
    for other, lookalike in random + alike:
        shown = rng.permutation(people[other])[: int(rng.integers(1, 6))]
        yield distance(sample, shown, probe), len(shown), total, False, lookalike


def distance(sample: Sample, rows: NDArray[np.int64], probe: NDArray[np.float32]) -> float:
    """Of a probe from the centroid of some photos, relative to the crowd."""
    centroid = unit_length(sample.enrolled[rows].mean(axis=0))
    return float(relative_distances(probe[None], centroid[None], CROWD)[0, 0])


def features(trials: Trials) -> Vector:
    """What the log odds are linear in; (n, 5), in the order of NAMES."""
    noise = 1 / (trials.probes + 0.25)
    columns = [np.ones_like(noise), trials.distance, 1 / trials.photos]
    return np.stack([*columns, noise, noise * trials.distance], axis=1)


def fit_odds(trials: Trials) -> Vector:
    """Logistic regression; genuine and impostor trials weigh the same in sum."""
    known = features(trials)
    sign = np.where(trials.genuine, 1.0, -1.0)
    weights = np.where(trials.lookalike, LOOKALIKE_SHARE / 2, (1 - LOOKALIKE_SHARE) / 3)
    weights[trials.genuine] = 1.0

    def loss(coefficients: Vector) -> float:
        return float((weights * np.logaddexp(0, -sign * (known @ coefficients))).mean())

    return np.asarray(minimize(loss, np.zeros(known.shape[1]), method="BFGS").x)


def odds_rows(fitted: Vector) -> list[dict[str, object]]:
    """The coefficients in the code beside the fitted ones."""
    return [
        {"constant": f"calibration: {name}", "code": float(own), "fitted": round(float(new), 3)}
        for name, own, new in zip(NAMES, CODE, fitted, strict=True)
    ]


def quality_rows(sample: Sample) -> list[dict[str, object]]:
    """The same for what makes the squared distance to one's own centroid grow.

    Least squares on people with four photos or more, each probe against the others.
    """
    people = [rows for rows in sample.by_person() if len(rows) >= 4]
    pairs = [(row, rows[rows != row]) for rows in people for row in rows]
    squared = np.array([distance(sample, rest, sample.probe[row]) ** 2 for row, rest in pairs])
    probes = np.array([row for row, _ in pairs])
    aside = (sample.turned[probes] - quality._FRONTAL) / (quality._PROFILE - quality._FRONTAL)
    known = np.stack(
        [
            np.ones(len(probes)),
            np.log(quality._FULL_HEIGHT / sample.height[probes]),
            np.log(quality._FULL_SHARPNESS / sample.sharpness[probes]),
            np.clip(aside, 0, 1),
        ],
        axis=1,
    )
    fitted = np.linalg.lstsq(known, squared, rcond=None)[0]
    code = {
        "best": quality._BEST,
        "per log height": quality._PER_LOG_HEIGHT,
        "per log sharpness": quality._PER_LOG_SHARPNESS,
    }
    return [
        {"constant": f"quality: {name}", "code": own, "fitted": round(float(new), 3)}
        for (name, own), new in zip(code.items(), fitted[:3], strict=True)
    ]


def neutral_rows(fitted: Vector) -> list[dict[str, object]]:
    """Distances at which the log odds are 0, by number of photos and weight of the probes."""

    def neutral(coefficients: Vector, photos: int, probes: float) -> float:
        constant, slope, per_photo, per_noise, noisy_slope = coefficients
        noise = 1 / (probes + 0.25)
        level = constant + per_photo / photos + per_noise * noise
        return round(float(-level / (slope + noisy_slope * noise)), 3)

    return [
        {
            "photos": photos,
            "probes": probes,
            "code": neutral(CODE, photos, probes),
            "fitted": neutral(fitted, photos, probes),
        }
        for photos in (1, 3, 5)
        for probes in (0.3, 1.0, 1.5)
    ]


def accepted_rows(trials: Trials, fitted: Vector) -> list[dict[str, object]]:
    """Shares of the trials of each kind with log odds above some limits."""
    kinds = {
        "genuine": trials.genuine,
        "random": ~trials.genuine & ~trials.lookalike,
        "lookalike": trials.lookalike,
    }
    ways = {"code": odds_by_code(trials), "fitted": features(trials) @ fitted}
    return [
        {
            "above": limit,
            **{
                f"{kind}, {way}": round(float((odds[rows] > limit).mean()), 4)
                for kind, rows in kinds.items()
                for way, odds in ways.items()
            },
        }
        for limit in range(5)
    ]


def odds_by_code(trials: Trials) -> Vector:
    """What the main job would say; (n,)."""
    rows = zip(trials.distance, trials.photos, trials.probes, strict=True)
    return np.array(
        [
            calibration.log_likelihood_ratio(np.array([d], np.float32), np.array([n]), float(w))[0]
            for d, n, w in rows
        ]
    )


if __name__ == "__main__":
    main()
