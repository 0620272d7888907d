"""Sanity checks before a training: faults of the samples, and whether a network can fit a few.

A broken normalisation once ruined a whole run unnoticed. The checks of labels alone are in
:func:`closeup.datasets.eyes.label_check.check_eye_labels`; the others are here.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from closeup.training.pupils.augmentation import plain
from closeup.training.pupils.losses import (
    PupilLossOptions,
    known_points,
    point_errors,
    pupil_losses,
)
from closeup.training.pupils.network import PupilNetwork
from closeup.training.pupils.samples import EyeSamples
from closeup.training.pupils.task import eyes_of

LEAST_SAMPLES = 30
"""Fewer samples are refused: they are too few to check where labels lie."""

FEW = 16
"""Number of samples that a network must be able to overfit."""

_LEAST_CONTRAST = 1.5
"""Standard deviation of grey levels below which a crop counts as blank."""
_MOST_BLANK = 0.02
"""Largest accepted share of blank crops: an eye at the edge of a picture may be half black."""
_MOST_ALIKE = 0.3
"""Largest accepted share of identical crops."""
_MOST_EXCHANGED = 0.05
"""Largest accepted share of eyes with exchanged corners: dlib's corners are coarse."""


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """A check that failed.

    Attributes:
        check: Name of the check.
        description: Description of the fault, with its likely cause.
        rows: (k,) indices of the samples that show it.

    """

    check: str
    description: str
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """Options of the overfitting check.

    Attributes:
        steps: Largest number of optimiser steps.
        rate: Learning rate.
        error: Mean error of all known points that must be reached, in eye distances. Correct
            labels of any source reach it in 60 steps; a constant prediction for all eyes has
            an error of 0.02 to 0.05.

    """

    steps: int = 300
    rate: float = 5e-4
    error: float = 0.01


def crop_fault(crops: NDArray[np.uint8]) -> Fault | None:
    """Find too many blank or identical crops (n, H, W) or (n, H, W, 3); None if they are sound."""
    contrast = np.array([crop.std() for crop in crops])
    blank = contrast < _LEAST_CONTRAST
    if blank.mean() > _MOST_BLANK:
        description = (
            f"{_share(blank)} of the crops are black or of one shade: "
            "were they cut beside the picture, or never filled?"
        )
        return Fault("crops", description, np.flatnonzero(blank))
    flat = np.ascontiguousarray(crops).reshape(len(crops), -1)
    pictures = flat.view(f"V{flat.shape[1]}")[:, 0]
    _, kinds, counts = np.unique(pictures, return_inverse=True, return_counts=True)
    same = kinds == counts.argmax()
    if counts.max() > 1 and same.mean() > _MOST_ALIKE:
        description = (
            f"{_share(same)} of the crops are one and the same picture: was it written again?"
        )
        return Fault("crops", description, np.flatnonzero(same))
    return None


def mark_fault(samples: EyeSamples) -> Fault | None:
    """Find impossible corners, openness or weights; None if there are none."""
    left, right = samples.points[:, 0, 0], samples.points[:, 2, 0]
    # A comparison with NaN is false: unknown values are not faults.
    exchanged = left >= right
    known = np.isfinite(left) & np.isfinite(right)
    if exchanged.sum() > _MOST_EXCHANGED * known.sum():
        description = (
            f"{_share(exchanged[known])} of the eyes have their left corner on the right: "
            "were left eyes mirrored without their corners?"
        )
        return Fault("corners", description, np.flatnonzero(exchanged))
    openness = (samples.openness < 0) | (samples.openness > 1)
    weight = ~((samples.weight >= 0) & (samples.weight <= 1))
    for name, wrong in (("openness", openness), ("confidence", weight)):
        if wrong.any():
            description = f"{_share(wrong)} of the eyes have no {name} of 0 to 1: is it in percent?"
            return Fault(name, description, np.flatnonzero(wrong))
    return None


def learning_fault(
    samples: EyeSamples,
    network: PupilNetwork,
    losses: PupilLossOptions | None = None,
    options: LearningOptions | None = None,
    seed: int = 0,
) -> Fault | None:
    """Check that the network can overfit a few samples; None if it can.

    If it cannot, the labels are outside the range of its outputs, the crops do not show
    them, or network or loss is broken. Swapped labels pass: they can be overfitted, too.

    Args:
        samples: 16 are drawn from those whose pupil is known.
        network: The network; a copy is trained.
        losses: Loss options of the training that follows; None: the defaults.
        options: Number of steps and the error to reach; None: the defaults.
        seed: Seed of the draw.

    """
    options = options or LearningOptions()
    known = np.flatnonzero(np.isfinite(samples.pupils).all(axis=1))
    few = np.sort(np.random.default_rng(seed).permutation(known)[:FEW])
    batch = plain(eyes_of(samples.chosen(few), network.given), network.given)
    error = _by_heart(copy.deepcopy(network), batch, losses or PupilLossOptions(), options)
    if error <= options.error:
        return None
    description = (
        f"after {options.steps} steps the network still misses {len(few)} eyes, which it should "
        f"know by heart, by {100 * error:.1f} % of the eye distance: are labels on another scale, "
        "do the crops show something else, or is the network or its loss broken?"
    )
    return Fault("learning", description, few)


def _by_heart(
    network: PupilNetwork,
    batch: dict[str, Tensor],
    losses: PupilLossOptions,
    options: LearningOptions,
) -> float:
    """Train until the mean error is small enough; return it, or infinity if it is NaN."""
    device = next(network.parameters()).device
    batch = {name: values.to(device) for name, values in batch.items()}
    learning = [values for values in network.parameters() if values.requires_grad]
    optimiser = torch.optim.AdamW(learning, options.rate)
    error = np.inf
    for step in range(1, options.steps + 1):
        network.train()
        loss = pupil_losses(network(batch["eyes"]), batch, network.given, losses)["loss"]
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % 10 == 0 or step == options.steps:
            error = _mean_error(network, batch)
            if error <= options.error:
                break
    return error


@torch.no_grad()
def _mean_error(network: PupilNetwork, batch: dict[str, Tensor]) -> float:
    network.eval()
    points = network(batch["eyes"]).points
    errors = point_errors(points, batch["points"], network.given)
    mean = float(errors[known_points(batch["points"])].mean())
    return mean if np.isfinite(mean) else np.inf


def _share(mask: NDArray[np.bool_]) -> str:
    share = float(mask.mean())
    return "all" if share == 1 else f"{100 * share:.{0 if share >= 0.1 else 1}f} %"
