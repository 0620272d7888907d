"""From files to figures: a network learns a set on disk, and is judged by pictures it never saw."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from closeup.geometry import Size
from closeup.metrics.average_precision import average_precision
from closeup.metrics.detections import Found, Truth
from closeup.metrics.recall import recall_at
from closeup.training.detection.augmentation import Augmentation
from closeup.training.detection.batching import PlainBatches, TrainingBatches
from closeup.training.detection.decode import detections, grid_of
from closeup.training.detection.loading import DetectionData, read_detection_data
from closeup.training.detection.losses import LossOptions, detection_losses
from closeup.training.detection.network import DetectionNetwork
from closeup.training.detection.options import DetectionTask
from tests.training.detection.small_detector import SMALL
from tests.training.detection.squares import NAMES, write_squares

CANVAS = Size(96, 96)
EPOCHS, BATCH = 36, 8


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DetectionData:
    folder: Path = tmp_path_factory.mktemp("set")
    return read_detection_data(write_squares(folder, train=32, val=12))


@pytest.fixture(scope="module")
def learnt(data: DetectionData) -> DetectionNetwork:
    torch.manual_seed(0)
    network = DetectionNetwork(DetectionTask(NAMES, 2), SMALL).train()
    descent = torch.optim.AdamW(network.parameters(), 8e-3)
    batches = TrainingBatches(data.train, CANVAS, Augmentation(mosaic=0.3), workers=1)
    steps = EPOCHS * batches.count(BATCH)
    falling = torch.optim.lr_scheduler.OneCycleLR(descent, 8e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        for batch in batches.batches(epoch, BATCH):
            images = batch["images"].float() / 255
            answer, grid = network(images), grid_of(images, network.strides)
            loss = detection_losses(answer, batch, grid, LossOptions())["loss"]
            descent.zero_grad()
            torch.autograd.backward(loss)
            descent.step()
            falling.step()
    return network.eval()


def test_what_was_learnt_from_files_is_found_in_others(
    data: DetectionData, learnt: DetectionNetwork
) -> None:
    found, truth, misses = [], [], []
    for batch in PlainBatches(data.val, CANVAS).batches(4):
        images = batch["images"].float() / 255
        with torch.no_grad():
            seen = detections(learnt(images), grid_of(images, learnt.strides))
        for number, own in enumerate(seen):
            rows = batch["owner"] == number
            found.append(Found(own.boxes, own.classes, own.scores))
            truth.append(Truth.of(batch["boxes"][rows].numpy(), batch["classes"][rows].numpy()))
            for kind in range(len(NAMES)):
                best = own.points[own.classes == kind][0, :, :2]
                true = batch["points"][rows & (batch["classes"] == kind)][0, :, :2].numpy()
                misses.append(abs(best - true).mean())

    figures = average_precision(found, truth, NAMES)

    assert figures.map50 > 0.95
    assert min(own.ap50 for own in figures.classes.values()) > 0.9
    assert recall_at(found, truth, 1).recall > 0.95
    assert sum(misses) / len(misses) < 4
