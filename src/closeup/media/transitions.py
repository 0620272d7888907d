"""Changes from one shot to the next in a row of pictures: abrupt ones, and mixtures of both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from closeup.media.patches import extent, resemblance
from closeup.sliding import sliding_maximum

Columns = NDArray[np.float32]
"""One number or one row of numbers a picture; shape (n,) or (n, …)."""

Pictures = NDArray[np.float32]
"""Pictures of the same size, shape (n, h, w), or one of them, (h, w)."""

_RATIO = 2.2
"""Minimum ratio of an abrupt change to the changes around it."""

_LEAST_CHANGE = 0.08
"""Minimum of an abrupt change, as one minus the correlation of the two pictures."""

_OTHER_SCENE = 0.5
"""Minimum of an abrupt change while the light changes, which may overexpose half of the scene, and
after black pictures, during which people move on."""

_SAME_LIGHT = 10.0
"""Difference of mean luma up to which the light is the same."""

_BLOCKS = (2, 4)
"""Rows and columns of blocks in which an abrupt change is examined."""

_PAN = (1, 2)
"""Rows and columns by which a picture is moved at most, to make up for a moving camera."""

_BLOCK_RATIO = 2.0
"""Minimum ratio of the change in a block to those around it."""

_SPREAD = 0.6
"""Minimum share of the blocks in which an abrupt change shows; a screen on the stage whose picture
changes has fewer."""

_SAME_SCENE = 0.7
"""Resemblance of patches from which two pictures show the same scene."""

_LEAST_EXTENT = 0.25
"""Minimum extent of an abrupt change within one scene."""

_AROUND = 12
"""Pictures on each side with which an abrupt change is compared."""

_RANK = 75
"""Percentile of the changes on one side that stands for them: single cuts and flashes among them
do not count, and a movement that gets faster and slower does."""

_ONWARD = 0.6
"""Weight of the changes directly before and after: a dissolve goes on, a cut does not."""

_NOISE = 0.02
"""Change that a camera's noise makes; added to the changes around."""

_RETURN = 0.6
"""Share of an abrupt change below which a later picture counts as back in the earlier shot."""

_SPANS = (3, 4, 5, 7, 9, 12, 16, 21, 27)
"""Distances, in pictures, of the two pure pictures around a mixture."""

_SAMPLES = 6
"""Pictures of a mixture that are examined, at most."""

_SHORT = 9
"""Spans up to this one must change more than the same time before and after: people do not move
far in it, but a camera does."""

_SHORT_RATIO = 1.3
"""Minimum of that ratio."""

_STEADY = 0.94
"""Minimum correlation of the second picture's share with time."""

_SUM = (0.5, 1.5)
"""Limits of the sum of both shares: a mixture that gets neither dark nor bright."""

_LEAST_SCORE = 0.15
"""Minimum score of a mixture: the change from its first to its last picture, less
:data:`_MEAN_REST` and :data:`_MAX_REST` times the shares of the pictures between that are no
mixture of them."""

_LEAST_MIXED = 0.5
"""Minimum change from the first to the last picture of a mixture; a person's movement has less."""

_MEAN_REST, _MAX_REST = 1.0, 0.7

_OFFSET, _BY_SCORE, _BY_RESEMBLANCE = 23.1, 6.7, 35.9
"""Logistic regression of true dissolves and of movements that look like some, fitted on half of the
videos of ``benchmarks/cuts.py``: by the score, and by the resemblance of the patches in the first
and last picture. One unit less than the fit, because a false cut costs more than a missed
dissolve."""

_BEYOND = 4
"""Pictures before and after a mixture that have to differ as well: more than a flash has."""

_COMMON = 0.2
"""Share of the shorter one of two changes from which both are the same."""

_STRANGERS = 0.4
"""Least resemblance of two pictures."""


class ShotChange(NamedTuple):
    """A change from one shot to the next.

    Attributes:
        first: Last picture of the earlier shot that is free of the later one.
        last: First picture of the later shot that is free of the earlier one.
        middle: First picture in which the later shot dominates.
        strength: How sure it is; greater is surer, 1 is just enough.

    """

    first: int
    last: int
    middle: int
    strength: float


