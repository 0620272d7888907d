"""Export of a trained rescoring network to an ONNX file that runs without torch."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from closeup.detection.rescoring import INPUT, OUTPUT, PROPERTY, TASK, VERSION, FaceRescorer, Fusion
from closeup.models.sessions import Network
from closeup.training.onnx_export import example_pictures, traced, write_checked
from closeup.training.rescoring.network import RescoringNetwork

_CHECKED = 32
"""Number of crops on which network and file are compared."""


def export(network: RescoringNetwork, fusion: Fusion, path: Path) -> None:
    """Write a network as ONNX with embedded weights, and compare the file with the network.

    The module :mod:`closeup.detection.rescoring` describes the format of the file.

    Args:
        network: The trained network; left on the CPU and in evaluation mode.
        fusion: How its log odds and the detector's score become the new score.
        path: The ``.onnx`` file; an existing one is replaced when the new one is complete.

    Raises:
        OutputError: the file cannot be written.
        TrainingError: its outputs differ from those of the network.

    """
    network = network.cpu().eval()
    side = network.shape.side
    model = traced(
        network,
        # Two crops: a dimension of size 1 would be taken for fixed.
        torch.zeros(2, side, side, 3, dtype=torch.uint8),
        input_name=INPUT,
        output_names=[OUTPUT],
        free={0: torch.export.Dim("n")},
        properties={PROPERTY: json.dumps({"task": TASK, "version": VERSION, **asdict(fusion)})},
    )
    FaceRescorer(model, str(path), threads=1)  # the check that readers of the file apply
    write_checked(path, model, _difference(Network(model, str(path), threads=1), network))


def _difference(opened: Network, network: RescoringNetwork) -> float:
    """Largest difference of the log odds over smooth crops, relative to their size."""
    crops = example_pictures(_CHECKED, network.shape.side)
    with torch.no_grad():
        expected = network(crops).numpy()
    found = opened.run(**{INPUT: crops.numpy()})[OUTPUT]
    return float((np.abs(found - expected) / np.maximum(1, np.abs(expected))).max())
