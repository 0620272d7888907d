"""Labels are compared with what the crops show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.datasets.eyes.label_darkness import LEAST_CROPS, darkness_fault
from closeup.geometry import Size
from tests.datasets.eyes.drawn_eyes import SIZE, draw_eyes, scattered, sides

Labels = NDArray[np.float64]
SOME = settings(max_examples=8)
SEEDS = st.integers(0, 1000)
COUNT = 400


def mirrored(labels: Labels) -> Labels:
    return labels * (-1, 1) + (1, 0)


@SOME
@given(SEEDS, st.sampled_from([SIZE, Size(32, 24), Size(48, 48)]))
def test_true_labels_pass(seed: int, size: Size) -> None:
    labels = scattered(COUNT, seed)
    crops = draw_eyes(labels, size, seed)
    assert darkness_fault(labels, crops, sides(COUNT)) == ""
    assert darkness_fault(labels, crops[..., 1], sides(COUNT)) == ""


@SOME
@given(SEEDS)
def test_rough_labels_pass(seed: int) -> None:
    labels = scattered(COUNT, seed)
    rough = labels + np.random.default_rng(seed).normal(0, 0.03, labels.shape)
    assert darkness_fault(rough, draw_eyes(labels), sides(COUNT)) == ""


@SOME
@given(SEEDS)
def test_mirrored_labels(seed: int) -> None:
    labels, left = scattered(COUNT, seed), sides(COUNT)
    crops = draw_eyes(labels, seed=seed)
    told = "are mirrored: were the crops mirrored without their labels, or these without those?"
    assert darkness_fault(mirrored(labels), crops, left) == f"the labels {told}"
    only_left = np.where(left[:, None], mirrored(labels), labels)
    assert darkness_fault(only_left, crops, left) == f"the labels of left eyes {told}"
    only_right = np.where(left[:, None], labels, mirrored(labels))
    assert darkness_fault(only_right, crops, left) == f"the labels of right eyes {told}"


WRONG: list[tuple[Any, str]] = [
    (lambda labels: labels * (1, -1) + (0, 1), "are upside down"),
    (lambda labels: labels[:, ::-1], "have x and y exchanged"),
    (
        lambda labels: labels[:, ::-1] * SIZE[::-1] / SIZE,
        "have x and y exchanged, before they were divided",
    ),
    (
        lambda labels: labels * SIZE / SIZE[::-1],
        "lie beside the eyes: were they divided by another",
    ),
    (lambda labels: labels * (1, 0.75), "lie beside the eyes: were they divided by another"),
    (lambda labels: labels * 0.6, "lie beside the eyes: were they divided by another"),
    (lambda labels: np.roll(labels, 7, axis=0), "fit other crops as well as their own"),
]


@pytest.mark.parametrize(("wrong", "told"), WRONG)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_wrong_readings(wrong: Any, told: str, seed: int) -> None:
    labels = scattered(COUNT, seed)
    fault = darkness_fault(wrong(labels), draw_eyes(labels), sides(COUNT))
    assert fault.startswith(f"the labels {told}")


def test_people_who_look_aside_pass() -> None:
    labels = scattered(COUNT) + np.array([0.15, 0.05])
    assert darkness_fault(labels, draw_eyes(labels), sides(COUNT)) == ""


def test_wide_crops_are_looked_at_as_closely() -> None:
    labels = 0.5 + (scattered(COUNT) - 0.5) * 0.6
    crops = draw_eyes(labels, Size(107, 80))
    assert darkness_fault(labels, crops, sides(COUNT), width=2.0) == ""
    fault = darkness_fault(mirrored(labels), crops, sides(COUNT), width=2.0)
    assert fault.startswith("the labels are mirrored")


def test_a_side_is_not_blamed_when_few_are_of_the_other() -> None:
    labels = scattered(COUNT)
    left = np.arange(COUNT) < COUNT - LEAST_CROPS // 2
    crops = draw_eyes(labels)
    assert darkness_fault(mirrored(labels), crops, left).startswith("the labels are mirrored")
    only_left = np.where(left[:, None], mirrored(labels), labels)
    assert "mirrored" in darkness_fault(only_left, crops, left)


def test_few_labels_are_not_judged() -> None:
    labels = scattered(LEAST_CROPS - 1)
    wrong, left = mirrored(labels), sides(len(labels))
    assert darkness_fault(wrong, draw_eyes(labels), left) == ""
    assert darkness_fault(wrong[:0], draw_eyes(labels)[:0], left[:0]) == ""


def test_crops_that_show_nothing() -> None:
    crops = np.full((150, 48, 64, 3), 90, np.uint8)
    assert darkness_fault(scattered(150), crops, sides(150)) == ""
    assert "mixed up" in darkness_fault(
        scattered(COUNT), np.repeat(crops[:1], COUNT, 0), sides(COUNT)
    )
