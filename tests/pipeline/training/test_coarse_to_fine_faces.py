from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.evaluation.pupil_truth import PupilTruth, read_pupil_truth
from closeup.open_models import Models
from closeup.opening import open_detector, open_landmarker, open_pupil_finder
from closeup.pipeline.training.coarse_to_fine_faces import (
    BY_HAND,
    SIZE,
    WIDTH,
    LabelledFaceReader,
    ReadFaces,
)
from closeup.progress import Silent
from closeup.pupils.calibration import Calibration
from closeup.settings import Settings
from tests.few_eyes import write_few_eyes

COUNT = 6
METHOD = "darkest"


@pytest.fixture(scope="module")
def places(shared_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(shared_models, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def faces(
    shared_data: Path, places: Settings, tmp_path_factory: pytest.TempPathFactory
) -> ReadFaces:
    table = write_few_eyes(shared_data, tmp_path_factory.mktemp("truth") / "truth.csv", COUNT)
    truth = read_pupil_truth(table, shared_data / "lfw" / "images")
    truth.centres[0, :, 1] += 100  # no face has eyes there
    reader = LabelledFaceReader(
        open_detector("yunet-n", settings=places, progress=Silent()),
        open_landmarker("dlib-5-points", settings=places),
        {METHOD: open_pupil_finder(METHOD, settings=places)},
    )
    return reader.read(truth, Silent(), "reading")


def test_a_face_that_is_not_found_has_nothing(faces: ReadFaces) -> None:
    assert faces.faces[0].face is None
    assert np.isnan(faces.found(METHOD)[0]).all()
    assert faces.labelled(BY_HAND).tolist() == [1, 2, 3, 4, 5]
    assert len(faces.samples(BY_HAND, np.arange(COUNT))) == 2 * (COUNT - 1)


def test_labels_by_hand_are_where_people_have_set_them(faces: ReadFaces) -> None:
    chosen = np.array([2, 4])
    samples = faces.samples(BY_HAND, chosen)

    assert samples.crops.shape == (4, SIZE.height, SIZE.width)
    assert samples.width == WIDTH
    assert samples.faces.tolist() == [2, 2, 4, 4]
    assert samples.left.tolist() == [False, True, False, True]
    assert (samples.weight == 1).all()
    assert np.isnan(samples.openness).all()
    # Landmarks are near pupils: those lie in the middle of crops two eye distances wide.
    assert np.abs(samples.pupils - 0.5).max() < 0.1


def test_coarse_labels_are_those_of_the_method_with_its_confidence(faces: ReadFaces) -> None:
    hand, coarse = (faces.samples(who, np.array([1, 2, 3])) for who in (BY_HAND, METHOD))
    told = [faces.faces[n].found_by[METHOD].confidence[0] for n in (1, 2, 3)]
    assert coarse.weight.tolist() == np.concatenate(told).tolist()
    assert (hand.crops == coarse.crops).all()
    apart = (hand.pupils - coarse.pupils) * (WIDTH, WIDTH * SIZE.height / SIZE.width)
    found, truth = faces.found(METHOD)[1:4], faces.truth.centres[1:4]
    frames = faces.frames[1:4]
    unit = np.linalg.norm(frames[:, 1] - frames[:, 0], axis=1)[:, None]
    expected = np.linalg.norm(found - truth, axis=2) / unit
    assert np.allclose(np.linalg.norm(apart, axis=1), expected.ravel(), atol=1e-4)


def test_people_are_folders(faces: ReadFaces) -> None:
    names = ("A/1.jpg", "B/1.jpg", "A/2.jpg", "alone.jpg")
    truth = PupilTruth(names, tuple(map(Path, names)), np.zeros((4, 2, 2)))
    assert ReadFaces(truth, faces.faces[:4]).people.tolist() == [0, 1, 0, 2]


def test_a_finder_that_comes_later_finds_the_same(faces: ReadFaces, places: Settings) -> None:
    finder = open_pupil_finder(METHOD, settings=places)
    assert np.array_equal(faces.find(finder), faces.found(METHOD), equal_nan=True)
    some = np.array([3, 1])
    assert np.array_equal(faces.find(finder, some), faces.found(METHOD)[some], equal_nan=True)


def test_an_offset_moves_as_a_calibration_does(faces: ReadFaces, places: Settings) -> None:
    offsets = np.array([[0.02, 0.05], [-0.01, 0.03]])
    moved = faces.moved(faces.found(METHOD), offsets)
    calibrated = Models(places).pupil_finder(METHOD, Calibration(METHOD, offsets, 20))
    assert np.allclose(moved, faces.find(calibrated), atol=1e-3, equal_nan=True)
