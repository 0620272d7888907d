import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.command_line import closeup
from tests.real_photos import astronaut


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(astronaut()).save(tmp_path / "party.png")
    return tmp_path / "party.png"


def test_a_line_for_each_face(photo: Path, small_stage: Path, shared_models: Path) -> None:
    members = small_stage.parent / "members"
    ran = closeup("identify", photo, "--members", members, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    (line,) = ran.stdout.splitlines()
    place, box, said = line.split("  ")
    assert place == str(photo)
    assert len(box.split(",")) == 4
    assert said.startswith("Eileen ")
    assert ", then Grace" in said
    assert "1 face in 1 picture" in ran.stderr


def test_a_member_seen_twice_is_named_twice_if_alone(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    twice = tmp_path / "twice.png"
    Image.fromarray(np.hstack([astronaut(), astronaut()])).save(twice)
    command = ("identify", twice, "--members", small_stage.parent / "members")
    together, alone = (
        closeup(*command, *option, models=shared_models).stdout.splitlines()
        for option in ((), ("--alone",))
    )
    assert sum("  Eileen " in line for line in together) == 1
    assert sum("  nobody known, most like Eileen " in line for line in together) == 1
    assert sum("  Eileen " in line for line in alone) == 2


def test_json_alone_is_on_stdout(
    photo: Path, small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = closeup(
        "identify", photo.parent, "--members", small_stage.parent / "members", "--json",
        "--far", "1e-6", models=shared_models,
    )  # fmt: skip
    (picture,) = json.loads(ran.stdout)
    assert picture["image"] == str(photo)
    assert set(picture["faces"][0]) == {
        "box", "score", "points", "name", "confidence", "distance", "runner_up",
        "candidates", "defects",
    }  # fmt: skip


def test_results_in_a_folder(
    photo: Path, small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "named"
    ran = closeup(
        "identify", photo, "--members", small_stage.parent / "members", "--out", out,
        models=shared_models,
    )  # fmt: skip
    paths = ran.stdout.splitlines()[1:]
    assert paths == [str(out / name) for name in ("people.csv", "people.json", "party.png.jpg")]
    assert all(Path(path).is_file() for path in paths)


def test_members_that_are_not_there(photo: Path, shared_models: Path, tmp_path: Path) -> None:
    ran = closeup("identify", photo, "--members", tmp_path / "no", models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no such file or folder" in ran.stderr


def test_the_former_name_of_far(photo: Path, small_stage: Path, shared_models: Path) -> None:
    members = small_stage.parent / "members"
    command = ("identify", photo, "--members", members, "--json")
    strict = [
        closeup(*command, option, "1e-6", models=shared_models).stdout
        for option in ("--far", "--strangers")
    ]
    assert strict[0] == strict[1]
    refused = closeup(*command, "--strangers", "2", models=shared_models)
    assert refused.returncode == 2


def test_a_face_cut_off_by_the_edge_is_told(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    Image.fromarray(astronaut()[:, 218:]).save(tmp_path / "cut.png")
    members = small_stage.parent / "members"
    ran = closeup(
        "identify", tmp_path / "cut.png", "--members", members, "--any-rotation",
        models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "; the face is cut off by the picture's edge" in ran.stdout
