"""Export of a trained network to an ONNX file that finds pupils without torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from closeup.models.sessions import Network
from closeup.pupils.network_file import (
    INPUT,
    OPTIONAL_OUTPUTS,
    OUTPUTS,
    POINT_NAMES,
    PROPERTY,
    TASK,
    VERSION,
    described,
)
from closeup.training.onnx_export import traced, write_checked
from closeup.training.pupils.network import EyeAnswer, EyeInput, PupilNetwork

_CHECKED = 32
"""Number of crops on which network and file are compared."""


class DeployedPupilNetwork(nn.Module):
    """A network with the outputs of its file: probabilities instead of logits.

    Args:
        network: The trained network.

    """

    def __init__(self, network: PupilNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, eyes: Tensor) -> tuple[Tensor, ...]:
        """The outputs named by :meth:`outputs`, float32, for crops (n, H, W) uint8."""
        answer = self.network(eyes)
        needed = answer.points, answer.openness.sigmoid(), answer.visible.sigmoid(), answer.spread
        more = answer.entropy, answer.features
        return *needed, *(output for output in more if output is not None)

    def outputs(self, eyes: Tensor) -> tuple[str, ...]:
        """Names of the outputs: all of :data:`OUTPUTS`, and the optional ones that it has."""
        with torch.no_grad():
            answer: EyeAnswer = self.network(eyes)
        return OUTPUTS + tuple(
            name for name in OPTIONAL_OUTPUTS if getattr(answer, name) is not None
        )


def export(network: PupilNetwork, path: Path) -> None:
    """Write a network as ONNX with embedded weights, and compare the file with the network.

    The module :mod:`closeup.pupils.network_file` describes the format of the file.

    Args:
        network: The trained network; left on the CPU and in evaluation mode.
        path: The ``.onnx`` file; an existing one is replaced when the new one is complete.

    Raises:
        OutputError: the file cannot be written.
        ModelError: the file does not have the described format.
        TrainingError: its outputs differ from those of the network.

    """
    deployed = DeployedPupilNetwork(network.cpu()).eval()
    given = network.given
    # Two crops: a dimension of size 1 would be taken for fixed.
    example = torch.zeros(2, given.size.height, given.size.width, dtype=torch.uint8)
    outputs = deployed.outputs(example)
    model = traced(
        deployed,
        example,
        input_name=INPUT,
        output_names=outputs,
        free={0: torch.export.Dim("n")},
        properties=_told(given),
    )
    opened = Network(model, str(path), threads=1)
    described(opened, str(path))  # the check that readers of the file apply
    write_checked(path, model, _difference(opened, deployed, given, outputs))


def _told(given: EyeInput) -> dict[str, str]:
    """The metadata properties of the file."""
    metadata = {
        "task": TASK,
        "version": VERSION,
        "width": given.width,
        "points": list(POINT_NAMES[given.points]),
    }
    return {PROPERTY: json.dumps(metadata)}


def _difference(
    opened: Network, deployed: DeployedPupilNetwork, given: EyeInput, outputs: tuple[str, ...]
) -> float:
    """Largest difference in any output, over crops of varied light."""
    crops = _crops(given)
    answers = opened.run(**{INPUT: crops})
    with torch.no_grad():
        expected = deployed(torch.from_numpy(crops))
    differences = [
        np.abs(answers[name] - own.numpy()).max()
        for name, own in zip(outputs, expected, strict=True)
    ]
    return float(np.max(differences))


def _crops(given: EyeInput) -> NDArray[np.uint8]:
    """Dark discs on shaded, noisy skin: their edges and light resemble those of eyes."""
    chance = np.random.default_rng(0)
    columns, rows = given.size
    x = (np.arange(columns) + 0.5 - columns / 2) / given.unit
    y = (np.arange(rows)[:, None] + 0.5 - rows / 2) / given.unit
    place, radius = (
        chance.normal(0, 0.06, (2, _CHECKED, 1, 1)),
        chance.uniform(0.05, 0.2, (_CHECKED, 1, 1)),
    )
    inside = np.hypot(x - place[0], y - place[1]) < radius
    skin = chance.uniform(40, 220, (_CHECKED, 1, 1)) * (1 + 0.3 * x)
    pixels = np.where(inside, 0.3 * skin, skin) + chance.normal(0, 4, (_CHECKED, rows, columns))
    return pixels.clip(0, 255).astype(np.uint8)
