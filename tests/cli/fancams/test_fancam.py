"""``closeup fancam`` as a process of its own, as people and programs call it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.cli.fancams.fancam import print_result
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.settings import Settings
from tests.command_line import closeup, start
from tests.filming import film
from tests.kept_models import kept
from tests.pipeline.running import pictures
from tests.small_stage import EILEEN, FRAMES, GRACE

SAID = ["finding faces with yunet-n"]


def run(
    stage: Path, out: Path, *more: str | Path, members: Path | None = None, models: Path
) -> subprocess.CompletedProcess[str]:
    members = members or stage.parent / "members"
    return closeup("fancam", stage, "--members", members, "--out", out, *more, models=models)


def test_the_paths_of_the_results_are_printed(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = run(small_stage, tmp_path / "out", "--size", "100x320", models=shared_models)
    assert ran.returncode == 0
    assert ran.stderr.splitlines() == SAID
    printed = [Path(line) for line in ran.stdout.splitlines()]
    names = ["Eileen.mp4", "Grace.mp4", "coordinates.csv", "report.html"]
    assert printed == [tmp_path / "out" / name for name in names]
    assert pictures(printed[0])[0].shape == (320, 100, 3)
    assert all(path.is_file() for path in printed)


def test_json_is_one_object_and_nothing_else(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = run(small_stage, tmp_path / "out", "--json", "--grid", models=shared_models)
    assert ran.stderr.splitlines() == SAID
    assert ran.stdout.count("\n") == 1
    found = json.loads(ran.stdout)
    assert found["videos"] == {n: str(tmp_path / "out" / f"{n}.mp4") for n in (EILEEN, GRACE)}
    assert found["grid"] == str(tmp_path / "out" / "grid.mp4")
    assert found["preview"] is None
    assert found["video"]["frames"] == FRAMES
    assert [member["name"] for member in found["members"]] == [EILEEN, GRACE]


def test_the_analysis_alone_prints_no_videos(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = run(small_stage, tmp_path / "out", "--no-video", "--from", "0:01", models=shared_models)
    assert [Path(line).name for line in ran.stdout.splitlines()] == [
        "coordinates.csv",
        "report.html",
    ]


def test_the_faces_of_others_are_blurred(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = run(small_stage, tmp_path / "out", "--blur-others", "--grid", models=shared_models)
    assert ran.returncode == 0
    assert len(pictures(tmp_path / "out" / "grid.mp4")) == FRAMES


def test_the_embedding_is_adapted_as_far_as_the_video_allows(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = run(small_stage, out, "--adapt", "--no-video", "--json", models=shared_models)
    assert ran.returncode == 0
    first, line = ran.stderr.splitlines()
    assert [first] == SAID
    assert line.startswith("too little to adapt the embedding to this video: ")
    assert not json.loads(ran.stdout)["adaptation"]["adapted"]
    plain = run(small_stage, out, "--no-video", "--json", models=shared_models)
    assert plain.stderr.splitlines() == SAID
    assert json.loads(plain.stdout)["adaptation"] is None


def test_blurring_others_needs_a_face_detector(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    own = ("--blur-others", "--detector", "yolo:m.onnx")
    ran = run(small_stage, tmp_path / "out", *own, models=shared_models)
    assert ran.returncode == 2
    assert "--detector auto,yolo:m.onnx" in " ".join(ran.stderr.split())


def test_names_are_printed_where_not_all_unicode_is_known(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    members = tmp_path / "members"
    shutil.copytree(small_stage.parent / "members" / GRACE, members / "Rose 💃")
    arguments = ("fancam", small_stage, "--members", members, "--out", tmp_path / "out")
    western = {"PYTHONIOENCODING": "latin-1"}
    process = start(*arguments, models=shared_models, environment=western)
    out, err = process.communicate()
    assert (process.returncode, err.splitlines()) == (0, SAID)
    assert "Rose \\U0001f483.mp4" in out


def test_persons_are_named_between_two_runs(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    out, arguments = tmp_path / "out", ("fancam", small_stage, "--out", tmp_path / "out")
    nobody = closeup(*arguments, models=shared_models)
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert nobody.stderr.splitlines() == [
        "closeup: there are no members: give their photos with --members, or find the persons of "
        "the video with --name-persons and name them in persons of corrections.json"
    ]
    first = closeup(*arguments, "--name-persons", models=shared_models)
    assert first.stderr.splitlines() == [
        *SAID,
        f"name the persons on {out / 'report.html'}, save corrections.json beside it, and run the "
        "same command without --name-persons",
    ]
    assert first.stdout.splitlines() == [str(out / "coordinates.csv"), str(out / "report.html")]
    longest = json.loads((out / "report.json").read_text())["persons"][0]["id"]
    (out / "corrections.json").write_text(json.dumps({"persons": {longest: "Ann"}}))
    second = closeup(*arguments, models=shared_models)
    assert second.stdout.splitlines()[0] == str(out / "Ann.mp4")


def test_cuts_by_transnet(
    small_stage: Path, shared_models: Path, transnet_weights: Path, tmp_path: Path
) -> None:
    """The stage's one cut is found either way, so that the results are the same."""
    models = tmp_path / "models"
    models.mkdir()
    for file in [*shared_models.iterdir(), transnet_weights]:
        (models / file.name).symlink_to(file)
    for cuts in ("auto", "transnet"):
        ran = run(small_stage, tmp_path / cuts, "--no-video", "--cuts", cuts, models=models)
        assert (ran.returncode, ran.stderr.splitlines()) == (0, SAID)
    auto, transnet = (
        (tmp_path / cuts / "report.json").read_text() for cuts in ("auto", "transnet")
    )
    assert json.loads(auto)["tracklets"] == json.loads(transnet)["tracklets"]


