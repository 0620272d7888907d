from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from closeup.fancam.camera import smoothing as module
from closeup.fancam.camera.smoothing import (
    AHEAD,
    DRAW,
    PULL,
    SOLVED,
    WEIGHTS,
    l1_path,
    moving_average,
)

Column = NDArray[np.float64]


def cost(path: Column, wanted: Column, band: Column, pace: float = 1.0) -> float:
    """What the path should minimise, from its definition."""
    moving = sum(
        weight / pace**order * float(np.abs(np.diff(path, order + 1)).sum())
        for order, weight in enumerate(WEIGHTS)
    )
    away = np.abs(path - wanted)
    outside = np.clip(away - band, 0, None)
    return moving + pace * float(DRAW * away.sum() + PULL * outside.sum())


def least_cost(
    wanted: Column, band: Column, lower: Column, upper: Column, pace: float = 1.0
) -> float:
    """The same minimum from the textbook form: e ≥ ±D^k x, s ≥ ±(x - wanted) - band, …"""
    count = len(wanted)
    same, nothing = np.eye(count), np.zeros(count)
    terms = [
        (np.diff(same, k, axis=0), nothing[k:], nothing[k:], WEIGHTS[k - 1] / pace ** (k - 1))
        for k in (1, 2, 3)
    ]
    terms += [(same, wanted, 0 * band, DRAW * pace), (same, wanted, band, PULL * pace)]
    width = sum(len(rows) for rows, _, _, _ in terms)
    above: list[Column] = []
    limit: list[Column] = []
    start = 0
    for rows, centre, free, _ in terms:
        slack = np.zeros((len(rows), width))
        slack[:, start : start + len(rows)] = -np.eye(len(rows))
        start += len(rows)
        above += [np.hstack([rows, slack]), np.hstack([-rows, slack])]
        limit += [centre + free, free - centre]
    prices = [nothing, *(np.full(len(rows), price) for rows, _, _, price in terms)]
    least = np.concatenate([lower, np.zeros(width)])
    greatest = np.concatenate([upper, np.full(width, np.inf)])
    found = linprog(
        np.concatenate(prices),
        A_ub=np.vstack(above),
        b_ub=np.concatenate(limit),
        bounds=list(zip(least.tolist(), greatest.tolist(), strict=True)),
    )
    assert found.fun is not None
    return float(found.fun)


def walk(count: int, seed: int) -> tuple[Column, Column, Column, Column]:
    rng = np.random.default_rng(seed)
    wanted = 900 + np.cumsum(rng.normal(0, 4, count)) + 30 * np.sin(np.arange(count) / 9)
    reach = rng.uniform(30, 90)
    return wanted, np.full(count, rng.uniform(0, 25)), wanted - reach, wanted + reach


