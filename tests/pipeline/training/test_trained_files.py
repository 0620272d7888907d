"""What lies beside a trained model is that model's."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from closeup.errors import InputError, OutputError
from closeup.pipeline.training.trained_files import (
    check_model_file,
    initial_network,
    record_of,
    training_folder,
    training_of,
)
from closeup.training.history import Epoch, History


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


def test_one_training_at_a_time_has_the_folder(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    with training_of(model) as folder:
        assert folder == training_folder(model) == tmp_path / "model.training"
        assert folder.is_dir()
        with pytest.raises(OutputError), training_of(model):
            pytest.fail("two runs have one folder")


def test_the_seed_determines_the_first_weights() -> None:
    def make() -> nn.Linear:
        return nn.Linear(3, 2)

    before = torch.random.get_rng_state()
    first, same, other = (initial_network(make, seed, None).weight for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_record_is_of_the_best_epoch() -> None:
    epochs = [
        Epoch(number, 8, 1e-3, 2.25, {}, {"error": error})
        for number, error in ((1, 0.5), (2, 0.123456), (3, 0.25))
    ]
    options = {"start": Path("folder/first.onnx"), "held_out": 0.1}
    record = record_of("lines", nn.Linear(3, 2), History("error", tuple(epochs)), options)
    assert record["task"] == "lines"
    assert record["parameters"] == 8
    assert record["options"] == {"start": "first.onnx", "held_out": 0.1}
    assert (record["epochs"], record["best_epoch"], record["seconds"]) == (3, 2, 7)
    assert record["figures"] == {"error": 0.12346}
    assert record["versions"]["torch"]
