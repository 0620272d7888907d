"""Export of a trained rescoring network to an ONNX file that runs without torch."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from closeup.detection.rescoring import INPUT, OUTPUT, PROPERTY, TASK, VERSION, FaceRescorer, Fusion
from closeup.models.sessions import Network
from closeup.training.onnx_export import traced, write_checked
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
    crops = _crops(network.shape.side)
    with torch.no_grad():
        expected = network(torch.from_numpy(crops)).numpy()
    found = opened.run(**{INPUT: crops})[OUTPUT]
    return float((np.abs(found - expected) / np.maximum(1, np.abs(expected))).max())


def _crops(side: int) -> NDArray[np.uint8]:
    """Random colours at a few places, with smooth transitions."""
    coarse = torch.from_numpy(np.random.default_rng(0).uniform(0, 255, (_CHECKED, 3, 5, 5)))
    fine = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic")
    return fine.clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
