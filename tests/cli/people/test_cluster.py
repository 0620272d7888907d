import json
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.command_line import closeup
from tests.real_photos import astronaut


def test_look_first_and_name_then(small_stage: Path, shared_models: Path, tmp_path: Path) -> None:
    who, members = tmp_path / "who", tmp_path / "members"
    ran = closeup("cluster", small_stage, "--out", who, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [str(who / "people.jpg"), str(who / "clusters.json")]
    assert "2 people with " in ran.stderr
    ran = closeup(
        "cluster", "--out", who, "--name", "1=지수", "--name", "person-002=B",
        "--members", members, models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch(rf"{members}/지수  \d photos\n{members}/B  \d photos\n", ran.stdout)
    assert sorted(path.name for path in members.iterdir()) == ["B", "지수"]


def test_all_at_once_as_json(small_stage: Path, shared_models: Path, tmp_path: Path) -> None:
    who = tmp_path / "who"
    ran = closeup(
        "cluster", small_stage, "--out", who, "--every", "12", "--json", "--name", "1=A",
        "--members", tmp_path / "members", models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    photos = printed.pop("members")["A"]
    document = json.loads((who / "clusters.json").read_text())
    assert document == {**printed, "sha256": document["sha256"]}
    assert all(Path(photo).is_file() for photo in photos)


def test_reasons_are_counted_on_stderr(shared_models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    photo = Image.fromarray(astronaut())
    photo.save(folder / "a.png")
    photo.resize((60, 60)).resize((512, 512)).save(folder / "b.png")
    photo.resize((50, 50)).resize((512, 512)).save(folder / "c.png")
    ran = closeup("cluster", folder, "--out", tmp_path / "out", models=shared_models)
    assert ran.stdout == f"{tmp_path / 'out' / 'clusters.json'}\n"
    assert "0 people with 0 faces in 3 pictures; 1 face alone\n" in ran.stderr
    assert "2 left out: the face is too blurred\n" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "give an image, a folder or a video, or --name NUMBER=NAME"),
        (["a.jpg", "--name", "1=A"], "--name and --members go together"),
        (["a.jpg", "--members", "m"], "--name and --members go together"),
        (["--name", "A", "--members", "m"], "write NUMBER=NAME, as in 3=Jisoo"),
        (["--name", "1=../A", "--members", "m"], "is no folder's name"),
        (["--name", "1=A", "--members", "m"], "no clusters.json in it"),
        (["a.jpg"], "no such file or folder"),
        (["a.jpg", "--every", "0"], "greater than or equal to 1"),
        (["a.jpg", "--min-faces", "0"], "greater than or equal to 1"),
    ],
)
def test_bad_arguments_are_one_line(arguments: list[str], reason: str, tmp_path: Path) -> None:
    ran = closeup("cluster", *arguments, "--out", tmp_path / "out")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert reason in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
