import numpy as np
from hypothesis import given, strategies as st

from closeup.cohort import unit_length
from closeup.identity.exemplars import best_first, spread_out


def some(seed: int, count: int) -> np.ndarray:
    return unit_length(np.random.default_rng(seed).normal(size=(count, 8)))


def fan(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def test_typical_faces_come_before_others() -> None:
    assert best_first(fan(0, 40, -3, 2), [1, 1, 1, 1]).tolist()[-1] == 1


def test_clear_faces_come_before_blurred_ones() -> None:
    assert best_first(fan(0, 10, -10), [0.2, 0.9, 0.5]).tolist() == [1, 0, 2]


def test_equally_good_faces_stay_in_their_order() -> None:
    assert best_first(np.repeat(fan(0), 5, axis=0), [0.5] * 5).tolist() == [0, 1, 2, 3, 4]


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_every_face_has_one_place(seed: int, count: int) -> None:
    weights = np.random.default_rng(seed).random(count).tolist()
    assert sorted(best_first(some(seed, count), weights)) == list(range(count))


def test_each_next_one_is_the_farthest() -> None:
    assert spread_out(fan(0, 5, 90, 30, 180), 4).tolist() == [0, 4, 2, 3]


@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 25))
def test_no_face_is_chosen_twice(seed: int, faces: int, count: int) -> None:
    chosen = spread_out(some(seed, faces), count)
    assert len(set(chosen.tolist())) == len(chosen) == min(faces, count)
    assert chosen[0] == 0


def test_copies_do_not_end_the_choice() -> None:
    assert sorted(spread_out(np.repeat(fan(0), 4, axis=0), 3).tolist()) == [0, 1, 2]
