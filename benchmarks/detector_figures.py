"""Figures of the experiments on detectors, drawn from their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

DPI = 110
COLOURS = {
    "closeup": "#0b7a75", "yunet-n": "#c2410c", "yunet": "#d9a066", "mmod": "0.35", "hog": "0.65",
}  # fmt: skip
ABSENT, FACES, TAUGHT = "0.88", "#d9a066", "#0b7a75"

Rows = Sequence[Mapping[str, Any]]


def draw_recall(path: Path, rows: Rows) -> None:
    """Plot recall at one false face per picture against face height.

    Args:
        path: Picture file to write.
        rows: One per detector, with a key ``LOW-HIGH_px`` for each range of heights.

    """
    bands = [name for name in rows[0] if name.endswith("_px")]
    labels = [name.removesuffix("_px").replace("-inf", " and more") for name in bands]
    figure = Figure(figsize=(7.2, 3.8), layout="constrained", dpi=DPI)
    axes = figure.add_subplot()
    for row in rows:
        axes.plot(
            labels, [row[band] for band in bands], marker="o", markersize=4,
            label=row["detector"], color=COLOURS[row["detector"]],
        )  # fmt: skip
    axes.set_xlabel("height of the face in pixels")
    axes.set_ylabel("found, % (one false face a scene)")
    axes.set_ylim(-2, 102)
    _finish(figure, path)


def draw_seconds(path: Path, rows: Rows) -> None:
    """Plot the seconds in which members are found, against those in which they are visible.

    Args:
        path: Picture file to write.
        rows: Two per scene: without and with self-training.

    """
    names = [row["scene"] for row in rows if not row["self_trained"]]
    places = range(len(names))
    before = [row["found_s"] for row in rows if not row["self_trained"]]
    after = [row["found_s"] for row in rows if row["self_trained"]]
    visible = [row["visible_s"] for row in rows if row["self_trained"]]
    figure = Figure(figsize=(7.2, 1.2 + 0.42 * len(names)), layout="constrained", dpi=DPI)
    axes = figure.add_subplot()
    axes.barh(places, visible, color=ABSENT, label="to be seen")
    axes.barh(places, after, color=TAUGHT, label="found, with --self-train")
    axes.barh(places, before, color=FACES, label="found without it")
    axes.set_yticks(list(places), names)
    axes.invert_yaxis()
    axes.set_xlabel("seconds, all members together")
    _finish(figure, path)


def _finish(figure: Figure, path: Path) -> None:
    (axes,) = figure.axes
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=5, frameon=False, fontsize=8)
    figure.savefig(path)
