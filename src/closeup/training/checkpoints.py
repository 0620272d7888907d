"""Checkpoints: written atomically, and read without running code from the file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor, nn

from closeup.errors import InputError
from closeup.files.atomic import replacing

PREFIX = "network."
"""Prefix of each tensor's name: the network is an attribute of Lightning's module."""


class WholeCheckpoints(TorchCheckpointIO):
    """Writes Lightning's checkpoints beside the older one and renames them.

    Lightning itself first writes them to the system's folder for temporary files, which may
    be on another disk.
    """

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | Path,
        storage_options: Any | None = None,  # noqa: ARG002 - for cloud storage
    ) -> None:
        """Write ``checkpoint`` to ``path`` atomically."""
        write_checkpoint(Path(path), checkpoint)


def write_checkpoint(path: Path, checkpoint: Mapping[str, Any]) -> None:
    """Write tensors and plain values, atomically.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.

    """
    with replacing(path) as temporary:
        # Through memory, because torch's own file writing hides that a disk is full.
        buffer = io.BytesIO()
        torch.save(dict(checkpoint), buffer)
        temporary.write_bytes(buffer.getbuffer())


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The content of a checkpoint, on the CPU; only tensors and plain values are allowed.

    Raises:
        InputError: the file is missing, damaged or not a checkpoint of a network.

    """
    try:
        checkpoint = torch.load(_verified(path), map_location="cpu", weights_only=True)
        if isinstance(checkpoint["state_dict"], dict):
            return dict(checkpoint)
        reason = "it holds no weights"
    except Exception as error:  # noqa: BLE001 - damaged bytes can break the reader in any way
        reason = _short(error)
    raise InputError(
        f"cannot read the checkpoint {path}: {reason}; use another, or train in another folder"
    )


def _verified(path: Path) -> Path | BytesIO:
    """The file's parts, each compared with its CRC-32, as torch's own reader does not do.

    Returns:
        A copy of the file in memory; the path of a file without such parts, of an old torch.

    Raises:
        zipfile.BadZipFile: a part is damaged.

    """
    if not is_zipfile(path):
        return path
    copy = BytesIO()
    with ZipFile(path) as archive, ZipFile(copy, "w") as whole:
        for part in archive.namelist():
            whole.writestr(part, archive.read(part))
    copy.seek(0)
    return copy


def load_weights(path: Path, network: nn.Module) -> None:
    """Load the averaged weights of a checkpoint into ``network``.

    Args:
        path: ``best.ckpt`` or ``last.ckpt`` of a training.
        network: A network with tensors of the same names and shapes, on any device.

    Raises:
        InputError: the file cannot be read, or belongs to another network.

    """
    network.load_state_dict(fitting_weights(read_checkpoint(path), network, path))


def fitting_weights(
    checkpoint: Mapping[str, Any], network: nn.Module, path: Path
) -> dict[str, Tensor]:
    """The averaged weights in a checkpoint, by their names in ``network``.

    Raises:
        InputError: a name or shape differs; the message names the first such tensor.

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
                f"{here} here; train with the earlier options, or in another folder"
            )
    return weights


def _shape(tensor: Tensor | None) -> str:
    if not isinstance(tensor, Tensor):
        return "missing"
    return "×".join(map(str, tensor.shape)) or "a single number"


def _short(error: Exception) -> str:
    """The first line of the message: torch's messages continue with advice for programmers."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    line = str(error).partition("\n")[0] or type(error).__name__
    return line.partition(". ")[0] if not isinstance(error, KeyError) else "it is no checkpoint"
