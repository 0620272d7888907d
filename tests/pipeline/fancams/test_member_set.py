"""Labels of a stage without a hand: who is in them, and where."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.detection.yunet import YuNetDetector
from closeup.errors import InputError
from closeup.fancam.face_from_body import upper_bodies
from closeup.formats.yolo_dataset import read_yolo_dataset
from closeup.formats.yolo_labels import label_file, read_yolo_labels
from closeup.geometry import Size, iou
from closeup.media.images import read_image
from closeup.models.files import locate
from closeup.pipeline.fancams.member_pictures import MemberSet, MemberSetOptions
from closeup.pipeline.fancams.member_set import build_member_set
from closeup.progress import Silent
from closeup.settings import Settings
from closeup.testing import read_truth
from tests.command_line import closeup
from tests.kept_models import kept
from tests.pipeline.running import files
from tests.small_stage import EILEEN, GRACE

OPTIONS = MemberSetOptions(frames=24, size=240)


@pytest.fixture(scope="module")
def made(
    small_stage: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> MemberSet:
    out = tmp_path_factory.mktemp("members") / "set"
    settings = Settings(shared_models, out.parent)
    return build_member_set(
        small_stage, small_stage.parent / "members", out, OPTIONS, models=kept(settings)
    )


def test_boxes_are_around_those_whose_names_they_have(made: MemberSet, small_stage: Path) -> None:
    truth, size = read_truth(small_stage), Size(240, 135)
    dataset = read_yolo_dataset(made.data)
    assert dataset.names == (EILEEN, GRACE)
    checked = 0
    for folder in (*dataset.train, *dataset.val):
        for image in folder.glob("*.jpg"):
            labels, _ = read_yolo_labels(label_file(image), size, dataset.names)
            assert read_image(image).shape == (135, 240, 3)
            faces = truth.boxes[int(image.stem)] * np.float32(240 / truth.size.width)
            for number, box in zip(labels.classes, labels.boxes, strict=True):
                own = truth.person(dataset.names[number])
                expected = upper_bodies(faces[own : own + 1], size)
                assert iou(box[None], expected)[0, 0] > 0.6
                checked += 1
    assert checked > 30


def test_some_heads_are_hidden_from_who_learns_but_not_from_who_judges(
    made: MemberSet, small_stage: Path, shared_models: Path
) -> None:
    detector = YuNetDetector(locate("yunet-n", Settings(shared_models, shared_models)).read_bytes())
    share = {}
    for part in ("train", "val"):
        found = labelled = 0
        for path in (made.data.parent / "images" / part).glob("*.jpg"):
            image = read_image(path)
            file = label_file(path)
            labelled += len(read_yolo_labels(file, Size.of(image), (EILEEN, GRACE))[0])
            large = cv2.resize(image, None, fx=2, fy=2)
            found += len(detector.detect(np.asarray(large, np.uint8)))
        share[part] = found / labelled
    assert share["val"] > 0.95
    assert 0.4 < share["train"] < 0.85


def test_the_document_counts(made: MemberSet) -> None:
    document = json.loads((made.data.parent / "members.json").read_text())
    assert document == made.document
    pictures = sum(document[part]["pictures"] for part in ("train", "val"))
    assert pictures == len(list((made.data.parent / "images").rglob("*.jpg"))) == 24
    boxes = [text for file in (made.data.parent / "labels").rglob("*.txt")
             for text in file.read_text().splitlines()]  # fmt: skip
    assert len(boxes) == sum(
        count for part in ("train", "val") for count in document[part]["boxes"].values()
    )
    assert read_image(made.sheet).std() > 20
    assert not (made.data.parent / ".unfinished").exists()


def test_labels_that_are_there_are_not_written_over(made: MemberSet, small_stage: Path) -> None:
    members = small_stage.parent / "members"
    with pytest.raises(InputError, match=r"has members\.yaml already, which may have been correct"):
        build_member_set(small_stage, members, made.data.parent, OPTIONS)


class Stopping(Silent):
    """Interrupts when the pictures are being written, after so many of them."""

    def __init__(self, pictures: int) -> None:
        self._left, self._writing = pictures, False

    def begin(self, stage: str, total: int | None) -> None:  # noqa: ARG002
        self._writing = stage == "writing labelled pictures"

    def advance(self, frames: int = 1) -> None:
        self._left -= frames * self._writing
        if self._left < 0:
            raise KeyboardInterrupt


def test_an_interrupted_set_is_made_again(
    made: MemberSet, small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    settings, out = Settings(shared_models, tmp_path), tmp_path / "set"
    members = small_stage.parent / "members"
    build = partial(build_member_set, small_stage, members, out, OPTIONS, models=kept(settings))
    with pytest.raises(KeyboardInterrupt):
        build(progress=Stopping(5))
    assert files(out) == {name for name in files(out) if name.startswith("fancams")}
    # A run that was killed in the end, with the pictures in place and their list unfinished.
    for name in (".unfinished", "images/train", "labels"):
        (out / name).mkdir(parents=True)
    (out / "images" / "train" / "leftover.jpg").touch()
    again = build()
    assert again.document == made.document
    assert files(out) == files(made.data.parent)


def test_where_nobody_is_known_there_is_no_set(
    small_stage: Path, absent_members: Path, shared_models: Path, tmp_path: Path
) -> None:
    settings = Settings(shared_models, tmp_path)
    with pytest.raises(InputError, match="surely known in 0 frames, too few to learn from"):
        build_member_set(
            small_stage, absent_members, tmp_path / "set", OPTIONS, models=kept(settings)
        )
    assert not (tmp_path / "set" / "members.yaml").exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"frames": 3}, "frames must be 20 or more, not 3"),
        ({"size": 10}, "size must be from 160 to 4096 pixels, not 10"),
        ({"held_out": 0.9}, "held_out must be from 0.05 to 0.5, not 0.9"),
    ],
)
def test_impossible_options_are_refused(wrong: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        MemberSetOptions(**wrong)  # type: ignore[arg-type]


def test_as_a_command(small_stage: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    ran = closeup(
        "dataset", "members", small_stage, "--members", small_stage.parent / "members",
        "--out", out, "--frames", "20", "--size", "160", "--detector", "yunet-n",
        models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [str(out / "members.yaml"), str(out / "members.png")]
    others = shutil.copytree(small_stage.parent / "members", tmp_path / "others")
    ran = closeup("dataset", "members", small_stage, "--members", others, "--out", out)
    assert ran.returncode == 2
    assert "choose another folder" in ran.stderr
