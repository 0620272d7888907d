"""``closeup next``: what the command prints, makes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from closeup.media.images import write_image
from closeup.store.database import open_database
from closeup.store.label_queue import queue_names
from tests.command_line import closeup
from tests.pipeline.drawn_set import drawn_set
from tests.pupil_networks import constant_network, darkness_network
from tests.real_photos import astronaut

EYES = 20


@pytest.fixture
def eyes(tmp_path: Path) -> Path:
    return drawn_set(tmp_path / "eyes", EYES)


@pytest.fixture
def ensemble(tmp_path: Path) -> list[str]:
    """Options that name two networks."""
    arguments = []
    for name, model in (("dark", darkness_network()), ("middle", constant_network())):
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(model)
        arguments += ["--model", str(path)]
    return arguments


def test_a_table_of_reasons_and_the_command_to_go_on(eyes: Path) -> None:
    ran = closeup("next", eyes, "--budget", "7")
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[0].split() == ["chosen", "because", "such", "as"]
    assert "the model expects to be off by" in ran.stdout
    assert ran.stdout.splitlines()[-1] == (
        f"Go through them: closeup label {eyes} --task pupil --queue next"
    )
    database = open_database(eyes / "labels.db")
    assert queue_names(database) == {"next": 7}
    database.close()


def test_json_for_programs(eyes: Path, ensemble: list[str]) -> None:
    ran = closeup("next", eyes, *ensemble, "--budget", "5", "--strategy", "covariance", "--json")
    told = json.loads(ran.stdout)
    assert [told[name] for name in ("candidates", "done", "unreadable", "without_eyes")] == [
        EYES, 0, 0, 0,
    ]  # fmt: skip
    assert len(told["chosen"]) == 5
    first = told["chosen"][0]
    assert first["image"].startswith("00000/")
    assert (first["frame"], first["object"]) == (None, "")
    assert first["reason"].startswith("the models differ by")
    again = closeup("next", eyes, *ensemble, "--budget", "5", "--strategy", "covariance", "--json")
    assert json.loads(again.stdout)["chosen"] == told["chosen"]


def test_verdicts_on_proposed_labels(eyes: Path, tmp_path: Path) -> None:
    store = tmp_path / "own.db"
    ran = closeup(
        "next", eyes, "--for", "verdicts", "--propose", "pupils", "--method", "darkest",
        "--store", store, "--queue", "judge", "--budget", "50",
    )  # fmt: skip
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[-1] == (
        f"Go through them: closeup review {eyes} --store {store} --queue judge"
    )
    assert "of the 50 that were asked for" in ran.stderr.splitlines()[-1]


def test_photos_of_faces(tmp_path: Path, shared_models: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    write_image(folder / "portrait.png", astronaut())
    (folder / "broken.jpg").write_bytes(b"no picture")
    ran = closeup("next", folder, models=shared_models)
    assert ran.returncode == 0
    assert "closeup label" in ran.stdout
    assert "--task face" in ran.stdout
    assert ran.stderr.splitlines()[-2:] == [
        "1 picture passed over: 1 without a picture",
        "only 1 picture of the 200 that were asked for: 1 could be chosen",
    ]


def test_frames_of_a_video(shared_data: Path, shared_models: Path, tmp_path: Path) -> None:
    video = shared_data / "video" / "webcam_face.avi"
    ran = closeup(
        "next", video, "--every", "200", "--budget", "3", "--strategy", "temporal",
        "--store", tmp_path / "labels.db", "--json", models=shared_models,
    )  # fmt: skip
    told = json.loads(ran.stdout)
    assert told["command"].endswith(f"--store {tmp_path / 'labels.db'} --every 200 --queue next")
    chosen = told["chosen"]
    assert len(chosen) == 3
    assert all(one["frame"] % 200 == 0 for one in chosen)
    assert all("from frame to frame" in one["reason"] for one in chosen)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--strategy", "rnd"], "'rnd' is no strategy; known are mixed, random"),
        (["--strategy", "spread"], "name two models or more with --model"),
        (["--strategy", "core-set"], "older files do not give them"),
        (["--strategy", "temporal"], "give frames of a video"),
        (["--strategy", "quality"], "name a model of closeup train quality with --quality"),
        (["--model", "darkest"], "--model darkest is no network"),
        (["--quality", "none.onnx"], "none.onnx: no such file"),
        (["--commercial"], "commercial"),
    ],
)
def test_refusals(eyes: Path, arguments: list[str], message: str) -> None:
    ran = closeup("next", eyes, *arguments)
    assert ran.returncode == 2
    assert message in ran.stderr.splitlines()[-1]


def test_a_network_of_another_kind_is_no_judge(eyes: Path, tmp_path: Path) -> None:
    model = tmp_path / "pupils.onnx"
    model.write_bytes(darkness_network())
    ran = closeup("next", eyes, "--quality", model)
    assert ran.returncode == 2
    assert "does not say that it judges labels" in ran.stderr
