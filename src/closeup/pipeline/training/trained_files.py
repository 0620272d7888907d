"""The files beside a trained model and the record of its training, the same for all models."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from closeup.errors import InputError, OutputError
from closeup.files.documents import read_document

_PACKAGES = (
    "closeup",
    "torch",
    "lightning",
    "transformers",
    "onnx",
    "onnxruntime",
    "numpy",
)


def training_folder(model: Path) -> Path:
    """Return the folder of a model's training."""
    return model.with_suffix(".training")


def document_of(model: Path) -> Path:
    """Return the JSON file that records how a model was made."""
    return model.with_suffix(".json")


def check_model_file(model: Path) -> None:
    """Check that a model can be written there without overwriting another file.

    Raises:
        InputError: the name does not end with ``.onnx``, or another JSON file, such as that of a
            data set, has the name of the model's.
        OutputError: it is a folder.

    """
    if model.suffix != ".onnx":
        raise InputError(f"{model} must end with .onnx, the format of the network")
    if model.is_dir():
        raise OutputError(f"{model} is a folder; choose another name for the network")
    document = document_of(model)
    if document.exists() and not _tells_of_training(document):
        raise InputError(
            f"{document} is not of a training and would be written over; choose another name "
            "for the network"
        )


def _tells_of_training(document: Path) -> bool:
    try:
        record = read_document(document, dict[str, Any], "choose another name")
    except InputError:
        return False
    return {"task", "versions"} <= record.keys()


def first_weights(start: Path) -> Path:
    """Return the checkpoint of ``--start``: the file itself, or the best of a model's training."""
    if start.suffix != ".onnx":
        return start
    from closeup.training.run_folder import RunFolder

    return RunFolder(training_folder(start)).best


def plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON values; a path is reduced to its file name."""
    return {
        name: value.name if isinstance(value, Path) else value for name, value in options.items()
    }


def versions() -> dict[str, str]:
    """Versions of the packages that influence the result of a training."""
    return {name: version(name) for name in _PACKAGES}
