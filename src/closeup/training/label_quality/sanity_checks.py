"""Sanity checks before the training of a good/bad network."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from closeup.training.label_quality.augmentation import plain
from closeup.training.label_quality.network import QualityCnn
from closeup.training.label_quality.samples import QualitySamples
from closeup.training.label_quality.task import labels_of
from closeup.training.pupils.sanity_checks import Fault

FEW = 8
"""Number of good labels, and of bad ones, that a network must be able to overfit."""

_STEPS, _RATE, _ERROR = 200, 3e-3, 0.2
"""Largest number of steps, learning rate, and mean cross-entropy that must be reached."""

_MOST_OUTSIDE = 0.3
"""Largest accepted share of good labels that lie outside of their crop."""


def place_fault(samples: QualitySamples) -> Fault | None:
    """Find good labels beside their crops; None if there are few."""
    good = np.flatnonzero(~samples.bad)
    half = np.array(samples.view.size) / 2
    with np.errstate(invalid="ignore"):
        points = np.nanmax(np.abs(samples.points[good]) / half, axis=(1, 2), initial=0)
    outside = points > 1
    if outside.mean() <= _MOST_OUTSIDE:
        return None
    description = (
        f"{100 * outside.mean():.0f} % of the labels that people called true lie outside of their "
        "crops: were they made for pictures of another size or place?"
    )
    return Fault("places", description, good[outside])


def learning_fault(samples: QualitySamples, network: QualityCnn, seed: int = 0) -> Fault | None:
    """Check that the network can overfit a few labels of each kind; None if it can.

    Args:
        samples: At least one of each kind.
        network: The network; a copy is trained.
        seed: Seed of the draw.

    """
    rows = _few(samples.bad, seed)
    error = _by_heart(copy.deepcopy(network), samples[rows])
    if error <= _ERROR:
        return None
    description = (
        f"after {_STEPS} steps the network cannot tell {len(rows)} judged labels apart, which it "
        "should know by heart: are the same labels called true and false, do the crops show "
        "something else, or is the network broken?"
    )
    return Fault("learning", description, rows)


def _few(bad: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    parts = [rng.permutation(np.flatnonzero(bad == kind))[:FEW] for kind in (False, True)]
    return np.sort(np.concatenate(parts))


def _by_heart(network: QualityCnn, samples: QualitySamples) -> float:
    """Train until the error is small enough; return it, or infinity if it is NaN."""
    device = next(network.parameters()).device
    crops = plain(labels_of(samples), samples.view).to(device)
    bad = torch.from_numpy(samples.bad).float().to(device)
    descent = torch.optim.AdamW(network.parameters(), _RATE)
    network.train()
    error = np.inf
    for _ in range(_STEPS):
        loss = functional.binary_cross_entropy_with_logits(network(crops).logits, bad)
        descent.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        descent.step()
        error = float(loss.detach())
        if not error > _ERROR / 2:
            break
    return error if np.isfinite(error) else np.inf