@pytest.mark.parametrize("pace", [0.5, 1.0, 1.2])
@pytest.mark.parametrize("seed", range(3))
def test_the_dual_form_finds_the_minimum_of_the_textbook_form(seed: int, pace: float) -> None:
    columns = walk(90, seed)
    path = l1_path(*columns, pace)
    assert cost(path, *columns[:2], pace) == pytest.approx(least_cost(*columns, pace), rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_windows_come_near_the_whole_programme(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = walk(1700, seed)
    pieces = l1_path(*columns)
    monkeypatch.setattr(module, "SOLVED", 1700)
    whole = l1_path(*columns)
    share = cost(pieces, *columns[:2]) / cost(whole, *columns[:2])
    assert 1 - 1e-6 <= share <= 1.02


@pytest.mark.parametrize("seed", range(2))
def test_a_join_is_as_calm_as_the_rest(seed: int) -> None:
    path = l1_path(*walk(1300, seed))
    jerks = np.abs(np.diff(path, 3))
    joins = range(SOLVED - AHEAD, 1300, SOLVED - AHEAD - 3)
    near = np.concatenate([jerks[join - 5 : join + 5] for join in joins])
    assert near.max() <= jerks.max()
    assert near.mean() <= 3 * jerks.mean() + 1e-6


def test_a_still_subject_with_noise_gives_a_still_camera() -> None:
    noise = np.random.default_rng(0).normal(0, 2, 600)
    wanted = 500 + noise
    path = l1_path(wanted, np.full(600, 20.0), wanted - 80, wanted + 80)
    assert len(np.unique(path)) == 1


def test_a_steady_walk_is_followed_at_constant_speed() -> None:
    wanted = np.linspace(100, 997, 300)
    path = l1_path(wanted, np.full(300, 10.0), wanted - 40, wanted + 40)
    np.testing.assert_allclose(np.diff(path)[90:-90], 3, atol=1e-6)


def test_the_path_is_made_of_few_pieces() -> None:
    wanted, band, _, _ = walk(500, 1)
    path = l1_path(wanted, band + 20, wanted - 90, wanted + 90)
    assert np.mean(np.abs(np.diff(path, 3)) > 1e-6) < 0.1


def test_a_move_that_cannot_be_seen_coming_is_still_followed() -> None:
    wanted = np.repeat([100.0, 900.0], 50)
    path = l1_path(wanted, np.zeros(100), wanted - 5, wanted + 5)
    assert np.all(np.abs(path - wanted) <= 5)


def test_the_same_motion_at_twice_the_rate_gives_the_same_path() -> None:
    times = np.arange(0, 12, 1 / 30)
    fine = np.arange(0, 12 - 1 / 60, 1 / 60)
    slow, fast = 200 * np.sin(times), 200 * np.sin(fine)
    a = l1_path(slow, np.full(len(slow), 20.0), slow - 80, slow + 80)
    b = l1_path(fast, np.full(len(fast), 20.0), fast - 80, fast + 80, 0.5)
    assert np.abs(a[: len(b[::2])] - b[::2]).max() < 15


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_few_frames_are_enough(count: int) -> None:
    wanted = np.linspace(10, 20, count)
    path = l1_path(wanted, np.zeros(count), wanted - 1, wanted + 1)
    assert np.all(np.abs(path - wanted) <= 1)


@settings(max_examples=60)
@given(
    st.lists(st.floats(-2000, 2000), min_size=1, max_size=80),
    st.floats(0, 50),
    st.floats(0, 300),
    st.sampled_from([0.25, 1.0, 1.25]),
)
def test_the_limits_hold_whatever_is_wanted(
    points: list[float], band: float, reach: float, pace: float
) -> None:
    wanted = np.array(points)
    lower, upper = wanted - reach, wanted + reach
    path = l1_path(wanted, np.full(len(wanted), band), lower, upper, pace)
    assert np.all((path >= lower) & (path <= upper))
    assert all(np.isfinite(a + b) for a, b in pairwise(path.tolist()))


def test_each_value_is_the_mean_of_its_neighbours() -> None:
    times = np.arange(60) / 25
    values = np.random.default_rng(0).normal(500, 100, 60)
    smooth = moving_average(values, times)
    for frame in (0, 3, 30, 55, 59):
        near = np.abs(times - times[frame]) < 0.5 + 1e-6
        np.testing.assert_allclose(smooth[frame], values[near].mean())
    assert (np.abs(times - times[30]) < 0.5 + 1e-6).sum() == 25


def test_time_counts_not_frames() -> None:
    times = np.array([0.0, 0.4, 2.0, 2.1])
    np.testing.assert_allclose(moving_average(np.array([0.0, 2, 8, 4]), times), [1, 1, 6, 6])


def test_a_line_stays_a_line_away_from_the_ends() -> None:
    times = np.arange(200) / 30
    line = np.column_stack([3 * times, 7 - times])
    np.testing.assert_allclose(moving_average(line, times)[20:-20], line[20:-20], atol=1e-9)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=50), st.floats(0.01, 5))
def test_it_stays_between_least_and_greatest(values: list[float], window: float) -> None:
    column = np.array(values)
    smooth = moving_average(column, np.arange(len(values)) / 24, window)
    assert smooth.shape == column.shape
    assert smooth.min() >= column.min() - 1e-6
    assert smooth.max() <= column.max() + 1e-6
