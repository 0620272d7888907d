"""The assignment of members to persons is exact; corrections win; doubts are weighed."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY, Gains, assign_identities, option_losses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def gains(
    main: Sequence[Sequence[float]], further: Sequence[Sequence[float]] | None = None
) -> Gains:
    """Further appearances are as likely as main ones unless a test says otherwise."""
    return Gains(np.array(main, float), np.array(main if further is None else further, float))


def conflicts(count: int, *pairs: tuple[int, int]) -> Bools:
    found = np.zeros((count, count), bool)
    for a, b in pairs:
        found[a, b] = found[b, a] = True
    return found


def assigned(
    odds: Gains,
    pairs: Sequence[tuple[int, int]] = (),
    weights: Sequence[float] | None = None,
    fixed: Mapping[int, int] | None = None,
) -> tuple[list[int], list[int]]:
    count = len(odds.main)
    weighed = np.ones(count) if weights is None else np.array(weights)
    members, mains = assign_identities(odds, conflicts(count, *pairs), weighed, fixed)
    return members.tolist(), mains.tolist()


def test_takes_the_best_member_of_each() -> None:
    assert assigned(gains([[3.0, 1.0], [2.0, 5.0]])) == ([0, 1], [0, 1])


def test_nobody_is_better_than_a_bad_guess() -> None:
    assert assigned(gains([[-0.1, -4.0]])) == ([NOBODY], [-1, -1])


def test_a_member_is_in_one_place_at_a_time() -> None:
    chosen, _ = assigned(gains([[4.0], [6.0], [3.0]]), [(0, 1), (1, 2)])
    assert chosen == [0, NOBODY, 0], "4 + 3 beats 6"


def test_the_one_seen_for_long_is_not_given_up_for_one_seen_briefly() -> None:
    odds = gains([[4.0], [6.0]])
    assert assigned(odds, [(0, 1)], weights=[1.0, 1.0])[0] == [NOBODY, 0]
    assert assigned(odds, [(0, 1)], weights=[1.0, 0.1])[0] == [0, NOBODY]


def test_a_member_has_one_main_appearance() -> None:
    odds = gains([[5.0], [4.0]], [[-2.0], [-1.0]])
    assert assigned(odds) == ([0, NOBODY], [0]), "5 beats 5 - 1"
    assert assigned(gains([[5.0], [4.0]], [[3.0], [1.0]])) == ([0, 0], [0]), "the likeliest one"


def test_the_main_appearance_is_the_person_seen_for_longest() -> None:
    """Somebody seen briefly does not profit from a member who needs no bonus to be found."""
    odds = gains([[12.0], [2.0]], [[12.0], [-0.6]])
    assert assigned(odds, weights=[1.0, 0.1]) == ([0, NOBODY], [0])
    assert assigned(gains([[-1.0], [2.0]]), weights=[1.0, 0.1]) == ([NOBODY, 0], [1])


def test_corrections_win() -> None:
    odds = gains([[9.0, -9.0], [8.0, 1.0]])
    assert assigned(odds, [(0, 1)], fixed={0: 1})[0] == [1, 0]
    assert assigned(odds, [(0, 1)], fixed={0: NOBODY})[0] == [NOBODY, 0]
    assert assigned(odds, [(0, 1)], fixed={1: 0})[0] == [NOBODY, 0]


def test_a_correction_of_a_brief_person_wins() -> None:
    odds = gains([[12.0], [-12.0]])
    assert assigned(odds, [(0, 1)], weights=[1.0, 0.05], fixed={1: 0})[0] == [NOBODY, 0]


def test_a_correction_makes_no_room_for_somebody_else() -> None:
    """A corrected person is still the main appearance rather than a further one."""
    odds = gains([[9.0], [3.0]], [[4.0], [-1.0]])
    assert assigned(odds)[0] == [0, NOBODY]
    assert assigned(odds, fixed={0: 0}) == ([0, NOBODY], [0])


def test_of_contradictory_corrections_one_is_not_followed() -> None:
    chosen, _ = assigned(gains([[5.0], [5.0]]), [(0, 1)], fixed={0: 0, 1: 0})
    assert sorted(chosen) == [NOBODY, 0]


def test_nothing_to_assign() -> None:
    assert assigned(Gains(np.zeros((0, 3)), np.zeros((0, 3)))) == ([], [-1] * 3)
    assert assigned(Gains(np.zeros((1, 0)), np.zeros((1, 0)))) == ([NOBODY], [])


@st.composite
def problems(draw: st.DrawFn) -> tuple[Gains, Bools, Floats]:
    count, members = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    numbers = st.lists(st.integers(-4, 9), min_size=count * members, max_size=count * members)
    main = np.array(draw(numbers), float).reshape(count, members)
    less = np.maximum(np.array(draw(numbers), float).reshape(count, members), 0)
    pairs = [pair for pair in itertools.combinations(range(count), 2) if draw(st.booleans())]
    weights = draw(st.lists(st.sampled_from([0.05, 0.5, 1.0]), min_size=count, max_size=count))
    return Gains(main, main - less), conflicts(count, *pairs), np.array(weights)


def every(
    apart: Bools, weights: Floats, odds: Gains, fixed: Collection[int] = ()
) -> Iterator[tuple[Ints, Ints]]:
    """All assignments that the conditions allow, and their main appearances."""
    members, likely = odds.main.shape[1], odds.main.copy()
    likely[list(fixed)] += 1e4
    for chosen in map(np.array, itertools.product(range(-1, members), repeat=len(weights))):
        same = (chosen[:, None] == chosen) & (chosen != NOBODY)
        if not (same & apart).any():
            rows = [np.flatnonzero(chosen == member) for member in range(members)]
            longest = [own[weights[own] == weights[own].max(initial=0)] for own in rows]
            mains = [
                own[likely[own, member] == likely[own, member].max(initial=-np.inf)].tolist()
                or [-1]
                for member, own in enumerate(longest)
            ]
            yield from ((chosen, np.array(choice)) for choice in itertools.product(*mains))


def value(odds: Gains, weights: Floats, chosen: Ints, mains: Ints) -> float:
    total = 0.0
    for row in np.flatnonzero(chosen != NOBODY):
        member = chosen[row]
        kind = odds.main if mains[member] == row else odds.further
        total += weights[row] * kind[row, member]
    return total


@settings(max_examples=60)
@given(problems())
def test_is_as_good_as_trying_everything(problem: tuple[Gains, Bools, Floats]) -> None:
    odds, apart, weights = problem
    chosen, mains = assign_identities(odds, apart, weights)
    candidates = list(every(apart, weights, odds))
    assert any((c == chosen).all() and (m == mains).all() for c, m in candidates)
    best = max(value(odds, weights, *candidate) for candidate in candidates)
    assert value(odds, weights, chosen, mains) == pytest.approx(best)


@settings(max_examples=60)
@given(problems(), st.data())
def test_corrections_win_and_the_rest_is_as_good_as_can_be(
    problem: tuple[Gains, Bools, Floats], data: st.DataObject
) -> None:
    odds, apart, weights = problem
    count, members = odds.main.shape
    anyone = st.integers(NOBODY, members - 1)
    fixed = data.draw(st.dictionaries(st.integers(0, count - 1), anyone))
    candidates = [
        (c, m) for c, m in every(apart, weights, odds, fixed)
        if all(c[row] == member for row, member in fixed.items())
    ]  # fmt: skip
    chosen, mains = assign_identities(odds, apart, weights, fixed)
    if candidates:
        assert all(chosen[row] == member for row, member in fixed.items())
        best = max(value(odds, weights, *candidate) for candidate in candidates)
        assert value(odds, weights, chosen, mains) == pytest.approx(best)


def test_beside_an_assignment_others_are_further_appearances_or_replacements() -> None:
    odds = gains([[5.0, 1.0], [4.0, 2.0], [3.0, 3.0]], [[-5.0, -1.0], [-4.0, -2.0], [-3.0, -3.0]])
    beside = odds.beside(np.array([0, -1]), conflicts(3, (0, 2)))
    assert beside[:, 0].tolist() == [5.0, -4.0, 3.0], "the main one, a further one, a replacement"
    assert beside[:, 1].tolist() == [1.0, 2.0, 3.0], "nobody is the main appearance yet"


def test_the_loss_of_another_choice_is_its_evidence() -> None:
    odds, members = gains([[5.0, 1.0], [-2.0, -3.0]]), np.array([0, NOBODY])
    losses = option_losses(odds, conflicts(2), np.ones(2), members, np.array([0, -1]))
    np.testing.assert_allclose(losses, [[0, 4, 5], [2, 3, 0]])


def test_who_takes_a_member_from_another_pays_for_it() -> None:
    odds = gains([[5.0, 1.0], [4.0, 3.0]])
    apart, members = conflicts(2, (0, 1)), np.array([0, 1])
    losses = option_losses(odds, apart, np.ones(2), members, members)
    np.testing.assert_allclose(losses[0], [0, 4 - (4 - 3), 5], err_msg="Bob's becomes Ann")
    brief = option_losses(odds, apart, np.array([1.0, 0.1]), members, members)
    np.testing.assert_allclose(brief[0], [0, 4 - 0.1, 5], err_msg="a brief one counts less")
    only_bob = gains([[5.0, 1.0], [-4.0, 3.0]])
    losses = option_losses(only_bob, apart, np.ones(2), members, members)
    np.testing.assert_allclose(losses[0], [0, 4 + 3, 5], err_msg="Bob's becomes nobody")


def test_a_main_appearance_costs_less_where_a_further_one_can_take_its_place() -> None:
    odds = gains([[3.0], [8.0]], [[1.0], [6.5]])
    losses = option_losses(odds, conflicts(2), np.ones(2), np.array([0, 0]), np.array([0]))
    assert losses[:, 1].tolist() == [3 - (8 - 6.5), 6.5]


@settings(max_examples=60)
@given(problems())
def test_the_optimum_loses_nothing_and_all_else_something(
    problem: tuple[Gains, Bools, Floats],
) -> None:
    odds, apart, _ = problem
    weights = np.ones(len(odds.main))
    members, mains = assign_identities(odds, apart, weights)
    losses = option_losses(odds, apart, weights, members, mains)
    assert losses.shape == (len(members), odds.main.shape[1] + 1)
    assert (losses >= 0).all()
    assert not losses[np.arange(len(members)), members].any()
