"""From files to figures: a network learns a set on disk, and is judged by pictures it never saw."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from closeup.geometry import Size
from closeup.labels import PictureLabels
from closeup.metrics.average_precision import average_precision
from closeup.metrics.recall import recall_at
from closeup.training.detection.augmentation import DetectionAugmentation
from closeup.training.detection.batching import PlainBatches, TrainingBatches
from closeup.training.detection.decode import detections, grid_of
from closeup.training.detection.loading import DetectionData, read_detection_data
from closeup.training.detection.losses import DetectionLossOptions, detection_losses
from closeup.training.detection.network import DetectionNetwork, as_input
from closeup.training.detection.options import DetectionTask
from tests.training.detection.small_detector import SMALL
from tests.training.detection.squares import NAMES, write_squares

CANVAS = Size(96, 96)
EPOCHS, BATCH = 36, 8
LOSSES = [13.64479, 14.63079, 13.17284, 13.27406]
FIRST_LOSSES = {
    "loss": 13.644788,
    "classes": 8.265933,
    "boxes": 0.532336,
    "points": 0.515572,
    "visible": 0.696592,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DetectionData:
    folder: Path = tmp_path_factory.mktemp("set")
    return read_detection_data(write_squares(folder, train=32, val=12))


@pytest.fixture(scope="module")
def learnt(data: DetectionData) -> DetectionNetwork:
    torch.manual_seed(0)
    network = DetectionNetwork(DetectionTask(NAMES, 2), SMALL).train()
    descent = torch.optim.AdamW(network.parameters(), 8e-3)
    batches = TrainingBatches(data.train, CANVAS, DetectionAugmentation(mosaic=0.3), workers=1)
    steps = EPOCHS * batches.count(BATCH)
    falling = torch.optim.lr_scheduler.OneCycleLR(descent, 8e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        for batch in batches.batches(epoch, BATCH):
            images = batch["images"].float() / 255
            answer, grid = network(images), grid_of(images, network.strides)
            loss = detection_losses(answer, batch, grid, DetectionLossOptions())["loss"]
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
            assert own.points is not None
            found.append(own)
            truth.append(
                PictureLabels.of(batch["boxes"][rows].numpy(), batch["classes"][rows].numpy())
            )
            for kind in range(len(NAMES)):
                best = own.points[own.classes == kind][0, :, :2]
                true = batch["points"][rows & (batch["classes"] == kind)][0, :, :2].numpy()
                misses.append(abs(best - true).mean())

    figures = average_precision(found, truth, NAMES)

    assert figures.map50 > 0.95
    assert min(own.ap50 for own in figures.classes.values()) > 0.9
    assert recall_at(found, truth, 1).recall > 0.95
    assert sum(misses) / len(misses) < 4


def test_training_steps_have_the_losses_that_they_had_with_coordinates_from_the_edge(
    tmp_path: Path,
) -> None:
    """Measured before labels, cells and boxes had the centre of the first pixel at 0."""
    samples = read_detection_data(write_squares(tmp_path, train=8, val=3)).train
    torch.manual_seed(0)
    network = DetectionNetwork(DetectionTask(NAMES, 2), SMALL).train()
    descent = torch.optim.SGD(network.parameters(), 1e-2)
    batches = TrainingBatches(samples, Size(96, 64), seed=3)
    losses = []
    for batch in [*batches.batches(0, 4), *batches.batches(1, 4)]:
        images = as_input(batch["images"])
        grid = grid_of(images, network.strides)
        parts = detection_losses(network(images), batch, grid, DetectionLossOptions())
        losses.append({name: float(part.detach()) for name, part in parts.items()})
        descent.zero_grad()
        torch.autograd.backward(parts["loss"])
        descent.step()

    assert [own["loss"] for own in losses] == pytest.approx(LOSSES, rel=1e-3)
    assert losses[0] == pytest.approx(FIRST_LOSSES, rel=1e-3)
