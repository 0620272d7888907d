"""The learning curve of a loop as a picture for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from textwrap import fill

from closeup.evaluation.plots import new_figure, tidy

_COLOUR = "#0b7a75"
_LEAST_RANGE = 0.04
_MARGIN = 0.01
_LINE = 34
"""Letters in a line of the axis' label."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The accuracy after one round.

    Attributes:
        labels: Labels by hand so far.
        verdicts: Verdicts so far.
        value: The goal, from 0 to 1.
        interval: Its 95 % confidence interval.

    """

    labels: int
    verdicts: int
    value: float
    interval: tuple[float, float]


def learning_curve_svg(points: Sequence[CurvePoint], goal: str) -> str:
    """Plot a goal over the labels by hand, with its interval; return an SVG document.

    Args:
        points: One for each round, in order.
        goal: What the goal is, for the axis.

    """
    figure, axes = new_figure(3.8)
    across = [point.labels for point in points]
    below = [max(0.0, point.value - point.interval[0]) for point in points]
    above = [max(0.0, point.interval[1] - point.value) for point in points]
    axes.errorbar(
        across, [point.value for point in points], [below, above],
        color=_COLOUR, marker="o", capsize=4, label="95 % interval",
    )  # fmt: skip
    for number, point in enumerate(points):
        axes.annotate(
            f"{point.value:.1%}", (point.labels, point.value), (6, 7), textcoords="offset points",
            fontsize=8, color=_COLOUR, fontweight="bold" if number == len(points) - 1 else None,
        )  # fmt: skip
    axes.set_xticks(across, [f"{point.labels}\n{point.verdicts}" for point in points])
    axes.set_xlabel("labels by hand, and verdicts below")
    axes.set_ylabel(fill(goal, _LINE))
    low, high = (min(p.interval[0] for p in points), max(p.interval[1] for p in points))
    middle = (low + high) / 2
    half = max(high - low, _LEAST_RANGE) / 2 + _MARGIN
    axes.set_ylim(max(0, middle - half), min(1.005, middle + half))
    tidy(axes)
    target = StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()
