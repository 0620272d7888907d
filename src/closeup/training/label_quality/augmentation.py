"""Batches of labels: picture and mark are moved together, and marks are moved away from labels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from closeup.geometry import Size
from closeup.labelling.label_crops import MARK_SPREAD
from closeup.training.label_quality.samples import QualityView
from closeup.training.photography import Photography, photographed
from closeup.training.rng import TensorRng

_WHITE = 255.0

_SPREAD = 0.4
"""Standard deviation of right labels in x and in y, in tolerances."""


@dataclass(frozen=True, slots=True)
class QualityAugmentation:
    """Strengths of the augmentation; most are standard deviations of normal distributions.

    Attributes:
        shift: Deviation of an eye's place in the crop, in eye distances, in x and in y.
        scale: Deviation of the logarithm of the size.
        rotation: Deviation of the rotation of crops of eyes, in degrees.
        tolerance: How far off a label may be to be called true, in eye distances or in longer sides
            of the object.
        moved: How far labels are moved at most, in tolerances; short moves are as likely as long
            ones.
        photography: Light, blur, resolution, noise and compression.

    """

    shift: float = 0.04
    scale: float = 0.06
    rotation: float = 4.0
    tolerance: float = 0.05
    moved: float = 7.0
    photography: Photography = field(default_factory=Photography)

    def __post_init__(self) -> None:
        if not (self.tolerance > 0 and self.moved >= 1):
            raise ValueError(
                f"labels must be moved by more than a tolerance above 0, not by {self.moved} of "
                f"{self.tolerance}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """n crops with labels, as tensors; see :class:`closeup.training.label_quality.samples`.

    Attributes:
        pixels: (n, H, W, 3) uint8, with margin.
        points: (n, k, 2) float32, or NaN.
        boxes: (n, 4) float32, or NaN.

    """

    pixels: Tensor
    points: Tensor
    boxes: Tensor

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, rows: Tensor | slice) -> Marked:
        return Marked(self.pixels[rows], self.points[rows], self.boxes[rows])

    def displaced(self, shifts: Tensor) -> Marked:
        """The same crops with labels moved by ``shifts`` (n, 2), in pixels."""
        return Marked(self.pixels, self.points + shifts[:, None], self.boxes + shifts.repeat(1, 2))


def plain(labels: Marked, view: QualityView) -> Tensor:
    """The crops (n, H, W, 4) uint8 that the network sees in use."""
    count = len(labels)
    return _cut(labels, view, torch.eye(2).repeat(count, 1, 1), torch.zeros(count, 2))


def displaced(
    labels: Marked, view: QualityView, options: QualityAugmentation, rng: TensorRng
) -> tuple[Marked, Tensor]:
    """Labels that are moved, and (n,) the chance that people would call them false."""
    count = len(labels)
    angles = rng.between(0, 2 * math.pi, count)
    far = rng.between(0, options.moved, count)
    shifts = torch.stack([angles.cos(), angles.sin()], 1)
    moved = labels.displaced(shifts * (far * options.tolerance * view.unit)[:, None])
    chances = torch.from_numpy(np.interp(far.numpy(), *_chances_of_bad()).astype(np.float32))
    return moved, chances


@cache
def _chances_of_bad() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances by which a right label is moved, in tolerances, and the chances that it is bad.

    Right labels are off by a normal distribution that ends at the tolerance.
    """
    off = np.mgrid[-1:1:81j, -1:1:81j].reshape(2, -1)
    off = off[:, np.hypot(*off) <= 1]
    weights = np.exp(-(off**2).sum(axis=0) / (2 * _SPREAD**2))
    distances = np.linspace(0, 2, 41)
    bad = [weights[np.hypot(off[0] + far, off[1]) > 1].sum() for far in distances]
    return distances, np.array(bad) / weights.sum()


def augmented(
    labels: Marked, right: Marked, view: QualityView, options: QualityAugmentation, rng: TensorRng
) -> tuple[Tensor, Tensor]:
    """Grey crops, each with its own random changes.

    Those of eyes are shifted, scaled and rotated with their mark. Crops of objects follow the label
    in use, so they are mirrored at most.

    Args:
        labels: Labels that are shown.
        right: The same pictures, with the labels before they were moved.
        view: What the network sees.
        options: Strengths of the changes.
        rng: The only source of randomness.

    Returns:
        (n, H, W, 4) uint8, and (n, 2) float32 where the middles of ``right`` are in them: from the
        middle of the crop, in widths of the crop.

    """
    turns, shifts = _changes(len(labels), view, options, rng)
    crops = _cut(labels, view, turns, shifts)
    grey = crops[..., :3].float().mean(3) / _WHITE  # as the network sees it
    grey = (photographed(grey, options.photography, rng) * _WHITE).round_().to(torch.uint8)
    turns, shifts = _placed(labels, view, turns, shifts)
    middles = (torch.linalg.inv(turns) @ (_extents(right)[0] - shifts)[..., None])[..., 0]
    shown = grey[..., None].expand(-1, -1, -1, 3)
    return torch.cat([shown, crops[..., 3:]], 3), middles / view.size.width


