"""Plots of evaluations and experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.lettering import font_for
from closeup.evaluation.curves import Roc
from closeup.evaluation.facenet_paper import PAPER, FacenetStudy
from closeup.evaluation.label_study import NETWORK, NETWORK_MOVED, TEACHER, TEACHER_MOVED
from closeup.evaluation.pupil_errors import LIMITS, share_within
from closeup.evaluation.sensitivity import Study, StudyRow

_DPI = 110
_CURVE, _SECOND, _QUIET = "#0b7a75", "#c2410c", "0.55"
_AXES = {
    Study.JPEG: ("JPEG quality of both photos", False),
    Study.SIZE: ("height of the face's box in both photos, in pixels", True),
    Study.PHOTOS: ("photos that each person is known by", True),
}
"""Label of the x axis, and whether its scale is logarithmic."""

_COLOURS = ("#0b7a75", "#c2410c", "#4f46e5", "#a16207", "#be185d", "#475569")
_MOST = LIMITS[-1]
_SCRATCH = "0.25"
_APART = 1.03
"""Factor between the x positions of two curves, so that one does not hide the other's bars."""

_TEACHER: dict[str, Any] = {
    "marker": "_", "markersize": 20, "markeredgewidth": 2.5, "linestyle": "none",
}  # fmt: skip
_MOVED: dict[str, Any] = {
    "marker": "o", "markersize": 6, "markerfacecolor": "white", "linestyle": "none", "capsize": 3,
}  # fmt: skip
_LEARNT: dict[str, Any] = {"marker": "o", "markersize": 4, "linestyle": "-", "capsize": 3}
_STUDIES = {
    FacenetStudy.QUALITY: "JPEG quality",
    FacenetStudy.SIZE: "pixels of the face",
    FacenetStudy.DIMENSIONS: "dimensions",
    FacenetStudy.DATA: "share of the people, or of the paper's photos",
}

_MOST_NUMBERS = 24
"""Largest number of classes with legible numbers in the cells."""

_DARK = 0.5


def draw_roc(path: Path, roc: Roc, val: float, interval: tuple[float, float], far: float) -> None:
    """Plot the ROC curve, with the false accept rate on a logarithmic axis.

    Args:
        path: The picture file; its suffix determines the format.
        roc: The curve over all pairs.
        val: Validation rate at ``far`` by the protocol, drawn as a point.
        interval: Its confidence interval.
        far: The nominal false accept rate.

    """
    figure, axes = new_figure(4.4)
    least = min(far, float(roc.far[roc.far > 0].min())) / 1.2
    axes.plot(roc.far.clip(least), roc.val, color=_CURVE, drawstyle="steps-post", label="all pairs")
    below, above = max(val - interval[0], 0), max(interval[1] - val, 0)
    axes.errorbar(
        [far], [val], [[below], [above]], color=_SECOND, marker="o", capsize=4,
        label=f"VAL {val:.1%} at FAR {far:g}, 95 % interval",
    )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(least, 1)
    axes.set_ylim(min(0.9, interval[0] - 0.02, float(roc.val[roc.far <= least].max())), 1.004)
    axes.set_xlabel("false accept rate (different pairs taken for one person)")
    axes.set_ylabel("validation rate (same pairs accepted)")
    save_figure(figure, axes, path)


def draw_study(
    path: Path, study: Study, rows: Sequence[StudyRow], original: float | None = None
) -> None:
    """Plot the score of a study with its standard error.

    Args:
        path: The picture file; its suffix determines the format.
        study: The varied quantity.
        rows: One row per value.
        original: Accuracy on the unchanged photos, drawn as a line; None: no line.

    """
    figure, axes = new_figure(4.0)
    values = [row.value for row in rows]
    ranked = study is Study.PHOTOS
    axes.errorbar(
        values, [row.score for row in rows], [row.standard_error for row in rows],
        color=_CURVE, marker="o", capsize=4, label="rank-1 rate" if ranked else "accuracy",
    )  # fmt: skip
    vals = [row.val for row in rows if row.val is not None]
    if vals:
        axes.plot(values, vals, color=_SECOND, marker="s", label="VAL at FAR 0.001")
    if original is not None:
        axes.axhline(original, color=_QUIET, linestyle=":", label="accuracy, photos as they are")
    title, logarithmic = _AXES[study]
    axes.set_xscale("log" if logarithmic else "linear")
    axes.set_xticks(values, [str(value) for value in values])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(title)
    save_figure(figure, axes, path)


