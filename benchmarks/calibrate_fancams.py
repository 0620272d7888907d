"""Calibration of the confidences of fancams, on composed scenes and real clips.

The confidence of a person's name is a logistic function of its log odds against nobody (Platt,
"Probabilistic outputs for support vector machines", 1999), times the probability of this member
among all members and of this person among all persons who may be it. It is fitted on the persons
that were named in ``hard_scenes`` (seeds below 10) and in the labelled clips of ``real_clips``:
a name is right if most of the person's labelled detections are on that member. Persons count by
their number of labelled detections, as confidences are about time that is shown.

``stated`` and ``right`` are percent of these detections; *left out* states the confidence by a fit
without the clip or scene itself. ``risk`` is the expected percent of wrong names above a
confidence, which ``--risk`` relies on. The constants ``slope`` and ``shift`` belong into
``closeup.fancam.confidence``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.footage_runs import (
    Rows,
    Run,
    arguments,
    fancam,
    is_other,
    percent,
    runs,
    workplace,
)
from benchmarks.hard_scenes import scenes
from benchmarks.real_clips import chosen
from benchmarks.recording import save, show
from closeup.fancam.assign import NOBODY
from closeup.fancam.persons import VideoPerson
from closeup.fancam.solution import Solution
from closeup.testing.footage import FootageKind
from closeup.testing.labelled_frames import LabelledFrames, Outcome
from closeup.tracks import PositionSource, Trajectory

SEEDS = (0, 1, 2, 3)
BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
LIMITS = (0.8, 0.9, 0.95, 0.98, 0.99)
_LARGEST = 8.0
"""Limit of the log odds: beyond it no probability can be measured on so few persons."""


class Named(NamedTuple):
    """A person with a name.

    Attributes:
        clip: Clip and detector.
        odds: Log odds against nobody.
        among: Probability among the members and persons that may be taken for each other.
        right: Labelled detections on the member's head.
        wrong: Labelled detections elsewhere.

    """

    clip: str
    odds: float
    among: float
    right: int
    wrong: int


def main() -> None:
    """Fit, print the tables and write the JSON."""
    wanted = arguments(__doc__).parse_args()
    with workplace(wanted.keep) as folder:
        clips = [clip for clip in chosen(None) if clip.labels is not None]
        composed = list(scenes(list(FootageKind), SEEDS, folder))
        every = runs([*clips, *composed], wanted.detector, folder, wanted.embedder)
        named = [person for run in every for person in persons_of(run)]
    slope, shift = fit(named)
    show("Named persons", [{"persons": len(named), "slope": slope, "shift": shift}])
    tables = {"reliability": reliability(named), "risk": risks(named, slope, shift)}
    for title, rows in tables.items():
        show(title, rows)
    if not (wanted.detector or is_other(wanted)):
        save("calibrate_fancams", {"slope": slope, "shift": shift, **tables})


def persons_of(run: Run) -> Iterator[Named]:
    """Yield the named persons of a clip that have labelled detections."""
    solution, labels = fancam(run, risk=1).solution, run.clip.labels
    if labels is None:
        return
    assignment = solution.assignment
    for row, person in enumerate(assignment.persons):
        member = int(assignment.members[person.id])
        if member == NOBODY:
            continue
        right, wrong = on_member(solution, person, member, labels)
        if right + wrong:
            odds = min(float(assignment.grounds.named[row]), _LARGEST)
            among = float(assignment.grounds.among[row])
            yield Named(f"{run.clip.name} {run.detector}", odds, among, right, wrong)


def on_member(
    solution: Solution, person: VideoPerson, member: int, labels: LabelledFrames
) -> tuple[int, int]:
    """Return how many labelled detections of a person are on the member's head, and elsewhere."""
    seen = Trajectory.absent(solution.names[member], len(solution.seconds))
    for tracklet in (solution.tracklets[row] for row in person.tracklets):
        rows = tracklet.sources == PositionSource.DETECTED
        seen.boxes[tracklet.frames[rows]] = tracklet.boxes[rows]
        seen.sources[tracklet.frames[rows]] = PositionSource.DETECTED
    found = [position.outcome for position in labels.judged([seen])]
    right = found.count(Outcome.RIGHT)
    return right, len(found) - right - found.count(Outcome.MISSED)


def fit(named: Sequence[Named]) -> tuple[float, float]:
    """Return slope and shift of the logistic function, with a weak prior at 1 and 0."""
    right, weights = columns(named)

    def loss(parameters: NDArray[np.float64]) -> float:
        slope, shift = parameters
        stated = np.clip(confidences(named, slope, shift), 1e-9, 1 - 1e-9)
        likelihood = weights * (right * np.log(stated) + (1 - right) * np.log(1 - stated))
        return float(2 * (slope - 1) ** 2 + shift**2 / 8 - likelihood.sum())

    slope, shift = minimize(loss, np.array([1.0, 0.0])).x
    return round(float(slope), 2), round(float(shift), 2)


def confidences(named: Sequence[Named], slope: float, shift: float) -> NDArray[np.float64]:
    """Return the confidence of each name."""
    odds = np.array([person.odds for person in named])
    among = np.array([person.among for person in named])
    return np.asarray(among / (1 + np.exp(-(slope * odds + shift))))


def columns(named: Sequence[Named]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return whether each name is right, and weights of mean 1."""
    right = np.array([float(person.right > person.wrong) for person in named])
    weights = np.array([person.right + person.wrong for person in named], np.float64)
    return right, weights / weights.mean()


def reliability(named: Sequence[Named]) -> Rows:
    """Return a row a bin of the confidence that fits without the clip itself state."""
    stated = np.empty(len(named))
    for clip in {person.clip for person in named}:
        own = np.array([person.clip == clip for person in named])
        slope, shift = fit([person for person in named if person.clip != clip])
        stated[own] = confidences(named, slope, shift)[own]
    right, weights = columns(named)
    bins = np.digitize(stated, BINS[1:-1])
    return [
        {
            "confidence": f"{low:g} to {high:g}",
            "persons": int(own.sum()),
            "stated": average(stated[own], weights[own]),
            "right": average(right[own], weights[own]),
        }
        for number, (low, high) in enumerate(pairwise(BINS))
        if (own := bins == number).any()
    ]


def risks(named: Sequence[Named], slope: float, shift: float) -> Rows:
    """Return a row a limit: time above it, and the expected and the true share of wrong names."""
    (right, weights), stated = columns(named), confidences(named, slope, shift)
    rows = []
    for limit in LIMITS:
        above = stated >= limit
        rows.append(
            {
                "confidence from": limit,
                "time": percent(float(weights[above].sum() / weights.sum())),
                "expected wrong": average(1 - stated[above], weights[above]),
                "wrong": average(1 - right[above], weights[above]),
            }
        )
    return rows


def average(values: Iterable[float], weights: NDArray[np.float64]) -> float:
    """Return a weighted mean in percent, with two decimals."""
    return round(100 * float(np.average(np.asarray(values), weights=weights)), 2)


if __name__ == "__main__":
    main()
