"""The files beside a trained model and the record of its training, the same for all models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from closeup.errors import InputError, OutputError
from closeup.files.atomic import claiming
from closeup.files.documents import read_document
from closeup.training.requirements import require_training

if TYPE_CHECKING:
    from torch import nn

    from closeup.training.history import History

Network = TypeVar("Network", bound="nn.Module")

_PACKAGES = (
    "closeup",
    "torch",
    "lightning",
    "transformers",
    "onnx",
    "onnxruntime",
    "numpy",
)


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A trained network.

    Attributes:
        model: The ONNX file.
        folder: Folder of the training: checkpoints, ``history.csv``, ``curves.png`` and the
            pictures that the trainer draws.
        document: Content of the ``.json`` file beside the model.

    """

    model: Path
    folder: Path
    document: dict[str, Any]


@contextmanager
def training_of(model: Path) -> Iterator[Path]:
    """Provide the folder of a model's training, which no other run uses at the same time.

    Raises:
        TrainingError: the extra ``train`` is not installed.
        InputError, OutputError: as for :func:`check_model_file`.

    """
    require_training()
    check_model_file(model)
    folder = training_folder(model)
    with claiming(folder):
        yield folder


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


def initial_network(make: Callable[[], Network], seed: int, start: Path | None) -> Network:
    """Return a network with its initial weights.

    Args:
        make: Makes the network with random weights.
        seed: Determines them; torch's global generator stays as it is.
        start: File of other weights, as for :func:`first_weights`; None for random ones.

    Raises:
        InputError: the weights are missing, damaged, or of another network.

    """
    import torch

    from closeup.training.checkpoints import load_weights

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = make()
    if start:
        load_weights(first_weights(start), network)
    return network


def record_of(
    task: str, network: nn.Module, history: History, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the part of a model's document that all trainings have.

    Args:
        task: Name of what the network does.
        network: The trained network.
        history: Its epochs.
        options: Options of the training; a path is reduced to its file name.

    """
    return {
        "task": task,
        "parameters": sum(values.numel() for values in network.parameters()),
        "options": _plain(options),
        "epochs": len(history.epochs),
        "best_epoch": history.best.number,
        "seconds": round(sum(epoch.seconds for epoch in history.epochs)),
        "figures": {name: round(value, 5) for name, value in history.best.figures.items()},
        "versions": versions(),
    }


def _plain(value: Any) -> Any:
    """Options without folders of this machine."""
    if isinstance(value, Mapping):
        return {name: _plain(own) for name, own in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(own) for own in value]
    return value.name if isinstance(value, Path) else value


def versions() -> dict[str, str]:
    """Versions of the packages that influence the result of a training."""
    return {name: version(name) for name in _PACKAGES}
