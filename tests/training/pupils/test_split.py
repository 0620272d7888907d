"""What is learnt from and what is judged by have nobody in common."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.training.pupils.samples import EyeSamples
from closeup.training.pupils.split import split

SOME = settings(max_examples=40)


def of_groups(groups: NDArray[np.int64]) -> EyeSamples:
    """Tiny crops, no two alike."""
    count = len(groups)
    chance = np.random.default_rng(0)
    return EyeSamples(
        chance.integers(0, 256, (count, 8, 8)).astype(np.uint8),
        np.full((count, 3, 2), 0.5, np.float32), np.ones(count, np.float32),
        np.ones(count, np.float32), groups.astype(np.int64), np.arange(count) // 2,
        np.arange(count) % 2 == 1, 1.2,
    )  # fmt: skip


@SOME
@given(
    st.lists(st.integers(0, 400), min_size=40, max_size=300),
    st.floats(0.05, 0.5),
    st.integers(0, 99),
)
def test_nobody_is_on_both_sides(groups: list[int], share: float, seed: int) -> None:
    samples = of_groups(np.array(groups))
    made = split(samples, share, seed)
    assert sorted([*made.training, *made.held_out]) == list(range(len(samples)))
    assert len(made.training)
    assert len(made.held_out)
    if not made.notes:
        on_both = np.intersect1d(samples.groups[made.training], samples.groups[made.held_out])
        assert not len(on_both)
        assert len(made.held_out) <= max(2 * share, 0.5) * len(samples)


def test_the_share_is_about_as_asked() -> None:
    samples = of_groups(np.arange(4000) // 4)
    for share in (0.05, 0.1, 0.3):
        assert len(split(samples, share).held_out) / 4000 == pytest.approx(share, rel=0.25)
    assert split(samples, seed=1).held_out.tolist() == split(samples, seed=1).held_out.tolist()
    assert split(samples, seed=1).held_out.tolist() != split(samples, seed=2).held_out.tolist()


def test_a_person_falls_on_the_same_side_in_every_set() -> None:
    whole = of_groups(np.arange(2000) // 4)
    part = whole.chosen(np.flatnonzero(np.arange(2000) % 3 > 0))
    held_out = [set(samples.groups[split(samples).held_out].tolist()) for samples in (whole, part)]
    assert held_out[0] == held_out[1]


def test_few_people() -> None:
    made = split(of_groups(np.repeat([5, 6, 7], 20)), 0.1)
    assert len(made.held_out) == 20
    assert not made.notes


def test_one_large_group_is_never_held_out() -> None:
    groups = np.concatenate([np.zeros(500, np.int64), np.arange(1, 30)]).astype(np.int64)
    for seed in range(10):
        samples = of_groups(groups)
        assert samples.groups[split(samples, 0.1, seed).held_out].min() > 0


def test_a_video_is_cut_into_stretches() -> None:
    samples = of_groups(np.zeros(400, np.int64))
    made = split(samples, 0.1, 3)
    assert made.held_out.tolist() == list(range(made.held_out[0], made.held_out[0] + 40))
    assert made.notes == (
        "all eyes are of one person or video, so the held-out ones are, too: "
        "the figures on them are optimistic",
    )


def test_the_same_photo_under_two_names() -> None:
    samples = of_groups(np.arange(400) // 4)
    twins = [(0, 399), (40, 200), (41, 360)]
    crops = samples.crops.copy()
    for one, other in twins:
        crops[other] = crops[one]
    for seed in range(8):
        made = split(replace(samples, crops=crops), 0.2, seed)
        held_out = np.isin(np.arange(400), made.held_out)
        for one, other in twins:
            assert held_out[one] == held_out[other]
        assert made.notes == (
            "4 groups have the same crop as another: the same photo under two names, "
            "so they stay together",
        )


def test_crops_without_a_picture_are_no_photo() -> None:
    samples = of_groups(np.arange(400) // 4)
    crops = samples.crops.copy()
    crops[::40] = 0
    assert split(replace(samples, crops=crops)).notes == ()


def test_a_still_video_is_said() -> None:
    samples = of_groups(np.zeros(100, np.int64))
    crops = np.repeat(samples.crops[:2], 50, axis=0)
    assert (
        "10 of 10 held-out crops are also in the training part"
        in split(replace(samples, crops=crops)).notes
    )


@pytest.mark.parametrize(("count", "share"), [(1, 0.1), (10, 0.0), (10, 1.0)])
def test_nothing_to_split(count: int, share: float) -> None:
    with pytest.raises(ValueError, match="cannot be kept apart"):
        split(of_groups(np.zeros(count, np.int64)), share)


def test_the_eyes_of_one_face() -> None:
    made = split(of_groups(np.zeros(2, np.int64)))
    assert len(made.training) == len(made.held_out) == 1
