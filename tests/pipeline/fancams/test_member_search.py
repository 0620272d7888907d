"""Fancams by a detector of the members: of a file, alone or beside faces, and self-trained."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup import FancamOptions, Fancams, make_fancams
from closeup.detection.yolo_network import YoloNetwork
from closeup.errors import InputError, ModelError, ModelMissingError
from closeup.pipeline.fancams import member_search
from closeup.progress import Silent
from closeup.settings import Settings
from closeup.tracks import PositionSource
from tests.command_line import closeup
from tests.kept_models import kept
from tests.small_stage import CUT, EILEEN, FRAMES, GRACE
from tests.yolo_files import constant_yolo

ROW = [240.0, 90.0, 60.0, 120.0]
"""A box in pixels of an input of 320x192, on which the stage lies 6 rows below the edge."""


class Heard(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


def always(folder: Path, names: dict[int, str], scores: list[float]) -> Path:
    """A file that sees its classes in one place of every picture."""
    path = folder / "members.onnx"
    output = np.array([[*ROW, *scores]], np.float32).T[None]
    said = {"names": str(names), "stride": "32", "imgsz": "[192, 320]"}
    path.write_bytes(constant_yolo(output, said, (192, 320)))
    return path


@pytest.fixture
def settings(shared_models: Path, tmp_path: Path) -> Settings:
    return Settings(shared_models, tmp_path / "cache")


def made(
    stage: Path,
    out: Path,
    settings: Settings,
    *,
    faces: str | None = None,
    members: Path | str | None = None,
    **options: object,
) -> Fancams:
    return make_fancams(
        stage, stage.parent / "members", out,
        FancamOptions(video=False, **options),  # type: ignore[arg-type]
        detector=faces, member_detector=None if members is None else str(members),
        models=kept(settings),
    )  # fmt: skip


def test_alone_it_says_who_is_where(small_stage: Path, tmp_path: Path, settings: Settings) -> None:
    file = always(tmp_path, {0: GRACE, 1: EILEEN}, [0.1, 0.9])

    eileen, grace = made(
        small_stage, tmp_path / "out", settings, members=file, every=2
    ).solution.trajectories

    assert eileen.name == EILEEN
    assert eileen.present[: CUT - 1].all()
    assert eileen.present[CUT : FRAMES - 1].all()
    assert set(eileen.sources[eileen.present].tolist()) <= {
        PositionSource.TRACKED,
        PositionSource.INTERPOLATED,
    }
    np.testing.assert_allclose(eileen.confidence[:CUT:2], 0.9, atol=0.01)
    middle = (eileen.boxes[4, :2] + eileen.boxes[4, 2:]) / 2
    assert middle[0] == pytest.approx(ROW[0] - 0.5, abs=1)
    assert not grace.present.any()


def test_beside_faces_it_changes_nothing_that_they_say(
    small_stage: Path, tmp_path: Path, settings: Settings
) -> None:
    file = always(tmp_path, {0: EILEEN, 1: GRACE}, [0.9, 0.2])
    alone = made(small_stage, tmp_path / "a", settings, faces="yunet-n").solution
    both = made(small_stage, tmp_path / "b", settings, faces="yunet-n", members=file).solution

    for before, after in zip(alone.trajectories, both.trajectories, strict=True):
        known = before.sources >= PositionSource.TRACKED
        np.testing.assert_array_equal(before.boxes[known], after.boxes[known])


def test_a_second_run_does_not_look_again(
    small_stage: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = always(tmp_path, {0: EILEEN}, [0.9])
    first = made(small_stage, tmp_path / "out", settings, members=file)
    monkeypatch.setattr(YoloNetwork, "find", None)

    again = made(small_stage, tmp_path / "out", settings, members=file)

    np.testing.assert_array_equal(
        first.solution.trajectories[0].boxes, again.solution.trajectories[0].boxes
    )


def test_members_it_does_not_know_are_said_and_strangers_to_it_refused(
    small_stage: Path, tmp_path: Path, settings: Settings
) -> None:
    heard, members = Heard(), small_stage.parent / "members"
    options = FancamOptions(video=False)

    def run(out: str, names: dict[int, str]) -> None:
        file = str(always(tmp_path, names, [0.9] * len(names)))
        make_fancams(
            small_stage, members, tmp_path / out, options,
            detector=None, member_detector=file, models=kept(settings), progress=heard,
        )  # fmt: skip

    run("a", {0: EILEEN, 1: "Bob"})
    assert any(f"does not know {GRACE}" in line for line in heard.lines)
    told = f"knows Ann, and the members are {EILEEN}, {GRACE}; name the folders"
    with pytest.raises(InputError, match=told):
        run("b", {0: "Ann"})


def test_files_that_cannot_be_used(small_stage: Path, tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ModelMissingError, match=r"cannot read the model nowhere\.onnx"):
        made(small_stage, tmp_path / "out", settings, members="nowhere.onnx")
    file = always(tmp_path, {0: EILEEN}, [0.9])
    with pytest.raises(ModelError, match="choose a detector of faces, or leave --commercial"):
        made(
            small_stage, tmp_path / "out", replace(settings, commercial=True),
            faces="yunet-n", members=file,
        )  # fmt: skip


def test_a_video_teaches_its_own_detector(
    small_stage: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = replace(member_search.SELF_TRAINING.training, epochs=2)
    monkeypatch.setattr(
        member_search,
        "SELF_TRAINING",
        replace(member_search.SELF_TRAINING, size=160, training=short),
    )
    out = tmp_path / "out"

    first = made(small_stage, out, settings, faces="yunet-n", self_train=True)

    folder = out / member_search.TRAINED
    assert {"detector.onnx", "detector.json", "members.yaml", "members.png", "images"} <= {
        path.name for path in folder.iterdir()
    }
    assert "pictures" in (folder / "members.json").read_text(), "still tells of the set"
    assert first.solution.trajectories[0].present.all()
    model = (folder / "detector.onnx").stat().st_mtime_ns
    shutil.rmtree(folder / "detector.training")
    again = made(small_stage, out, settings, faces="yunet-n", self_train=True)
    assert (folder / "detector.onnx").stat().st_mtime_ns == model
    np.testing.assert_array_equal(
        first.solution.trajectories[0].boxes, again.solution.trajectories[0].boxes
    )


def test_a_video_that_teaches_nothing_has_its_fancams_all_the_same(
    small_stage: Path, absent_members: Path, tmp_path: Path, settings: Settings
) -> None:
    heard, options = Heard(), FancamOptions(video=False, self_train=True)
    out = tmp_path / "out"
    made = make_fancams(
        small_stage, absent_members, out, options,
        detector="yunet-n", models=kept(settings), progress=heard,
    )  # fmt: skip
    assert any("too few to learn from" in line for line in heard.lines)
    assert made.coordinates.exists()
    assert not list((out / member_search.TRAINED).glob("*.onnx"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--detector", "yolo:"), "detector is empty"),
        (("--detector", "auto,mmod"), "give one for faces, one for members as yolo:FILE"),
        (("--detector", "yolo:a.onnx,yolo:b.onnx"), "give one for faces, one for members"),
        (("--detector", "yolo:a.onnx", "--self-train"), "leave yolo:FILE away"),
    ],
)
def test_bad_options(
    options: tuple[str, ...], told: str, small_stage: Path, tmp_path: Path
) -> None:
    ran = closeup(
        "fancam", small_stage, "--members", small_stage.parent / "members",
        "--out", tmp_path / "out", *options,
    )  # fmt: skip
    assert ran.returncode == 2
    assert told in " ".join(ran.stderr.replace("│", " ").split())