def _band(pictures: Pictures, width: int) -> Columns:
    """Products of each picture with itself and the ``width`` next ones; shape (n, width + 1).

    Beyond the last picture they are zero.
    """
    rows = pictures.reshape(len(pictures), -1)
    products = np.zeros((len(rows), width + 1), np.float32)
    for lag in range(min(width + 1, len(rows))):
        ahead = rows[lag:]
        products[: len(ahead), lag] = np.einsum("ij,ij->i", rows[: len(ahead)], ahead)
    return products


def abrupt_changes(
    directions: Pictures, frames: NDArray[np.intp], lights: Columns, fleeting: int
) -> list[ShotChange]:
    """Find the pictures at which another scene, or another moment of the scene, begins at once.

    A change counts if it is greater than the changes around it, which a moving camera and moving
    people make all the time; if it shows in most parts of the picture; if patches of the picture
    are not found again nearby, or people on both sides moved further than before; and if no
    picture soon after it resembles one soon before it, as after a flash. One picture in between
    may be a mixture or damaged.

    Args:
        directions: Structure of each picture as a unit vector; shape (n, h, w).
        frames: (n,) index of each picture's frame, increasing; black frames are left out.
        lights: (n,) mean luma of each picture, 0 to 255.
        fleeting: Number of pictures after which what comes back is another shot.

    """
    correlations = _band(directions, fleeting + 2)
    found = []
    for lag in (1, 2):
        blocks = _block_changes(directions, lag)
        changes = blocks.mean(axis=1)
        ratios = _ratios(changes, lag)
        spread = np.mean([_ratios(block, lag) >= _BLOCK_RATIO for block in blocks.T], axis=0)
        sure = (ratios >= _RATIO) & (changes >= _LEAST_CHANGE) & (spread >= _SPREAD)
        steady = (frames[lag:] - frames[:-lag] == lag) & (
            np.abs(lights[lag:] - lights[:-lag]) <= _SAME_LIGHT
        )
        sure[:-lag] &= steady | (changes[:-lag] >= _OTHER_SCENE)
        found += [
            ShotChange(first, first + lag, first + lag, float(ratios[first]) / _RATIO)
            for first in np.flatnonzero(sure).tolist()
            if not _comes_back(correlations[:, : fleeting + lag + 1], first, lag)
            and _is_elsewhere(directions, first, first + lag, fleeting)
        ]
    return found


def _is_elsewhere(directions: Pictures, first: int, last: int, least: int) -> bool:
    """Whether an abrupt change shows another scene, or people moved on both sides of one.

    People are compared with their movement before and after, for which at least ``least`` pictures
    on each side are needed.
    """
    if resemblance(directions[first], directions[last]) < _SAME_SCENE:
        return True
    if min(first + 1, len(directions) - last) < least:
        return False
    return extent(directions, first, last) >= _LEAST_EXTENT


def _block_changes(directions: Pictures, lag: int) -> Columns:
    """Change from each picture to the one ``lag`` later in each block; shape (n, blocks).

    The second picture is moved as far as the camera moved: by that whole number of pixels, up to
    :data:`_PAN`, at which it changes least. The mean over the blocks is about one minus the
    correlation of the pictures. The last ``lag`` rows are zero.
    """
    count, height, width = directions.shape
    blocks = np.zeros((count, _BLOCKS[0] * _BLOCKS[1]), np.float32)
    inner = directions[:, _PAN[0] : height - _PAN[0], _PAN[1] : width - _PAN[1]]
    if count <= lag or not inner.size:
        return blocks
    least = np.full(count - lag, np.inf, np.float32)
    for y in range(2 * _PAN[0] + 1):
        for x in range(2 * _PAN[1] + 1):
            moved = directions[lag:, y : y + inner.shape[1], x : x + inner.shape[2]]
            changes = _in_blocks(inner[:-lag], moved)
            better = changes.mean(axis=1) < least
            blocks[:-lag][better] = changes[better]
            least = np.where(better, changes.mean(axis=1), least)
    return blocks


