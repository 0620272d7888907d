import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import (
    CalibrationError,
    InputError,
    ModelCorruptError,
    ModelError,
    ModelMissingError,
)
from closeup.identity.calibration import calibration_place, save_calibration
from closeup.models.catalog import find
from closeup.open_models import Models
from closeup.opening import (
    DETECTORS,
    LANDMARKERS,
    PUPIL_METHODS,
    open_cover_detector,
    open_detector,
    open_embedder,
    open_landmarker,
    open_person_detector,
    open_pupil_finder,
    open_shot_detector,
)
from closeup.progress import Silent
from closeup.pupils.calibration import Calibration
from closeup.settings import Settings
from tests.calibrations import DLIB, plain
from tests.embedding_networks import grid_network
from tests.pupil_networks import constant_network
from tests.random_sface import known_as_sface, random_sface
from tests.random_transnet import random_transnet
from tests.random_yolox import random_yolox
from tests.real_photos import astronaut
from tests.yolo_files import white_square_yolo


class Listener(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_the_best_detector_at_hand(shared_models: Path, tmp_path: Path, listener: Listener) -> None:
    settings = Settings(shared_models, tmp_path)
    detector = open_detector(settings=settings, progress=listener, threads=1)
    assert detector.name == "yunet-n"
    assert listener.lines == ["finding faces with yunet-n"]


def test_the_second_best_says_what_it_wants(
    shared_models: Path, tmp_path: Path, listener: Listener
) -> None:
    file = find("yunet").file
    (tmp_path / file).write_bytes((shared_models / file).read_bytes())
    detector = open_detector("auto", settings=Settings(None, tmp_path), progress=listener)
    assert detector.name == "yunet"
    (line,) = listener.lines
    assert "closeup models fetch yunet-n" in line


def test_without_any_file_the_package_is_enough(tmp_path: Path, listener: Listener) -> None:
    detector = open_detector("auto", settings=Settings(None, tmp_path), progress=listener)
    assert detector.name == "closeup@3"
    (line,) = listener.lines
    assert line.startswith("finding faces with closeup, which misses some faces from the side")
    assert "closeup models fetch yunet-n" in line


def test_commercial_use_prefers_clean_terms(
    all_models: Path, tmp_path: Path, listener: Listener
) -> None:
    for commercial, name in ((True, "blazeface"), (False, "yunet-n")):
        settings = Settings(all_models, tmp_path, commercial)
        assert open_detector("auto", settings=settings, progress=listener).name == name
        assert listener.lines[-1] == f"finding faces with {name}"


def test_contested_terms_are_said_for_commercial_use(
    shared_models: Path, tmp_path: Path, listener: Listener
) -> None:
    open_detector("auto", settings=Settings(shared_models, tmp_path, True), progress=listener)
    open_detector("yunet", settings=Settings(shared_models, tmp_path, True), progress=listener)
    for line, name in zip(listener.lines, ("yunet-n", "yunet"), strict=True):
        assert line.startswith(f"finding faces with {name}: trained on WIDER FACE")


def test_commercial_use_without_any_file(tmp_path: Path, listener: Listener) -> None:
    settings = Settings(None, tmp_path, commercial=True)
    detector = open_detector("auto", settings=settings, progress=listener)
    assert detector.name == "mmod"
    (line,) = listener.lines
    assert line.startswith("finding faces with mmod, which finds faces from about 80 pixels on")
    assert line.endswith("closeup models fetch blazeface")


@pytest.mark.parametrize("name", [name for name in DETECTORS if name != "auto"])
def test_every_detector_opens_by_its_name(
    name: str, all_models: Path, tmp_path: Path, listener: Listener
) -> None:
    settings = Settings(all_models, tmp_path)
    detector = open_detector(name, settings=settings, progress=listener, threads=1)
    assert detector.name.partition("@")[0] == name
    assert listener.lines == [f"finding faces with {name}"]
    assert len(detector.detect(astronaut())) == 1


@pytest.mark.parametrize(("name", "certain"), [("yunet-n", 0.6), ("closeup", 0.5), ("hog", 0.0)])
def test_detectors_for_covers_find_doubtful_faces(
    name: str, certain: float, shared_models: Path
) -> None:
    settings = Settings(shared_models, Path("no such folder"))
    detector, score = open_cover_detector(name, settings=settings)
    assert score == certain
    image = np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), 6), np.uint8)
    usual = open_detector(name, settings=settings).detect(image)
    every = detector.detect(image)
    assert len(every[every.scores >= score]) == len(usual)
    assert name == "hog" or every.scores.min(initial=1) >= score / 6


