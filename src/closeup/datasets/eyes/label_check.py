"""The check of an eye data set's own labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.label_darkness import darkness_fault
from closeup.datasets.eyes.label_places import place_fault
from closeup.errors import InputError
from closeup.geometry import Size


def check_eye_labels(
    labels: NDArray[np.floating],
    left: NDArray[np.bool_],
    crops: NDArray[np.uint8],
    shown: NDArray[np.integer] | None = None,
    *,
    width: float = 1.2,
) -> None:
    """Raise an error for labels that only a faulty step can have made.

    Detected faults: too many labels outside the crops, in a corner or on a border; identical
    labels; labels that are mirrored, have x and y exchanged, were divided by another size or
    belong to other crops. The error names the likely cause. Few labels get fewer of these checks.

    Args:
        labels: (n, 2) x and y; 0 and 1 are the edges of the crops.
        left: (n,) True for left eyes, whose crops are mirrored.
        crops: (m, H, W, 3) RGB uint8, or (m, H, W) grey, of some or all labels.
        shown: (m,) indices of the labels that the crops belong to; all labels by default.
        width: Width of the crops, in eye distances.

    Raises:
        InputError: the labels are faulty; the message is one line with the fault and its cause.
        ValueError: the arrays do not describe the same eyes.

    """
    fault = label_fault(labels, left, crops, shown, width=width)
    if fault:
        raise InputError(f"{fault}; nothing should be trained on them, so the build stops")


def label_fault(
    labels: NDArray[np.floating],
    left: NDArray[np.bool_],
    crops: NDArray[np.uint8],
    shown: NDArray[np.integer] | None = None,
    *,
    width: float = 1.2,
) -> str:
    """Return the fault that :func:`check_eye_labels` would report; empty if there is none."""
    rows = np.arange(len(labels)) if shown is None else shown
    if labels.shape != (len(left), 2) or len(crops) != len(rows):
        raise ValueError(
            f"labels {labels.shape}, sides {left.shape} and crops {crops.shape} do not match"
        )
    fault = place_fault(labels, Size(crops.shape[2], crops.shape[1]))
    return fault or darkness_fault(labels[rows], crops, left[rows], width)
