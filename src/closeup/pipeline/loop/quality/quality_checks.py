"""Refuses verdicts and pictures from which good and bad labels cannot be told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from closeup.drawing.sheets import captioned, framed, grid, scaled
from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import write_image
from closeup.pipeline.training.eye_checks import PICTURE

if TYPE_CHECKING:
    from closeup.training.label_quality.network import QualityCnn
    from closeup.training.label_quality.samples import QualitySamples
    from closeup.training.pupils.sanity_checks import Fault

LEAST = 10
"""Smallest number of labels called true, and of labels called false."""

_SHOWN, _ABREAST, _TILE = 32, 8, 216
"""Labels in the picture, in a row of it, and the width of each in pixels."""


def check_kinds(good: int, bad: int) -> None:
    """Check that there are enough verdicts of both kinds.

    Raises:
        InputError: there are not; the message says what to do.

    """
    if good + bad == 0:
        raise InputError(
            "there are no verdicts to learn from: judge proposed labels with closeup review"
        )
    if min(good, bad) < LEAST:
        few, kind = (bad, "false") if bad < good else (good, "true")
        raise InputError(
            f"{good + bad} verdicts, of which only {few} {'is' if few == 1 else 'are'} {kind}: "
            f"at least {LEAST} of each kind are needed; judge more proposed labels with closeup "
            "review, also those of a method that errs more often"
        )


def check_samples(samples: QualitySamples, network: QualityCnn, folder: Path, seed: int) -> None:
    """Check crops and labels, and whether a copy of the network can overfit a few of them.

    Args:
        samples: Training samples with labels of both kinds.
        network: The network to train; it is not changed.
        folder: Folder of the run; receives ``sanity_check.png`` if a check fails.
        seed: Selects the samples to overfit.

    Raises:
        InputError: a check failed.
        OutputError: the picture cannot be written.

    """
    from closeup.training.label_quality.sanity_checks import learning_fault, place_fault
    from closeup.training.pupils.sanity_checks import crop_fault

    fault = (
        crop_fault(samples.pixels) or place_fault(samples) or learning_fault(samples, network, seed)
    )
    if fault:
        picture = folder / PICTURE
        write_image(picture, _drawn(samples, fault))
        raise InputError(
            f"the check of {fault.check} failed: {fault.description}; see {picture}, and train "
            "again when the cause is removed"
        )


def _drawn(samples: QualitySamples, fault: Fault) -> RGBImage:
    """Some of a fault's labels, with their marks and verdicts."""
    from closeup.training.label_quality.augmentation import plain
    from closeup.training.label_quality.task import labels_of

    rows = np.sort(np.random.default_rng(0).permutation(fault.rows)[:_SHOWN])
    crops = plain(labels_of(samples[rows]), samples.view).numpy()
    size = samples.view.size
    tile = Size(_TILE, round(_TILE * size.height / size.width))
    tiles = [
        captioned(scaled(_overlaid(crop), tile), "false" if bad else "true")
        for crop, bad in zip(crops, samples.bad[rows], strict=True)
    ]
    return framed(grid(tiles, _ABREAST, gap=8))


def _overlaid(crop: RGBImage) -> RGBImage:
    """The picture with its mark in yellow."""
    share = 0.6 * crop[..., 3:].astype(np.float64) / 255
    mixed = (1 - share) * crop[..., :3] + share * np.array([255, 220, 0])
    return np.asarray(mixed.round(), np.uint8)