def test_our_own_is_not_for_commercial_use(tmp_path: Path, listener: Listener) -> None:
    settings = Settings(None, tmp_path, commercial=True)
    with pytest.raises(ModelError, match="choose --detector blazeface or --detector mmod"):
        open_detector("closeup", settings=settings, progress=listener)


def test_an_asked_detector_is_never_replaced(tmp_path: Path, listener: Listener) -> None:
    with pytest.raises(ModelMissingError, match="closeup models fetch yunet-n"):
        open_detector("yunet-n", settings=Settings(None, tmp_path), progress=listener)


def test_a_damaged_file_is_not_passed_over(tmp_path: Path, listener: Listener) -> None:
    (tmp_path / find("yunet-n").file).write_bytes(b"rubbish")
    with pytest.raises(ModelCorruptError, match="yunet-n"):
        open_detector("auto", settings=Settings(None, tmp_path), progress=listener)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path, listener: Listener) -> None:
    with pytest.raises(ModelError, match=r"'viola'; choose one of auto, yunet-n.*\.onnx"):
        open_detector("viola", settings=Settings(None, tmp_path), progress=listener)
    assert not listener.lines


def test_a_path_opens_a_yolo_file(tmp_path: Path, listener: Listener) -> None:
    path = tmp_path / "Faces.ONNX"
    path.write_bytes(white_square_yolo({"names": "{0: 'face'}"}))
    detector = open_detector(str(path), settings=Settings(None, tmp_path), progress=listener)
    assert detector.name.startswith("Faces.ONNX@")
    assert listener.lines == [f"finding faces with {path}"]
    white = np.full((64, 64, 3), 255, np.uint8)
    assert len(detector.detect(white)) >= 1


def test_a_yolo_file_is_not_for_commercial_use(tmp_path: Path, listener: Listener) -> None:
    path = tmp_path / "faces.onnx"
    path.write_bytes(white_square_yolo({"names": "{0: 'face'}"}))
    with pytest.raises(ModelError, match=r"licence of .*faces\.onnx is not known"):
        open_detector(
            str(path), settings=Settings(None, tmp_path, commercial=True), progress=listener
        )


@pytest.mark.parametrize("name", ["nowhere.onnx", "folder.onnx"])
def test_a_path_that_cannot_be_read(name: str, tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "folder.onnx").mkdir()
    path = tmp_path / name
    with pytest.raises(ModelMissingError, match="check the name"):
        open_detector(str(path), settings=Settings(None, tmp_path), progress=listener)


def test_the_person_detector_says_how_to_get_it(tmp_path: Path) -> None:
    settings = Settings(None, tmp_path)
    with pytest.raises(ModelMissingError, match="closeup models fetch yolox"):
        open_person_detector(settings=settings)
    with pytest.raises(ModelError, match="'hog'; choose yolox"):
        open_person_detector("hog", settings=settings)


def test_the_person_detector_opens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = random_yolox()
    entry = replace(find("yolox"), sha256=hashlib.sha256(model).hexdigest())
    monkeypatch.setattr("closeup.models.files.find", {"yolox": entry}.__getitem__)
    (tmp_path / entry.file).write_bytes(model)
    detector = open_person_detector(settings=Settings(None, tmp_path), threads=1)
    assert detector.name == "yolox"
    persons = detector.detect(astronaut())
    assert persons.boxes.shape == (len(persons), 4)


