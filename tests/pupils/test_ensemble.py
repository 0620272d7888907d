import numpy as np
import pytest

from closeup.eyes import Eyes
from closeup.pupils.ensemble import EnsemblePupilFinder, agreed

NOWHERE = (float("nan"), float("nan"))


def opinion(
    right: tuple[float, float] = (40, 50),
    left: tuple[float, float] = (80, 50),
    openness: float = 0.5,
    confidence: float = 0.8,
) -> Eyes:
    """Of one face, its left eye perhaps hidden."""
    hidden = np.isnan(left[0])
    return Eyes(
        np.array([[right, left]], np.float32),
        np.array([[openness, openness]], np.float32),
        np.array([[confidence, 0 if hidden else confidence]], np.float32),
        (("", "hidden" if hidden else ""),),
    )


SIDE = np.array([100.0])


def test_the_mean_of_all() -> None:
    eyes = agreed([opinion((40, 50), openness=0.2), opinion((41, 51), openness=0.6)], SIDE)
    np.testing.assert_allclose(eyes.centres[0], [(40.5, 50.5), (80, 50)])
    np.testing.assert_allclose(eyes.openness[0], [0.4, 0.4])
    np.testing.assert_allclose(eyes.confidence[0], [0.8, 0.8])


def test_one_that_is_far_off_costs_confidence() -> None:
    eyes = agreed([opinion(), opinion(), opinion((49, 50))], SIDE)
    np.testing.assert_allclose(eyes.confidence[0], [0.0, 0.8], atol=1e-6)  # 3, 3 and 6 off the mean
    eyes = agreed([opinion(), opinion(), opinion((44.5, 50))], SIDE)
    np.testing.assert_allclose(eyes.confidence[0], [0.8 * 2 / 3, 0.8], atol=1e-6)


def test_the_majority_says_whether_there_is_a_pupil() -> None:
    eyes = agreed([opinion(), opinion(left=NOWHERE), opinion(left=(82, 50))], SIDE)
    np.testing.assert_allclose(eyes.centres[0, 1], (81, 50))
    assert eyes.confidence[0, 1] == pytest.approx(0.8 * 2 / 3 * 2 / 3)

    eyes = agreed([opinion(), opinion(left=NOWHERE)], SIDE)
    assert eyes.found.tolist() == [[True, False]]
    assert eyes.reasons == (("", "hidden"),)
    assert eyes.confidence[0, 1] == 0


def test_openness_is_told_by_those_who_know_it() -> None:
    eyes = agreed([opinion(openness=float("nan")), opinion(openness=0.3)], SIDE)
    np.testing.assert_allclose(eyes.openness[0], [0.3, 0.3])
    eyes = agreed([opinion(openness=float("nan"))] * 2, SIDE)
    assert np.isnan(eyes.openness).all()


def test_no_face() -> None:
    assert len(agreed([Eyes.none(), Eyes.none()], np.empty(0))) == 0


def test_one_is_no_ensemble() -> None:
    with pytest.raises(ValueError, match="two finders or more, got 0"):
        EnsemblePupilFinder([])
