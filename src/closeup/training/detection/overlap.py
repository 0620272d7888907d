"""How well two boxes lie on each other, with a measure that is fair to small ones."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_WIDE = 12.8
"""Pixels of distance at which the likeness of Gaussians falls to 1/e, as Wang et al. chose."""

_SMALL = 16.0
"""Pixels; below, intersection over union and the likeness of Gaussians count the same."""

_LEAST = 1e-6


def fair_overlap(found: Tensor, truth: Tensor, *, complete: bool = False) -> Tensor:
    """Intersection over union, mixed for small boxes with the likeness of Gaussians.

    One pixel beside a face of 10 pixels leaves an IoU of 0.82, beside one of 100 pixels 0.98,
    though labels are no finer for the small one; and where nothing overlaps IoU does not tell
    near from far. So with IoU alone small faces get fewer cells, lower scores and gradients that
    jump. The likeness is the normalised Wasserstein distance of Wang et al. 2021 ("A normalized
    Gaussian Wasserstein distance for tiny object detection"): its share is one half for boxes
    of up to 16 pixels and falls with the inverse of the true box's side, since alone it
    would be blind for the shape of large ones.

    Args:
        found: (…, 4) xyxy in pixels.
        truth: (…, 4) xyxy in pixels, of a shape that fits.
        complete: Take CIoU, whose gradient shows the way also without overlap.

    Returns:
        (…), 1 where both are the same; at least 0 unless ``complete``, then above -1.

    """
    sides = sides_of(truth).clamp(min=_LEAST)
    side = sides.prod(-1).sqrt()
    share = 0.5 * (_SMALL / side).clamp(max=1)
    over = complete_overlap(found, truth) if complete else overlap(found, truth)
    return (1 - share) * over + share * gaussian_likeness(found, truth)


def overlap(found: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union of boxes (…, 4) xyxy."""
    shared = torch.minimum(found[..., 2:], truth[..., 2:]) - torch.maximum(
        found[..., :2], truth[..., :2]
    )
    intersection = shared.clamp(min=0).prod(-1)
    areas = [sides_of(boxes).clamp(min=0).prod(-1) for boxes in (found, truth)]
    return intersection / (areas[0] + areas[1] - intersection).clamp(min=_LEAST)


def complete_overlap(found: Tensor, truth: Tensor) -> Tensor:
    """CIoU of boxes (…, 4) xyxy: Zheng et al. 2020, "Distance-IoU loss".

    IoU less the squared distance of the centres over that of the hull's corners, and less
    what the aspect ratios differ by.
    """
    over = overlap(found, truth)
    hull = torch.maximum(found[..., 2:], truth[..., 2:]) - torch.minimum(
        found[..., :2], truth[..., :2]
    )
    apart = centres_of(found) - centres_of(truth)
    distance = apart.square().sum(-1) / hull.square().sum(-1).clamp(min=_LEAST)
    difference = (_angle(found) - _angle(truth)).square() * (4 / math.pi**2)
    with torch.no_grad():
        weight = difference / (1 - over + difference).clamp(min=_LEAST)
    return over - distance - weight * difference


def gaussian_likeness(found: Tensor, truth: Tensor) -> Tensor:
    """Normalised Wasserstein distance of boxes (…, 4) xyxy, taken for Gaussians; 0 … 1."""
    apart = (centres_of(found) - centres_of(truth)).square().sum(-1)
    sides = sides_of(found) - sides_of(truth)
    squared = apart + sides.square().sum(-1) / 4
    # A tiny number keeps the root's gradient finite where a box is exact.
    return (-(squared + _LEAST).sqrt() / _WIDE).exp()


def centres_of(boxes: Tensor) -> Tensor:
    """The middle (x, y) of each box; shape (…, 2) for boxes (…, 4)."""
    return (boxes[..., :2] + boxes[..., 2:]) / 2


def sides_of(boxes: Tensor) -> Tensor:
    """Width and height of each box; shape (…, 2) for boxes (…, 4)."""
    return boxes[..., 2:] - boxes[..., :2]


def _angle(boxes: Tensor) -> Tensor:
    """Of the diagonal: the arctangent of width over height."""
    width, height = sides_of(boxes).clamp(min=_LEAST).unbind(-1)
    return torch.atan2(width, height)
