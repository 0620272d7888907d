"""Data sets of scenes: who is in them, what is written, and how a run goes on."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closeup.datasets.scenes.bystanders import DOUBTFUL
from closeup.detection.yunet import YuNetDetector
from closeup.errors import InputError, OutputError, PartError
from closeup.formats.yolo_dataset import read_yolo_dataset
from closeup.formats.yolo_labels import label_file, read_yolo_labels
from closeup.geometry import Size
from closeup.media.images import read_image
from closeup.models.files import locate
from closeup.pipeline.datasets.face_scenes import (
    TEACHER,
    FaceSceneOptions,
    FaceScenes,
    build_face_scenes,
)
from closeup.progress import Silent
from closeup.settings import Settings
from tests.command_line import INTERRUPTIBLE, closeup, start, wait_for
from tests.kept_models import kept
from tests.own_parts import OwnDetector

PEOPLE = 12
OPTIONS = FaceSceneOptions(scenes=10, size=240, held_out=0.3)


class Listening(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for person in sorted((shared_data / "lfw" / "images").iterdir())[:PEOPLE]:
        (folder / person.name).mkdir()
        for photo in sorted(person.glob("*.jpg"))[:2]:
            shutil.copy(photo, folder / person.name)
    return folder


@pytest.fixture(scope="module")
def whole(
    photos: Path, tmp_path_factory: pytest.TempPathFactory, shared_models: Path
) -> FaceScenes:
    out = tmp_path_factory.mktemp("whole") / "scenes"
    return build_face_scenes(photos, out, OPTIONS, models=kept(Settings(shared_models, out.parent)))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_trainers_can_read_it(whole: FaceScenes) -> None:
    dataset = read_yolo_dataset(whole.data)
    assert dataset.names == ("face",)
    assert (dataset.points, dataset.point_length) == (5, 3)
    assert dataset.flip == (1, 0, 2, 4, 3)
    faces = 0
    for folder, expected in ((dataset.train, 7), (dataset.val, 3)):
        images = sorted(folder[0].glob("*.jpg"))
        assert len(images) == expected
        for image in images:
            size = Size.of(read_image(image))
            assert max(size) == 240
            faces += len(read_yolo_labels(label_file(image), size, dataset.names, 5)[0])
    assert faces == whole.document["faces"] > 10
    for part in ("train", "val"):
        figures = whole.document[part]
        assert sum(figures["heights"].values()) == figures["faces"]
    assert read_image(whole.sheet).shape == (2 * 128 + 8, 6 * 128 + 8, 3)


def test_nobody_is_in_both_parts(whole: FaceScenes, photos: Path) -> None:
    with (whole.data.parent / "people.csv").open() as file:
        part = {row["person"]: row["part"] for row in csv.DictReader(file)}
    assert set(part) == {folder.name for folder in photos.iterdir()}
    assert list(part.values()).count("val") == round(0.3 * PEOPLE)
    assert whole.document["val"]["people"] == round(0.3 * PEOPLE)


@pytest.mark.serial
def test_a_run_that_was_stopped_ends_with_the_same_files(
    photos: Path, whole: FaceScenes, shared_models: Path, settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "scenes"
    process = start(
        "dataset", "scenes", photos, "--out", out, "--scenes", "10", "--size", "240",
        "--people-held-out", "0.3", models=shared_models, how=INTERRUPTIBLE,
    )  # fmt: skip
    first = out / "images" / "train" / "000000.jpg"
    wait_for(first, process)
    process.send_signal(2)
    _, stderr = process.communicate()
    assert process.returncode == 130, stderr
    assert not (out / "faces.yaml").exists()
    written = first.stat().st_mtime_ns
    build_face_scenes(photos, out, OPTIONS, models=kept(settings))
    assert first.stat().st_mtime_ns == written
    assert contents(out) == contents(whole.data.parent)
    told = Listening()
    again = build_face_scenes(photos, out, OPTIONS, models=kept(settings), progress=told)
    assert told.said == [f"{out} is complete; nothing is left to do"]
    assert again.document == whole.document


def test_another_seed_gives_other_scenes(
    photos: Path, whole: FaceScenes, settings: Settings, tmp_path: Path
) -> None:
    options = FaceSceneOptions(scenes=2, size=240, seed=1)
    made = build_face_scenes(photos, tmp_path / "scenes", options, models=kept(settings))
    first = Path("images", "train", "000000.jpg")
    own, other = made.data.parent / first, whole.data.parent / first
    assert own.read_bytes() != other.read_bytes()
    with pytest.raises(InputError, match=r"with scenes 2 instead of .*seed 1 instead of 0; choose"):
        build_face_scenes(photos, tmp_path / "scenes", OPTIONS, models=kept(settings))


def test_people_of_a_test_are_in_no_scene(photos: Path, settings: Settings, tmp_path: Path) -> None:
    out_of_it = sorted(folder.name for folder in photos.iterdir())[0]
    table = tmp_path / "test.csv"
    table.write_text(f"image,nose_x,nose_y\n{out_of_it}/{out_of_it}_0009.jpg,1,2\n")
    options = FaceSceneOptions(scenes=2, size=240, keep_out=table)
    made = build_face_scenes(photos, tmp_path / "scenes", options, models=kept(settings))
    assert out_of_it not in (made.data.parent / "people.csv").read_text()


def test_a_broken_photo_is_named_and_left_out(
    photos: Path, settings: Settings, tmp_path: Path
) -> None:
    some = tmp_path / "some"
    for person in sorted(photos.iterdir())[:4]:
        shutil.copytree(person, some / person.name)
        (some / person.name / "broken.jpg").write_bytes(b"no picture")
    told = Listening()
    options = FaceSceneOptions(scenes=2, size=240)
    build_face_scenes(some, tmp_path / "scenes", options, models=kept(settings), progress=told)
    left_out = [line for line in told.said if line.endswith("it is left out")]
    assert len(left_out) == 4
    assert "broken.jpg is not a picture" in left_out[0]
    counted = [line for line in told.said if "passed over" in line]
    assert sum(int(line.split()[0]) for line in counted) == 4
    assert all(line.endswith("without a picture") for line in counted)


def test_an_own_detector_finds_the_faces_of_the_photos(
    photos: Path, whole: FaceScenes, settings: Settings, tmp_path: Path
) -> None:
    model = locate(TEACHER, settings).read_bytes()
    own = OwnDetector(YuNetDetector(model, TEACHER, score_threshold=DOUBTFUL, threads=1))
    made = build_face_scenes(
        photos, tmp_path / "scenes", OPTIONS, detector=own, models=kept(settings)
    )
    assert own.calls >= PEOPLE
    assert made.document["key"]["teacher"] == "own-detector"
    mine, expected = contents(made.data.parent), contents(whole.data.parent)
    assert {name for name in expected if mine[name] != expected[name]} == {"scenes.json"}
    with pytest.raises(InputError, match="with teacher own-detector instead of yunet-n"):
        build_face_scenes(photos, tmp_path / "scenes", OPTIONS, models=kept(settings))


def test_a_detector_without_points_is_refused(
    photos: Path, settings: Settings, tmp_path: Path
) -> None:
    models = kept(settings)
    hog = OwnDetector(models.detector("hog"))
    with pytest.raises(PartError, match="own-detector gives no points, which the labels need"):
        build_face_scenes(photos, tmp_path / "out", OPTIONS, detector=hog, models=models)
    assert not (tmp_path / "out").exists()


def test_photos_without_a_face(settings: Settings, tmp_path: Path) -> None:
    from PIL import Image

    for name in ("Ann", "Bo"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.fromarray(np.full((90, 90, 3), 99, np.uint8)).save(
            tmp_path / "photos" / name / "1.png"
        )
    with pytest.raises(InputError, match="no face found in 1 photos"):
        build_face_scenes(tmp_path / "photos", tmp_path / "out", models=kept(settings))


def test_a_folder_of_something_else(photos: Path, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"lies in .*; choose a folder outside of it"):
        build_face_scenes(photos, photos / "out", models=kept(settings))
    (tmp_path / "out" / "images").mkdir(parents=True)
    with pytest.raises(
        InputError, match=r"holds images of something else.*; choose another folder"
    ):
        build_face_scenes(photos, tmp_path / "out", models=kept(settings))
    shutil.rmtree(tmp_path / "out" / "images")
    (tmp_path / "out" / "scenes.json").write_text("[1")
    with pytest.raises(InputError, match=r"scenes\.json is damaged"):
        build_face_scenes(photos, tmp_path / "out", models=kept(settings))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scenes": 1}, "scenes must be 2 or more, not 1"),
        ({"size": 100}, "size must be from 160 to 2048 pixels, not 100"),
        ({"held_out": 0.7}, "held_out must be from 0.01 to 0.5, not 0.7"),
        ({"seed": -1}, "seed must be 0 or more, not -1"),
    ],
)
def test_bad_options(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        FaceSceneOptions(**options)


def test_bad_options_on_the_command_line(photos: Path, tmp_path: Path) -> None:
    ran = closeup("dataset", "scenes", photos, "--out", tmp_path / "out", "--scenes", "1")
    assert ran.returncode == 2
    assert "scenes must be 2 or more" in " ".join(ran.stderr.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


def test_json_on_stdout(photos: Path, shared_models: Path, tmp_path: Path) -> None:
    ran = closeup(
        "dataset", "scenes", photos, "--out", tmp_path / "out", "--scenes", "2", "--size", "160",
        "--json", models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    written = json.loads((tmp_path / "out" / "scenes.json").read_text())
    assert written.pop("sha256")
    assert json.loads(ran.stdout) == written
