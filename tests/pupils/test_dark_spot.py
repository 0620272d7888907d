import numpy as np

from closeup.pupils.dark_spot import dark_spot
from closeup.pupils.darkness import darkness, grey
from tests.pupils.drawn_eye import UNIT, drawn_eye, pupil


def test_a_pupil_is_surer_than_the_skin_beside_it() -> None:
    dark = darkness(grey(drawn_eye(3, -4), reflections_removed=True))
    there = dark_spot(dark, pupil(3, -4), UNIT)
    beside = dark_spot(dark, pupil(3, 15), UNIT)
    assert there.point is not None
    np.testing.assert_array_equal(there.point, pupil(3, -4))
    assert there.confidence > 0.3 > beside.confidence
    assert there.openness > 0.3
