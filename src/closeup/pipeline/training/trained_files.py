"""What lies beside a trained model, and what is told of how it was made; the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from closeup.errors import InputError
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
    """Where everything of the training of a model is."""
    return model.with_suffix(".training")


def document_of(model: Path) -> Path:
    """Where it is told how a model was made."""
    return model.with_suffix(".json")


def check_model_file(model: Path) -> None:
    """A model can be written there, and nothing else is written over.

    Raises:
        InputError: the name does not end with ``.onnx``, or a JSON file of something else, as
            that of a data set, is where the model's would be.

    """
    if model.suffix != ".onnx":
        raise InputError(f"{model} must end with .onnx, the format of the network")
    document = document_of(model)
    if document.exists() and not _tells_of_training(document):
        raise InputError(
            f"{document} is not of a training and would be written over; choose another name "
            "for the network"
        )


def _tells_of_training(document: Path) -> bool:
    try:
        told = read_document(document, dict[str, Any], "choose another name")
    except InputError:
        return False
    return {"task", "versions"} <= told.keys()


def first_weights(start: Path) -> Path:
    """The checkpoint that ``--start`` names: itself, or that of the training of a model."""
    if start.suffix != ".onnx":
        return start
    from closeup.training.run_folder import RunFolder

    return RunFolder(training_folder(start)).best


def plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON can hold them; of a file only its name, not where it lies."""
    return {
        name: value.name if isinstance(value, Path) else value for name, value in options.items()
    }


def versions() -> dict[str, str]:
    """Of the packages that decide what a training ends with."""
    return {name: version(name) for name in _PACKAGES}
