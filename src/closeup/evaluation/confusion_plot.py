"""What is taken for what, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
    # A dollar sign would begin a formula.
    shown = [name.replace("$", r"\$") for name in names]
    places = range(count + 1)
    axes.set_xticks(places, [*shown, "not found"], rotation=45, ha="right", fontsize=8)
    axes.set_yticks(places, [*shown, "nothing there"], fontsize=8)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    figure.savefig(path, dpi=_DPI)
