"""Checks labels against their pictures: a pupil is darker than its surroundings."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.label_places import inside
from closeup.geometry import Size

LEAST_CROPS = 100
"""Smallest number of crops of a side that is checked."""

SURE = 5.0
"""Standard errors by which another reading of the labels must be darker to be accepted."""

LEAST_SENSE = 3.0
"""Standard errors by which the labels must be darker than labels of other crops. Of samples of
200 eyes of LFW, 2% are below 4.4 with the method ``contour``, whose labels scatter least, and
below 7.4 with labels by hand; labels of other crops rarely reach 2."""
ENOUGH_FOR_SENSE = 200
"""Smallest number of crops for the comparison with labels of other crops."""

_BLUR = 0.05
"""Standard deviation of the crops' blur, in eye distances: about half an iris."""
_OFF_CENTRE = 0.1
"""Eye distances between the median label and the crop's middle; by hand and by all methods it is
0.04. Above this limit, labels stretched about the crop's middle are checked as another reading."""
_OTHERS = 8
"""Number of other crops' labels that each label is compared with."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way in which labels could have been meant."""

    labels: NDArray[np.float64]
    fault: str


def darkness_fault(
    labels: NDArray[np.floating],
    crops: NDArray[np.uint8],
    left: NDArray[np.bool_],
    width: float = 1.2,
) -> str:
    """Return the fault between labels and crops, with its likely cause; empty if there is none.

    The darkness at the labels is compared, crop by crop, with the darkness where they would
    be if they were mirrored, had x and y exchanged or were divided by another size, and with
    that at the labels of other crops (paired t-tests). Labels of any source pass: pupils are dark.

    Args:
        labels: (n, 2) x and y, 0..1 inside the crops; labels outside are ignored.
        crops: (n, H, W, 3) RGB uint8, or (n, H, W) grey.
        left: (n,) True for left eyes, whose crops are mirrored.
        width: Width of the crops, in eye distances.

    """
    usable = inside(labels)
    places, pictures, left = labels[usable].astype(np.float64), crops[usable], left[usable]
    dark = _darkness(pictures, _BLUR / width)
    # Each side first, because a fault of one side also shows in both together.
    of_left, of_right = (_fault(places[side], dark[side], width) for side in (left, ~left))
    if of_left == of_right or min(left.sum(), (~left).sum()) < LEAST_CROPS:
        of_both = (of_left if of_left == of_right else "") or _fault(places, dark, width)
        if of_both:
            return f"the labels {of_both}"
    if of_left or of_right:
        side, fault = ("left", of_left) if of_left else ("right", of_right)
        return f"the labels of {side} eyes {fault}"
    return ""


def _fault(places: NDArray[np.float64], dark: NDArray[np.float32], width: float) -> str:
    if len(places) < LEAST_CROPS:
        return ""
    at = _at(dark, places)
    size = Size(dark.shape[2], dark.shape[1])
    readings = _readings(places, size) + _drawn_out(places, size, width)
    gains = [_standard_errors(_at(dark, reading.labels) - at) for reading in readings]
    best = int(np.argmax(gains))
    if gains[best] > SURE:
        return readings[best].fault
    if len(places) >= ENOUGH_FOR_SENSE:
        shifts = np.linspace(0, len(places), _OTHERS + 2, dtype=np.int64)[1:-1]
        others = [_at(dark, np.roll(places, shift, axis=0)) for shift in shifts.tolist()]
        if _standard_errors(at - np.mean(others, axis=0)) < LEAST_SENSE:
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


def _drawn_out(places: NDArray[np.float64], size: Size, width: float) -> list[_Reading]:
    """Return readings for labels that lie mostly beside the eye, as after a wrong division."""
    middle = np.median(places, axis=0)
    off = np.abs(middle - 0.5) * width * np.array([1, size.height / size.width])
    if off.max() < _OFF_CENTRE or middle.min() <= 0:
        return []
    fault = "lie beside the eyes: were they divided by another size than the crop's?"
    return [_Reading((places * (0.5 / middle)).clip(0, 1), fault)]


def _darkness(crops: NDArray[np.uint8], blur: float) -> NDArray[np.float32]:
    """Return the darkness (n, H, W), larger is darker; each crop has mean 0 and deviation 1.

    Args:
        crops: RGB (n, H, W, 3) or grey (n, H, W), uint8.
        blur: Standard deviation of the blur, as a share of the crops' width.

    """
    sigma = blur * crops.shape[2]
    dark = np.empty(crops.shape[:3], np.float32)
    for crop, target in zip(crops, dark, strict=True):
        gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 else crop
        plain = -cv2.GaussianBlur(gray, (0, 0), sigma).astype(np.float32)
        target[:] = (plain - plain.mean()) / max(float(plain.std()), 1.0)
    return dark


def _at(dark: NDArray[np.float32], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the darkness of each crop at its place; shape (n,)."""
    height, width = dark.shape[1:]
    columns = np.clip((places[:, 0] * width).astype(np.int64), 0, width - 1)
    rows = np.clip((places[:, 1] * height).astype(np.int64), 0, height - 1)
    return np.asarray(dark[np.arange(len(dark)), rows, columns], np.float64)


def _standard_errors(gain: NDArray[np.float64]) -> float:
    """Return the mean in units of its standard error; 0 if the values do not vary."""
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    return float(gain.mean()) / error if error > 0 else 0.0
