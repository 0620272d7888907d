"""The whole way: a network learns drawn shapes, and its file finds others of them again."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from closeup.detection.yolo import YoloDetector
from closeup.detections import Detections
from closeup.geometry import Boxes
from closeup.training.detection.decode import detections, grid_of
from closeup.training.detection.export import export
from closeup.training.detection.losses import DetectionLossOptions, detection_losses
from closeup.training.detection.network import DetectionNetwork
from closeup.training.detection.options import DetectionTask
from closeup.training.detection.overlap import overlap
from tests.training.detection.drawn_shapes import DISC, SQUARE, Drawn, drawn_shapes
from tests.training.detection.small_detector import SMALL

STEPS, BATCH = 150, 8
TASK = DetectionTask(("face", "square"), 5)


def batch_of(drawn: list[Drawn]) -> dict[str, Tensor]:
    images = np.stack([one.image for one in drawn]).transpose(0, 3, 1, 2)
    owner = np.repeat(np.arange(len(drawn)), [len(one.boxes) for one in drawn])
    parts = {
        "images": images / np.float32(255),
        "owner": owner,
        "boxes": np.concatenate([one.boxes for one in drawn]),
        "classes": np.concatenate([one.classes for one in drawn]),
        "points": np.concatenate([one.points for one in drawn]),
    }
    return {name: torch.from_numpy(values) for name, values in parts.items()}


@pytest.fixture(scope="module")
def learnt() -> DetectionNetwork:
    torch.manual_seed(0)
    network = DetectionNetwork(TASK, SMALL).train()
    descent = torch.optim.AdamW(network.parameters(), 8e-3)
    falling = torch.optim.lr_scheduler.OneCycleLR(descent, 8e-3, total_steps=STEPS)
    shown = [drawn_shapes(seed) for seed in range(5 * BATCH)]
    for step in range(STEPS):
        first = step % 5 * BATCH
        batch = batch_of(shown[first : first + BATCH])
        grid = grid_of(batch["images"], network.strides)
        losses = detection_losses(network(batch["images"]), batch, grid, DetectionLossOptions())
        descent.zero_grad()
        torch.autograd.backward(losses["loss"])
        descent.step()
        falling.step()
    return network.eval()


@pytest.fixture(scope="module")
def detector(learnt: DetectionNetwork, tmp_path_factory: pytest.TempPathFactory) -> YoloDetector:
    path = tmp_path_factory.mktemp("learning") / "shapes.onnx"
    export(learnt, path, side=96)
    return YoloDetector(path.read_bytes(), path.name, threads=1, score_threshold=0.4)


def seen(network: DetectionNetwork, drawn: Drawn) -> Detections:
    images = batch_of([drawn])["images"]
    grid = grid_of(images, network.strides)
    with torch.no_grad():
        return detections(network(images), grid, score_threshold=0.4, overlap=0.45)[0]


def best_overlaps(truth: Boxes, found: Boxes) -> Tensor:
    """Of each true box with any that was found."""
    table = overlap(torch.from_numpy(found), torch.from_numpy(truth)[:, None])
    return table.amax(1)


@pytest.mark.parametrize("seed", range(1000, 1006))
def test_shapes_that_were_never_shown_are_told_apart(learnt: DetectionNetwork, seed: int) -> None:
    drawn = drawn_shapes(seed)

    found = seen(learnt, drawn)

    for number in (DISC, SQUARE):
        truth = drawn.boxes[drawn.classes == number]
        boxes = found.boxes[found.classes == number]
        assert len(boxes) == len(truth)
        assert best_overlaps(truth, boxes).min() > 0.6


@pytest.mark.parametrize("seed", range(1000, 1006))
def test_the_file_finds_the_discs_and_their_points(detector: YoloDetector, seed: int) -> None:
    drawn = drawn_shapes(seed)
    discs = drawn.classes == DISC

    faces = detector.detect(drawn.image)

    assert len(faces) == discs.sum()
    truth = drawn.boxes[discs]
    assert best_overlaps(truth, faces.boxes).min() > 0.6
    same = np.abs(truth[:, None] - faces.boxes).sum(2).argmin(1)
    assert faces.landmarks is not None
    away = faces.landmarks[same] - drawn.points[discs][..., :2]
    assert np.hypot(*np.moveaxis(away, 2, 0)).mean() < 2


def test_points_that_are_hidden_are_told_so(learnt: DetectionNetwork) -> None:
    found = seen(learnt, drawn_shapes(1000))

    assert found.points is not None
    shown, hidden = (found.points[found.classes == number][..., 2] for number in (DISC, SQUARE))
    assert shown.min() > 0.8
    assert hidden.max() < shown.min() - 0.2