def test_bad_photos_are_named_and_left_out(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    members = Path(shutil.copytree(small_stage.parent / "members", tmp_path / "members"))
    photo = cv2.imread(str(members / GRACE / "01.jpg"))
    assert photo is not None
    cv2.imwrite(str(members / GRACE / "02.jpg"), cv2.GaussianBlur(photo, (0, 0), 10))
    cv2.imwrite(str(members / GRACE / "03.JPG"), cv2.hconcat([photo, photo]))
    cv2.imwrite(str(members / GRACE / "04.png"), photo[:40, :40])
    (members / GRACE / "05.jpeg").write_bytes(b"rubbish")
    (members / GRACE / ".DS_Store").write_bytes(b"hidden")
    (members / GRACE / "notes.txt").write_text("no photo")
    ran = run(small_stage, tmp_path / "out", "--no-video", members=members, models=shared_models)
    assert ran.returncode == 0
    folder = members / GRACE
    reasons = [
        "02.jpg: the face is too blurred",
        "03.JPG: more than one face",
        "04.png: no face found",
        "05.jpeg: is not a picture; give a JPEG, PNG or WebP file",
    ]
    passed = f"{members}: 1 file passed over, without a photo's suffix: {GRACE}/notes.txt"
    assert ran.stderr.splitlines() == [
        passed, *SAID, *(f"{folder / reason}; this photo is left out" for reason in reasons)
    ]  # fmt: skip
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert len(report["members"][1]["photos_rejected"]) == 4


@pytest.fixture
def poor_members(small_stage: Path, tmp_path: Path) -> Path:
    """Two members with a photo, and two without a usable one."""
    members = Path(shutil.copytree(small_stage.parent / "members", tmp_path / "members"))
    for name in ("Lisa", "Rosé"):
        (members / name).mkdir()
    Image.new("RGB", (90, 90)).save(members / "Lisa" / "night.png")
    return members


def test_all_members_without_a_usable_photo_are_one_error(
    small_stage: Path, shared_models: Path, poor_members: Path, tmp_path: Path
) -> None:
    ran = run(small_stage, tmp_path / "out", members=poor_members, models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1] == (
        "closeup: 2 members have no usable photo (Lisa: no photo can be used (night.png: no face "
        "found); Rosé: the folder holds no photo); add a sharp photo of each that shows the face "
        "alone, or leave such members out with --skip-members"
    )
    assert not (tmp_path / "out").exists()


def test_members_may_be_skipped(
    small_stage: Path, shared_models: Path, poor_members: Path, tmp_path: Path
) -> None:
    ran = run(
        small_stage, tmp_path / "out", "--skip-members", "--no-video",
        members=poor_members, models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0
    assert ran.stderr.splitlines()[-1] == "2 of 4 members are left out"
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [member["name"] for member in report["members"]] == [EILEEN, GRACE]
    assert report["skipped"][1] == {"name": "Rosé", "reason": "the folder holds no photo"}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<bdi>Rosé</bdi> is left out: the folder holds no photo" in page


def test_a_stage_that_is_none(small_stage: Path, shared_models: Path, tmp_path: Path) -> None:
    stage = tmp_path / "stage.mp4"
    stage.write_bytes(small_stage.read_bytes()[:5000])
    members = small_stage.parent / "members"
    ran = run(stage, tmp_path / "out", members=members, models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"closeup: {stage} cannot be opened as a video")
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (["--detector", "seer"], "there is no face detector 'seer'"),
        (["--cuts", "seer"], "there is no detector of cuts 'seer'; choose one of auto, transnet"),
        (["--from", "99"], "no frame lies in the range; check --from and --to"),
        (["--fix", "/nowhere/fix.json"], "/nowhere/fix.json: cannot be read"),
    ],
)
def test_what_is_found_out_later_is_one_line_too(
    more: list[str], line: str, small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = run(small_stage, tmp_path / "out", *more, models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    *said, last = ran.stderr.splitlines()
    assert said in ([], SAID)
    assert last.startswith("closeup: ")
    assert line in last
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_written(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = run(small_stage, small_stage / "out", models=shared_models)
    assert ran.returncode == 2
    assert ran.stderr.startswith("closeup: cannot write to ")
    assert ran.stderr.count("\n") == 1


def test_a_member_called_grid_keeps_the_video(
    small_stage: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    members = tmp_path / "members"
    shutil.copytree(small_stage.parent / "members" / GRACE, members / "grid")
    made = make_fancams(small_stage, members, tmp_path / "out", models=kept(settings))
    print_result(made, as_json=True)
    assert json.loads(capsys.readouterr().out)["videos"] == {
        "grid": str(tmp_path / "out" / "grid 2.mp4")
    }


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--rotate", "45", "'45' is no quarter turn; give 90, 180 or 270 degrees clockwise"),
        ("--rotate", "left", "'left' is no quarter turn"),
        ("--size", "huge", "cannot read 'huge' as a size"),
        ("--size", "201x630", "take 200x630"),
        ("--absent", "gone", "is not one of"),
    ],
)
def test_options_that_cannot_be_followed(
    option: str, value: str, reason: str, small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = run(small_stage, tmp_path / "out", option, value, models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert reason in " ".join(ran.stderr.split())
    assert not (tmp_path / "out").exists()


def test_a_large_video_gets_videos_of_a_usual_size(
    shared_models: Path, small_stage: Path, tmp_path: Path
) -> None:
    black = np.zeros((2000, 64, 3), np.uint8)
    stage = film(tmp_path / "tall.mp4", [black] * 3)
    members = small_stage.parent / "members"
    said = {
        (): ["the videos are 1080x1920; --size source makes them 1124x2000"],
        ("--size", "source"): [],
        ("--size", "100x320"): [],
        ("--no-video",): [],
    }
    for options, lines in said.items():
        ran = run(stage, tmp_path / "out", *options, members=members, models=shared_models)
        assert ran.returncode == 0
        assert [line for line in ran.stderr.splitlines() if "--size" in line] == lines


def test_a_member_who_never_appears_is_one_line(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    stage = film(tmp_path / "empty.mp4", [np.zeros((90, 160, 3), np.uint8)] * 6)
    members = small_stage.parent / "members"
    ran = run(stage, tmp_path / "out", members=members, models=shared_models)
    assert ran.returncode == 0
    assert [line for line in ran.stderr.splitlines() if "never appears" in line] == [
        f"{name} never appears, so no video is made; --absent wide makes one of the whole stage"
        for name in (EILEEN, GRACE)
    ]
    assert [Path(line).name for line in ran.stdout.splitlines()] == [
        "coordinates.csv",
        "report.html",
    ]
    assert not list((tmp_path / "out").glob("*.mp4"))
    wide = run(stage, tmp_path / "out", "--absent", "wide", members=members, models=shared_models)
    assert sorted(path.name for path in (tmp_path / "out").glob("*.mp4")) == [
        "Eileen.mp4",
        "Grace.mp4",
    ]
    assert "never appears" not in wide.stderr
