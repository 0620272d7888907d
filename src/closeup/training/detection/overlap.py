"""Overlap measures of boxes, with one that is fair to small boxes."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_WIDE = 12.8
"""Distance in pixels at which the similarity of Gaussians is 1/e, as in Wang et al. 2021."""

_SMALL = 16.0
"""Side in pixels up to which intersection over union and Gaussian similarity count equally."""

_LEAST = 1e-6


def fair_overlap(found: Tensor, truth: Tensor, *, complete: bool = False) -> Tensor:
    """Intersection over union, mixed for small boxes with the similarity of Gaussians.

    A shift of one pixel gives an IoU of 0.82 for a face of 10 pixels and of 0.98 for one of 100
    pixels, though labels of small faces are no more precise; and without overlap, IoU does not
    depend on the distance. With IoU alone, small faces would get fewer cells, lower scores and
    unsteady gradients. The similarity is the normalised Wasserstein distance of Wang et al. 2021
    ("A normalized Gaussian Wasserstein distance for tiny object detection"): its weight is one
    half for boxes of up to 16 pixels and falls with the inverse of the true box's side, since
    alone it would be insensitive to the shape of large boxes.

    Args:
        found: (…, 4) xyxy in pixels.
        truth: (…, 4) xyxy in pixels, broadcastable to ``found``.
        complete: Use CIoU instead of IoU: its gradient is useful even without overlap.

    Returns:
        (…), 1 for equal boxes; at least 0, or above -1 if ``complete``.

    """
    sides = sides_of(truth).clamp(min=_LEAST)
    side = sides.prod(-1).sqrt()
    share = 0.5 * (_SMALL / side).clamp(max=1)
    over = complete_overlap(found, truth) if complete else overlap(found, truth)
    return (1 - share) * over + share * gaussian_likeness(found, truth)


def overlap(found: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union (…) of boxes (…, 4) xyxy."""
    shared = torch.minimum(found[..., 2:], truth[..., 2:]) - torch.maximum(
        found[..., :2], truth[..., :2]
    )
    intersection = shared.clamp(min=0).prod(-1)
    areas = [sides_of(boxes).clamp(min=0).prod(-1) for boxes in (found, truth)]
    return intersection / (areas[0] + areas[1] - intersection).clamp(min=_LEAST)


def complete_overlap(found: Tensor, truth: Tensor) -> Tensor:
    """CIoU of boxes (…, 4) xyxy: Zheng et al. 2020, "Distance-IoU loss".

    IoU minus the squared distance of the centres, relative to the squared diagonal of the
    enclosing box, minus a penalty for different aspect ratios.
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
    """Normalised Wasserstein distance (…) of boxes (…, 4) xyxy as Gaussians; 0 … 1, 1 if equal."""
    apart = (centres_of(found) - centres_of(truth)).square().sum(-1)
    sides = sides_of(found) - sides_of(truth)
    squared = apart + sides.square().sum(-1) / 4
    # A tiny number keeps the root's gradient finite where a box is exact.
    return (-(squared + _LEAST).sqrt() / _WIDE).exp()


def centres_of(boxes: Tensor) -> Tensor:
    """The centre (x, y) of each box; shape (…, 2) for boxes (…, 4)."""
    return (boxes[..., :2] + boxes[..., 2:]) / 2


def sides_of(boxes: Tensor) -> Tensor:
    """Width and height of each box; shape (…, 2) for boxes (…, 4)."""
    return boxes[..., 2:] - boxes[..., :2]


def _angle(boxes: Tensor) -> Tensor:
    """The arctangent of width over height, in radians."""
    width, height = sides_of(boxes).clamp(min=_LEAST).unbind(-1)
    return torch.atan2(width, height)