def _changes(
    count: int, view: QualityView, options: QualityAugmentation, rng: TensorRng
) -> tuple[Tensor, Tensor]:
    """Random (n, 2, 2) from the crop's pixels to the stored one's, and (n, 2) of its middle."""
    if view.kind == "eye":
        sizes = (rng.normal(count) * options.scale).exp()
        angles = torch.deg2rad(rng.normal(count) * options.rotation)
        across = torch.stack([angles.cos(), -angles.sin()], 1)
        down = torch.stack([angles.sin(), angles.cos()], 1)
        turns = torch.stack([across, down], 1) * sizes[:, None, None]
        shifts = rng.normal(count, 2) * options.shift * view.unit
        return turns, shifts
    turns = torch.eye(2).repeat(count, 1, 1)
    turns[:, 0, 0] = torch.where(rng.chosen(0.5, count), -1.0, 1.0)
    return turns, torch.zeros(count, 2)


def _cut(labels: Marked, view: QualityView, turns: Tensor, shifts: Tensor) -> Tensor:
    """Cut out crops and draw their marks.

    Args:
        labels: Crops with margin.
        view: What the network sees.
        turns: (n, 2, 2) from the crop's pixels to those of the stored one, both from the middle.
        shifts: (n, 2) of the middle, in pixels of the stored one.

    """
    turns, shifts = _placed(labels, view, turns, shifts)
    inverse = torch.linalg.inv(turns)
    points = (labels.points - shifts[:, None]) @ inverse.mT
    corners = (labels.boxes.reshape(-1, 2, 2) - shifts[:, None]) @ inverse.mT
    pixels = _sampled(labels.pixels, view.size, turns, shifts)
    return torch.cat([pixels, marks(points, corners, view.size)[..., None]], 3)


def _placed(
    labels: Marked, view: QualityView, turns: Tensor, shifts: Tensor
) -> tuple[Tensor, Tensor]:
    """The changes, after crops of objects were laid around their labels."""
    if view.kind == "eye":
        return turns, shifts
    centres, sizes = _extents(labels)
    return turns * (sizes / view.unit)[:, None, None], shifts + centres


def _extents(labels: Marked) -> tuple[Tensor, Tensor]:
    """Centre (n, 2) and longer side (n,) of each label's box, else of its points."""
    points = labels.points
    low = torch.where(points.isnan(), torch.inf, points).amin(1)
    high = torch.where(points.isnan(), -torch.inf, points).amax(1)
    boxed = labels.boxes.isfinite().all(1, keepdim=True)
    low = torch.where(boxed, labels.boxes[:, :2], low)
    high = torch.where(boxed, labels.boxes[:, 2:], high)
    return (low + high) / 2, (high - low).amax(1).clamp(min=1)


def _sampled(stored: Tensor, size: Size, turns: Tensor, shifts: Tensor) -> Tensor:
    """Pixels (n, H, W, 3) uint8; beyond the stored ones their border is repeated."""
    rows, columns = stored.shape[1:3]
    x = torch.arange(size.width) - (size.width - 1) / 2
    y = torch.arange(size.height) - (size.height - 1) / 2
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).reshape(1, -1, 2)
    places = grid @ turns.mT + shifts[:, None]
    places = 2 * places / torch.tensor([columns, rows])
    pixels = functional.grid_sample(
        stored.permute(0, 3, 1, 2).float(),
        places.reshape(len(stored), size.height, size.width, 2),
        padding_mode="border",
        align_corners=False,
    )
    return pixels.round_().to(torch.uint8).permute(0, 2, 3, 1)


def marks(points: Tensor, corners: Tensor, size: Size) -> Tensor:
    """Marks as :func:`closeup.labelling.label_crops.label_crop` draws them.

    Args:
        points: (n, k, 2) x and y in pixels from the middle of the crop; NaN where there is none.
        corners: (n, 2, 2) opposite corners of the boxes, which count where there is no point.
        size: Size of the crop.

    Returns:
        (n, H, W) uint8.

    """
    x = (torch.arange(size.width) - (size.width - 1) / 2)[None, None, None]
    y = (torch.arange(size.height) - (size.height - 1) / 2)[None, None, :, None]
    squared = (x - points[..., 0, None, None]) ** 2 + (y - points[..., 1, None, None]) ** 2
    soft = torch.exp(-squared / (2 * (MARK_SPREAD * size.width) ** 2)).nan_to_num(0)
    low, high = corners.amin(1)[..., None, None], corners.amax(1)[..., None, None]
    inside = (x[0] >= low[:, 0]) & (x[0] <= high[:, 0]) & (y[0] >= low[:, 1]) & (y[0] <= high[:, 1])
    boxed = inside & points.isnan().all(2).all(1)[:, None, None]
    drawn = torch.maximum(soft.amax(1), boxed.float())
    return (drawn * _WHITE).round_().to(torch.uint8)