def new_figure(height: float) -> tuple[Any, Any]:
    """A figure 6.4 inches wide, and its axes."""
    # Imported late: other commands should not wait for this slow import.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, height), layout="constrained")
    return figure, figure.subplots()


def save_figure(figure: Any, axes: Any, path: Path) -> None:
    """Save a figure, the y axis in percent; the suffix of ``path`` determines the format."""
    tidy(axes)
    figure.savefig(path, dpi=_DPI)


def tidy(axes: Any) -> None:
    """Give axes the look of all plots: y in percent, a faint grid, a legend without frame."""
    from matplotlib.ticker import PercentFormatter

    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(color="0.92")
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def draw_error_curves(path: Path, errors: Mapping[str, NDArray[np.floating]]) -> None:
    """Plot the share of faces within each error up to 0.25, one curve per method.

    Args:
        path: The picture file; its suffix determines the format.
        errors: (n,) error of the worse eye by method, the best method first; infinite if not
            found, so that a curve may stay below 100 %.

    """
    figure, axes = new_figure(4.4)
    for number, (method, own) in enumerate(errors.items()):
        ends = np.sort(own)
        shares = np.arange(1, len(ends) + 1) / len(ends)
        within = ends <= _MOST
        x = np.concatenate([[0.0], ends[within], [_MOST]])
        y = np.concatenate([[0.0], shares[within], [share_within(own, _MOST)]])
        axes.plot(
            x, y, color=_COLOURS[number % len(_COLOURS)], drawstyle="steps-post",
            label=f"{method}: {share_within(own, LIMITS[0]):.1%} within {LIMITS[0]}",
        )  # fmt: skip
    for limit in LIMITS[:-1]:
        axes.axvline(limit, color="0.55", linestyle=":", linewidth=1)
    axes.set_xlim(0, _MOST)
    axes.set_ylim(0, 1.004)
    axes.set_xlabel("error of the worse eye, in distances between the eyes")
    axes.set_ylabel("faces with at most this error")
    save_figure(figure, axes, path)


