"""What the gate sees by itself, and what it lets learn by heart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from closeup.training.pupils.compact import CompactNetwork
from closeup.training.pupils.network import EyeAnswer, EyeInput
from closeup.training.pupils.samples import EyeSamples
from closeup.training.pupils.sanity_checks import (
    FEW,
    LearningOptions,
    crop_fault,
    learning_fault,
    mark_fault,
)
from tests.training.pupils.drawn_samples import drawn_samples

SAMPLES = drawn_samples(100)
SHORT = LearningOptions(steps=60)


def network(points: int = 1) -> CompactNetwork:
    torch.manual_seed(0)
    return CompactNetwork(EyeInput(points=points))


def with_corners(samples: EyeSamples) -> EyeSamples:
    points = samples.points.copy()
    points[:, ::2] = samples.pupils[:, None] + np.array([(-0.2, 0), (0.2, 0)])
    return replace(samples, points=points)


def test_good_samples_pass() -> None:
    assert crop_fault(SAMPLES.crops) is None
    assert mark_fault(with_corners(SAMPLES)) is None


def test_crops_without_a_picture() -> None:
    crops = SAMPLES.crops.copy()
    crops[10:20] = 0
    fault = crop_fault(crops)
    assert fault is not None
    assert fault.description.startswith("10 % of the crops are black or of one shade")
    assert fault.rows.tolist() == list(range(10, 20))


def test_the_same_crop_again_and_again() -> None:
    crops = SAMPLES.crops.copy()
    crops[50:] = crops[49]
    fault = crop_fault(crops)
    assert fault is not None
    assert fault.description.startswith("51 % of the crops are one and the same picture")
    assert fault.rows.tolist() == list(range(49, 100))


def test_exchanged_corners() -> None:
    samples = with_corners(SAMPLES)
    points = np.where(samples.left[:, None, None], samples.points[:, ::-1], samples.points)
    fault = mark_fault(replace(samples, points=points))
    assert fault is not None
    assert fault.description.startswith("50 % of the eyes have their left corner on the right")
    assert samples.left[fault.rows].all()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"openness": np.full(100, 80, np.float32)}, "all of the eyes have no openness of 0 to 1"),
        ({"weight": np.full(100, np.nan, np.float32)}, "all of the eyes have no confidence of"),
    ],
)
def test_numbers_on_another_scale(changes: dict[str, object], told: str) -> None:
    fault = mark_fault(replace(SAMPLES, **changes))  # type: ignore[arg-type]
    assert fault is not None
    assert fault.description.startswith(told)


@pytest.mark.parametrize("points", [1, 3])
def test_a_network_learns_a_few_by_heart_and_is_not_changed(points: int) -> None:
    learner = network(points)
    before = {name: values.clone() for name, values in learner.state_dict().items()}
    assert learning_fault(with_corners(SAMPLES), learner) is None
    assert all(torch.equal(values, before[name]) for name, values in learner.state_dict().items())


def test_labels_beyond_the_crop_cannot_be_learnt() -> None:
    samples = replace(SAMPLES, points=SAMPLES.points * 4)
    fault = learning_fault(samples, network(), options=SHORT)
    assert fault is not None
    assert fault.description.startswith("after 60 steps the network still misses 16 eyes")
    assert len(fault.rows) == FEW


def test_crops_that_are_alike_cannot_be_learnt() -> None:
    samples = replace(SAMPLES, crops=np.repeat(SAMPLES.crops[:1], 100, axis=0))
    assert learning_fault(samples, network(), options=SHORT) is not None


class Blind(CompactNetwork):
    """Its normalisation is broken: nothing of the crop is left."""

    def forward(self, eyes: Tensor) -> EyeAnswer:
        return super().forward(eyes.float() / 255 / 255 / 255)


class Diverging(CompactNetwork):
    def forward(self, eyes: Tensor) -> EyeAnswer:
        answer = super().forward(eyes)
        return answer._replace(points=answer.points * torch.nan)


@pytest.mark.parametrize("broken", [Blind, Diverging])
def test_a_broken_network_is_seen(broken: type[CompactNetwork]) -> None:
    fault = learning_fault(SAMPLES, broken(), options=SHORT)
    assert fault is not None
    assert "is the network or its loss broken?" in fault.description
