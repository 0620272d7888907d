"""From an eye data set to the file that finds pupils."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from closeup.errors import InputError, TrainingError
from closeup.models.sessions import Network
from closeup.pipeline.training.pupil_training import (
    PupilTrainingOptions,
    train_pupils,
)
from closeup.pipeline.training.trained_files import TrainedModel
from closeup.progress import Silent
from closeup.training.options import TrainingOptions
from closeup.training.pupils.networks import PupilNetworkOptions
from tests.datasets.eyes.drawn_eyes import draw_eyes, scattered
from tests.pipeline.drawn_set import drawn_set

QUICK = PupilTrainingOptions(training=TrainingOptions(epochs=8, batch=32, averaging=0.9))
EYES = 240


class Heard(Silent):
    def __init__(self) -> None:
        self.messages: list[str] = []

    def say(self, message: str) -> None:
        self.messages.append(message)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainedModel, list[str]]:
    """A training, and what it said."""
    folder, heard = tmp_path_factory.mktemp("training"), Heard()
    eyes = drawn_set(folder / "eyes", EYES)
    return train_pupils([eyes], folder / "my.onnx", QUICK, progress=heard), heard.messages


@pytest.fixture(scope="module")
def trained(first: tuple[TrainedModel, list[str]]) -> TrainedModel:
    return first[0]


def test_the_file_finds_drawn_pupils_it_has_never_seen(trained: TrainedModel) -> None:
    labels = scattered(100, 9)
    crops = [cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in draw_eyes(labels, seed=9)]

    answers = Network(trained.model.read_bytes(), "it", threads=1).run(eyes=np.stack(crops))

    errors = np.hypot(*((answers["points"][:, 0] - labels) * (1.2, 0.9)).T)
    assert errors.mean() < 0.02
    assert (answers["visible"] > 0.5).mean() > 0.9
    assert answers["openness"].mean() > 0.7


def test_everything_lies_beside_the_file(trained: TrainedModel) -> None:
    assert {path.name for path in trained.model.parent.iterdir()} == {
        "eyes", "my.onnx", "my.json", "my.training",
    }  # fmt: skip
    written = {path.name for path in trained.folder.iterdir()}
    assert {"checkpoints", "history.csv", "curves.png", "training.json"} <= written
    document = json.loads(trained.model.with_suffix(".json").read_text())
    assert document == trained.document
    assert document["crop"] == {"size": [64, 48], "width": 1.2}
    assert document["data"][0]["name"] == "eyes"
    assert document["data"][0]["key"]["method"] == "by hand"
    assert sum(document["eyes"].values()) == EYES
    assert document["figures"]["e_0.05"] > 0.9
    assert document["options"]["training"]["seed"] == 0
    assert document["versions"]["torch"]
    told = {entry.key: entry.value for entry in onnx.load(trained.model).metadata_props}
    assert json.loads(told["closeup"])["points"] == ["pupil"]


def test_the_same_command_again_gives_the_same_file(trained: TrainedModel) -> None:
    before = trained.model.read_bytes()
    history = (trained.folder / "history.csv").read_bytes()
    eyes = trained.model.parent / "eyes"

    again = train_pupils([eyes], trained.model, QUICK, progress=Silent())

    assert again.document == trained.document
    assert trained.model.read_bytes() == before
    assert (trained.folder / "history.csv").read_bytes() == history


def test_another_training_does_not_go_on_in_the_same_folder(trained: TrainedModel) -> None:
    other = replace(QUICK, training=replace(QUICK.training, seed=1))
    with pytest.raises(InputError, match="was begun with seed 0 instead of 1"):
        train_pupils([trained.model.parent / "eyes"], trained.model, other, progress=Silent())


def test_a_training_starts_where_an_earlier_one_ended(
    trained: TrainedModel, tmp_path: Path
) -> None:
    short = replace(
        QUICK, start=trained.model, training=replace(QUICK.training, epochs=1, rate=1e-5)
    )
    eyes = [drawn_set(tmp_path / "more", 80, 3), trained.model.parent / "eyes"]

    later = train_pupils(eyes, tmp_path / "later.onnx", short, progress=Silent())

    assert later.document["figures"]["mean_error"] < 0.02
    assert [one["name"] for one in later.document["data"]] == ["more", "eyes"]
    assert later.document["options"]["start"] == "my.onnx"


def test_weights_of_another_shape_are_refused(trained: TrainedModel, tmp_path: Path) -> None:
    three = replace(QUICK, start=trained.model, network=PupilNetworkOptions(points=3))
    with pytest.raises(InputError, match=r"heat.weight is 1×32×1×1 there and 3×32×1×1 here"):
        train_pupils(
            [trained.model.parent / "eyes"], tmp_path / "three.onnx", three, progress=Silent()
        )
    assert not (tmp_path / "three.onnx").exists()


def test_what_must_be_known_is_said(first: tuple[TrainedModel, list[str]]) -> None:
    said = "\n".join(first[1])
    assert "eyes to learn from" in said
    assert "1.2 eye distances wide have no margin" in said


@pytest.mark.parametrize("name", ["model.pt", "model"])
def test_the_file_must_be_onnx(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end with \.onnx"):
        train_pupils([tmp_path], tmp_path / name, QUICK, progress=Silent())


def test_no_data_set_no_training(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no eye data set; make one with"):
        train_pupils([tmp_path / "nix"], tmp_path / "a.onnx", QUICK, progress=Silent())
    assert list(tmp_path.iterdir()) == []


def test_a_share_must_leave_something_on_both_sides() -> None:
    with pytest.raises(ValueError, match="held_out must be from"):
        PupilTrainingOptions(held_out=0.9)


def test_who_does_not_train_does_not_wait_for_torch() -> None:
    script = "import closeup.cli.app, sys; assert not {'torch', 'lightning'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_broken_labels_are_not_trained_on(tmp_path: Path) -> None:
    """Labels divided by the crop's size twice: all near its corner."""
    eyes = drawn_set(tmp_path / "eyes", EYES, shrink=1 / 64)

    with pytest.raises(InputError, match=r"the check of labels failed: .* see .*sanity_check\.png"):
        train_pupils([eyes], tmp_path / "my.onnx", QUICK, progress=Silent())

    assert (tmp_path / "my.training" / "sanity_check.png").exists()
    assert not (tmp_path / "my.training" / "checkpoints").exists()
    assert not (tmp_path / "my.onnx").exists()


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("closeup.training.requirements._PACKAGES", ("torch", "not_installed"))
    with pytest.raises(TrainingError, match=r"not_installed.*pip install 'closeup\[train\]'"):
        train_pupils([tmp_path], tmp_path / "my.onnx", QUICK, progress=Silent())


