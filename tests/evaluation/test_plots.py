from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from closeup.evaluation.curves import roc_curve
from closeup.evaluation.label_study import NETWORK, NETWORK_MOVED, TEACHER, TEACHER_MOVED
from closeup.evaluation.plots import (
    draw_confusion,
    draw_error_curves,
    draw_label_curves,
    draw_roc,
    draw_study,
)
from closeup.evaluation.sensitivity import Study, StudyRow
from tests.real_photos import read_photo


def inked(path: Path) -> float:
    """Share of the picture that is not white."""
    with Image.open(path) as image:
        return float((np.asarray(image.convert("L")) < 200).mean())


@pytest.mark.parametrize("apart", [0.0, 1.0, 100.0])
def test_a_curve_of_any_quality(apart: float, tmp_path: Path) -> None:
    same = np.tile([True, False], 200)
    distances = np.random.default_rng(0).normal(np.where(same, 0, apart))
    draw_roc(tmp_path / "roc.png", roc_curve(distances, same), 0.5, (0.4, 0.45), 1e-3)
    assert 0.01 < inked(tmp_path / "roc.png") < 0.3


@pytest.mark.parametrize("study", Study)
def test_a_study(study: Study, tmp_path: Path) -> None:
    val = None if study is Study.PHOTOS else 0.8
    rows = [StudyRow(value, 0.9, 0.01, 100, val) for value in (1, 5, 20)]
    draw_study(tmp_path / "study.png", study, rows, None if val is None else 0.99)
    assert 0.01 < inked(tmp_path / "study.png") < 0.3


ALWAYS, NEVER = np.zeros(20), np.full(20, np.inf)


@pytest.mark.parametrize(
    "errors", [ALWAYS, NEVER, np.linspace(0, 0.5, 100), np.array([0.03])], ids=str
)
def test_error_curves_of_any_quality(errors: np.ndarray, tmp_path: Path) -> None:
    draw_error_curves(tmp_path / "curves.png", {"any": errors})
    with Image.open(tmp_path / "curves.png") as image:
        assert 0.01 < float((np.asarray(image.convert("L")) < 200).mean()) < 0.3


def test_every_method_has_a_colour(tmp_path: Path) -> None:
    for count in (1, 4):
        draw_error_curves(
            tmp_path / f"{count}.png", {str(i): ALWAYS + i / 50 for i in range(count)}
        )
    colours = []
    for count in (1, 4):
        with Image.open(tmp_path / f"{count}.png") as image:
            pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
        vivid = np.ptp(pixels.astype(int), axis=1) > 90
        colours.append(len(np.unique(pixels[vivid] // 64, axis=0)))
    assert colours[1] >= colours[0] + 3


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


@pytest.mark.parametrize("count", [1, 4, 40])
def test_a_matrix_of_any_number_of_classes(count: int, tmp_path: Path) -> None:
    counts = np.diag(np.arange(count + 1)) + 1
    draw_confusion(tmp_path / "confusion.png", counts, [f"cl$ss{i}" for i in range(count)])
    with Image.open(tmp_path / "confusion.png") as image:
        assert 0.005 < (np.asarray(image.convert("L")) < 200).mean() < 0.9
    with pytest.raises(ValueError, match="is not one of"):
        draw_confusion(tmp_path / "other.png", counts, ["a", "b"])


def test_names_of_any_script_are_written_or_numbered(tmp_path: Path) -> None:
    """Without a warning, which would be an error here."""
    names = ["지효", "$anna$", "Ольга", "\U0001f600"]
    draw_confusion(tmp_path / "confusion.png", np.eye(5, dtype=np.int64), names)
    with Image.open(tmp_path / "confusion.png") as image:
        written = np.asarray(image.convert("L"))
    draw_confusion(tmp_path / "other.png", np.eye(5, dtype=np.int64), ["0", "1", "2", "3"])
    with Image.open(tmp_path / "other.png") as image:
        other = np.asarray(image.convert("L"))
    assert written.shape != other.shape or (written != other).any()
