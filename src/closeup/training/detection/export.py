"""Export of a trained detector to an ONNX file in the layout of Ultralytics' YOLOv8.

Readers of such files, such as :class:`closeup.detection.yolo.YoloDetector`, can read it. The one
input ``images`` is (1, 3, H, W) RGB, 0 … 1, height and width any multiples of 32; the one output
``output0`` is (1, 4 + C + 3k, N): centre x, centre y, width and height in pixels of the input, a
score in 0 … 1 for each class, and x, y and visibility of each key point.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from closeup.detection.yolo_file import read_yolo_file
from closeup.models.sessions import Network
from closeup.training.detection.decode import grid_of, places
from closeup.training.detection.network import DetectionNetwork
from closeup.training.detection.options import COARSEST, DetectionTask
from closeup.training.onnx_export import traced, write_checked

_INPUT, _OUTPUT = "images", "output0"
_TRACED = (2 * COARSEST, 3 * COARSEST)
_CHECKED = (5 * COARSEST, 4 * COARSEST)
"""Height and width; a size other than that of tracing."""


class DeployedDetectionNetwork(nn.Module):
    """A network with the output layout of its file.

    Args:
        network: The trained network.

    """

    def __init__(self, network: DetectionNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """The output (n, 4 + C + 3k, N), float32, for pictures (n, 3, H, W)."""
        answer = self.network(images)
        grid = grid_of(images, self.network.strides)
        # Ultralytics' origin is the corner of the first pixel, ours its centre.
        seen = places(answer, grid._replace(centres=grid.centres + 0.5))
        points = torch.cat([seen.points, seen.visible.sigmoid()[:, :, None]], 2).flatten(1, 2)
        return torch.cat([seen.centres, seen.sizes, answer.classes.sigmoid(), points], 1)


def export(network: DetectionNetwork, path: Path, *, side: int = 640) -> None:
    """Write a network as ONNX with embedded weights, and compare the file with the network.

    Args:
        network: The trained network; left on the CPU and in evaluation mode.
        path: The ``.onnx`` file; an existing one is replaced when the new one is complete.
        side: The longer side of the training pictures, in pixels, to which users of the file
            scale their pictures.

    Raises:
        OutputError: the file cannot be written.
        ModelError: the file does not have YOLOv8's layout.
        TrainingError: its outputs differ from those of the network.

    """
    deployed = DeployedDetectionNetwork(network.cpu()).eval()
    height, width = (COARSEST * torch.export.Dim(name) for name in ("rows", "columns"))
    model = traced(
        deployed,
        torch.zeros(1, 3, *_TRACED),
        input_name=_INPUT,
        output_names=[_OUTPUT],
        free={2: height, 3: width},
        properties=_told(network.task, side),
    )
    read_yolo_file(model, str(path))  # the check that readers of the file apply
    write_checked(path, model, _difference(Network(model, str(path), threads=1), deployed))


def _told(task: DetectionTask, side: int) -> dict[str, str]:
    """The metadata of Ultralytics' export, as Python literals."""
    metadata: dict[str, object] = {
        "author": "closeup",
        "task": "pose" if task.points else "detect",
        "stride": COARSEST,
        "batch": 1,
        "imgsz": [side, side],
        "names": dict(enumerate(task.names)),
    }
    if task.points:
        metadata["kpt_shape"] = [task.points, 3]
    return {key: str(value) for key, value in metadata.items()}


def _difference(opened: Network, deployed: DeployedDetectionNetwork) -> float:
    """Largest difference of the outputs on one picture; places relative to its longer side."""
    images = _picture()
    (answer,) = opened.run(**{_INPUT: images}).values()
    with torch.no_grad():
        expected = deployed(torch.from_numpy(images)).numpy()
    scale = np.full((expected.shape[1], 1), max(_CHECKED), np.float32)
    classes = len(deployed.network.task.names)
    scale[4 : 4 + classes] = 1
    scale[4 + classes + 2 :: 3] = 1
    return float((np.abs(answer[0] - expected[0]) / scale).max())


def _picture() -> NDArray[np.float32]:
    """Coloured discs on a shaded, noisy background; (1, 3, H, W), 0 … 1."""
    chance = np.random.default_rng(0)
    rows, columns = np.mgrid[: _CHECKED[0], : _CHECKED[1]]
    picture = np.linspace(0.2, 0.7, _CHECKED[1]) + np.zeros((3, *_CHECKED))
    for _ in range(6):
        middle, colour = chance.uniform(0, 1, 2) * _CHECKED, chance.uniform(0, 1, (3, 1))
        inside = np.hypot(rows - middle[0], columns - middle[1]) < chance.uniform(4, 40)
        picture[:, inside] = colour
    noisy = picture + chance.normal(0, 0.05, picture.shape)
    return noisy.clip(0, 1).astype(np.float32)[None]
