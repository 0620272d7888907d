"""Whether labels belong to their pictures: a pupil is darker than where it is not."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.collection.label_places import inside
from closeup.geometry import Size

LEAST_CROPS = 100
"""Fewer crops of a side are not judged."""

SURE = 5.0
"""Standard errors by which a wrong reading of the labels must be darker to be believed."""

LEAST_SENSE = 4.0
"""Standard errors by which labels must be darker than those of other crops."""
ENOUGH_FOR_SENSE = 300
"""Crops from which that can be asked."""

_BLUR = 0.05
"""Of the crops, as a share of their width: about half an iris in a crop of 1.2 eye distances."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """How labels could have been meant."""

    labels: NDArray[np.float64]
    fault: str


def darkness_fault(
    labels: NDArray[np.floating], crops: NDArray[np.uint8], left: NDArray[np.bool_]
) -> str:
    """What is wrong between labels and crops, with its likely cause; empty when nothing is.

    The darkness at the labels is compared, crop by crop, with the darkness where they would
    be if they were mirrored or had x and y exchanged, and with that at the labels of other
    crops (paired t-tests). Labels of any source pass: pupils are dark.

    Args:
        labels: (n, 2) x and y, 0..1 inside the crops; others are passed over.
        crops: (n, H, W, 3) RGB uint8, or (n, H, W) grey.
        left: (n,) true for left eyes, whose crops are mirrored.

    """
    usable = inside(labels)
    places, pictures, left = labels[usable].astype(np.float64), crops[usable], left[usable]
    dark = _darkness(pictures)
    # The sides first: a fault of one of them shows in both together, too.
    of_left, of_right = (_side_fault(places[side], dark[side]) for side in (left, ~left))
    if of_left == of_right:
        fault = of_left or _side_fault(places, dark)
        return f"the labels {fault}" if fault else ""
    side, fault = ("left", of_left) if of_left else ("right", of_right)
    return f"the labels of {side} eyes {fault}"


def _side_fault(places: NDArray[np.float64], dark: NDArray[np.float32]) -> str:
    if len(places) < LEAST_CROPS:
        return ""
    at = _at(dark, places)
    readings = _readings(places, Size(dark.shape[2], dark.shape[1]))
    gains = [_standard_errors(_at(dark, reading.labels) - at) for reading in readings]
    best = int(np.argmax(gains))
    if gains[best] > SURE:
        return readings[best].fault
    if len(places) >= ENOUGH_FOR_SENSE:
        others = np.roll(places, len(places) // 2, axis=0)
        if _standard_errors(at - _at(dark, others)) < LEAST_SENSE:
            return "fit other crops as well as their own: were they mixed up?"
    return ""


def _readings(places: NDArray[np.float64], size: Size) -> list[_Reading]:
    x, y = places.T
    aspect = size.height / size.width
    return [
        _Reading(
            np.column_stack([1 - x, y]),
            "are mirrored: were the crops mirrored without their labels, or these without those?",
        ),
        _Reading(np.column_stack([x, 1 - y]), "are upside down: does their y count from below?"),
        _Reading(np.column_stack([y, x]), "have x and y exchanged"),
        _Reading(
            np.column_stack([y * aspect, x / aspect]).clip(0, 1),
            "have x and y exchanged, before they were divided by the crop's size",
        ),
    ]


def _darkness(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, H, W): darker is more; each crop with mean 0 and deviation 1."""
    sigma = _BLUR * crops.shape[2]
    dark = np.empty(crops.shape[:3], np.float32)
    for crop, target in zip(crops, dark, strict=True):
        gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 else crop
        plain = -cv2.GaussianBlur(gray, (0, 0), sigma).astype(np.float32)
        target[:] = (plain - plain.mean()) / max(float(plain.std()), 1.0)
    return dark


def _at(dark: NDArray[np.float32], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Darkness of each crop at its place; shape (n,)."""
    height, width = dark.shape[1:]
    columns = np.clip((places[:, 0] * width).astype(np.int64), 0, width - 1)
    rows = np.clip((places[:, 1] * height).astype(np.int64), 0, height - 1)
    return np.asarray(dark[np.arange(len(dark)), rows, columns], np.float64)


def _standard_errors(gain: NDArray[np.float64]) -> float:
    """The mean in standard errors; 0 where nothing differs."""
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    return float(gain.mean()) / error if error > 0 else 0.0
