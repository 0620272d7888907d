import numpy as np
import pytest

from closeup.eyes import Eyes


def eyes(reasons: tuple[tuple[str, str], ...] = (("", "closed"),)) -> Eyes:
    centres = np.array([[(10, 20), (np.nan, np.nan)]], np.float32)
    pair = np.array([[0.5, 0]], np.float32)
    return Eyes(centres, pair, pair, reasons)


def test_which_eyes_have_a_centre() -> None:
    assert eyes().found.tolist() == [[True, False]]
    assert len(eyes()) == 1


def test_no_face_has_no_eyes() -> None:
    none = Eyes.none()
    assert len(none) == 0
    assert none.found.shape == (0, 2)


@pytest.mark.parametrize("reasons", [(("", ""),), (("closed", "closed"),), (("closed", ""),)])
def test_a_centre_and_a_reason_exclude_each_other(reasons: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(ValueError, match="either a centre or a reason"):
        eyes(reasons)


@pytest.mark.parametrize("name", ["centres", "openness", "confidence"])
def test_arrays_of_different_lengths_are_refused(name: str) -> None:
    good = eyes()
    arrays = {n: getattr(good, n) for n in ("centres", "openness", "confidence")}
    arrays[name] = np.concatenate([arrays[name]] * 2)
    with pytest.raises(ValueError, match=name):
        Eyes(**arrays, reasons=good.reasons)


def test_a_selection_keeps_the_gaze() -> None:
    centres = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    pair = np.arange(6, dtype=np.float32).reshape(3, 2)
    every = Eyes(centres, pair, -pair, (("", ""),) * 3, pair.astype(np.float64))
    some = every[np.array([2, 0])]
    np.testing.assert_array_equal(some.centres, centres[[2, 0]])
    assert some.gaze is not None
    np.testing.assert_array_equal(some.gaze, pair[[2, 0]])
    assert eyes()[np.array([True])].gaze is None


def test_a_gaze_of_another_shape_is_refused() -> None:
    good = eyes()
    with pytest.raises(ValueError, match=r"gaze must have shape \(1, 2\), got \(2, 2\)"):
        Eyes(good.centres, good.openness, good.confidence, good.reasons, np.zeros((2, 2)))
