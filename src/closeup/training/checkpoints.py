"""Checkpoints: written whole or not at all, and read without trust."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor, nn

from closeup.errors import InputError
from closeup.files.atomic import replacing

PREFIX = "network."
"""Before each name of a tensor: the network is one part of Lightning's module."""


class WholeCheckpoints(TorchCheckpointIO):
    """Lightning's checkpoints, written beside the older one and renamed.

    Lightning itself writes them in the system's folder for temporary files first, which may
    be on another disk.
    """

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | Path,
        storage_options: Any | None = None,  # noqa: ARG002 - for storage in clouds
    ) -> None:
        """Write it."""
        write_checkpoint(Path(path), checkpoint)


def write_checkpoint(path: Path, checkpoint: Mapping[str, Any]) -> None:
    """Write tensors and plain values.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.

    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        torch.save(dict(checkpoint), file)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Everything in a checkpoint, on the CPU; nothing but tensors and plain values is allowed.

    Raises:
        InputError: the file is missing, damaged or no checkpoint of a network.

    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        if isinstance(checkpoint["state_dict"], dict):
            return dict(checkpoint)
        reason = "it holds no weights"
    except Exception as error:  # noqa: BLE001 - damaged bytes can break the reader in any way
        reason = _short(error)
    raise InputError(
        f"cannot read the checkpoint {path}: {reason}; use another, or train in another folder"
    )


def load_weights(path: Path, network: nn.Module) -> None:
    """Put the averaged weights of a checkpoint into ``network``.

    Args:
        path: ``best.ckpt`` or ``last.ckpt`` of a training.
        network: Of the same shapes; on any device.

    Raises:
        InputError: the file cannot be read, or is of another network.

    """
    network.load_state_dict(fitting_weights(read_checkpoint(path), network, path))


def fitting_weights(
    checkpoint: Mapping[str, Any], network: nn.Module, path: Path
) -> dict[str, Tensor]:
    """The averaged weights in a checkpoint, by their names in ``network``.

    Raises:
        InputError: they do not fit; the first tensor that does not is named.

    """
    weights = {
        name.removeprefix(PREFIX): tensor
        for name, tensor in checkpoint["state_dict"].items()
        if name.startswith(PREFIX)
    }
    wanted = network.state_dict()
    for name in [*wanted, *weights]:
        there, here = _shape(weights.get(name)), _shape(wanted.get(name))
        if there != here:
            raise InputError(
                f"the checkpoint {path} is of another network: {name} is {there} there and "
                f"{here} here; train with the options of then, or in another folder"
            )
    return weights


def _shape(tensor: Tensor | None) -> str:
    if not isinstance(tensor, Tensor):
        return "missing"
    return "×".join(map(str, tensor.shape)) or "a single number"


def _short(error: Exception) -> str:
    """The first line of its message; torch's go on with advice for programmers."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    line = str(error).partition("\n")[0]
    return line.partition(". ")[0] if not isinstance(error, KeyError) else "it is no checkpoint"
