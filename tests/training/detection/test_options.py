from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from closeup.training.detection.options import FACES, SHAPES, DetectionTask


def test_they_are_known_without_torch() -> None:
    code = "import sys, closeup.training.detection.options; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("names", "points", "told"),
    [((), 0, "one class at least"), (("a", "b", "a"), 0, "'a' is there twice"), (("a",), -1, "-1")],
)
def test_a_task_is_checked(names: tuple[str, ...], points: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        DetectionTask(names, points)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"finest": 16}, "4 or 8, not 16"),
        ({"finest": 4}, "needs 4 widths, one a level, not 3"),
        ({"channels": (1, 2, 3)}, "5 widths"),
        ({"depths": (0, 0, 0, -1)}, "at least 0"),
        ({"neck": (16, 0, 16)}, "positive"),
    ],
)
def test_a_shape_is_checked(change: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(SHAPES["faces"], **change)  # type: ignore[arg-type]


def test_faces_have_the_points_of_landmarks() -> None:
    assert FACES.names == ("face",)
    assert FACES.points == 5
    assert SHAPES["faces"].strides == (8, 16, 32)
    assert replace(SHAPES["faces"], finest=4, neck=(16,) * 4).strides == (4, 8, 16, 32)
