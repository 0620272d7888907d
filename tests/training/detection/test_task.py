"""A task of coloured squares: repeatable, judged as it is used, itself in its fingerprint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from closeup.geometry import Size
from closeup.training.detection.augmentation import DetectionAugmentation
from closeup.training.detection.batching import canvas_of
from closeup.training.detection.loading import DetectionData, read_detection_data
from closeup.training.detection.losses import DetectionLossOptions
from closeup.training.detection.network import DetectionNetwork, as_input
from closeup.training.detection.options import DetectionTask
from closeup.training.detection.task import DetectionTrainingTask
from tests.training.detection.small_detector import SMALL, small_detector
from tests.training.detection.squares import NAMES, write_squares

TASK = DetectionTask(NAMES, 2)
CANVAS = Size(96, 64)


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> DetectionData:
    return read_detection_data(write_squares(tmp_path_factory.mktemp("set"), train=6, val=3))


def task_of(data: DetectionData, **changes: Any) -> DetectionTrainingTask:
    torch.manual_seed(0)
    given: dict[str, Any] = {"canvas": CANVAS, "crop": Size(64, 64), **changes}
    return DetectionTrainingTask(DetectionNetwork(TASK, SMALL), data.train, data.val, **given)


def test_it_learns_from_sections_and_is_judged_by_whole_pictures(squares: DetectionData) -> None:
    task = task_of(squares)

    (batch,) = task.batches(0, 6)

    assert task.count(6) == 1
    assert batch["images"].shape == (6, 3, 64, 64)
    assert task.validation.picture(0).shape == (64, 96, 3)
    answers = task.validation.answers(small_detector(TASK))
    assert [len(truth) for truth in answers.truth] == [3, 3, 3]
    np.testing.assert_allclose(answers.truth[0].boxes, squares.val.of(0).boxes, atol=1e-4)


def test_its_loss_falls_where_it_follows_the_gradient(squares: DetectionData) -> None:
    task = task_of(squares)
    network = task.network.train()
    (batch,) = task.batches(0, 6)
    descent = torch.optim.AdamW(network.parameters(), 5e-3)
    losses = []
    for _ in range(12):
        loss = task.loss(network, batch)["loss"]
        descent.zero_grad()
        torch.autograd.backward(loss)
        descent.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]


def test_figures_of_who_has_learnt_nothing(squares: DetectionData) -> None:
    figures = task_of(squares).judge(small_detector(TASK))

    assert {"map50", "map50_95", "map_lack", "recall"} <= figures.keys()
    assert figures["map50"] < 0.2
    assert figures["map_lack"] == pytest.approx(1 - (figures["map50"] + figures["map50_95"]) / 2)


def test_the_same_seed_is_the_same_task(squares: DetectionData) -> None:
    first, second = task_of(squares), task_of(squares)

    assert first.fingerprint == second.fingerprint
    for one, other in zip(first.batches(3, 2), second.batches(3, 2), strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"crop": Size(32, 64)},
        {"canvas": Size(128, 96)},
        {"losses": DetectionLossOptions(boxes=1.0)},
        {"augmentation": DetectionAugmentation(mosaic=0.5)},
    ],
)
def test_whatever_decides_the_outcome_is_in_the_fingerprint(
    squares: DetectionData, changes: dict[str, Any]
) -> None:
    assert task_of(squares, **changes).fingerprint != task_of(squares).fingerprint


def test_other_pictures_and_other_weights_are_another_task(squares: DetectionData) -> None:
    usual = task_of(squares).fingerprint
    fewer = replace(squares, train=squares.train.chosen([0, 1, 2]))
    torch.manual_seed(1)
    other = DetectionNetwork(TASK, SMALL)

    assert task_of(fewer).fingerprint != usual
    again = DetectionTrainingTask(other, squares.train, squares.val, CANVAS, Size(64, 64))
    assert again.fingerprint != usual


def test_pictures_become_numbers_from_0_to_1() -> None:
    made = as_input(torch.tensor([[[[0, 255]]]], dtype=torch.uint8))
    assert made.flatten().tolist() == [0.0, 1.0]


def test_the_canvas_holds_every_picture(squares: DetectionData, tmp_path: Path) -> None:
    assert canvas_of(squares.train, 96) == Size(96, 64)
    assert canvas_of(squares.train, 640) == Size(640, 448)
    tall = write_squares(tmp_path, 4, 2, Size(64, 96))
    both = replace(
        squares.train,
        sizes=np.concatenate([squares.train.sizes[:3], read_detection_data(tall).train.sizes[:3]]),
    )
    assert canvas_of(both, 96) == Size(96, 96)
