from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from closeup.training.pupils.augmentation import plain
from closeup.training.pupils.network import EyeAnswer, EyeInput, PupilNetwork
from closeup.training.pupils.validation import PupilValidation
from tests.training.pupils.dark_dots import dark_dots

GIVEN = EyeInput()
COUNT = 40
EYES = dark_dots(COUNT, 2.0)
FACES = np.repeat(np.arange(COUNT // 2) + 7, 2)


class Known(PupilNetwork):
    """Answers what it is told, and sees what has a dark disc."""

    def __init__(self, points: Tensor, given: EyeInput = GIVEN, openness: float = 0.0) -> None:
        super().__init__(given)
        self.points = torch.nn.Parameter(points)
        self.openness = openness

    def forward(self, eyes: Tensor) -> EyeAnswer:
        count = len(eyes)
        dark = (eyes[:, 18:30, 26:38] < 60).float().mean((1, 2))
        even = torch.full((count,), self.openness)
        return EyeAnswer(self.points, even, dark - 0.05, even + 1)


def truth() -> Tensor:
    return plain(EYES, GIVEN)["points"]


def test_a_network_that_is_right_has_no_error() -> None:
    figures = PupilValidation(EYES, FACES, GIVEN).judge(Known(truth()))

    assert figures["e_0.05"] == figures["e_0.10"] == 1
    assert figures["mean_error"] < 1e-4
    assert "corner_error" not in figures


def test_the_worse_eye_of_a_face_counts() -> None:
    points = truth()
    points[0, 0, 0] += 0.07 / 1.2  # one eye of one face of twenty
    points[2, 0, 1] += 0.2 / 0.9
    points[3, 0, 1] += 0.2 / 0.9  # both of another

    figures = PupilValidation(EYES, FACES, GIVEN).judge(Known(points))

    assert figures["e_0.05"] == pytest.approx(18 / 20)
    assert figures["e_0.10"] == pytest.approx(19 / 20)
    assert figures["mean_error"] == pytest.approx(0.47 / COUNT, rel=1e-3)
    assert figures["mean_error_pixels"] == pytest.approx(0.47 / COUNT * 64 / 1.2, rel=1e-3)


def test_what_no_label_tells_is_not_judged() -> None:
    points = EYES.points.clone()
    points[:20] = torch.nan
    eyes = replace(EYES, points=points, openness=torch.full((COUNT,), torch.nan))
    wrong = truth()
    wrong[:20] += 0.3

    figures = PupilValidation(eyes, FACES, GIVEN).judge(Known(wrong))

    assert figures["e_0.05"] == 1
    assert "openness_error" not in figures


def test_corners_and_openness_are_judged() -> None:
    given = EyeInput(points=3)
    corner = EYES.points - torch.tensor([0.1, 0.0])
    eyes = replace(
        EYES,
        points=torch.cat([corner, EYES.points, torch.full_like(corner, torch.nan)], 1),
        openness=torch.full((COUNT,), 0.8),
    )
    found = plain(eyes, given)["points"].nan_to_num(0.5)
    found[:, 0, 0] += 0.06 / 1.2

    figures = PupilValidation(eyes, FACES, given).judge(Known(found, given))

    assert figures["corner_error"] == pytest.approx(0.06, rel=1e-3)
    assert figures["openness_error"] == pytest.approx(0.3, rel=1e-3)


def test_the_same_eyes_are_shown_hidden() -> None:
    figures = PupilValidation(EYES, FACES, GIVEN).judge(Known(truth()))

    assert figures["seen"] == 1
    assert figures["hidden_seen"] < 0.9
