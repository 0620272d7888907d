"""What lies beside a trained model, and what is told of how it was made; the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = (
    "closeup",
    "torch",
    "lightning",
    "kornia",
    "transformers",
    "onnx",
    "onnxruntime",
    "numpy",
)


def training_folder(model: Path) -> Path:
    """Where everything of the training of a model is."""
    return model.with_suffix(".training")


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
