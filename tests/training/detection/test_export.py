from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from closeup.detection.candidates import best_of_overlapping
from closeup.detection.letterbox import Letterbox
from closeup.detection.yolo import YoloDetector
from closeup.detection.yolo_file import read_yolo_file
from closeup.errors import TrainingError
from closeup.geometry import Size, clipped
from closeup.models.sessions import Network
from closeup.training import onnx_export
from closeup.training.detection.decode import grid_of, places
from closeup.training.detection.export import DeployedDetectionNetwork, export
from closeup.training.detection.network import DetectionNetwork
from closeup.training.detection.options import FACES, SHAPES, DetectionTask
from tests.real_photos import astronaut
from tests.training.detection.small_detector import small_detector

SIDE = 160


@pytest.fixture(scope="module")
def network() -> DetectionNetwork:
    return small_detector(FACES, SHAPES["faces"]).eval()


@pytest.fixture(scope="module")
def file(network: DetectionNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "faces.onnx"
    export(network, path, side=SIDE)
    return path


@pytest.mark.parametrize("size", [(64, 64), (96, 160), (224, 32)])
def test_any_whole_number_of_strides_will_do(
    file: Path, network: DetectionNetwork, size: tuple[int, int]
) -> None:
    images = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))

    answer = Network(file.read_bytes(), "it", threads=1).run(images=images.numpy())["output0"]

    with torch.no_grad():
        expected = DeployedDetectionNetwork(network)(images).numpy()
    assert answer.shape == (1, 4 + 1 + 15, len(grid_of(images, network.strides).stride))
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, expected, atol=1e-2, rtol=1e-3)
    np.testing.assert_allclose(answer[:, 4], expected[:, 4], atol=1e-5)


def test_it_is_small_and_whole_and_says_what_it_is(file: Path) -> None:
    assert file.stat().st_size <= 1_500_000
    assert list(file.parent.iterdir()) == [file]
    model = file.read_bytes()
    assert b".py" not in model
    assert os.fsencode(Path.cwd()) not in model
    told = read_yolo_file(model, "it")
    assert told.classes == {0: "face"}
    assert (told.points, told.point_length) == (5, 3)
    assert (told.stride, told.longest_side, told.size) == (32, SIDE, None)
    assert not told.finished


def test_members_are_a_file_to_detect(tmp_path: Path) -> None:
    network = small_detector(DetectionTask(("Zoë's", "face", "Ben")))

    export(network, tmp_path / "members.onnx")

    model = (tmp_path / "members.onnx").read_bytes()
    told = read_yolo_file(model, "it")
    assert told.classes == {0: "Zoë's", 1: "face", 2: "Ben"}
    assert told.points == 0
    metadata = {entry.key: entry.value for entry in onnx.load_from_string(model).metadata_props}
    assert metadata["task"] == "detect"
    assert YoloDetector(model, "members.onnx", threads=1).detect_batch([astronaut()])


def test_a_portrait_is_seen_as_by_the_network(file: Path, network: DetectionNetwork) -> None:
    photo = astronaut()[:300]
    size = Size.of(photo)
    letterbox = Letterbox.centred(size, Size(SIDE, 96))
    canvas = letterbox.drawn(photo, (114, 114, 114))
    images = torch.from_numpy(canvas).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        answer = network(images)
        seen, scores = places(answer, grid_of(images, network.strides)), answer.classes[0, 0]
    # No score near the limit: the file's may differ in the last digit.
    ordered = scores.sigmoid().sort(descending=True).values
    gap = 20 + int((ordered[20:60] - ordered[21:61]).argmax())
    least = float(ordered[gap : gap + 2].mean())
    sure = scores.sigmoid() > least
    kept = best_of_overlapping(
        seen.boxes[0, sure].numpy(), scores.sigmoid()[sure].numpy(), overlap=0.45
    )

    detector = YoloDetector(file.read_bytes(), "own.onnx", threads=1, score_threshold=least)
    faces = detector.detect(photo)

    expected = letterbox.boxes_to_picture(seen.boxes[0, sure].numpy()[kept])
    assert len(faces) == len(kept) > 3
    # Before learning many scores are equal but for rounding, and so their order is open.
    apart = np.abs(clipped(expected, size)[:, None] - faces.boxes).max(2)
    same = apart.argmin(1)
    assert sorted(same) == list(range(len(kept)))
    assert apart.min(1).max() < 0.05
    assert faces.landmarks is not None
    points = letterbox.to_picture(seen.points[0].permute(2, 0, 1)[sure].numpy()[kept])
    np.testing.assert_allclose(faces.landmarks[same], points, atol=0.05, rtol=1e-3)


def test_a_file_that_answers_otherwise_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "LARGEST_DIFFERENCE", -1.0)

    with pytest.raises(TrainingError, match="differs from the network by"):
        export(small_detector(), tmp_path / "model.onnx")

    assert not list(tmp_path.iterdir())
