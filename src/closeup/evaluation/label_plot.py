"""What labels by hand bring, as curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from closeup.evaluation.label_study import NETWORK, NETWORK_MOVED, TEACHER, TEACHER_MOVED
from closeup.evaluation.plots import new_figure, save_figure

_COLOURS = ("#0b7a75", "#c2410c", "#4f46e5", "#a16207")
_SCRATCH, _QUIET = "0.25", "0.5"
_APART = 1.03
"""Factor between the places of two curves, so that one does not hide the other's spread."""

_TEACHER: dict[str, Any] = {
    "marker": "_", "markersize": 20, "markeredgewidth": 2.5, "linestyle": "none",
}  # fmt: skip
_MOVED: dict[str, Any] = {
    "marker": "o", "markersize": 6, "markerfacecolor": "white", "linestyle": "none", "capsize": 3,
}  # fmt: skip
_LEARNT: dict[str, Any] = {"marker": "o", "markersize": 4, "linestyle": "-", "capsize": 3}


def draw_label_curves(path: Path, rows: Sequence[Mapping[str, Any]], share: str = "e_0.05") -> None:
    """Write a share of faces over the number of labels by hand, a curve a method.

    Curves are networks: with coarse labels alone, then learning on. Hollow marks are those with
    coarse labels alone and without their offset, horizontal ones the teachers, alone and
    without their offset. Bars are standard deviations over seeds.

    Args:
        path: A picture file; its suffix tells the format.
        rows: As :func:`closeup.evaluation.label_study.summarised` gives them.
        share: Which figure.

    """
    figure, axes = new_figure(5.2)
    methods = list(dict.fromkeys(row["method"] for row in rows))
    for number, method in enumerate(methods):
        aside = _APART ** (number - (len(methods) - 1) / 2)
        colour = _SCRATCH if method is None else _COLOURS[number % len(_COLOURS)]
        curve = {"linestyle": "--", "marker": "s", "label": "from scratch"}
        if method is not None:
            curve = {"label": f"{method}, then by hand"}
        for stages, style in (
            ((TEACHER, TEACHER_MOVED), _TEACHER),
            ((NETWORK,), _LEARNT | curve),
            ((NETWORK_MOVED,), _MOVED),
        ):
            own = [row for row in rows if row["method"] == method and row["stage"] in stages]
            spread = [row[f"{share}_sd"] or 0 for row in own] if TEACHER not in stages else None
            axes.errorbar(
                [_place(row, rows) * aside for row in own], [row[share] for row in own], spread,
                color=colour, **style,
            )  # fmt: skip
    axes.plot([], [], color=_QUIET, label="the coarse method itself", **_TEACHER)
    axes.errorbar([], [], color=_QUIET, label="network without its offset", **_MOVED)
    _label(axes, rows, share)
    save_figure(figure, axes, path)


def _label(axes: Any, rows: Sequence[Mapping[str, Any]], share: str) -> None:
    places = {_place(row, rows): str(row["labels"]) for row in rows}
    for moved in {_place(row, rows) for row in rows if row["stage"] == NETWORK_MOVED}:
        places[moved] += "\noffset"
    axes.set_xscale("log")
    axes.set_xticks(list(places), list(places.values()))
    axes.set_xticks([], minor=True)
    axes.set_xlabel("photos with both pupils set by hand")
    axes.set_ylabel(f"faces, worse eye within {share.removeprefix('e_')} eye distances")


def _place(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> float:
    """On the logarithmic axis, which has no place for none: half of the fewest."""
    return float(row["labels"] or min(own["labels"] for own in rows if own["labels"]) / 2)
