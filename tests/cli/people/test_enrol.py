import json
from pathlib import Path

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
