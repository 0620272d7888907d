"""The sanity gate before a training: what is wrong with samples, and whether they can be learnt.

A broken normalisation once ruined a whole run, and nobody saw it. What labels tell by
themselves is asked by :func:`closeup.datasets.eyes.label_check.check_labels`; here is the rest.
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
"""Fewer are refused: not even where their labels lie can be judged."""

FEW = 16
"""Samples that a network must be able to learn by heart."""

_LEAST_CONTRAST = 1.5
"""Standard deviation of grey levels; a crop below it shows nothing."""
_MOST_BLANK = 0.02
"""Share of the crops; an eye at the edge of a picture may be half black."""
_MOST_ALIKE = 0.3
"""Share of the crops that may be one and the same picture."""
_MOST_EXCHANGED = 0.05
"""Share of the eyes that may have a corner on the wrong side: dlib's are coarse."""


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """A check that failed.

    Attributes:
        check: Which.
        told: What is wrong, with its likely cause.
        rows: (k,) samples that show it.

    """

    check: str
    told: str
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """How few samples are learnt by heart.

    Attributes:
        steps: Of the optimiser, at most.
        rate: Its learning rate.
        error: Mean error of all known points that must be reached, in eye distances. The
            right labels of any source reach it in 60 steps; the same answer for all eyes
            has 0.02 to 0.05.

    """

    steps: int = 300
    rate: float = 5e-4
    error: float = 0.01


def crop_fault(samples: EyeSamples) -> Fault | None:
    """Crops that show nothing, or all the same; None where neither is."""
    contrast = np.array([crop.std() for crop in samples.crops])
    blank = contrast < _LEAST_CONTRAST
    if blank.mean() > _MOST_BLANK:
        told = (
            f"{_share(blank)} of the crops are black or of one shade: "
            "were they cut beside the picture, or never filled?"
        )
        return Fault("crops", told, np.flatnonzero(blank))
    flat = np.ascontiguousarray(samples.crops).reshape(len(samples), -1)
    pictures = flat.view(f"V{flat.shape[1]}")[:, 0]
    _, kinds, counts = np.unique(pictures, return_inverse=True, return_counts=True)
    same = kinds == counts.argmax()
    if counts.max() > 1 and same.mean() > _MOST_ALIKE:
        told = f"{_share(same)} of the crops are one and the same picture: was it written again?"
        return Fault("crops", told, np.flatnonzero(same))
    return None


def mark_fault(samples: EyeSamples) -> Fault | None:
    """Corners, openness or weights that cannot be true; None where all may be."""
    left, right = samples.points[:, 0, 0], samples.points[:, 2, 0]
    # A comparison with NaN is false: what is not known is not wrong.
    exchanged = left >= right
    known = np.isfinite(left) & np.isfinite(right)
    if exchanged.sum() > _MOST_EXCHANGED * known.sum():
        told = (
            f"{_share(exchanged[known])} of the eyes have their left corner on the right: "
            "were left eyes mirrored without their corners?"
        )
        return Fault("corners", told, np.flatnonzero(exchanged))
    openness = (samples.openness < 0) | (samples.openness > 1)
    weight = ~((samples.weight >= 0) & (samples.weight <= 1))
    for name, wrong in (("openness", openness), ("confidence", weight)):
        if wrong.any():
            told = f"{_share(wrong)} of the eyes have no {name} of 0 to 1: is it in percent?"
            return Fault(name, told, np.flatnonzero(wrong))
    return None


def learning_fault(
    samples: EyeSamples,
    network: PupilNetwork,
    losses: PupilLossOptions | None = None,
    options: LearningOptions | None = None,
    seed: int = 0,
) -> Fault | None:
    """Whether the network learns a few samples by heart, as any network can.

    Where it cannot, labels are beyond what it can answer, crops do not show them, or
    network and loss are broken. Labels of other crops pass: they can be learnt by heart.

    Args:
        samples: 16 are drawn from those whose pupil is known.
        network: Is not changed.
        losses: Of the training that follows.
        options: How long, and what must be reached.
        seed: Of the draw.

    """
    options = options or LearningOptions()
    known = np.flatnonzero(np.isfinite(samples.pupils).all(axis=1))
    few = np.sort(np.random.default_rng(seed).permutation(known)[:FEW])
    batch = plain(eyes_of(samples.chosen(few), network.given), network.given)
    error = _by_heart(copy.deepcopy(network), batch, losses or PupilLossOptions(), options)
    if error <= options.error:
        return None
    told = (
        f"after {options.steps} steps the network still misses {len(few)} eyes, which it should "
        f"know by heart, by {100 * error:.1f} % of the eye distance: are labels on another scale, "
        "do the crops show something else, or is the network or its loss broken?"
    )
    return Fault("learning", told, few)


def _by_heart(
    network: PupilNetwork,
    batch: dict[str, Tensor],
    losses: PupilLossOptions,
    options: LearningOptions,
) -> float:
    """The mean error that is reached, as soon as it is small enough; NaN counts as infinite."""
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
