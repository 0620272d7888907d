"""The curves of an evaluation as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from closeup.evaluation.curves import Roc
from closeup.evaluation.sensitivity import Study, StudyRow

_DPI = 110
_CURVE, _SECOND, _QUIET = "#0b7a75", "#c2410c", "0.55"

_AXES = {
    Study.JPEG: ("JPEG quality of both photos", False),
    Study.SIZE: ("height of the face's box in both photos, in pixels", True),
    Study.PHOTOS: ("photos that each person is known by", True),
}
"""What is on the x axis, and whether its scale is logarithmic."""


def draw_roc(path: Path, roc: Roc, val: float, interval: tuple[float, float], far: float) -> None:
    """Write the ROC curve, the false accept rate on a logarithmic axis.

    Args:
        path: A picture file; its suffix tells the format.
        roc: The curve over all pairs.
        val: Validation rate at ``far`` by the protocol, drawn as a point.
        interval: Its confidence interval.
        far: The false accept rate that was asked for.

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
    """Write the score of a study with its standard error.

    Args:
        path: A picture file; its suffix tells the format.
        study: What was varied.
        rows: One value each.
        original: Accuracy on photos as they are, drawn as a line.

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
    # Imported late: no other command should wait for it.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, height), layout="constrained")
    return figure, figure.subplots()


def save_figure(figure: Any, axes: Any, path: Path) -> None:
    """Write it, the y axis in per cent; the suffix of ``path`` tells the format."""
    from matplotlib.ticker import PercentFormatter

    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(color="0.92")
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=_DPI)
