"""Sanity checks before a training: samples that a broken step made are refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from closeup.datasets.eyes.eye_sheet import draw_sheet
from closeup.datasets.eyes.label_check import label_fault
from closeup.errors import InputError
from closeup.media.images import write_image
from closeup.training.pupils.samples import EyeSamples

if TYPE_CHECKING:
    from closeup.training.pupils.losses import PupilLossOptions
    from closeup.training.pupils.network import PupilNetwork
    from closeup.training.pupils.sanity_checks import Fault, LearningOptions

PICTURE = "sanity_check.png"

_SHOWN, _ABREAST = 32, 8
_TILE = 256
"""Approximate width of a crop in the picture, in pixels."""
_MOST_CHECKED = 4000
"""Maximum number of crops that labels are compared with."""


def run_sanity_checks(
    samples: EyeSamples,
    network: PupilNetwork,
    folder: Path,
    losses: PupilLossOptions | None = None,
    *,
    learning: LearningOptions | None = None,
    seed: int = 0,
) -> None:
    """Check the samples of a training; a failed check is reported with cause and picture.

    Labels and crops are checked first, in a second or two; then a copy of the network has to
    overfit 16 samples.

    Args:
        samples: Training samples.
        network: The network to train; it is not changed.
        folder: Folder of the run; receives ``sanity_check.png`` if a check fails.
        losses: Loss options of the training; None for the defaults.
        learning: Options of the overfitting check; None for the defaults.
        seed: Selects the samples to overfit.

    Raises:
        InputError: there are too few samples, or a check failed.
        OutputError: the picture cannot be written.

    """
    from closeup.training.pupils.sanity_checks import (
        LEAST_SAMPLES,
        crop_fault,
        learning_fault,
        mark_fault,
    )

    known = int(np.isfinite(samples.pupils).all(axis=1).sum())
    if known < LEAST_SAMPLES:
        raise InputError(
            f"{known} eyes to learn from are too few, at least {LEAST_SAMPLES} are needed: add "
            "pictures to the data set, or name another data set beside it"
        )
    fault = (
        crop_fault(samples.crops)
        or _label_fault(samples)
        or mark_fault(samples)
        or learning_fault(samples, network, losses, learning, seed)
    )
    if fault:
        picture = folder / PICTURE
        _draw(picture, samples, fault)
        raise InputError(
            f"the check of {fault.check} failed: {fault.description}; see {picture}, and make the "
            "data set again when the cause is removed"
        )


def _label_fault(samples: EyeSamples) -> Fault | None:
    """Check that labelled pupils lie where pupils can be; unlabelled eyes are skipped."""
    from closeup.training.pupils.sanity_checks import Fault

    labelled = np.flatnonzero(~np.isnan(samples.pupils).all(axis=1))
    shown = np.arange(len(labelled))
    if len(labelled) > _MOST_CHECKED:
        shown = np.sort(np.random.default_rng(0).permutation(shown)[:_MOST_CHECKED])
    fault = label_fault(
        samples.pupils[labelled].astype(np.float64),
        samples.left[labelled],
        samples.crops[labelled[shown]],
        shown,
        width=samples.width,
    )
    return Fault("labels", fault, labelled) if fault else None


def _draw(path: Path, samples: EyeSamples, fault: Fault) -> None:
    """Draw some of a fault's samples with a cross at each label; few are filled up with others."""
    chance = np.random.default_rng(0)
    chosen = chance.permutation(fault.rows)[:_SHOWN]
    others = chance.permutation(np.setdiff1d(np.arange(len(samples)), chosen))
    chosen = np.concatenate([np.sort(chosen), others[: max(0, _SHOWN // 2 - len(chosen))]])
    crops = np.repeat(samples.crops[chosen][..., None], 3, axis=3)
    scale = max(1, round(_TILE / crops.shape[2]))
    labels = samples.points if fault.check == "corners" else samples.pupils
    picture = draw_sheet(crops, labels[chosen], _ABREAST, scale)
    write_image(path, picture)
