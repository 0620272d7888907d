import math
from typing import Any

import pytest

from closeup.faces import PointScheme
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.landmarks.templates import EyePlace


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ({"template": Template.CROP, "eyes": EyePlace(0.3, 0.3)}, "eyes of eyes256 cannot be"),
        ({"template": Template.DLIB150, "size": 200}, "size of eyes256 cannot be"),
        ({"template": Template.ARCFACE112, "margin": 0.0}, "margin of crop cannot be"),
        ({"template": Template.CROP, "points": PointScheme.DLIB_5}, "no points are needed"),
        (
            {"template": Template.EYES256, "points": PointScheme.EYES_NOSE_MOUTH},
            "arcface112 only; take those of dlib",
        ),
        ({"template": Template.EYES256, "points": PointScheme.MEDIAPIPE_468}, "take dlib's"),
        ({"template": Template.EYES256, "eyes": EyePlace(0.5, 0.3)}, "eyes are 0.5,0.3; x lies"),
        ({"template": Template.EYES256, "eyes": EyePlace(0.3, 1)}, "y between 0 and 1"),
        ({"template": Template.EYES256, "eyes": EyePlace(math.nan, 0.3)}, "eyes are nan"),
        ({"template": Template.EYES256, "size": 15}, "give 16 to 4096 pixels"),
        ({"template": Template.EYES256, "size": 4097}, "give 16 to 4096 pixels"),
        ({"template": Template.CROP, "margin": -0.1}, "margin is -0.1; give 0 to 10"),
        ({"template": Template.CROP, "margin": math.inf}, "margin is inf"),
        ({"template": Template.CROP, "margin": math.nan}, "margin is nan"),
    ],
)
def test_what_cannot_be_followed_is_refused(choice: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        CutOptions(**choice)
    assert "\n" not in str(refused.value)


def test_what_goes_together() -> None:
    CutOptions(template=Template.CROP, margin=0)
    CutOptions(template=Template.EYES256, eyes=EyePlace(0.2, 0.5), size=16)
    CutOptions(template=Template.ARCFACE112, points=PointScheme.DLIB_68)
