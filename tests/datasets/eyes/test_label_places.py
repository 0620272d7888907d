"""Labels are judged by where they lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.datasets.eyes.label_places import inside, place_fault
from closeup.geometry import Size
from tests.datasets.eyes.drawn_eyes import SIZE, scattered

COUNTS = st.integers(50, 400)
SEEDS = st.integers(0, 10_000)
SIZES = st.sampled_from([Size(64, 48), Size(48, 48), Size(32, 24), Size(128, 96)])


@given(st.integers(0, 400), SEEDS, SIZES)
def test_plausible_labels_pass(count: int, seed: int, size: Size) -> None:
    assert place_fault(scattered(count, seed), size) == ""


@given(COUNTS, SEEDS, SIZES)
def test_labels_in_pixels(count: int, seed: int, size: Size) -> None:
    fault = place_fault(scattered(count, seed) * size - 0.5, size)
    assert fault == (
        "all of the labels lie outside their crops: "
        "are they pixels of the crop, not divided by its size?"
    )


@given(COUNTS, SEEDS, SIZES, st.integers(300, 4000))
def test_labels_in_the_pictures_pixels(count: int, seed: int, size: Size, far: int) -> None:
    fault = place_fault(scattered(count, seed) * size + far, size)
    assert fault.endswith("outside their crops: are they pixels of the whole picture?")


@given(COUNTS, SEEDS, SIZES)
def test_labels_that_were_divided_twice(count: int, seed: int, size: Size) -> None:
    fault = place_fault(scattered(count, seed) / size, size)
    assert fault.startswith("all of the labels lie in the upper left corner")
    assert fault.endswith("were they divided by the crop's size twice?")


@given(COUNTS, SEEDS, SIZES)
def test_labels_before_the_crop(count: int, seed: int, size: Size) -> None:
    assert "a crop's origin subtracted twice" in place_fault(scattered(count, seed) - 2, size)


@given(COUNTS, SEEDS, st.floats(0.3, 0.7), st.floats(0.3, 0.7))
def test_labels_that_are_all_alike(count: int, seed: int, x: float, y: float) -> None:
    same = np.tile([x, y], (count, 1))
    assert place_fault(same, SIZE).startswith("all of the labels have the same x, about")
    still = scattered(count, seed) * (1, 0) + (0, y)
    assert place_fault(still, SIZE).startswith("all of the labels have the same y, about")
    nearly = same + scattered(count, seed) * 1e-3
    assert place_fault(nearly, SIZE).startswith("nearly all labels have the same x, about")


@given(COUNTS, SEEDS)
def test_a_default_among_labels(count: int, seed: int) -> None:
    labels = scattered(count, seed)
    labels[: count // 2] = 0.5
    assert "answer with a default" in place_fault(labels, SIZE)


@pytest.mark.parametrize("corner", [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.01, 0.98)])
def test_a_share_in_a_corner(corner: tuple[float, float]) -> None:
    labels = scattered(200)
    labels[::20] = corner
    assert place_fault(labels, SIZE) == (
        "5.0 % of the labels lie in a corner of their crops: "
        "does a method that found nothing answer with 0 or 1?"
    )
    labels[20:] = scattered(180)
    assert place_fault(labels, SIZE) == ""


def test_a_share_on_the_border() -> None:
    labels = scattered(200)
    labels[::8, 0] = np.linspace(0.985, 1, 25)
    assert place_fault(labels, SIZE).startswith("12 % of the labels lie on the border")


def test_a_share_outside() -> None:
    labels = scattered(200)
    labels[:34, 1] = 1.2
    fault = place_fault(labels, SIZE)
    assert fault.startswith("17 % of the labels lie outside their crops: are the crops too narrow")
    labels[2:] = scattered(198)
    assert place_fault(labels, SIZE) == ""


def test_labels_that_are_no_numbers() -> None:
    labels = scattered(50)
    labels[:5, 0] = np.nan
    assert place_fault(labels, SIZE) == "10 % of the labels are no numbers"


def test_inside() -> None:
    labels = np.array([(0, 0), (1, 1), (-0.01, 0.5), (0.5, 1.01), (np.nan, 0.5)])
    assert inside(labels).tolist() == [True, True, False, False, False]
