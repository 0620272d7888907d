from functools import cache

import numpy as np

from closeup.detection.hog import HogDetector
from closeup.faces import Faces
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.pupils.calibrated import CalibratedPupilFinder
from closeup.pupils.calibration import Calibration
from closeup.pupils.crop_finder import CropPupilFinder
from closeup.pupils.darkest import DarkestPoint
from closeup.pupils.eye_frame import EyeFrame
from tests.real_photos import astronaut, dlib_file

FIVE = DlibLandmarker(dlib_file("dlib-5-points"))
PLAIN = CropPupilFinder(DarkestPoint(), FIVE)
OFFSETS = np.array([(-0.05, 0.1), (0.2, -0.1)])
CALIBRATED = CalibratedPupilFinder(PLAIN, FIVE, Calibration("darkest", OFFSETS, 20))


@cache
def faces() -> Faces:
    """One that is seen and one that is too small."""
    boxes = HogDetector().detect(astronaut()).boxes
    return Faces(np.concatenate([boxes, boxes[:, [0, 1, 0, 1]] + [0, 0, 6, 6]]).astype(np.float32),
                 np.ones(2, np.float32))  # fmt: skip


def test_every_pupil_moves_by_its_eyes_offset() -> None:
    plain, moved = (finder.find(astronaut(), faces()) for finder in (PLAIN, CALIBRATED))
    frame = EyeFrame.of(FIVE.find(astronaut(), faces())[0])
    expected = plain.centres[0] + frame.moved(OFFSETS)
    np.testing.assert_allclose(moved.centres[0], expected, atol=1e-3)
    np.testing.assert_array_equal(moved.confidence, plain.confidence)
    np.testing.assert_array_equal(moved.openness, plain.openness)


def test_what_was_not_found_stays_so() -> None:
    eyes = CALIBRATED.find(astronaut(), faces())
    assert not eyes.found[1].any()
    assert eyes.reasons == PLAIN.find(astronaut(), faces()).reasons


def test_its_last_step_is_the_moved_pupil() -> None:
    face = faces()[np.array([0])]
    plain, shown = (finder.show(astronaut(), face) for finder in (PLAIN, CALIBRATED))
    for before, after in zip(plain, shown, strict=True):
        assert [title for title, _ in after.pictures][:-1] == [t for t, _ in before.pictures]
        assert after.pictures[-1][0] == "calibrated"
        assert np.any(after.pictures[-1][1] != before.pictures[-1][1])
