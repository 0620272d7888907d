import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.command_line import closeup


def test_a_folder_becomes_a_file(small_stage: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "members.npz"
    ran = closeup("enrol", small_stage.parent / "members", "--out", out, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == ["Eileen  1 photo", "Grace  1 photo", str(out)]
    assert out.is_file()


def test_json_says_what_was_left_out_and_why(
    small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    members = tmp_path / "members"
    (members / "Eileen").mkdir(parents=True)
    (photo,) = (small_stage.parent / "members").rglob("Eileen*/*")
    (members / "Eileen" / photo.name).write_bytes(photo.read_bytes())
    Image.new("RGB", (90, 90)).save(members / "Eileen" / "night.png")
    ran = closeup("enrol", members, "--out", tmp_path / "g.npz", "--json", models=shared_models)
    record = json.loads(ran.stdout)
    assert record["members"] == {"Eileen": 1}
    assert record["embedder"] == "dlib-128"
    (left_out,) = record["left_out"]
    assert left_out["reason"] == "no face found"
    assert left_out["photo"].endswith("night.png")


def test_another_suffix_is_refused_before_any_work(tmp_path: Path) -> None:
    ran = closeup("enrol", tmp_path, "--out", tmp_path / "g.json")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--out g.npz" in ran.stderr


@pytest.fixture
def some(small_stage: Path, tmp_path: Path) -> Path:
    """Members of whom one has no usable photo; another is there under two names."""
    members = Path(shutil.copytree(small_stage.parent / "members", tmp_path / "members"))
    shutil.copytree(members / "Eileen", members / "Eileen again")
    (members / "Night").mkdir()
    Image.new("RGB", (90, 90)).save(members / "Night" / "night.png")
    return members


def test_a_member_without_a_usable_photo_is_left_out(
    some: Path, shared_models: Path, tmp_path: Path
) -> None:
    ran = closeup("enrol", some, "--out", tmp_path / "g.npz", "--json", models=shared_models)
    assert ran.returncode == 0, ran.stderr
    record = json.loads(ran.stdout)
    assert record["skipped"] == {"Night": "no photo can be used (night.png: no face found)"}
    assert record["alike"] == [["Eileen", "Eileen again"]]
    assert record["odd"] == []
    assert ran.stderr.splitlines()[-2:] == [
        "1 of 4 members is left out",
        "Eileen and Eileen again look like the same person; check their photos",
    ]
    strict = closeup("enrol", some, "--out", tmp_path / "s.npz", "--strict", models=shared_models)
    assert (strict.returncode, strict.stdout) == (2, "")
    assert strict.stderr.splitlines()[-1].startswith("closeup: Night: no photo can be used (")
    assert not (tmp_path / "s.npz").exists()


def test_identify_leaves_such_members_out_too(
    some: Path, shared_models: Path, small_stage: Path
) -> None:
    (photo,) = (small_stage.parent / "members" / "Grace").iterdir()
    command = ("identify", photo, "--members", some)
    ran = closeup(*command, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    assert "  Grace " in ran.stdout
    assert "1 of 4 members is left out" in ran.stderr.splitlines()
    strict = closeup(*command, "--strict", models=shared_models)
    assert (strict.returncode, strict.stdout) == (2, "")
