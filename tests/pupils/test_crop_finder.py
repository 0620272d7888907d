from pathlib import Path

import numpy as np

from closeup.detection.yunet import YuNetDetector
from closeup.opening import open_pupil_finder
from closeup.pupils.crop_finder import joined
from closeup.pupils.method import Located
from tests.real_photos import PACKAGES_ONLY, astronaut

PICTURE = np.zeros((50, 80, 3), np.uint8)


def test_no_pair_is_no_eyes() -> None:
    assert len(joined(PICTURE, [])) == 0


def test_what_was_located_becomes_arrays() -> None:
    there = Located(np.array([10.5, 20.25]), 0.7, 0.4)
    nowhere = Located(None, reason="closed")
    eyes = joined(PICTURE, [(there, nowhere), (nowhere, there)])
    assert eyes.found.tolist() == [[True, False], [False, True]]
    assert eyes.centres[0, 0].tolist() == [10.5, 20.25]
    assert eyes.reasons == (("", "closed"), ("closed", ""))
    np.testing.assert_allclose(eyes.confidence, [[0.7, 0], [0, 0.7]])
    assert np.isnan(eyes.openness[0, 1])


def test_a_point_beyond_the_edge_is_none() -> None:
    eyes = joined(
        PICTURE, [(Located(np.array([79.4, 49.4]), 0.5), Located(np.array([80.0, 9]), 1))]
    )
    assert eyes.found.tolist() == [[True, False]]
    assert eyes.reasons[0][1] == "outside the picture"
    assert eyes.confidence[0, 1] == 0


def test_skin_in_slanting_light_has_no_pupil(shared_models: Path) -> None:
    photo = astronaut()
    model = (shared_models / "yunet_n_dynamic.onnx").read_bytes()
    face = YuNetDetector(model, threads=1).detect(photo)
    finder = open_pupil_finder("darkest", settings=PACKAGES_ONLY)
    before = finder.find(photo, face)
    assert before.found.all()
    ramp = np.linspace(100, 190, 44, dtype=np.float32)[None, :, None] * (1.0, 0.8, 0.7)
    for x, y in np.rint(before.centres[0]).astype(int).tolist():
        photo[y - 20 : y + 20, x - 22 : x + 22] = ramp
    eyes = finder.find(photo, face)
    assert not eyes.found.any()
    assert "no pupil stands out" in eyes.reasons[0]
