"""Curves of losses and validation figures over the epochs, as a picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from closeup.files.atomic import replacing
from closeup.training.history import History

_DPI = 110
_COLOURS = ("#0b7a75", "#c2410c", "#4f46e5", "#a16207", "#be185d", "#475569")
_ACROSS = 3


def draw_curves(path: Path, history: History) -> None:
    """Plot the losses over the epochs in one panel, and each figure in its own panel.

    A dotted line marks the best epoch.

    Args:
        path: The picture file; its suffix determines the format.
        history: At least one epoch.

    """
    # Imported late: a training that is refused should not wait for this slow import.
    from matplotlib.figure import Figure

    first = history.epochs[0]
    count = 1 + len(first.figures)
    across = min(count, _ACROSS)
    down = math.ceil(count / across)
    figure = Figure(figsize=(4.2 * across, 3.2 * down), layout="constrained")
    panels = list(figure.subplots(down, across, squeeze=False).flat)
    for number, name in enumerate(first.losses):
        colour = _COLOURS[number % len(_COLOURS)]
        _draw(panels[0], history, [e.losses[name] for e in history.epochs], name, colour)
    panels[0].set_ylabel("losses")
    panels[0].legend(frameon=False)
    for panel, name in zip(panels[1:], first.figures, strict=False):
        _draw(panel, history, [e.figures[name] for e in history.epochs], name, _COLOURS[0])
        panel.set_ylabel(name + (" (goal)" if name == history.goal else ""))
    for panel in panels[count:]:
        panel.set_axis_off()
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI)


def _draw(panel: Any, history: History, values: list[float], name: str, colour: str) -> None:
    numbers = [epoch.number for epoch in history.epochs]
    panel.plot(numbers, values, color=colour, label=name, marker="." if len(values) < 40 else "")
    panel.axvline(history.best.number, color="0.55", linestyle=":", linewidth=1)
    panel.set_xlabel("epoch")
    panel.xaxis.get_major_locator().set_params(integer=True)
    panel.grid(color="0.92")
    panel.set_axisbelow(True)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
