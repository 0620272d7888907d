"""The L1-optimal camera path: still, at constant speed, or eased between the two.

Grundmann, Kwatra, Essa: "Auto-Directed Video Stabilization with Robust L1 Optimal Camera
Paths", CVPR 2011. With ``D`` the difference between frames, the path x minimises

    10 |D x| + 1 |D² x| + 100 |D³ x|
        + DRAW · Σ |x - wanted| + PULL · Σ max(0, |x - wanted| - band)

subject to lower ≤ x ≤ upper. The absolute values (not squares) make most of the differences
exactly zero, so that the path is made of constant, linear and parabolic pieces. The second
line is not in the paper: it keeps the subject well composed, without following small steps.

The linear programme is solved in its dual form. With y_k the multipliers of D^k x, z those of
x - wanted, and a, b, c, d those of the lower limit, of the two sides of the band and of the
upper limit, it is

    minimise    wanted·z - lower·a - (wanted - band)·b + (wanted + band)·c + upper·d
    subject to  Σ_k (D^k)ᵀ y_k + z - a - b + c + d = 0      (one row a frame)
                |y_k| ≤ weight_k,  |z| ≤ DRAW,  0 ≤ b, c ≤ PULL,  0 ≤ a, d

and the path is the multiplier of its rows. The dual has a fifth of the primal's rows and takes
half the time.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.clock import CLOCK_ERROR
from closeup.linear_programmes import Constraints, minimum

Column = NDArray[np.float64]
"""One number a frame, shape (n,)."""

WEIGHTS = (10.0, 1.0, 100.0)
"""Weights of the first, second and third difference at 30 frames a second; from the paper."""

DRAW = 0.03
"""Weight of a frame's distance from the wanted place. It outweighs the cost of a movement only
after ten seconds, so it hardly adds motion; of equally calm paths it selects the central one."""

PULL = 2.0
"""Weight of a frame's distance beyond the band: half a second outside outweighs a movement."""

SOLVED = 500
"""Frames in one linear programme."""

AHEAD = 100
"""Frames of a programme beyond those whose solution is kept."""

JOINED = 3
"""Frames shared with the previous programme: they fix the first two differences."""

DIGITS = 10
"""Decimals that are kept: further ones are noise of the solver."""


def l1_path(
    wanted: Column, band: Column, lower: Column, upper: Column, pace: float = 1.0
) -> Column:
    """Find the calmest path for one axis; all arguments and the result have shape (n,).

    A long path is solved in windows that overlap, each joined to the one before with equal
    speed and acceleration. Time is linear in n, and memory constant beyond the arrays.

    Args:
        wanted: Position of best composition.
        band: Distance from ``wanted`` up to which ``PULL`` costs nothing; not negative.
        lower: Minimum allowed value, finite.
        upper: Maximum allowed value, finite and everywhere at least ``lower``.
        pace: Duration of a frame in thirtieths of a second. Differences are weighted by it,
            so that the same motion filmed at another rate gives the same path.

    Raises:
        ArithmeticError: no solver found the path; no input is known for which all fail.

    """
    count = len(wanted)
    path = np.empty(count)
    start, stop = 0, min(SOLVED, count)
    _solve_into(path, slice(start, stop), 0, (wanted, band, lower, upper), pace)
    while stop < count:
        start = stop - AHEAD - JOINED
        stop = min(start + SOLVED, count)
        _solve_into(path, slice(start, stop), JOINED, (wanted, band, lower, upper), pace)
    return path


def _solve_into(
    path: Column, part: slice, joined: int, columns: tuple[Column, ...], pace: float
) -> None:
    """Solve one window of the path, whose first ``joined`` frames are already decided."""
    wanted, band, lower, upper = (column[part].astype(np.float64) for column in columns)
    lower[:joined] = upper[:joined] = path[part][:joined]
    # The solver's tolerances are absolute: values near zero make them independent of the position.
    origin = float(wanted.mean())
    solution = _solve(wanted - origin, band, lower - origin, upper - origin, pace)
    path[part] = np.clip(np.round(solution + origin, DIGITS), lower, upper)


def _solve(wanted: Column, band: Column, lower: Column, upper: Column, pace: float) -> Column:
    """Solve one linear programme in its dual form."""
    count = len(wanted)
    orders = range(1, min(len(WEIGHTS), count - 1) + 1)
    weights = np.concatenate(
        [np.zeros(0), *(np.full(count - k, WEIGHTS[k - 1] / pace ** (k - 1)) for k in orders)]
    )
    cost = np.concatenate(
        [np.zeros_like(weights), wanted, -lower, band - wanted, wanted + band, upper]
    )
    endless, limited = np.full(count, np.inf), np.full(count, PULL * pace)
    drawn = np.full(count, DRAW * pace)
    greatest = np.concatenate([weights, drawn, endless, limited, limited, endless])
    least = np.concatenate([-weights, -drawn, np.zeros(4 * count)])
    return minimum(cost, _multipliers(count), (0.0, 0.0), (least, greatest)).multipliers


@lru_cache(maxsize=4)
def _multipliers(count: int) -> Constraints:
    """Matrix of the dual's rows: one row a frame, one column a multiplier."""
    one = np.ones((1, 1))
    orders = range(1, min(len(WEIGHTS), count - 1) + 1)
    factors = [*(np.diff(np.eye(k + 1), k, axis=0) for k in orders), one, -one, -one, one, one]
    # Multiplier j of a kind belongs to the frames from j on that its factors are for.
    lengths = [count + 1 - factor.shape[1] for factor in factors]
    rows = [
        np.arange(length)[:, None] + np.arange(factor.shape[1])
        for length, factor in zip(lengths, factors, strict=True)
    ]
    entries = np.repeat([factor.shape[1] for factor in factors], lengths)
    return Constraints(
        count,
        starts=np.append(0, np.cumsum(entries)).astype(np.int32),
        rows=np.concatenate([block.ravel() for block in rows]).astype(np.int32),
        values=np.concatenate(
            [np.tile(factor[0], length) for factor, length in zip(factors, lengths, strict=True)]
        ),
    )


WINDOW = 1.0
"""Seconds over which positions are averaged."""


def moving_average(
    values: NDArray[np.float64], times: NDArray[np.float64], window: float = WINDOW
) -> NDArray[np.float64]:
    """Mean of all values at most half a window away in time.

    Near the ends the window contains fewer values.

    Args:
        values: (n,) or (n, k), one row a frame.
        times: (n,) seconds, increasing; the spacing may vary.
        window: Length of the window in seconds.

    Returns:
        Averages in the shape of ``values``.

    """
    # Without this tolerance, rounding would decide whether frames at the two ends are included.
    reach = window / 2 + CLOCK_ERROR
    first = np.searchsorted(times, times - reach, side="left")
    stop = np.searchsorted(times, times + reach, side="right")
    offset = values.mean(axis=0)
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values - offset, axis=0)])
    counts = (stop - first).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray((sums[stop] - sums[first]) / counts + offset)
