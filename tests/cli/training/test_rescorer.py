"""``closeup train rescorer`` as a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from closeup.detection.rescoring import FaceRescorer
from closeup.settings import Settings
from tests.command_line import closeup
from tests.few_scenes import write_few_scenes
from tests.kept_models import kept


def test_the_command_writes_a_network(
    shared_data: Path, shared_models: Path, tmp_path: Path
) -> None:
    models = kept(Settings(shared_models, Path("no such folder")))
    scenes, out = write_few_scenes(shared_data, tmp_path, models), tmp_path / "my.onnx"

    ran = closeup(
        "train", "rescorer", scenes, "--pictures", tmp_path / "people",
        "--held-out", "0.5", "--out", out, "--epochs", "1", "--batch", "8", models=shared_models,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        str(out), str(out.with_suffix(".json")), str(out.with_suffix(".training")),
    ]  # fmt: skip
    assert "of the held-out candidates" in ran.stderr.splitlines()[-1]
    FaceRescorer(out.read_bytes(), "it", threads=1)
    assert json.loads(out.with_suffix(".json").read_text())["task"] == "face rescoring"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.yaml",), "nothing.yaml: no such file; check the name"),
        (("it.yaml", "--pictures", "nobody"), "nobody: no such file or folder; check the name"),
        (("it.yaml", "--start", "no.ckpt"), "no.ckpt: no such file; check the name"),
        (("it.yaml", "--held-out", "0.9"), "held_out must be from 0.01 to 0.5, not 0.9"),
    ],
)
def test_mistyped_arguments_are_refused_at_once(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("it.yaml").touch()
    ran = closeup("train", "rescorer", *arguments, "--out", "my.onnx")
    assert ran.returncode == 2
    assert message in " ".join(ran.stderr.replace("│", " ").split())
    assert [path.name for path in tmp_path.iterdir()] == ["it.yaml"]
