"""The errors of pupils as cumulative curves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.plots import new_figure, save_figure
from closeup.evaluation.pupil_errors import LIMITS, share_within

_COLOURS = ("#0b7a75", "#c2410c", "#4f46e5", "#a16207", "#be185d", "#475569")
_MOST = LIMITS[-1]


def draw_error_curves(path: Path, errors: Mapping[str, NDArray[np.floating]]) -> None:
    """Write the share of faces within each error, a curve a method, up to 0.25.

    Args:
        path: A picture file; its suffix tells the format.
        errors: (n,) of the worse eye by method, the best method first; infinite where nothing
            was found, so that a curve need not reach 100 %.

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
