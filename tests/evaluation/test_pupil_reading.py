from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.evaluation.pupil_reading import PupilReader, SearchOutcome, errors_of, face_of
from closeup.evaluation.pupil_truth import PupilTruth, read_pupil_truth
from closeup.faces import Faces
from closeup.opening import open_pupil_finder
from closeup.progress import Silent
from closeup.settings import Settings
from tests.few_eyes import write_few_eyes

EYES = np.array([[40.0, 40.0], [60.0, 40.0]])


def faces(*boxes: tuple[float, float, float, float]) -> Faces:
    return Faces(np.array(boxes, np.float32).reshape(-1, 4), np.ones(len(boxes), np.float32))


def test_the_nearest_face_that_holds_both_eyes() -> None:
    found = face_of(faces((0, 0, 200, 200), (30, 20, 70, 80), (42, 30, 62, 60)), EYES)
    assert found is not None
    assert found.boxes.tolist() == [[30, 20, 70, 80]]


@pytest.mark.parametrize("boxes", [[], [(0, 0, 30, 30)], [(45, 30, 90, 60)]])
def test_no_face_there(boxes: list[tuple[float, float, float, float]]) -> None:
    assert face_of(faces(*boxes), EYES) is None


@pytest.fixture(scope="module")
def truth(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> PupilTruth:
    table = write_few_eyes(shared_data, tmp_path_factory.mktemp("few") / "truth.csv", 6)
    return read_pupil_truth(table, shared_data / "lfw" / "images")


def test_real_photos(reader: PhotoEmbedder, truth: PupilTruth, settings: Settings) -> None:
    finders = {name: open_pupil_finder(name, settings=settings) for name in ("contour", "darkest")}
    readings = PupilReader(reader.detector, finders).read(truth, Silent())
    assert [reading.outcome for reading in readings] == [SearchOutcome.FOUND] * 6
    assert all(0 <= reading.turned < 0.9 for reading in readings)
    for method in finders:
        assert np.median(errors_of(method, readings, truth)) < 0.05
        assert all(reading.found[method].seconds > 0 for reading in readings)
        told = np.array([np.isfinite(r.found[method].centres).all(axis=1) for r in readings])
        confidence = np.array([reading.found[method].confidence for reading in readings])
        assert ((confidence >= 0) & (confidence <= 1)).all()
        assert np.median(confidence[told]) > 0.1
        openness = np.array([reading.found[method].openness for reading in readings])
        assert np.nanmin(openness) >= 0
        assert 0.3 < np.nanmedian(openness[told]) <= 1


def test_truth_somewhere_else_is_another_face(
    reader: PhotoEmbedder, truth: PupilTruth, settings: Settings
) -> None:
    elsewhere = PupilTruth(truth.names[:1], truth.paths[:1], np.array([[[5, 5], [25, 5.0]]]))
    finders = {"darkest": open_pupil_finder("darkest", settings=settings)}
    (found,) = PupilReader(reader.detector, finders).read(elsewhere, Silent())
    assert found.outcome is SearchOutcome.OTHER
    assert np.isnan(found.found["darkest"].centres).all()
    assert found.found["darkest"].confidence.tolist() == [0, 0]
    assert np.isnan(found.found["darkest"].openness).all()
    assert np.isinf(errors_of("darkest", [found], elsewhere)).all()
