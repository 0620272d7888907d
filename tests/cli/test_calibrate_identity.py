import json
from pathlib import Path

from closeup.identity.calibration import load_calibration
from tests.command_line import closeup
from tests.own_embedders import DETECTOR, OwnEmbedders


def test_it_measures_and_tells(
    own_embedders: OwnEmbedders,
    shared_models: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "made" / "own.json"
    arguments: list[str | Path] = [
        "calibrate", "identity", own_embedders.people, "--embedder", own_embedders.grid,
        "--detector", DETECTOR, "--out", out,
    ]  # fmt: skip
    ran = closeup(*arguments, models=shared_models)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("grid.onnx@")
    assert lines[0].endswith(": 64 people, 256 photos")
    assert lines[1].startswith("area under the curve  0.9")
    assert lines[-2].endswith("at 1 false accept in 333")
    assert lines[-1] == str(out)
    made, shipped = load_calibration(out), own_embedders.grid.with_suffix(".calibration.json")
    assert made.digest == load_calibration(shipped).digest, "the same photos, the same numbers"


def test_without_a_calibration_the_command_that_makes_one_is_named(
    own_embedders: OwnEmbedders, small_stage: Path, shared_models: Path, tmp_path: Path
) -> None:
    bare = own_embedders.without_calibration(tmp_path / "bare").grid
    photos = sorted((small_stage.parent / "members").rglob("*.*"))[:2]
    ran = closeup("verify", *photos, "--embedder", bare, models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = [line for line in ran.stderr.splitlines() if line.startswith("closeup:")]
    assert line.endswith(f"closeup calibrate identity FACES/ --embedder {bare}")


def test_too_few_people_are_one_line(small_stage: Path, shared_models: Path) -> None:
    members = small_stage.parent / "members"
    ran = closeup("calibrate", "identity", members, "--embedder", "dlib-128", models=shared_models)
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert "a calibration needs 60" in line


def test_commercial_use_refuses_a_file_of_unknown_licence(
    own_embedders: OwnEmbedders, shared_models: Path
) -> None:
    ran = closeup(
        "calibrate", "identity", own_embedders.people, "--embedder", own_embedders.grid,
        "--commercial", "--json", models=shared_models,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "choose an embedding of the catalogue" in ran.stderr


def test_json(own_embedders: OwnEmbedders, shared_models: Path, tmp_path: Path) -> None:
    ran = closeup(
        "calibrate", "identity", own_embedders.people, "--embedder", own_embedders.grid,
        "--detector", DETECTOR, "--out", tmp_path / "x.json", "--json", models=shared_models,
    )  # fmt: skip
    record = json.loads(ran.stdout)
    assert record["file"] == str(tmp_path / "x.json")
    assert (record["people"], record["photos_without_a_face"]) == (64, 0)
    assert record["accepted"]["0.01"] > 0.9
