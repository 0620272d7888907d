from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.evaluation.eye_look import EyeLook
from closeup.evaluation.pupil_misses import explain_misses
from closeup.evaluation.pupil_reading import PhotoReading, PupilReading, SearchOutcome
from closeup.evaluation.pupil_sheet import worst_eyes
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.frames import RGBImage

LOOK = EyeLook(40, 1, 0.1, 0.5)
EYES = np.array([[60.0, 80.0], [100.0, 80.0]])
LEFT_EDGE, TOP_EDGE = 24, 24 + 38
"""Where the first strip begins: below the margin and a heading."""


def sheet(folder: Path, *found: np.ndarray) -> RGBImage:
    """Of grey photos, all with the same true pupils."""
    path = folder / "Some_Body_0001.png"
    Image.new("RGB", (160, 160), (128, 128, 128)).save(path)
    count = len(found)
    truth = PupilTruth((path.name,) * count, (path,) * count, np.array([EYES] * count))
    readings = [
        PhotoReading(
            SearchOutcome.FOUND,
            0.1,
            (LOOK, LOOK),
            {"any": PupilReading(pair, ("", "not: told" * 30))},
        )
        for pair in found
    ]
    return worst_eyes("any", explain_misses("any", readings, truth), readings, truth)


def coloured(part: RGBImage, channel: int) -> np.ndarray:
    """Where one channel stands out, as (y, x) rows."""
    others = np.delete(part.astype(int), channel, axis=2).max(axis=2)
    return np.argwhere(part[..., channel] - others > 100)


def test_true_and_found_pupils_are_marked_where_they_are(tmp_path: Path) -> None:
    page = sheet(tmp_path, EYES + np.array([[0, 10.0], [0, 10.0]]))
    strip = page[TOP_EDGE : TOP_EDGE + 132, LEFT_EDGE : LEFT_EDGE + 252]
    true, found = coloured(strip, 1), coloured(strip, 0)
    middle = np.array([132 * 0.55, 251 / 2])
    assert true.mean(axis=0) == pytest.approx(middle, abs=1)
    assert found.mean(axis=0) == pytest.approx(middle + np.array([30, 0]), abs=1)
    assert np.ptp(true[:, 1]) == pytest.approx(120 + 2 * 5, abs=3)


def test_an_eye_without_a_centre_has_no_mark(tmp_path: Path) -> None:
    found = EYES + np.array([[0.0, 10], [np.nan, np.nan]])
    page = sheet(tmp_path, found)
    top = 24 + 2 * 38
    strip = page[top : top + 132, LEFT_EDGE : LEFT_EDGE + 252]
    assert (coloured(strip, 0)[:, 1] < 126).all()
    assert len(coloured(strip, 0))


def test_without_a_miss_there_is_still_a_page(tmp_path: Path) -> None:
    assert sheet(tmp_path, EYES).shape[2] == 3


def test_no_more_than_the_worst(tmp_path: Path) -> None:
    few, many = (sheet(tmp_path, *[EYES + 10.0 + i for i in range(n)]) for n in (24, 40))
    assert few.shape == many.shape
