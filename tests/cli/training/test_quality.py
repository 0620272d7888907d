"""``closeup train quality`` as a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from closeup.labelling.quality_network import LabelQualityNetwork
from tests.command_line import closeup
from tests.pipeline.loop.quality.judged_eyes import judged_eyes


def test_the_command_writes_a_network(tmp_path: Path) -> None:
    eyes, out = tmp_path / "eyes", tmp_path / "my.onnx"
    with judged_eyes(eyes, 60):
        pass
    ran = closeup("train", "quality", eyes, "--out", out, "--epochs", "1", "--held-out", "0.3")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        str(out), str(out.with_suffix(".json")), str(out.with_suffix(".training")),
    ]  # fmt: skip
    assert "held-out labels" in ran.stderr.splitlines()[-1]
    LabelQualityNetwork(out.read_bytes(), "it", 1.2)
    assert json.loads(out.with_suffix(".json").read_text())["task"] == "label quality"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.db",), "nothing.db: no such file or folder; check the name"),
        ((".",), "there is no store of labels"),
        ((".", "--start", "no.ckpt"), "no.ckpt: no such file; check the name"),
        ((".", "--held-out", "0.9"), "held_out must be from 0.01 to 0.5, not 0.9"),
        ((".", "--tolerance", "0"), "tolerance must be above 0 and at most 0.5, not 0.0"),
    ],
)
def test_wrong_arguments_are_refused_at_once(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("it.png").write_bytes(b"no picture, but a file")
    ran = closeup("train", "quality", *arguments, "--out", "my.onnx")
    assert ran.returncode in {1, 2}
    assert message in " ".join(ran.stderr.replace("│", " ").split())
    assert not Path("my.onnx").exists()
