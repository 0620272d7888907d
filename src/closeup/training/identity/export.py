"""Export of a trained embedding to an ONNX file that runs without torch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from closeup.errors import TrainingError
from closeup.files.atomic import replacing
from closeup.identity.onnx_embedder import PROPERTY
from closeup.models.sessions import Network
from closeup.training.identity.networks import as_input
from closeup.training.identity.task import vectors_of
from closeup.training.onnx_export import check_difference, example_pictures, traced
from closeup.training.onnx_quantisation import quantised

_CHECKED = 8
"""Number of faces on which network and file are compared."""
_AT_ONCE = 16
LARGEST_CHANGE = 0.02
"""Largest accepted mean squared distance of the vectors of 8 bits from those of the network; two
people's vectors are some 0.3 apart in dlib's embedding."""
_INPUT, _OUTPUT = "faces", "vectors"


def export(
    network: nn.Module, side: int, path: Path, eight_bit: NDArray[np.uint8] | None = None
) -> float:
    """Write an embedding as ONNX with embedded weights, and compare the file with the network.

    The file describes its chips as :mod:`closeup.identity.onnx_embedder` reads it: those of dlib.

    Args:
        network: The trained network; left on the CPU and in evaluation mode.
        side: Side of its chips in pixels.
        path: The ``.onnx`` file; an existing one is replaced when the new one is complete.
        eight_bit: Usual faces (n, side, side, 3) RGB, for a file of 8-bit numbers; None for one of
            32-bit numbers.

    Returns:
        Mean squared distance of the file's vectors from those of the network.

    Raises:
        OutputError: the file cannot be written.
        TrainingError: its outputs differ from those of the network.

    """
    network = network.cpu().eval()
    form = {"template": "dlib", "size": side, "channels": "rgb", "mean": 127.5}
    model = traced(
        network,
        torch.zeros(2, 3, side, side),  # a dimension of size 1 would be taken for fixed
        input_name=_INPUT,
        output_names=[_OUTPUT],
        free={0: torch.export.Dim("n")},
        properties={PROPERTY: json.dumps({**form, "scale": 1 / 127.5})},
    )
    found, expected = _both(model, network, example_pictures(_CHECKED, side))
    check_difference(float(np.abs(found - expected).max()))
    if eight_bit is not None:
        faces = torch.from_numpy(np.ascontiguousarray(eight_bit))
        model = quantised(model, _INPUT, _batches(faces))
        found, expected = _both(model, network, faces)
    change = float(np.square(found - expected).sum(axis=1).mean())
    if not change <= LARGEST_CHANGE:
        raise TrainingError(
            f"8-bit numbers change the vectors by {change:.3f}, more than {LARGEST_CHANGE}; "
            "export it with 32-bit numbers"
        )
    with replacing(path) as temporary:
        temporary.write_bytes(model)
    return change


def _both(
    model: bytes, network: nn.Module, faces: Tensor
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors of faces by the file and by the network."""
    session = Network(model, "the exported file", threads=1)
    found = [session.run(**{_INPUT: batch})[_OUTPUT] for batch in _batches(faces)]
    return np.concatenate(found), vectors_of(network, faces)


def _batches(faces: Tensor) -> Iterator[NDArray[np.float32]]:
    return (as_input(part).contiguous().numpy() for part in torch.split(faces, _AT_ONCE))
