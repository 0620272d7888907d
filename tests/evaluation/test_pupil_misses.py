from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.evaluation.eye_look import EyeLook
from closeup.evaluation.pupil_misses import Cause, explain_misses
from closeup.evaluation.pupil_reading import PhotoReading, PupilReading, SearchOutcome
from closeup.evaluation.pupil_truth import PupilTruth

CLEAR = EyeLook(distance=40, brightness=1, sharpness=0.1, spot=0.5)
EYES = np.array([[100.0, 100.0], [140.0, 100.0]])


def reading(
    right: tuple[float, float] = (0, 0),
    left: tuple[float, float] = (0, 0),
    look: EyeLook = CLEAR,
    turned: float = 0.1,
    reasons: tuple[str, str] = ("", ""),
    outcome: SearchOutcome = SearchOutcome.FOUND,
) -> PhotoReading:
    """Pupils that are so many pixels off in a face with 40 pixels between the eyes."""
    found = PupilReading(EYES + np.array([right, left]), reasons)
    return PhotoReading(outcome, turned, (look, look), {"any": found})


def causes(*readings: PhotoReading) -> list[tuple[Cause, str]]:
    count = len(readings)
    names = tuple(f"{i}.jpg" for i in range(count))
    truth = PupilTruth(names, tuple(map(Path, names)), np.array([EYES] * count))
    return [(miss.cause, miss.detail) for miss in explain_misses("any", list(readings), truth)]


def test_what_is_near_enough_is_no_miss() -> None:
    assert causes(reading(), reading(right=(2, 0)), reading(left=(0, -2))) == []


@pytest.mark.parametrize(
    ("off", "cause"),
    [
        ({"right": (0, -4)}, Cause.HIGH),
        ({"left": (1, 4)}, Cause.LOW),
        ({"right": (4, 0)}, Cause.INWARDS),
        ({"right": (-4, 1)}, Cause.OUTWARDS),
        ({"left": (4, 0)}, Cause.OUTWARDS),
        ({"left": (-4, 0)}, Cause.INWARDS),
    ],
)
def test_the_direction_of_a_miss(off: dict[str, tuple[float, float]], cause: Cause) -> None:
    (eye,) = off
    assert causes(reading(**off)) == [(cause, f"{eye} eye 0.10 {cause}")]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("look", "cause"),
    [
        (EyeLook(15, 1, 0.1, 0.5), Cause.UNCLEAR),
        (EyeLook(40, 1, 0.01, 0.5), Cause.UNCLEAR),
        (EyeLook(40, 0.2, 0.1, 0.5), Cause.DARK),
        (EyeLook(40, 1, 0.1, -0.2), Cause.NO_IRIS),
        (CLEAR, Cause.HIGH),
    ],
)
def test_what_is_hard_about_the_picture_comes_first(look: EyeLook, cause: Cause) -> None:
    assert causes(reading(right=(0, -8), look=look))[0][0] is cause


def test_the_worse_eye_is_the_one_that_is_told() -> None:
    (found,) = causes(reading(right=(3, 0), left=(0, 6)))
    assert found == (Cause.LOW, "left eye 0.15 too low, towards the cheek")


def test_eyes_without_a_centre_come_first_and_tell_why() -> None:
    nowhere = (np.nan, np.nan)
    found = causes(
        reading(right=(3, 0)),
        reading(left=nowhere, reasons=("", "no contrast")),
        reading(right=nowhere, reasons=("in profile", ""), turned=0.95),
        reading(nowhere, nowhere, turned=np.nan, outcome=SearchOutcome.NONE),
        reading(nowhere, nowhere, turned=np.nan, outcome=SearchOutcome.OTHER),
    )
    assert found == [
        (Cause.NO_CENTRE, "left eye: no contrast"),
        (Cause.TURNED, "right eye: in profile"),
        (Cause.NO_FACE, ""),
        (Cause.OTHER_FACE, ""),
        (Cause.INWARDS, "right eye 0.07 towards the nose"),
    ]