def test_nothing_is_learnt_from_people_who_are_kept_out(tmp_path: Path) -> None:
    table, heard = tmp_path / "test.csv", Heard()
    photos = [f"person{number}/9.jpg" for number in range(20)]
    table.write_text(
        "image,left_eye_x,left_eye_y\n" + "".join(f"{photo},1,1\n" for photo in photos)
    )
    options = replace(QUICK, keep_out=table, training=TrainingOptions(epochs=1))

    trained = train_pupils(
        [drawn_set(tmp_path / "eyes", EYES)], tmp_path / "my.onnx", options, progress=heard
    )

    assert f"80 eyes of people in {table} kept out" in heard.messages
    assert sum(trained.document["eyes"].values()) == EYES - 80
    assert trained.document["options"]["keep_out"] == "test.csv"


def test_only_the_first_set_is_judged_by(tmp_path: Path) -> None:
    sets = [drawn_set(tmp_path / name, 120, seed) for name, seed in (("hand", 0), ("coarse", 1))]
    options = replace(QUICK, training=TrainingOptions(epochs=1), held_out=0.2)

    trained = train_pupils(sets, tmp_path / "my.onnx", options, progress=Silent())

    eyes = trained.document["eyes"]
    # People have the same names in both sets: as many eyes of the second are left out unseen.
    assert eyes["training"] + 2 * eyes["held_out"] == 240
