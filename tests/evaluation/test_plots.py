from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.evaluation.curves import roc_curve
from closeup.evaluation.plots import draw_roc, draw_study
from closeup.evaluation.sensitivity import Study, StudyRow


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