def _in_blocks(before: Pictures, after: Pictures) -> Columns:
    """Squared difference of pictures (n, h, w) in each block, relative to that of strangers."""
    _, height, width = before.shape
    y, x = (
        np.linspace(0, side, parts + 1).round().astype(int)[:-1]
        for side, parts in zip((height, width), _BLOCKS, strict=True)
    )
    squares = (after - before) ** 2
    sums = np.add.reduceat(np.add.reduceat(squares, y, axis=1), x, axis=2)
    energy = (before**2).sum(axis=(1, 2)) + (after**2).sum(axis=(1, 2))
    parts = sums.reshape(len(before), -1) * (_BLOCKS[0] * _BLOCKS[1])
    return np.asarray(parts / np.maximum(energy, 1e-6)[:, None], np.float32)


def _ratios(changes: Columns, lag: int) -> Columns:
    """Ratio of the change between picture i and i + lag to those around; shape (n,)."""
    count = len(changes)
    ratios = np.zeros(count, np.float32)
    pairs = count - lag
    if pairs < 1:
        return ratios
    padded = np.pad(changes[:pairs], _AROUND + lag - 1, constant_values=np.nan)
    windows = sliding_window_view(padded, _AROUND)
    before = _percentile(windows[:pairs])
    after = _percentile(windows[_AROUND + 2 * lag - 1 :][:pairs])
    # A change that goes on in the next pictures is not abrupt.
    beside = np.pad(changes[:pairs], lag)
    neighbours = [beside[lag + step :][:pairs] for step in (-lag, lag)]
    going_on = _ONWARD * np.max(neighbours, axis=0)
    ratios[:pairs] = changes[:pairs] / (np.maximum(np.fmax(before, after), going_on) + _NOISE)
    return ratios


def _percentile(windows: Columns) -> Columns:
    """Percentile of each row without its NaN; zero for rows of nothing else."""
    ordered = np.sort(windows, axis=1)  # NaN are last
    known = np.count_nonzero(~np.isnan(windows), axis=1)
    place = np.maximum(0, np.ceil(known * _RANK / 100).astype(int) - 1)
    values = np.take_along_axis(ordered, place[:, None], axis=1)[:, 0]
    return np.where(known > 0, values, 0).astype(np.float32)


def _comes_back(correlations: Columns, first: int, lag: int) -> bool:
    """Whether a picture soon after the change resembles one soon before it.

    Args:
        correlations: (n, k) correlations of each picture with the k - 1 next ones.
        first: Picture before the change.
        lag: Distance of the picture after the change.

    """
    limit = 1 - _RETURN * (1 - correlations[first, lag])
    reach = correlations.shape[1] - 1
    return any(
        correlations[earlier, first + lag - earlier :].max() > limit
        for earlier in range(max(0, first + lag - reach), first + 1)
    )


def mixtures(details: Pictures, visible: NDArray[np.bool_]) -> list[ShotChange]:
    """Find dissolves: pictures that are sums of an earlier and a later one.

    Each picture of a dissolve is a mixture of its first and last one, whose share grows steadily.
    While a camera or a person moves, pictures resemble neither the first nor the last one, or
    patches of the first one are found again in the last one.

    Args:
        details: Details of each picture that add up when pictures are mixed; (n, h, w).
        visible: False for pictures too dark or flat to take part; (n,).

    """
    products = _band(details, max(_SPANS))
    hidden = np.concatenate([[0], np.cumsum(~visible)])
    candidates = [change for span in _SPANS for change in _mixtures(products, hidden, span)]
    found: list[ShotChange] = []
    for change in sorted(candidates, key=lambda change: -change.strength):
        if not any(overlap(change, other) for other in found):
            strength = min(_told_apart(change, details, beyond) for beyond in (0, _BEYOND))
            if strength > 1:
                found.append(change._replace(strength=strength))
    return found


def _told_apart(change: ShotChange, details: Pictures, beyond: int) -> float:
    """Strength of a mixture by the resemblance of pictures up to ``beyond`` ones outside of it."""
    first, last = max(0, change.first - beyond), min(len(details) - 1, change.last + beyond)
    same = resemblance(details[first], details[last])
    return change.strength - _BY_RESEMBLANCE * (same - _STRANGERS)