def test_shot_detectors_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(None, tmp_path)
    assert open_shot_detector(settings=settings).name == "closeup"
    with pytest.raises(ModelMissingError, match="closeup models fetch transnetv2"):
        open_shot_detector("transnet", settings=settings)
    with pytest.raises(ModelError, match="'pyscenedetect'; choose one of auto, transnet"):
        open_shot_detector("pyscenedetect", settings=settings)
    model = random_transnet()
    entry = replace(find("transnetv2"), sha256=hashlib.sha256(model).hexdigest())
    monkeypatch.setattr("closeup.models.files.find", {"transnetv2": entry}.__getitem__)
    (tmp_path / entry.file).write_bytes(model)
    detector = Models(settings).shot_detector("transnet", threads=1)
    assert detector.name == "transnet"
    assert detector is Models(settings).shot_detector(detector)


def test_the_embedder_needs_no_download(tmp_path: Path) -> None:
    embedder = open_embedder(settings=Settings(None, tmp_path), threads=1)
    assert embedder.name == "dlib-128"
    assert embedder.dimensions == 128


def test_the_other_embedder_opens_by_its_name(tmp_path: Path) -> None:
    with known_as_sface() as model:
        (tmp_path / find("sface").file).write_bytes(model)
        embedder = open_embedder("sface", settings=Settings(None, tmp_path), threads=1)
    assert embedder.name == "sface"
    assert embedder.calibration is None
    assert embedder.embed([np.zeros((112, 112, 3), np.uint8)]).shape == (1, 128)


def test_a_file_is_an_embedder_of_its_own_name(tmp_path: Path) -> None:
    file, model = tmp_path / "grid.onnx", grid_network()
    file.write_bytes(model)
    embedder = open_embedder(str(file), settings=Settings(None, tmp_path), threads=1)
    assert embedder.name == f"grid.onnx@{hashlib.sha256(model).hexdigest()[:8]}"
    assert (embedder.dimensions, embedder.calibration) == (512, None)
    save_calibration(plain(512, embedder.name), tmp_path / "grid.calibration.json")
    calibrated = open_embedder(str(file), settings=Settings(None, tmp_path), threads=1)
    assert calibrated.calibration is not None
    assert calibrated.calibration.embedder == embedder.name


def test_a_file_of_unknown_licence_is_not_for_commercial_use(tmp_path: Path) -> None:
    (tmp_path / "grid.onnx").write_bytes(grid_network())
    settings = Settings(None, tmp_path, commercial=True)
    with pytest.raises(ModelError, match="choose an embedding of the catalogue"):
        open_embedder(str(tmp_path / "grid.onnx"), settings=settings)
    with pytest.raises(ModelMissingError, match="check the name"):
        open_embedder(str(tmp_path / "none.onnx"), settings=Settings(None, tmp_path))


@pytest.mark.parametrize("other", [plain(512, "grid.onnx@00000000"), plain(128, "dlib-128")])
def test_the_calibration_of_another_embedder_is_refused(
    other: EmbeddingCalibration, tmp_path: Path
) -> None:
    file = tmp_path / "grid.onnx"
    file.write_bytes(grid_network())
    save_calibration(other, tmp_path / "grid.calibration.json")
    with pytest.raises(CalibrationError, match=f"identity FACES/ --embedder {file}") as caught:
        open_embedder(str(file), settings=Settings(None, tmp_path), threads=1)
    assert "\n" not in str(caught.value)
    assert (
        open_embedder(
            str(file), settings=Settings(None, tmp_path), threads=1, calibrated=False
        ).dimensions
        == 512
    )


def test_a_calibration_in_the_cache_comes_before_the_one_that_ships(tmp_path: Path) -> None:
    settings = Settings(None, tmp_path)
    own = replace(DLIB, same_person=0.21)
    save_calibration(own, calibration_place("dlib-128", settings))
    calibration = open_embedder(settings=settings, threads=1).calibration
    assert calibration is not None
    assert calibration.digest == own.digest != DLIB.digest


