"""Models that are opened once and kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError, ModelError, PartError
from closeup.open_models import Models
from closeup.pupils.calibration import Calibration
from closeup.settings import Settings
from tests.pipeline.running import Listener
from tests.pupil_networks import constant_network
from tests.test_parts import Whole


@pytest.fixture
def models(shared_models: Path, tmp_path: Path) -> Models:
    return Models(Settings(shared_models, tmp_path))


def test_a_name_is_opened_once_for_each_number_of_threads(models: Models) -> None:
    assert models.detector("yunet") is models.detector("yunet")
    assert models.detector("yunet", threads=1) is not models.detector("yunet")
    assert models.embedder() is models.embedder("dlib-128")
    assert models.landmarker("dlib-5-points") is models.landmarker("dlib-5-points")
    assert models.pupil_finder("darkest") is models.pupil_finder("darkest")


def test_many_threads_open_a_model_once(models: Models) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: models.detector("yunet-n"), range(16)))
    assert len({id(detector) for detector in opened}) == 1


def test_each_use_names_the_detector(models: Models) -> None:
    listener = Listener()
    for _ in range(2):
        models.detector("auto", progress=listener)
    models.detector(Whole(), progress=listener)
    assert listener.lines == [
        "finding faces with yunet-n", "finding faces with yunet-n", "finding faces with whole",
    ]  # fmt: skip


def test_objects_are_used_as_they_are(models: Models) -> None:
    embedder, finder = models.embedder(), models.pupil_finder("darkest")
    landmarker = models.landmarker("dlib-5-points")
    assert models.embedder(embedder) is embedder
    assert models.pupil_finder(finder) is finder
    assert models.landmarker(landmarker) is landmarker
    assert models.detector(Whole()).name == "whole"


@pytest.mark.parametrize("kind", ["detector", "embedder", "landmarker", "pupil_finder"])
def test_an_object_of_another_kind_is_refused(kind: str, models: Models) -> None:
    with pytest.raises(PartError, match=r"^int is no \w+: it lacks "):
        getattr(models, kind)(7)


def test_all_faces_of_an_own_detector_are_certain(models: Models) -> None:
    opened, certain = models.cover_detector("yunet-n")
    assert certain > 0
    assert models.cover_detector("yunet-n")[0] is opened
    own, certain = models.cover_detector(opened)
    assert (own.name, certain) == (opened.name, 0.0)


def test_a_failure_is_not_kept(tmp_path: Path, shared_models: Path) -> None:
    own = tmp_path / "models"
    models = Models(Settings(own, tmp_path / "cache"))
    with pytest.raises(ModelError):
        models.detector("yunet")
    own.mkdir()
    file = "face_detection_yunet_2023mar.onnx"
    (own / file).write_bytes((shared_models / file).read_bytes())
    assert models.detector("yunet").name == "yunet"


def test_a_calibration_is_subtracted_and_must_be_of_the_method(models: Models) -> None:
    finder = models.pupil_finder("darkest", Calibration("darkest", np.zeros((2, 2)), 20))
    assert finder.name == "darkest"
    other = Calibration("contour", np.zeros((2, 2)), 20)
    for part in ("darkest", models.pupil_finder("darkest")):
        message = r"of the method contour, not of darkest; .* --method darkest$"
        with pytest.raises(InputError, match=message):
            models.pupil_finder(part, other)


def test_a_file_that_changed_is_opened_anew(models: Models, tmp_path: Path) -> None:
    path = tmp_path / "own.onnx"
    path.write_bytes(constant_network())
    first = models.pupil_finder(str(path))
    assert models.pupil_finder(str(path)) is first
    both = models.pupil_finder(f"darkest,{path}")
    path.write_bytes(constant_network(openness=0.5))
    assert models.pupil_finder(str(path)).name != first.name
    assert models.pupil_finder(f"darkest,{path}").name != both.name
