"""Networks that learn in seconds."""

from __future__ import annotations

import torch

from closeup.training.detection.network import DetectionNetwork
from closeup.training.detection.options import FACES, DetectionTask, DetectorShape

SMALL = DetectorShape((8, 8, 16, 16, 16), (0, 0, 0, 0), (16, 16, 16))


def small_detector(task: DetectionTask = FACES, shape: DetectorShape = SMALL) -> DetectionNetwork:
    """With statistics as after some steps: normalisation is folded into convolutions."""
    torch.manual_seed(0)
    network = DetectionNetwork(task, shape).train()
    for _ in range(3):
        network(torch.rand(2, 3, 96, 64))
    return network
