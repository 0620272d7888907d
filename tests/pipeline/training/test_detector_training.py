"""From a labelled set to the file that finds its boxes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from closeup.detection.yolo_file import read_yolo_file
from closeup.errors import InputError
from closeup.geometry import boxes_around, iou
from closeup.models.sessions import Network
from closeup.pipeline.training.detector_training import (
    FACE_TRAINING,
    DetectorTrainingOptions,
    class_weights,
    train_faces,
    train_members,
)
from closeup.pipeline.training.trained_files import TrainedModel
from closeup.progress import Silent
from closeup.training.options import TrainingOptions
from tests.training.detection.squares import NAMES, as_faces, squares, write_squares

QUICK = DetectorTrainingOptions(
    shape="faces", size=96, mosaic=0.5,
    training=TrainingOptions(epochs=14, batch=8, rate=6e-3, averaging=0.8, clip=10.0),
)  # fmt: skip


class Heard(Silent):
    def __init__(self) -> None:
        self.messages: list[str] = []

    def say(self, message: str) -> None:
        self.messages.append(message)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    folder = tmp_path_factory.mktemp("training")
    data = write_squares(folder / "set", train=48, val=6)
    return train_members(data, folder / "my.onnx", QUICK, progress=Silent())


@pytest.fixture(scope="module")
def later(
    trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TrainedModel, list[str]]:
    """A short training that starts where that one ended, on an odd set; what it said."""
    folder, heard = tmp_path_factory.mktemp("later"), Heard()
    data = write_squares(folder / "set", train=12, val=4)
    (folder / "set" / "images" / "train" / "0.png").write_bytes(b"no picture")
    same = (folder / "set" / "images" / "train" / "1.png").read_bytes()
    (folder / "set" / "images" / "val" / "copy.png").write_bytes(same)
    (folder / "set" / "labels" / "train" / "2.txt").write_text("")
    short = replace(
        QUICK, start=trained.model, training=replace(QUICK.training, epochs=1, rate=1e-5)
    )
    return train_members(data, folder / "later.onnx", short, progress=heard), heard.messages


def test_the_file_finds_squares_it_has_never_seen(trained: TrainedModel) -> None:
    network = Network(trained.model.read_bytes(), "it", threads=1)
    hits = 0
    for seed in range(2000, 2010):
        image, labels = squares(seed)
        (output,) = network.run(
            images=(image.transpose(2, 0, 1)[None] / np.float32(255)).astype(np.float32)
        ).values()
        rows = output[0].T
        best = rows[rows[:, 4:7].argmax(0)]
        boxes = boxes_around(best[:, :2], best[:, 2:4] / 2) - np.float32(0.5)
        hits += int((np.diag(iou(boxes, labels.boxes)) > 0.5).sum())
    assert hits >= 24


def test_everything_lies_beside_the_file(trained: TrainedModel) -> None:
    assert {path.name for path in trained.model.parent.iterdir()} == {
        "set", "my.onnx", "my.json", "my.training",
    }  # fmt: skip
    document = json.loads(trained.model.with_suffix(".json").read_text())
    assert document == trained.document
    assert document["figures"]["map50"] > 0.8
    assert document["classes"].keys() == set(NAMES)
    assert document["pictures"] == {"training": 48, "held_out": 6}
    assert document["boxes"] == {"training": 144, "held_out": 18}
    for name in ("curves.png", "samples.png", "predictions.png", "confusion.png"):
        with Image.open(trained.folder / name) as picture:
            assert np.asarray(picture.convert("RGB")).std() > 10, name


def test_other_tools_read_the_file(trained: TrainedModel) -> None:
    told = read_yolo_file(trained.model.read_bytes(), "it")
    assert told.classes == dict(enumerate(NAMES))
    assert told.longest_side == 96
    assert told.points == 2


def test_the_same_command_again_gives_the_same_file(trained: TrainedModel) -> None:
    before, data = trained.model.read_bytes(), trained.model.parent / "set" / "data.yaml"

    again = train_members(data, trained.model, QUICK, progress=Silent())

    assert again.document == trained.document
    assert trained.model.read_bytes() == before


def test_another_training_does_not_go_on_in_the_same_folder(trained: TrainedModel) -> None:
    data = trained.model.parent / "set" / "data.yaml"
    with pytest.raises(InputError, match="was begun with other samples"):
        train_members(data, trained.model, replace(QUICK, mosaic=0.0), progress=Silent())


def test_a_training_starts_where_an_earlier_one_ended(
    later: tuple[TrainedModel, list[str]],
) -> None:
    document = later[0].document
    assert document["figures"]["map50"] > 0.8
    assert document["options"]["start"] == "my.onnx"


def test_weights_of_other_classes_are_refused(trained: TrainedModel, tmp_path: Path) -> None:
    data = write_squares(tmp_path / "set", train=12, val=4)
    said = yaml.safe_load(data.read_text())
    data.write_text(yaml.safe_dump({**said, "names": [*said["names"], "white"]}))
    start = replace(QUICK, start=trained.model)
    with pytest.raises(InputError, match=r"of another network: heads.0.classes.weight is 3×"):
        train_members(data, tmp_path / "my.onnx", start, progress=Silent())


def test_faces_are_faces_with_five_points(tmp_path: Path) -> None:
    data = write_squares(tmp_path / "set")
    told = "shows the classes red, green, blue with 2 key points, not face with 5 key points"
    with pytest.raises(InputError, match=told):
        train_faces(data, tmp_path / "faces.onnx", FACE_TRAINING, progress=Silent())
    assert not (tmp_path / "faces.onnx").exists()


def test_a_face_detector_learns_from_its_own_kind_of_set(tmp_path: Path) -> None:
    data = as_faces(write_squares(tmp_path / "set", train=8, val=2))
    short = replace(
        FACE_TRAINING, size=96, crop=64, training=replace(QUICK.training, epochs=1, batch=4)
    )

    trained = train_faces(data, tmp_path / "faces.onnx", short, progress=Silent())

    assert read_yolo_file(trained.model.read_bytes(), "it").points == 5
    assert trained.document["names"] == ["face"]


def test_what_is_odd_in_a_set_is_said(later: tuple[TrainedModel, list[str]]) -> None:
    said = "\n".join(later[1])
    assert "0.png" in said
    assert "copy.png (1.png of train)" in said
    assert "1 of them background" in said


@pytest.mark.parametrize("name", ["model.pt", "model"])
def test_the_file_must_be_onnx(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end with \.onnx"):
        train_members(tmp_path / "a.yaml", tmp_path / name, QUICK, progress=Silent())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"shape": "huge"}, "the shape must be one of faces, members, large, not 'huge'"),
        ({"size": 100}, "size must be a multiple of 32 up to 2048, not 100"),
        ({"crop": 4096}, "crop must be a multiple of 32 up to 2048, not 4096"),
        ({"mosaic": 2.0}, "mosaic must be from 0 to 1, not 2.0"),
    ],
)
def test_impossible_options_are_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(QUICK, **wrong)  # type: ignore[arg-type]


def test_rare_classes_weigh_more_and_the_mean_is_one(tmp_path: Path) -> None:
    from closeup.training.detection.loading import read_detection_data

    samples = read_detection_data(write_squares(tmp_path, train=8)).train
    assert class_weights(samples) == (1.0, 1.0, 1.0)
    rare = replace(samples, labels=replace(samples.labels, classes=np.array([0] * 16 + [1] * 8)))
    first, second, absent = class_weights(rare) or ()
    assert second == pytest.approx(2**0.5 * first, rel=1e-3)
    assert absent == pytest.approx(3 * first, rel=1e-3)
    assert (16 * first + 8 * second) / 24 == pytest.approx(1, abs=1e-3)
