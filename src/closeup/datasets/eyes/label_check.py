"""The check that a data set makes of its own labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.label_darkness import darkness_fault
from closeup.datasets.eyes.label_places import place_fault
from closeup.errors import InputError
from closeup.geometry import Size


def check_labels(
    labels: NDArray[np.floating],
    left: NDArray[np.bool_],
    crops: NDArray[np.uint8],
    shown: NDArray[np.integer] | None = None,
    *,
    width: float = 1.2,
) -> None:
    """Refuse labels that a broken step must have made.

    A share of labels outside of their crops, in a corner, on a border, all alike, mirrored, with
    x and y exchanged, divided by another size or of other crops: each is named with its likely
    cause. Few labels are judged by less, none by chance.

    Args:
        labels: (n, 2) x and y; 0 and 1 are the edges of the crops.
        left: (n,) true for left eyes, whose crops are mirrored.
        crops: (m, H, W, 3) RGB uint8, or (m, H, W) grey, of some labels or of all.
        shown: (m,) rows of the labels that have these crops; by default all of them.
        width: Of the crops, in eye distances.

    Raises:
        InputError: one line that names what is wrong and why.
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
    """What :func:`check_labels` would say of labels; empty where nothing is wrong."""
    rows = np.arange(len(labels)) if shown is None else shown
    if labels.shape != (len(left), 2) or len(crops) != len(rows):
        raise ValueError(
            f"labels {labels.shape}, sides {left.shape} and crops {crops.shape} do not match"
        )
    fault = place_fault(labels, Size(crops.shape[2], crops.shape[1]))
    return fault or darkness_fault(labels[rows], crops, left[rows], width)