def draw_label_curves(path: Path, rows: Sequence[Mapping[str, Any]], share: str = "e_0.05") -> None:
    """Plot a share of faces over the number of hand-set labels, one curve per method.

    Curves are networks trained on coarse labels alone, then on hand-set ones. Hollow marks are the
    former with their offset removed; horizontal marks are the teachers, with and without their
    offset. Bars are standard deviations over seeds.

    Args:
        path: The picture file; its suffix determines the format.
        rows: As :func:`closeup.evaluation.label_study.summarised` gives them.
        share: Name of the figure.

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
    """Position on the logarithmic axis; 0 labels are drawn at half of the smallest number."""
    return float(row["labels"] or min(own["labels"] for own in rows if own["labels"]) / 2)


def draw_active_curves(
    path: Path, rows: Sequence[Mapping[str, Any]], levels: Sequence[float]
) -> None:
    """Plot the share of photos within 0.05 over the number of labels, one curve per strategy.

    Bands are 95 % intervals of the means over seeds.

    Args:
        path: The picture file; its suffix determines the format.
        rows: As :func:`closeup.evaluation.active_study.curve_rows` gives them, the random labels
            first.
        levels: Shares at which horizontal lines are drawn.

    """
    figure, axes = new_figure(4.4)
    for number, name in enumerate(dict.fromkeys(row["strategy"] for row in rows)):
        own = [row for row in rows if row["strategy"] == name]
        colour = _COLOURS[number - 1] if number else _SCRATCH
        labels, means = ([row[key] for row in own] for key in ("labels", "within"))
        half = [1.96 * (row["within_sd"] or 0) / row["seeds"] ** 0.5 for row in own]
        below, above = (np.array(means) + sign * np.array(half) for sign in (-1, 1))
        axes.fill_between(labels, below, above, color=colour, alpha=0.18, linewidth=0)
        axes.plot(labels, means, color=colour, marker="o", markersize=4, label=name)
    low, high = axes.get_ylim()
    for level in levels:
        if low <= level <= high:
            axes.axhline(level, color="0.55", linestyle=":", linewidth=1)
    places = sorted({row["labels"] for row in rows})
    axes.set_xscale("log")
    axes.set_xticks(places, [str(place) for place in places])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("photos with both pupils set by hand")
    axes.set_ylabel("photos, worse eye within 0.05 eye distances")
    save_figure(figure, axes, path)


def draw_facenet_study(path: Path, study: FacenetStudy, rows: Sequence[Mapping[str, Any]]) -> None:
    """Plot the validation rates of a study beside the paper's, each as a share of its largest.

    Args:
        path: The picture file; its suffix determines the format.
        study: What is varied.
        rows: ``value``, ``val`` and ``val_standard_error`` of each network or change.

    """
    figure, axes = new_figure(3.8)
    paper, best = PAPER[study], max(row["val"] for row in rows) or 1.0
    most = max(paper.values())
    axes.plot(
        list(paper), [val / most for val in paper.values()], "s--", color=_SECOND, markersize=4,
        label=f"FaceNet, of {most:.1%}",
    )  # fmt: skip
    axes.errorbar(
        [row["value"] for row in rows], [row["val"] / best for row in rows],
        [row["val_standard_error"] / best for row in rows], fmt="o-", color=_CURVE, markersize=4,
        capsize=3, label=f"here, of {best:.1%}, with standard error",
    )  # fmt: skip
    if study is not FacenetStudy.QUALITY:
        axes.set_xscale("log")
    places = sorted({*paper, *(row["value"] for row in rows)})
    axes.set_xticks(places, [f"{place:g}" for place in places])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel(_STUDIES[study])
    axes.set_ylabel("validation rate, share of the largest")
    tidy(axes)
    axes.legend(loc="best", frameon=False)
    figure.savefig(path, dpi=_DPI)


def draw_confusion(path: Path, counts: NDArray[np.integer], names: Sequence[str]) -> None:
    """Plot a confusion matrix, each row shaded by its shares.

    Args:
        path: The picture file; its suffix determines the format.
        counts: (c + 1, c + 1) as :func:`closeup.metrics.average_precision.confusion` gives them.
        names: Names of the c classes.

    Raises:
        ValueError: the shape does not fit the number of classes.

    """
    # Imported late: other commands should not wait for this slow import.
    from matplotlib.figure import Figure

    count = len(names)
    if counts.shape != (count + 1, count + 1):
        raise ValueError(f"a matrix of shape {counts.shape} is not one of {count} classes")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.4 + 0.42 * (count + 1)
    figure = Figure(figsize=(side + 0.6, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Greens", vmin=0, vmax=1)
    if count <= _MOST_NUMBERS:
        for (row, column), number in np.ndenumerate(counts):
            if number:
                ink = "white" if shares[row, column] > _DARK else "black"
                axes.text(column, row, str(number), ha="center", va="center", color=ink, fontsize=8)
    places = list(range(count + 1))
    fonts = [font_for(name) for name in names]
    shown = [
        name if font else str(i) for i, (name, font) in enumerate(zip(names, fonts, strict=True))
    ]
    axes.set_xticks(places, [*shown, "not found"], rotation=45, ha="right", fontsize=8)
    axes.set_yticks(places, [*shown, "nothing there"], fontsize=8)
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        _set_fonts(labels[:count], fonts)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    figure.savefig(path, dpi=_DPI)


def _set_fonts(labels: Sequence[Any], fonts: Sequence[Path | None]) -> None:
    """Set fonts that contain the letters of the labels; None keeps the default font."""
    from matplotlib.font_manager import FontProperties

    for label, font in zip(labels, fonts, strict=True):
        label.set_parse_math(False)  # a dollar sign is no formula
        if font:
            label.set_fontproperties(FontProperties(fname=str(font), size=8))
