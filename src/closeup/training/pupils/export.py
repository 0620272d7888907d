"""From a trained network to the one ONNX file that finds pupils without torch."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from closeup.atomic import replacing
from closeup.errors import TrainingError
from closeup.models.sessions import Network
from closeup.pupils.network_file import (
    INPUT,
    OUTPUTS,
    POINT_NAMES,
    PROPERTY,
    TASK,
    VERSION,
    described,
)
from closeup.training.pupils.network import EyeInput, PupilNetwork

LARGEST_DIFFERENCE = 1e-4
"""Between the file and the network that it was made of, in any output."""

_OPSET = 18
_CHECKED = 32
"""Crops on which they are compared."""


class Deployed(nn.Module):
    """A network with the outputs of its file: probabilities instead of logits.

    Args:
        network: Trained.

    """

    def __init__(self, network: PupilNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, eyes: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Of crops (n, H, W) uint8: what :data:`OUTPUTS` names, float32."""
        answer = self.network(eyes)
        return answer.points, answer.openness.sigmoid(), answer.visible.sigmoid(), answer.spread


def export(network: PupilNetwork, path: Path) -> None:
    """Write a network as ONNX, weights inside, and compare the file with the network.

    The form of the file is told in :mod:`closeup.pupils.network_file`.

    Args:
        network: Trained; left on the CPU and in the mode for use.
        path: Ends with ``.onnx``; replaced when the new file is complete.

    Raises:
        OutputError: the file cannot be written.
        ModelError: the file is not what it should be.
        TrainingError: it answers otherwise than the network.

    """
    deployed = Deployed(network.cpu()).eval()
    given = network.given
    model = _labelled(_traced(deployed, given), given).SerializeToString()
    opened = Network(model, str(path), threads=1)
    described(opened, str(path))  # as those who use the file will read it
    difference = _difference(opened, deployed, given)
    if not difference <= LARGEST_DIFFERENCE:
        raise TrainingError(
            f"the ONNX file differs from the network by {difference:.1e}, more than "
            f"{LARGEST_DIFFERENCE:g}; try another version of torch or of onnxruntime"
        )
    with replacing(path) as temporary:
        temporary.write_bytes(model)


def _traced(deployed: Deployed, given: EyeInput) -> onnx.ModelProto:
    # Two crops: one would be taken for a fixed number.
    crops = torch.zeros(2, given.size.height, given.size.width, dtype=torch.uint8)
    with _quiet():
        program = torch.onnx.export(
            deployed,
            (crops,),
            dynamo=True,
            opset_version=_OPSET,
            input_names=[INPUT],
            output_names=list(OUTPUTS),
            dynamic_shapes=({0: torch.export.Dim("n")},),
            verbose=False,
        )
    assert program is not None  # noqa: S101 - it is, without a file's name
    model: onnx.ModelProto = program.model_proto
    return model


def _labelled(model: onnx.ModelProto, given: EyeInput) -> onnx.ModelProto:
    """With what users of the file must know, and without the exporter's notes.

    The notes tell of every node from which line of which file it came.
    """
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.initializer, model.graph):
        part.doc_string = ""
        del part.metadata_props[:]
    del model.graph.value_info[:]
    told = {
        "task": TASK,
        "version": VERSION,
        "width": given.width,
        "points": list(POINT_NAMES[given.points]),
    }
    onnx.helper.set_model_props(model, {PROPERTY: json.dumps(told)})
    model.producer_name = "closeup"
    onnx.checker.check_model(model, full_check=True)
    return model


def _difference(opened: Network, deployed: Deployed, given: EyeInput) -> float:
    """Largest one in any output, over crops of any light and sharpness."""
    crops = _crops(given)
    answers = opened.run(**{INPUT: crops})
    with torch.no_grad():
        expected = deployed(torch.from_numpy(crops))
    differences = [
        np.abs(answers[name] - own.numpy()).max()
        for name, own in zip(OUTPUTS, expected, strict=True)
    ]
    return float(np.max(differences))


def _crops(given: EyeInput) -> NDArray[np.uint8]:
    """Dark discs on shaded skin with noise: they have edges and light as eyes have."""
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


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks on packages that are not there."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
