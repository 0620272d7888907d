"""What lies beside a trained model is that model's."""

from __future__ import annotations

from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.pipeline.training.trained_files import check_model_file


@pytest.mark.parametrize("text", ['{"version": 1, "pictures": 24}', "[1]", "{"])
def test_a_document_of_something_else_is_not_written_over(text: str, tmp_path: Path) -> None:
    (tmp_path / "members.json").write_text(text)
    with pytest.raises(InputError, match=r"members\.json is not of a training .* another name"):
        check_model_file(tmp_path / "members.onnx")


def test_that_of_a_training_is(tmp_path: Path) -> None:
    check_model_file(tmp_path / "new.onnx")
    (tmp_path / "again.json").write_text('{"task": "detection", "versions": {}}')
    check_model_file(tmp_path / "again.onnx")


def test_a_model_ends_with_onnx(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"model\.pt must end with \.onnx"):
        check_model_file(tmp_path / "model.pt")
