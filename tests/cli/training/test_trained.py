"""What is printed at the end of a training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from closeup.cli.training.trained import print_trained
from closeup.pipeline.training.trained_files import TrainedModel

TRAINED = TrainedModel(Path("a/net.onnx"), Path("a/net.training"), {"task": "lines"})


def test_the_paths_go_to_stdout_and_the_summary_to_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_trained(TRAINED, ["all is well", "twice"], json_output=False)
    printed = capsys.readouterr()
    assert [Path(line) for line in printed.out.split()] == [
        Path("a/net.onnx"), Path("a/net.json"), Path("a/net.training"),
    ]  # fmt: skip
    assert printed.err == "all is well\ntwice\n"


def test_json_is_the_record_with_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    print_trained(TRAINED, ["all is well"], json_output=True)
    printed = capsys.readouterr()
    record = json.loads(printed.out)
    assert record["task"] == "lines"
    assert Path(record["model"]) == TRAINED.model
    assert not printed.err
