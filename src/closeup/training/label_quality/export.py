"""Export of a trained good/bad network to an ONNX file that runs without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor, nn

from closeup.errors import TrainingError
from closeup.labelling.quality_file import INPUT, OUTPUTS, CropKind, QualityFile, described
from closeup.models.sessions import Network
from closeup.training.label_quality.network import Judged, QualityCnn
from closeup.training.onnx_export import LARGEST_DIFFERENCE, traced, write_checked

_CHECKED = 32
"""Number of crops on which network and file are compared."""


class _Probabilities(nn.Module):
    """The network with the outputs of its file."""

    def __init__(self, network: QualityCnn) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        judged: Judged = self.network(crops)
        return judged.logits.sigmoid(), judged.maps


def export(network: QualityCnn, kind: CropKind, width: float, path: Path) -> None:
    """Write a network as ONNX with embedded weights, and compare the file with the network.

    The module :mod:`closeup.labelling.quality_file` describes the format of the file.

    Args:
        network: The trained network; left on the CPU and in evaluation mode.
        kind: What its crops show.
        width: Width of its crops, in eye distances or in longer sides of the object.
        path: The ``.onnx`` file; an existing one is replaced when the new one is complete.

    Raises:
        OutputError: the file cannot be written.
        TrainingError: its outputs differ from those of the network, or its maps do not add up to
            its logits.

    """
    network = network.cpu().eval()
    size = network.shape.size
    model = traced(
        _Probabilities(network).eval(),
        # Two crops: a dimension of size 1 would be taken for fixed.
        torch.zeros(2, size.height, size.width, 4, dtype=torch.uint8),
        input_name=INPUT,
        output_names=OUTPUTS,
        free={0: torch.export.Dim("n")},
        properties=QualityFile(size, kind, width).properties(),
    )
    opened = Network(model, str(path), threads=1)
    described(opened, str(path))  # the check that readers of the file apply
    write_checked(path, model, _difference(opened, network))


def _difference(opened: Network, network: QualityCnn) -> float:
    """Largest difference of probabilities and, relative to their size, maps over smooth crops."""
    crops = _crops(network)
    with torch.no_grad():
        expected = network(torch.from_numpy(crops))
    found = opened.run(**{INPUT: crops})
    bad, maps = (found[name].astype(np.float64) for name in OUTPUTS)
    _check_sum(bad, maps, float(network.constant.detach()))
    wanted = expected.maps.numpy()
    return max(
        float(np.abs(bad - expected.logits.sigmoid().numpy()).max()),
        float((np.abs(maps - wanted) / np.maximum(1, np.abs(wanted))).max()),
    )


def _check_sum(bad: NDArray[np.float64], maps: NDArray[np.float64], constant: float) -> None:
    """Check that the mean of a map plus the constant is the logit."""
    logits = maps.mean(axis=(1, 2)) + constant
    away = np.abs(expit(logits) - bad).max()
    if not away <= LARGEST_DIFFERENCE:
        raise TrainingError(
            f"the maps do not add up to the probabilities, they differ by {away:.1e}; "
            "try another version of torch or of onnxruntime"
        )


def _crops(network: QualityCnn) -> NDArray[np.uint8]:
    """Random values at a few places, with smooth transitions."""
    size = (network.shape.size.height, network.shape.size.width)
    coarse = torch.from_numpy(np.random.default_rng(0).uniform(0, 255, (_CHECKED, 4, 5, 5)))
    fine = torch.nn.functional.interpolate(coarse, size, mode="bicubic")
    return fine.clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
