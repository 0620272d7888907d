"""Arrays of eyes: parts of them, draws, and several sets as one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.geometry import Size
from closeup.training.pupils.samples import EyeSamples
from tests.training.pupils.drawn_samples import drawn_samples


def test_parts_keep_what_belongs_together() -> None:
    samples = drawn_samples(12)
    part = samples.chosen(np.array([7, 2]))
    assert np.array_equal(part.crops, samples.crops[[7, 2]])
    assert np.array_equal(part.pupils, samples.points[[7, 2], 1])
    assert part.faces.tolist() == [3, 1]
    assert part.left.tolist() == [True, False]
    assert len(samples.chosen(samples.left)) == 6


def test_faces_are_drawn_with_both_eyes() -> None:
    samples = drawn_samples(200)
    few, more = samples.drawn(10, 1), samples.drawn(30, 1)
    assert len(few) == 20
    assert np.unique(few.faces, return_counts=True)[1].tolist() == [2] * 10
    assert set(few.faces) < set(more.faces)
    assert set(few.faces) != set(samples.drawn(10, 2).faces)
    assert len(samples.drawn(1000, 1)) == 200


def test_sets_are_joined() -> None:
    first, second = drawn_samples(8), drawn_samples(6, seed=1)
    joined = EyeSamples.joined([first, second])
    assert np.array_equal(joined.crops[8:], second.crops)
    assert joined.groups.tolist() == [*first.groups, *second.groups]
    assert joined.faces.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]


def test_sets_of_other_crops_are_refused() -> None:
    samples = drawn_samples(4)
    told = r"64x48 pixels, 1.2 .* and of 32x24 pixels, .* same --size and --width"
    with pytest.raises(InputError, match=told):
        EyeSamples.joined([samples, drawn_samples(4, size=Size(32, 24))])
    with pytest.raises(InputError, match="2 eye distances wide cannot"):
        EyeSamples.joined([samples, replace(samples, width=2.0)])


def test_arrays_of_different_eyes_are_refused() -> None:
    samples = drawn_samples(4)
    with pytest.raises(ValueError, match=r"weight must have shape \(4,\)"):
        replace(samples, weight=samples.weight[:3])
    with pytest.raises(ValueError, match="describe no eyes"):
        replace(samples, points=samples.pupils)


def test_a_crop_of_two_sets_is_taken_from_the_first() -> None:
    by_hand, coarse = drawn_samples(8), drawn_samples(12)
    coarse = replace(coarse, points=coarse.points + 0.1)

    joined = EyeSamples.joined([by_hand, coarse])

    expected = np.concatenate([by_hand.pupils, coarse.pupils[8:]])
    assert np.array_equal(joined.pupils, expected)
