"""What is taken for what, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.lettering import font_for

_DPI = 110
_MOST_NUMBERS = 24
"""Classes from which numbers in the cells could not be read any more."""
_DARK = 0.5


def draw_confusion(path: Path, counts: NDArray[np.integer], names: Sequence[str]) -> None:
    """Write a confusion matrix, each row shaded by its shares.

    Args:
        path: A picture file; its suffix tells the format.
        counts: (c + 1, c + 1) as :func:`closeup.metrics.confusion.confusion` gives them.
        names: Of the c classes.

    Raises:
        ValueError: the matrix is not one of so many classes.

    """
    # Imported late: no other command should wait for it.
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
    """Fonts that have the letters; without one the class's number is written."""
    from matplotlib.font_manager import FontProperties

    for label, font in zip(labels, fonts, strict=True):
        label.set_parse_math(False)  # a dollar sign begins no formula here
        if font:
            label.set_fontproperties(FontProperties(fname=str(font), size=8))
