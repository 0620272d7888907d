"""What labels by hand bring, as curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from closeup.evaluation.label_study import NETWORK, NETWORK_MOVED, TEACHER, TEACHER_MOVED
from closeup.evaluation.plots import new_figure, save_figure

_COLOURS = ("#0b7a75", "#c2410c", "#4f46e5", "#a16207")
_SCRATCH = "0.25"
_MOVED = (NETWORK_MOVED, TEACHER_MOVED)
_APART = 1.03
"""Factor between the places of two curves, so that one does not hide the other's spread."""


def draw_label_curves(path: Path, rows: Sequence[Mapping[str, Any]], share: str = "e_0.05") -> None:
    """Write a share of faces over the number of labels by hand, a curve a method.

    Curves are networks: with coarse labels alone, moved by an offset, then learning on. The
    horizontal marks are their teachers, alone and moved. Bars are standard deviations over seeds.

    Args:
        path: A picture file; its suffix tells the format.
        rows: As :func:`closeup.evaluation.label_study.summarised` gives them.
        share: Which figure.

    """
    figure, axes = new_figure(5.2)
    methods = list(dict.fromkeys(row["method"] for row in rows))
    for number, method in enumerate(methods):
        own = [row for row in rows if row["method"] == method]
        colour = _SCRATCH if method is None else _COLOURS[number % len(_COLOURS)]
        aside = _APART ** (number - (len(methods) - 1) / 2)
        networks = [row for row in own if row["stage"] in (NETWORK, NETWORK_MOVED)]
        axes.errorbar(
            [_place(row, rows) * aside for row in networks],
            [row[share] for row in networks],
            [row[f"{share}_sd"] or 0 for row in networks],
            color=colour, marker="s" if method is None else "o", markersize=4, capsize=3,
            linestyle="--" if method is None else "-",
            label="from scratch" if method is None else f"{method}, then by hand",
        )  # fmt: skip
        teachers = [row for row in own if row["stage"] in (TEACHER, TEACHER_MOVED)]
        axes.plot(
            [_place(row, rows) * aside for row in teachers], [row[share] for row in teachers],
            color=colour, marker="_", markersize=20, markeredgewidth=2.5, linestyle="none",
        )  # fmt: skip
    axes.plot([], [], color="0.5", marker="_", markersize=16, markeredgewidth=2.5,
              linestyle="none", label="the coarse method itself")  # fmt: skip
    _label(axes, rows, share)
    save_figure(figure, axes, path)


def _label(axes: Any, rows: Sequence[Mapping[str, Any]], share: str) -> None:
    places = {_place(row, rows): str(row["labels"]) for row in rows}
    for moved in {_place(row, rows) for row in rows if row["stage"] in _MOVED}:
        places[moved] += "\noffset"
    axes.set_xscale("log")
    axes.set_xticks(list(places), list(places.values()))
    axes.set_xticks([], minor=True)
    axes.set_xlabel("photos with both pupils set by hand")
    axes.set_ylabel(f"faces, worse eye within {share.removeprefix('e_')} eye distances")


def _place(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> float:
    """On the logarithmic axis, which has no place for none: half of the fewest."""
    return float(row["labels"] or min(own["labels"] for own in rows if own["labels"]) / 2)
