"""Batches of people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.training.identity.batching import PeopleBatches
from closeup.training.rng import TensorRng


@given(
    counts=st.lists(st.integers(1, 9), min_size=2, max_size=12),
    size=st.integers(2, 5),
    batch=st.integers(4, 16),
    seed=st.integers(0, 99),
)
def test_an_epoch_shows_each_photo_once_at_most_and_nobody_alone(
    counts: list[int], size: int, batch: int, seed: int
) -> None:
    counts += [2, 2]
    people = np.repeat(np.arange(len(counts)), counts)
    drawn = PeopleBatches(people, size)
    batches = list(drawn.epoch(TensorRng(seed), batch))
    assert len(batches) == drawn.count(batch)
    rows = np.concatenate([own.numpy() for own in batches] or [np.empty(0, np.int64)])
    assert len(set(rows.tolist())) == len(rows)
    alone = np.flatnonzero(np.array(counts) == 1)
    assert not np.isin(people[rows], alone).any()
    assert all(len(own) == batch for own in batches)
    # What is left over: less than a batch, and the photos that would be alone.
    usable = sum(count - (count % size == 1) for count in counts if count > 1)
    assert len(rows) > usable - batch


def test_photos_of_a_person_lie_side_by_side() -> None:
    people = np.repeat(np.arange(20), 4)
    (first, *_) = PeopleBatches(people, 4).epoch(TensorRng(0), 16)
    assert [len(set(people[part].tolist())) for part in np.split(first.numpy(), 4)] == [1] * 4
    assert len(set(people[first.numpy()].tolist())) == 4


def test_nobody_is_no_person() -> None:
    people = np.array([-1] * 10 + [0] * 4 + [1] * 4)
    batches = PeopleBatches(people, 2).epoch(TensorRng(0), 4)
    assert min(int(own.min()) for own in batches) >= 10


@pytest.mark.parametrize("people", [[0, 1, 2], [0, 0, 1], [0, 0, 0, 0], [-1, -1, -1]])
def test_too_few_people_are_refused(people: list[int]) -> None:
    with pytest.raises(InputError, match="give more photos of each"):
        PeopleBatches(np.array(people), 4)
