from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.evaluation.pupil_plots import draw_error_curves

ALWAYS, NEVER = np.zeros(20), np.full(20, np.inf)


@pytest.mark.parametrize(
    "errors", [ALWAYS, NEVER, np.linspace(0, 0.5, 100), np.array([0.03])], ids=str
)
def test_a_curve_of_any_quality(errors: np.ndarray, tmp_path: Path) -> None:
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
