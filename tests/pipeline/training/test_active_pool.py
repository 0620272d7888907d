"""What a frozen network and the truth say of photos, on real faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from closeup.evaluation.pupil_errors import eye_errors
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.geometry import Size
from closeup.open_models import Models
from closeup.pipeline.training.active_pool import FrozenView, StudyPhotos
from closeup.pipeline.training.coarse_to_fine_faces import SIZE, WIDTH, ReadFaces
from closeup.pipeline.training.experiment_inputs import opened_reader
from closeup.progress import Silent
from closeup.pupils.eye_frame import EyeFrame
from closeup.settings import Settings
from closeup.training.pupils.compact import CompactNetwork
from closeup.training.pupils.network import EyeInput
from tests.few_eyes import write_few_eyes

ROWS = np.array([1, 2, 4])


@pytest.fixture(scope="module")
def faces(
    shared_data: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> ReadFaces:
    folder = tmp_path_factory.mktemp("truth")
    table = write_few_eyes(shared_data, folder / "truth.csv", 6)
    models = Models(Settings(shared_models, folder / "cache"))
    reader = opened_reader("yunet-n", ("darkest",), models, Silent())
    return reader.read(read_pupil_truth(table, shared_data / "lfw" / "images"), Silent(), "reading")


@pytest.fixture(scope="module")
def photos(faces: ReadFaces) -> StudyPhotos:
    torch.manual_seed(0)
    network = CompactNetwork(EyeInput(Size(64, 48), 1.2))
    return FrozenView(network, faces, np.arange(6), "darkest").photos(faces, ROWS)


def test_errors_are_those_of_the_evaluation(faces: ReadFaces, photos: StudyPhotos) -> None:
    seen = photos.at(np.arange(3))
    seen.seen[:] = True
    predicted = np.random.default_rng(0).normal(0, 0.05, (3, 2, 2))
    extent = np.array([WIDTH, WIDTH * SIZE.height / SIZE.width])
    found = np.empty((3, 2, 2))
    for number, row in enumerate(ROWS.tolist()):
        by_hand = (faces.faces[row].labels["by hand"] - 0.5) * extent
        places = by_hand - photos.offsets[number] + predicted[number]
        frame = EyeFrame(*faces.frames[row])
        # Left eyes are mirrored in their crops.
        found[number] = faces.frames[row] + frame.moved(places * np.array([[1, 1], [-1, 1]]))
    expected = eye_errors(found, faces.truth.centres[ROWS]).max(axis=1)
    assert np.allclose(seen.errors(predicted), expected, atol=0.005)


def test_photos_have_what_strategies_need(photos: StudyPhotos) -> None:
    assert len(photos) == 3
    assert photos.inputs.shape[:2] == (3, 2)
    assert photos.features.shape[0] == 3
    assert np.isfinite(photos.features).all()
    assert (photos.entropy > 0).all()
    assert photos.disagreement.shape == (3,)
    assert photos.at(np.array([True, False, True])).faces.tolist() == [1, 4]


def test_an_eye_that_is_not_seen_is_a_failure(photos: StudyPhotos) -> None:
    photos.seen[:] = True
    photos.seen[1, 0] = False
    errors = photos.errors(photos.offsets)
    assert errors[[0, 2]].tolist() == [0, 0]
    assert np.isinf(errors[1])
