"""What class activation maps add to P(bad), for the benchmark ``label_quality``."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, trim_mean

from closeup.evaluation.road import SHARES, road

Numbers = NDArray[np.float64]
Judge = Callable[[NDArray[np.uint8]], tuple[Numbers, Numbers]]
"""From crops (n, H, W, 4) to logits (n,) and maps (n, h, w)."""

BUDGETS = (50, 100, 200, 400)
"""Numbers of labels that people see first."""

_NEAR = 0.12
"""Radius around the mark, in widths of the crop."""

_TOP = 0.1
"""Share of the places that hold the most evidence."""

_DRAWN = 500
"""Bootstrap samples."""


def map_scores(maps: Numbers, marks: NDArray[np.uint8], errors: Numbers) -> dict[str, Numbers]:
    """Scores of labels from their maps alone; higher: more likely bad.

    Args:
        maps: (n, h, w) of the labels.
        marks: (n, H, W) where the labels are.
        errors: (h, w) mean map of labels that people called false, minus that of true ones.

    """
    count = len(maps)
    bad = np.maximum(maps, 0)
    total = bad.sum(axis=(1, 2)) + 1e-9
    size = (maps.shape[2], maps.shape[1])
    near = np.array(
        [cv2.resize(_around(mark), size, interpolation=cv2.INTER_AREA) for mark in marks]
    )
    flat = np.sort(bad.reshape(count, -1), axis=1)
    most = flat[:, -max(1, round(_TOP * flat.shape[1])) :].sum(axis=1)
    centred = maps.reshape(count, -1) - maps.mean(axis=(1, 2))[:, None]
    usual = errors.ravel() - errors.mean()
    likeness = centred @ usual / (np.linalg.norm(centred, axis=1) * np.linalg.norm(usual) + 1e-9)
    return {
        "away from the mark": 1 - (bad * near).sum(axis=(1, 2)) / total,
        "concentration": most / total,
        "like confirmed errors": likeness,
        "peak": bad.max(axis=(1, 2)),
    }


def _around(mark: NDArray[np.uint8]) -> NDArray[np.float32]:
    """1 near the middle of a mark, else 0."""
    rows, columns = np.mgrid[: mark.shape[0], : mark.shape[1]]
    weight = mark.sum() + 1e-9
    y, x = (rows * mark).sum() / weight, (columns * mark).sum() / weight
    near = np.hypot(rows - y, columns - x) <= _NEAR * mark.shape[1]
    return np.asarray(near, np.float32)


def selections(
    logits: Numbers, scores: dict[str, Numbers], bad: NDArray[np.bool_]
) -> list[dict[str, object]]:
    """How many wrong labels each ranking finds at each budget, beside P(bad) alone.

    A map's score ranks alone, and in the mean of its rank with that of P(bad). Intervals of the
    difference from P(bad) are bootstrap ones over labels.
    """
    usual = rankdata(logits)
    rankings = {"P(bad)": usual}
    for name, own in scores.items():
        rankings[name] = rankdata(own)
        rankings[f"P(bad) and {name}"] = usual + rankdata(own)
    return [_selection(name, ranking, usual, bad) for name, ranking in rankings.items()]


def _selection(
    name: str, ranking: Numbers, usual: Numbers, bad: NDArray[np.bool_]
) -> dict[str, object]:
    row: dict[str, object] = {"ranking": name}
    for budget in BUDGETS:
        row[f"precision_{budget}"] = round(_precision(ranking, bad, budget), 4)
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(_DRAWN):
        rows = rng.integers(0, len(bad), len(bad))
        gains.append(
            np.mean([
                _precision(ranking[rows], bad[rows], n) - _precision(usual[rows], bad[rows], n)
                for n in BUDGETS
            ])
        )  # fmt: skip
    row["gain"] = round(float(np.mean(gains)), 4)
    row["gain_interval"] = np.quantile(gains, [0.025, 0.975]).round(4).tolist()
    return row


def _precision(ranking: Numbers, bad: NDArray[np.bool_], budget: int) -> float:
    return float(bad[np.argsort(-ranking, kind="stable")[:budget]].mean())


def road_rows(judge: Judge, crops: NDArray[np.uint8], seed: int) -> list[dict[str, object]]:
    """ROAD of the maps, of random ones, and of a Gaussian in the middle of the crop.

    Pixels of the picture are removed, the mark stays: it is the question. The output is the logit,
    so that removing what speaks for a bad label lowers it.

    Args:
        judge: The network.
        crops: (n, H, W, 4) of labels that it calls bad.
        seed: Draws random maps and noise.

    """
    rng = np.random.default_rng(seed)
    maps = judge(crops)[1]
    rows, columns = maps.shape[1:]
    y, x = np.mgrid[:rows, :columns]
    middle = ((y - (rows - 1) / 2) / rows) ** 2 + ((x - (columns - 1) / 2) / columns) ** 2
    kinds = {
        "class activation map": maps,
        "its size": np.abs(maps),
        "Gaussian in the middle": np.repeat(np.exp(-middle / 0.08)[None], len(maps), axis=0),
        "random": np.array([_smooth(rng, (rows, columns)) for _ in maps]),
    }
    marks = crops[..., 3:]

    def output(pictures: NDArray[np.uint8]) -> Numbers:
        return judge(np.concatenate([pictures, marks], axis=3))[0]

    found = []
    for name, own in kinds.items():
        curve = road(output, crops[..., :3], own, np.random.default_rng(seed + 1), SHARES)
        low, high = _interval(curve.gaps)
        found.append({
            "map": name,
            "gap": round(float(curve.gaps.mean()), 3),
            "gap_interval": [round(low, 3), round(high, 3)],
            "most_first": curve.most.mean(axis=0).round(3).tolist(),
            "least_first": curve.least.mean(axis=0).round(3).tolist(),
        })  # fmt: skip
    return found


def _smooth(rng: np.random.Generator, size: tuple[int, int]) -> Numbers:
    """A random map as smooth as a network's."""
    return np.asarray(cv2.GaussianBlur(rng.normal(size=size), (0, 0), 1.0))


def _interval(values: Numbers) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(_DRAWN)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def mean_error_map(maps: Numbers, bad: NDArray[np.bool_]) -> Numbers:
    """(h, w) trimmed mean map of labels called false, minus that of true ones."""
    return np.asarray(trim_mean(maps[bad], 0.1) - trim_mean(maps[~bad], 0.1))
