from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.detection.hog import HogDetector
from closeup.errors import InputError
from closeup.faces import Faces
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.pupils.calibration import LEAST_PHOTOS, CalibratedPupilFinder, Calibration, fit_offsets
from closeup.pupils.crop_finder import CropPupilFinder
from closeup.pupils.darkest import DarkestPoint
from closeup.pupils.eye_frame import EyeFrame
from tests.real_photos import astronaut, dlib_file

OFFSETS = np.array([(-0.008, -0.02), (0.012, -0.022)])


def faces(count: int, seed: int = 0) -> NDArray[np.float64]:
    """True pupils of faces of any size, place and tilt."""
    draw = np.random.default_rng(seed)
    right = draw.uniform(0, 1000, (count, 2))
    angle, distance = draw.uniform(-1, 1, count), draw.uniform(20, 200, count)
    across = np.stack([np.cos(angle), np.sin(angle)], axis=1) * distance[:, None]
    return np.stack([right, right + across], axis=1)


def found(truth: NDArray[np.float64], offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a method finds that is wrong by these offsets."""
    return np.array([pair - EyeFrame(*pair).moved(offsets) for pair in truth])


small = st.floats(-0.05, 0.05)


@settings(max_examples=30)
@given(values=st.lists(small, min_size=4, max_size=4), seed=st.integers(0, 1000))
def test_a_constant_error_is_found_exactly(values: list[float], seed: int) -> None:
    offsets, truth = np.array(values).reshape(2, 2), faces(8, seed)
    np.testing.assert_allclose(fit_offsets(found(truth, offsets), truth), offsets, atol=1e-6)


def test_blunders_and_missing_eyes_count_nothing() -> None:
    truth = faces(100)
    eyes = found(truth, OFFSETS)
    eyes[:15] += 40  # a brow
    eyes[20:30, 0] = np.nan
    np.testing.assert_allclose(fit_offsets(eyes, truth), OFFSETS, atol=2e-3)


def test_noise_averages_out() -> None:
    truth = faces(400)
    distances = np.linalg.norm(truth[:, 1] - truth[:, 0], axis=1)
    noise = np.random.default_rng(1).normal(0, 0.03, truth.shape) * distances[:, None, None]
    np.testing.assert_allclose(
        fit_offsets(found(truth, OFFSETS) + noise, truth), OFFSETS, atol=5e-3
    )


def test_errors_that_are_all_different_still_have_a_middle() -> None:
    truth = faces(LEAST_PHOTOS)
    spread = np.linspace(-1, 1, LEAST_PHOTOS)[:, None, None] * 400
    assert np.isfinite(fit_offsets(truth + spread, truth)).all()


def test_too_few_faces_are_refused() -> None:
    truth = faces(LEAST_PHOTOS)
    eyes = truth.copy()
    eyes[0, 1] = np.nan
    with pytest.raises(InputError, match=f"only {LEAST_PHOTOS - 1} faces .* at least"):
        fit_offsets(eyes, truth)
    with pytest.raises(InputError, match="only 0 faces"):
        fit_offsets(np.empty((0, 2, 2)), np.empty((0, 2, 2)))


def test_labels_of_both_eyes_in_one_place_are_left_out() -> None:
    truth = np.concatenate([faces(10), np.ones((10, 2, 2))])
    np.testing.assert_allclose(fit_offsets(truth, truth), 0, atol=1e-12)


@pytest.mark.parametrize("shape", [(9, 2, 3), (8, 2, 2), (9, 4)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        fit_offsets(np.zeros(shape), faces(9))


def test_a_file_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "contour.json"
    Calibration("contour", OFFSETS, 120).save(path)
    document = json.loads(path.read_text())
    assert len(document.pop("sha256")) == 64
    assert document == {
        "version": 1,
        "method": "contour",
        "offsets": {"right": [-0.008, -0.02], "left": [0.012, -0.022]},
        "photos": 120,
    }
    again = Calibration.load(path)
    assert (again.method, again.photos) == ("contour", 120)
    np.testing.assert_allclose(again.offsets, OFFSETS)


GOOD = {"version": 1, "method": "contour", "offsets": {"right": [0, 0], "left": [0, 0]},
        "photos": 9}  # fmt: skip
BAD: list[object] = [
    [], 3, "text", {}, GOOD | {"version": 2}, GOOD | {"offsets": {"right": [0, 0]}},
    GOOD | {"offsets": {"right": [0, 0], "left": [0]}}, GOOD | {"offsets": [0, 0, 0, 0]},
    GOOD | {"offsets": {"right": [0, 0], "left": ["a", 0]}}, GOOD | {"photos": None},
    GOOD | {"offsets": {"right": [0, 0], "left": [float("nan"), 0]}},
]  # fmt: skip


@pytest.mark.parametrize("document", BAD, ids=str)
def test_a_file_of_another_kind_is_refused(document: object, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"c\.json is damaged .*make a calibration with: closeup"):
        Calibration.load(path)


def test_a_file_that_is_no_json_or_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(InputError, match="is damaged or of another kind"):
        Calibration.load(path)
    with pytest.raises(InputError, match=r"no such file; make a calibration with"):
        Calibration.load(tmp_path / "none.json")


@pytest.mark.parametrize("offsets", [np.zeros(4), np.full((2, 2), np.inf)])
def test_offsets_of_another_shape_are_refused(offsets: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        Calibration("contour", offsets, 1)


FIVE = DlibLandmarker(dlib_file("dlib-5-points"))
PLAIN = CropPupilFinder(DarkestPoint(), FIVE)
MOVED = np.array([(-0.05, 0.1), (0.2, -0.1)])
CALIBRATED = CalibratedPupilFinder(PLAIN, FIVE, Calibration("darkest", MOVED, 20))


@cache
def two_faces() -> Faces:
    """One that is seen and one that is too small."""
    boxes = HogDetector().detect(astronaut()).boxes
    return Faces(np.concatenate([boxes, boxes[:, [0, 1, 0, 1]] + [0, 0, 6, 6]]).astype(np.float32),
                 np.ones(2, np.float32))  # fmt: skip


def test_every_pupil_moves_by_its_eyes_offset() -> None:
    plain, moved = (finder.find(astronaut(), two_faces()) for finder in (PLAIN, CALIBRATED))
    frame = EyeFrame.of(FIVE.find(astronaut(), two_faces())[0])
    expected = plain.centres[0] + frame.moved(MOVED)
    np.testing.assert_allclose(moved.centres[0], expected, atol=1e-3)
    np.testing.assert_array_equal(moved.confidence, plain.confidence)
    np.testing.assert_array_equal(moved.openness, plain.openness)


def test_what_was_not_found_stays_so() -> None:
    eyes = CALIBRATED.find(astronaut(), two_faces())
    assert not eyes.found[1].any()
    assert eyes.reasons == PLAIN.find(astronaut(), two_faces()).reasons


def test_its_last_step_is_the_moved_pupil() -> None:
    face = two_faces()[np.array([0])]
    plain, shown = (finder.show(astronaut(), face) for finder in (PLAIN, CALIBRATED))
    for before, after in zip(plain, shown, strict=True):
        assert [title for title, _ in after.pictures][:-1] == [t for t, _ in before.pictures]
        assert after.pictures[-1][0] == "calibrated"
        assert np.any(after.pictures[-1][1] != before.pictures[-1][1])