def test_an_embedder_that_is_not_here_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="closeup models fetch sface"):
        open_embedder("sface", settings=Settings(None, tmp_path))
    (tmp_path / find("sface").file).write_bytes(random_sface())
    with pytest.raises(ModelCorruptError, match="is not the model sface"):
        open_embedder("sface", settings=Settings(None, tmp_path))


def test_an_unknown_embedder_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match="'facenet'; choose one of auto, dlib-128, closeup-128, sface"
    ):
        open_embedder("facenet", settings=Settings(None, tmp_path))


@pytest.mark.parametrize("name", LANDMARKERS)
def test_every_landmarker_opens_by_its_name(name: str, all_models: Path, tmp_path: Path) -> None:
    landmarker = open_landmarker(name, settings=Settings(all_models, tmp_path))
    assert landmarker.name == name
    assert str(landmarker.count) in name


def test_points_that_are_not_free_are_refused_for_commercial_use(tmp_path: Path) -> None:
    settings = Settings(None, tmp_path, commercial=True)
    assert open_landmarker("dlib-5-points", settings=settings).count == 5
    with pytest.raises(ModelError, match="not free for commercial use"):
        open_landmarker("dlib-68-points", settings=settings)


def test_an_unknown_landmarker_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'mesh'; choose one of dlib-5-points, dlib-68-points"):
        open_landmarker("mesh", settings=Settings(None, tmp_path))


@pytest.mark.parametrize("name", PUPIL_METHODS)
def test_pupil_finders_by_name(name: str, all_models: Path, tmp_path: Path) -> None:
    assert open_pupil_finder(name, settings=Settings(all_models, tmp_path)).name == name


def test_an_unknown_way_to_find_pupils_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"'eyes'; choose one of network, mediapipe, contour.*\.onnx"
    ):
        open_pupil_finder("eyes", settings=Settings(None, tmp_path))


def test_a_path_opens_a_network_for_pupils(tmp_path: Path) -> None:
    path = tmp_path / "Own.ONNX"
    path.write_bytes(constant_network())
    settings = Settings(None, tmp_path)
    name = f"Own.ONNX@{hashlib.sha256(constant_network()).hexdigest()[:8]}"
    assert open_pupil_finder(str(path), settings=settings).name == name
    calibration = Calibration(name, np.zeros((2, 2)), 20)
    assert Models(settings).pupil_finder(str(path), calibration).name == name
    path.write_bytes(constant_network(openness=0.5))
    with pytest.raises(InputError, match=f"of the method {name}, not of Own.ONNX@"):
        Models(settings).pupil_finder(str(path), calibration)


def test_a_path_of_something_else_is_refused(tmp_path: Path) -> None:
    settings = Settings(None, tmp_path)
    yolo = tmp_path / "faces.onnx"
    yolo.write_bytes(white_square_yolo({"names": "{0: 'face'}"}))
    with pytest.raises(ModelError, match=r"faces\.onnx does not say that it finds pupils"):
        open_pupil_finder(str(yolo), settings=settings)
    with pytest.raises(ModelMissingError, match="check the name"):
        open_pupil_finder(str(tmp_path / "no.onnx"), settings=settings)


def test_networks_are_not_for_commercial_use(tmp_path: Path) -> None:
    commercial = Settings(None, tmp_path, commercial=True)
    with pytest.raises(ModelError, match=r"closeup-pupils is not .*LFW.*; choose --method med"):
        open_pupil_finder("network", settings=commercial)
    path = tmp_path / "own.onnx"
    path.write_bytes(constant_network())
    with pytest.raises(ModelError, match=r"own\.onnx is not known .*; choose --method mediapipe"):
        open_pupil_finder(str(path), settings=commercial)


def test_the_contour_is_not_for_commercial_use(tmp_path: Path) -> None:
    commercial = Settings(None, tmp_path, commercial=True)
    with pytest.raises(ModelError, match="dlib-68-points"):
        open_pupil_finder("contour", settings=commercial)
    for name in ("darkest", "projection", "mean-shift"):
        assert open_pupil_finder(name, settings=commercial).name == name
