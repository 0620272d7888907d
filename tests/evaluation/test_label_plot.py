from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closeup.evaluation.label_plot import draw_label_curves
from closeup.evaluation.label_study import NETWORK, NETWORK_MOVED, TEACHER, TEACHER_MOVED
from tests.real_photos import read_photo

TEAL, RED = (11, 122, 117), (194, 65, 12)


def row(method: str | None, stage: str, labels: int, share: float) -> dict[str, Any]:
    return {
        "method": method, "stage": stage, "labels": labels, "seeds": 3,
        "e_0.05": share, "e_0.05_sd": None if stage == TEACHER else 0.01,
    }  # fmt: skip


ROWS = [
    row("contour", TEACHER, 0, 0.6),
    row("contour", TEACHER_MOVED, 20, 0.7),
    row("contour", NETWORK, 0, 0.65),
    row("contour", NETWORK_MOVED, 20, 0.8),
    row("contour", NETWORK, 30, 0.85),
    row("darkest", NETWORK, 0, 0.75),
    row("darkest", NETWORK, 30, 0.9),
    row(None, NETWORK, 30, 0.5),
]


def rows_of(path: Path, colour: tuple[int, int, int]) -> float:
    """The mean row of the pixels of a colour."""
    near = np.abs(read_photo(path).astype(int) - colour).max(axis=2) < 8
    assert near.sum() > 50
    return float(np.nonzero(near)[0].mean())


def test_the_better_method_is_above(tmp_path: Path) -> None:
    draw_label_curves(tmp_path / "curves.png", ROWS)
    assert rows_of(tmp_path / "curves.png", RED) < rows_of(tmp_path / "curves.png", TEAL)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_few_rows_make_a_picture_as_well(count: int, tmp_path: Path) -> None:
    """As while only few runs are done."""
    rows = [*ROWS[:count], row(None, NETWORK, 100, 0.5)]
    draw_label_curves(tmp_path / "curves.png", rows)
    assert read_photo(tmp_path / "curves.png").shape[1] > 600
