"""Calibrations of people whose vectors are drawn, so that the truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from closeup.cohort import unit_length
from closeup.errors import InputError
from closeup.evaluation.calibrating import (
    LEAST_PEOPLE,
    calibrate,
    face_weights,
    figures,
    stranger_distances,
)
from closeup.evaluation.known_faces import KnownFaces
from closeup.evaluation.odds_fit import features, make_trials


def drawn(seed: int, people: int = 150, photos: int = 6, scatter: float = 0.08) -> KnownFaces:
    """Normal scatter around everybody's place in 32 dimensions; small faces scatter more."""
    random = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), photos)
    count = len(person)
    places = unit_length(random.normal(size=(people, 32)))[person]
    height = np.exp(random.uniform(np.log(24), np.log(110), count))
    noise = scatter * (1 + np.log(90 / np.minimum(height, 90)))
    return KnownFaces(
        person=person,
        enrolled=unit_length(places + scatter * random.normal(size=(count, 32))),
        probe=7 * (places + noise[:, None] * random.normal(size=(count, 32))).astype(np.float32),
        height=height,
        sharpness=random.uniform(5, 40, count),
        turned=np.zeros(count),
    )


def test_the_same_faces_give_the_same_calibration() -> None:
    assert calibrate(drawn(0), "any").digest == calibrate(drawn(0), "any").digest
    assert calibrate(drawn(0), "any").digest != calibrate(drawn(1), "any").digest


def test_false_accepts_are_as_many_among_other_people() -> None:
    curve = calibrate(drawn(0), "any").false_accepts
    cohort = calibrate(drawn(0), "any").cohort
    assert cohort is not None
    others = stranger_distances(drawn(1), cohort)
    for rate in (0.5, 0.1, 0.01):
        share = float((others < curve.distance_at(rate)).mean())
        assert rate / 2 < share < 2 * rate


def test_odds_are_right_as_often_as_they_say() -> None:
    calibration = calibrate(drawn(0, scatter=0.15), "any")
    faces = drawn(1, scatter=0.15)
    weights = face_weights(faces, calibration.variance)
    assert calibration.cohort is not None
    trials = make_trials(faces, weights, calibration.cohort)
    odds = calibration.odds
    coefficients = np.array(
        [odds.constant, odds.per_distance, odds.per_photo, odds.per_noise, odds.per_noisy_distance]
    )
    logits = features(trials) @ coefficients
    shares = np.where(trials.lookalike, 0.1, 0.8 / 3)
    shares[trials.genuine] = 1.0
    sure = 1 / (1 + np.exp(-logits))
    for low, high in ((0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        rows = (sure >= low) & (sure < high)
        said = np.average(sure[rows], weights=shares[rows])
        true = np.average(trials.genuine[rows], weights=shares[rows])
        assert abs(said - true) < 0.08


def test_small_faces_are_worth_less_where_they_scatter_more() -> None:
    variance = calibrate(drawn(0), "any").variance
    assert variance.precision(25, 20) < 0.5 < variance.precision(90, 20)
    assert variance.per_log_sharpness < variance.per_log_height / 5


def test_tracks_are_split_in_the_embedders_own_lengths() -> None:
    faces = drawn(0)
    calibration = calibrate(faces, "any")
    longer = replace(faces, probe=3 * faces.probe)
    split = calibrate(longer, "any").split
    assert split.single == pytest.approx(3 * calibration.split.single, rel=1e-4)
    assert split.several == pytest.approx(3 * calibration.split.several, rel=1e-4)
    assert calibrate(longer, "any").odds.constant == pytest.approx(calibration.odds.constant)


def test_people_who_are_never_mixed_up_have_finite_odds() -> None:
    calibration = calibrate(drawn(0, scatter=0.001), "any")
    assert figures(drawn(0, scatter=0.001), calibration)["area_under_curve"] == 1
    near, far = calibration.odds.log_likelihood_ratio(
        np.array([0.01, 1.2], np.float32), np.array([3, 3]), 1.0
    )
    assert near > 3
    assert far < -3


def test_many_photos_of_each_do_not_make_few_people_enough() -> None:
    with pytest.raises(InputError, match=f"only 59 people .* needs {LEAST_PEOPLE}"):
        calibrate(drawn(0, people=59), "any")
    assert calibrate(drawn(0, people=60, photos=2), "any").false_accepts.least <= 0.01


def test_an_embedding_that_says_nothing_is_refused() -> None:
    faces = drawn(0)
    random = np.random.default_rng(2)
    noise = unit_length(random.normal(size=faces.enrolled.shape))
    with pytest.raises(InputError, match="any does not tell these people apart"):
        calibrate(replace(faces, enrolled=noise, probe=noise), "any")
    one = np.tile(faces.enrolled[:1], (len(faces.enrolled), 1))
    with pytest.raises(InputError, match="any does not tell these people apart"):
        calibrate(replace(faces, enrolled=one, probe=one), "any")


def test_heads_that_are_all_turned_aside_are_refused() -> None:
    faces = drawn(0)
    with pytest.raises(InputError, match="every face is turned aside"):
        calibrate(replace(faces, turned=np.ones(len(faces.person))), "any")


def test_figures_of_the_people() -> None:
    found = figures(drawn(0), calibrate(drawn(0), "any"))
    assert (found["people"], found["photos"]) == (150, 900)
    shares = list(found["accepted"].values())
    assert shares == sorted(shares, reverse=True)
    assert 0.9 < found["area_under_curve"] <= 1
