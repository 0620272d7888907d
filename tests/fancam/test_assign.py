from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings, strategies as st

from closeup.fancam.assign import NOBODY, assign_identities, seen_span
from closeup.tracks import Tracklet
from tests.fancam.tracklet_maker import make_tracklet


def test_takes_the_best_member_of_each() -> None:
    rows = [make_tracklet(0, 0, 10), make_tracklet(1, 20, 30)]
    assert assign_identities(rows, np.array([[3.0, 1.0], [2.0, 5.0]])).tolist() == [0, 1]


def test_nobody_is_better_than_a_bad_guess() -> None:
    assert assign_identities([make_tracklet(0, 0, 10)], np.array([[-0.1, -4.0]])).tolist() == [
        NOBODY
    ]


def test_a_member_is_in_one_place_at_a_time() -> None:
    rows = [make_tracklet(0, 0, 10), make_tracklet(1, 5, 15), make_tracklet(2, 12, 20)]
    evidence = np.array([[4.0], [6.0], [3.0]])
    assert assign_identities(rows, evidence).tolist() == [0, NOBODY, 0], "4 + 3 beats 6"


def test_a_carried_end_may_overlap_the_next_tracklet() -> None:
    rows = [make_tracklet(0, 0, 20, seen=(0, 10)), make_tracklet(1, 15, 30)]
    assert seen_span(rows[0]) == (0, 10)
    assert assign_identities(rows, np.array([[4.0], [5.0]])).tolist() == [0, 0]


def test_a_person_has_the_last_word() -> None:
    rows = [make_tracklet(0, 0, 10), make_tracklet(1, 5, 15)]
    evidence = np.array([[9.0, -9.0], [8.0, 1.0]])
    assert assign_identities(rows, evidence, {0: 1}).tolist() == [1, 0]
    assert assign_identities(rows, evidence, {0: NOBODY}).tolist() == [NOBODY, 0]


def test_nothing_to_assign() -> None:
    assert assign_identities([], np.zeros((0, 3))).shape == (0,)
    assert assign_identities([make_tracklet(0, 0, 1)], np.zeros((1, 0))).tolist() == [NOBODY]


@settings(max_examples=40)
@given(st.data())
def test_is_as_good_as_trying_everything(data: st.DataObject) -> None:
    count, members = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6)), min_size=count, max_size=count)
    )
    rows = [make_tracklet(i, start, start + length) for i, (start, length) in enumerate(spans)]
    evidence = np.array(
        data.draw(
            st.lists(
                st.lists(st.integers(-5, 9).map(float), min_size=members, max_size=members),
                min_size=count,
                max_size=count,
            )
        )
    )
    chosen = assign_identities(rows, evidence)
    assert _allowed(rows, chosen)
    every = itertools.product(range(-1, members), repeat=count)
    best = max(_value(evidence, c) for c in map(np.array, every) if _allowed(rows, c))
    assert _value(evidence, chosen) == best


def _allowed(rows: list[Tracklet], members: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bool:
    pairs = itertools.combinations(range(len(rows)), 2)
    return not any(
        members[i] == members[j] != NOBODY
        and rows[i].start < rows[j].stop
        and rows[j].start < rows[i].stop
        for i, j in pairs
    )


def _value(
    evidence: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    members: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> float:
    return float(sum(evidence[i, m] for i, m in enumerate(members) if m != NOBODY))
