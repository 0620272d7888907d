import math

import numpy as np
import pytest

from closeup.pupils.darkness import darkness, grey
from closeup.pupils.openness import openness
from tests.pupils.drawn_eye import UNIT, drawn_eye

HERE = (38.0, 23.3)


def measured(opening: float) -> float:
    dark = darkness(grey(drawn_eye(opening=opening), reflections_removed=True))
    return openness(dark, HERE, UNIT)


def test_it_grows_as_the_lids_part() -> None:
    values = [measured(opening) for opening in (2, 8, 14, 20)]
    assert values == sorted(values)
    assert values[0] < 0.2
    assert values[-1] > 0.6


def test_where_it_is_no_darker_it_is_not_known() -> None:
    dark = darkness(grey(drawn_eye(), reflections_removed=True))
    assert math.isnan(openness(-dark, HERE, UNIT))
    assert math.isnan(openness(np.zeros((55, 77), np.float32), HERE, UNIT))


@pytest.mark.parametrize("corner", [(0, 0), (76, 0), (0, 54), (76, 54), (-9, 99)])
def test_any_place_is_taken(corner: tuple[float, float]) -> None:
    dark = darkness(grey(drawn_eye(), reflections_removed=True))
    value = openness(dark, corner, UNIT)
    assert math.isnan(value) or 0 <= value <= 1
