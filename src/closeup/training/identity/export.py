"""Export of a trained embedding to an ONNX file that runs without torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from closeup.identity.onnx_embedder import PROPERTY
from closeup.models.sessions import Network
from closeup.training.identity.networks import as_input
from closeup.training.onnx_export import example_pictures, traced, write_checked

_CHECKED = 8
"""Number of faces on which network and file are compared."""
_INPUT, _OUTPUT = "faces", "vectors"


def export(network: nn.Module, side: int, path: Path) -> None:
    """Write an embedding as ONNX with embedded weights, and compare the file with the network.

    The file describes its chips as :mod:`closeup.identity.onnx_embedder` reads it: those of dlib.

    Args:
        network: The trained network; left on the CPU and in evaluation mode.
        side: Side of its chips in pixels.
        path: The ``.onnx`` file; an existing one is replaced when the new one is complete.

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
    given = as_input(example_pictures(_CHECKED, side))
    with torch.no_grad():
        expected = network(given).numpy()
    found = Network(model, str(path), threads=1).run(**{_INPUT: given.numpy()})[_OUTPUT]
    write_checked(path, model, float(np.abs(found - expected).max()))
