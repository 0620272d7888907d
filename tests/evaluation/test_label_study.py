"""Figures of networks and of the coarse methods that taught them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from closeup.evaluation.label_study import (
    NETWORK,
    NETWORK_MOVED,
    TEACHER,
    TEACHER_MOVED,
    exchanged,
    pupil_figures,
    summarised,
)

COUNT = 40
TRUTH = np.tile(np.array([[100.0, 100.0], [150.0, 100.0]]), (COUNT, 1, 1))
"""Eyes 50 pixels apart: a pixel is 0.02."""


def test_an_eye_that_is_not_found_is_a_failure() -> None:
    found = TRUTH.copy()
    found[:10, 0] = np.nan
    answered = np.isfinite(found).all(axis=(1, 2))

    figures = pupil_figures(found, TRUTH, answered)

    assert figures["e_0.05"] == figures["e_0.25"] == 0.75
    assert figures["among"]["e_0.05"] == 1
    assert figures["not_found"] == 10


def test_the_worse_eye_counts_and_the_bias_is_that_of_each_eye() -> None:
    found = TRUTH + np.array([[0.0, 3.0], [0.0, 1.0]])

    figures = pupil_figures(found, TRUTH, np.ones(COUNT, np.bool_))

    assert figures["e_0.05"] == 0
    assert figures["e_0.10"] == 1
    assert np.allclose(figures["bias"], [[0, -0.06], [0, -0.02]])


def test_what_finds_nothing_has_no_bias() -> None:
    nothing = np.full_like(TRUTH, np.nan)
    figures = pupil_figures(nothing, TRUTH, np.zeros(COUNT, np.bool_))
    assert figures["bias"] is None
    assert figures["among"] is None
    assert figures["e_0.25"] == 0


def test_faces_that_one_alone_gets_right_are_counted() -> None:
    found, others = TRUTH.copy(), TRUTH.copy()
    found[:3, 1, 0] += 10
    others[2:9, 0] = np.nan

    assert exchanged(found, others, TRUTH) == {"gained": 6, "lost": 2}


def told(share: float, **others: Any) -> dict[str, Any]:
    return {"e_0.05": share, "e_0.10": share, "e_0.25": 1.0, **others}


def test_seeds_become_means_and_deviations() -> None:
    moved = [told(0.8, labels=20), told(0.84, labels=20)]
    teachers = [told(0.7, method="darkest", moved=moved)]
    runs = [
        told(share, method=method, labels=labels, seed=seed, moved=moved[seed])
        for seed, shares in enumerate(((0.6, 0.9, 0.5), (0.62, 0.92, 0.7)))
        for share, method, labels in zip(
            shares, ("darkest", "darkest", None), (0, 30, 30), strict=True
        )
    ]

    rows = summarised(teachers, runs)

    named = [(row["method"], row["stage"], row["labels"], row["seeds"]) for row in rows]
    assert named == [
        ("darkest", TEACHER, 0, 1),
        ("darkest", TEACHER_MOVED, 20, 2),
        ("darkest", NETWORK, 0, 2),
        ("darkest", NETWORK_MOVED, 20, 2),
        ("darkest", NETWORK, 30, 2),
        (None, NETWORK, 30, 2),
    ]
    assert [row["e_0.05"] for row in rows] == pytest.approx([0.7, 0.82, 0.61, 0.82, 0.91, 0.6])
    deviations = [row["e_0.05_sd"] for row in rows]
    assert deviations[0] is None
    assert deviations[1:] == pytest.approx(np.array([0.04, 0.02, 0.04, 0.02, 0.2]) / np.sqrt(2))