def overlap(a: ShotChange, b: ShotChange) -> bool:
    """Whether the middle of one change lies in the other, or they have a good part in common."""
    if a.first < b.middle <= a.last or b.first < a.middle <= b.last:
        return True
    common = min(a.last, b.last) - max(a.first, b.first)
    return common > _COMMON * min(a.last - a.first, b.last - b.first)


def _mixtures(products: Columns, hidden: NDArray[np.int64], span: int) -> list[ShotChange]:
    """Mixtures whose pure pictures are ``span`` pictures apart.

    Their strength is that of pictures which do not resemble each other at all.

    Args:
        products: (n, k) products of the details, see :func:`_band`.
        hidden: (n + 1,) number of invisible pictures before each one.
        span: Distance of the pure pictures.

    """
    count = len(products) - span
    if count < 1:
        return []
    norms = np.sqrt(np.maximum(products[:count, 0] * products[span:, 0], 1e-6))
    change = 1 - products[:count, span] / norms
    steps = np.unique(np.linspace(1, span - 1, min(_SAMPLES, span - 1)).round().astype(int))
    shares, rests = _shares(products, span, steps)
    total = shares.sum(axis=2)
    mixed = np.all((total >= _SUM[0]) & (total <= _SUM[1]), axis=1)
    mixed &= _growth(shares, steps) >= _STEADY
    rest = _MEAN_REST * rests.mean(axis=1) + _MAX_REST * rests.max(axis=1)
    score = np.where(mixed, change - rest, 0).clip(0)
    strength = 1 + _OFFSET + _BY_SCORE * score - _BY_RESEMBLANCE * _STRANGERS
    good = score >= np.maximum(_LEAST_SCORE, sliding_maximum(score, 5))
    good &= (change >= _LEAST_MIXED) & (hidden[span + 1 :] == hidden[:count])
    if span <= _SHORT:
        good &= change >= _SHORT_RATIO * np.maximum(*_beside(change, span))
    return [
        ShotChange(first, first + span, first + _middle(shares[first], steps, span), float(value))
        for first, value in enumerate(strength.tolist())
        if good[first] and value > 1
    ]


def _beside(values: Columns, distance: int) -> tuple[Columns, Columns]:
    """The values ``distance`` places before and after each one; zero beyond the ends."""
    padded = np.pad(values, distance)
    return padded[: len(values)], padded[2 * distance :]


def _shares(products: Columns, span: int, steps: NDArray[np.int64]) -> tuple[Columns, Columns]:
    """Least-squares shares of the first and last picture in those between, and what is left.

    Returns:
        Shares (n - span, steps, 2), and (n - span, steps) shares of the energy that no mixture
        explains.

    """
    places = np.arange(len(products) - span)[:, None]
    a, b, ab = products[places, 0], products[places + span, 0], products[places, span]
    own = np.maximum(products[places + steps, 0], 1e-6)
    with_first, with_last = products[places, steps], products[places + steps, span - steps]
    determinant = np.maximum(a * b - ab * ab, 1e-6 * a * b + 1e-6)
    of_first = (b * with_first - ab * with_last) / determinant
    of_last = (a * with_last - ab * with_first) / determinant
    explained = of_first * with_first + of_last * with_last
    return np.stack([of_first, of_last], axis=2), np.clip(1 - explained / own, 0, 1)


def _growth(shares: Columns, steps: NDArray[np.int64]) -> Columns:
    """Correlation of the last picture's share with time; shape (n,)."""
    share = shares[..., 1] - shares[..., 0]
    time = steps - steps.mean()
    centred = share - share.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1) * np.linalg.norm(time)
    return np.asarray(centred @ time / np.maximum(norms, 1e-6), np.float32)


def _middle(share: Columns, steps: NDArray[np.int64], span: int) -> int:
    """Step at which the last picture's share exceeds the first one's; from 1 to ``span``."""
    more = np.interp(np.arange(1, span), steps, share[:, 1] - share[:, 0])
    above = np.flatnonzero(more > 0)
    return int(above[0]) + 1 if len(above) else span
