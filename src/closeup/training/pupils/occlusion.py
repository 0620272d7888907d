"""Occlusion augmentation: eyes covered, behind dark glasses, or outside the crop."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from closeup.training.pupils.network import EyeInput
from closeup.training.pupils.warp import Extent, Placement
from closeup.training.rng import TensorRng

_EYE = (0.27, 0.15)
"""Half the width and height of an eye with its lids, in eye distances, with a margin."""

_ZOOM = (0.4, 0.6)
"""Range of the scale of inputs that show another part of the face; see ``Placement.scale``."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Superellipses (Lamé curves) that are painted over n pictures.

    Attributes:
        middle: (n, 2) x, y from the picture's centre, in eye distances.
        half: (n, 2) half the width and height, in eye distances.
        angle: (n,) radians.
        corner: (n,) exponent: 2 is an ellipse, 8 nearly a rectangle.
        shade: (n,) from 0 (black) to 1 (white).
        opacity: (n,) 0 … 1.
        rim: (n,) width of the rim, in eye distances.
        rim_shade: (n,) 0 … 1.

    """

    middle: Tensor
    half: Tensor
    angle: Tensor
    corner: Tensor
    shade: Tensor
    opacity: Tensor
    rim: Tensor
    rim_shade: Tensor


def blobs(pictures: Tensor, middle: Tensor, rng: TensorRng) -> Patches:
    """Patches like hands, hair, microphones: dark, or of the shade of the skin."""
    count = len(pictures)
    skin = pictures.flatten(1).quantile(0.6, dim=1) + 0.08 * rng.normal(count)
    dark = rng.between(0, 0.3, count)
    return Patches(
        middle=middle + 0.03 * rng.normal(count, 2),
        half=torch.stack([rng.between(0.25, 0.55, count), rng.between(0.16, 0.4, count)], 1),
        angle=rng.between(-0.6, 0.6, count),
        corner=rng.between(2, 4, count),
        shade=torch.where(rng.chosen(0.5, count), skin, dark).clamp(0, 1),
        opacity=torch.ones(count),
        rim=torch.zeros(count),
        rim_shade=torch.zeros(count),
    )


def glasses(middle: Tensor, opacity: tuple[float, float], rng: TensorRng) -> Patches:
    """Patches like the lens of glasses with its rim.

    Args:
        middle: (n, 2) x, y of the eyes from the pictures' centres, in eye distances.
        opacity: Range of the opacity of the lens (low, high).
        rng: The source of randomness.

    """
    count = len(middle)
    return Patches(
        middle=middle + 0.04 * rng.normal(count, 2),
        half=torch.stack([rng.between(0.33, 0.55, count), rng.between(0.22, 0.4, count)], 1),
        angle=0.08 * rng.normal(count),
        corner=rng.between(2.5, 7, count),
        shade=rng.between(0, 0.25, count),
        opacity=rng.between(*opacity, count),
        rim=rng.between(0.01, 0.05, count),
        rim_shade=rng.between(0, 1, count),
    )


def painted(pictures: Tensor, patches: Patches, given: EyeInput, rng: TensorRng) -> Tensor:
    """New pictures (n, H, W), 0 … 1, with one patch painted over each."""
    count, rows, columns = pictures.shape
    outside = _outside(patches, given)
    edge = 0.7 / given.unit
    lens = torch.sigmoid(-outside / edge)
    rim = torch.sigmoid((patches.rim[:, None, None] - outside) / edge) - lens
    # Lenses reflect, and hands have shadows: no patch has a uniform shade.
    clouds = functional.interpolate(
        0.06 * rng.normal(count, 1, 3, 4), (rows, columns), mode="bicubic"
    )[:, 0]
    shade = (patches.shade[:, None, None] + clouds).clamp(0, 1)
    lens = lens * patches.opacity[:, None, None]
    covered = pictures * (1 - lens) + shade * lens
    return covered * (1 - rim) + patches.rim_shade[:, None, None] * rim


def elsewhere(count: int, extent: Extent, given: EyeInput, rng: TensorRng) -> Placement | None:
    """Where to cut inputs beside the eye: brow, cheek, temple, nose.

    Args:
        count: Number of inputs.
        extent: Width and height of the crops, in eye distances.
        given: The inputs to cut.
        rng: The source of randomness.

    Returns:
        Placements within the crops that do not contain the eye; None if the crops are too
        small for them.

    """
    scale = rng.between(*_ZOOM, count)
    half = scale[:, None] * torch.tensor(given.extent) / 2
    nearest = half + torch.tensor(_EYE)
    farthest = torch.tensor(extent) / 2 - half
    room = nearest <= farthest
    if not room.any(1).all():
        return None
    across = room[:, 0] & (rng.chosen(0.5, count) | ~room[:, 1])
    signs = torch.where(rng.chosen(0.5, count), 1.0, -1.0)[:, None]
    away = signs * (nearest + (farthest - nearest) * rng.between(0, 1, count, 1))
    along = farthest.clamp(min=0) * rng.between(-1, 1, count, 1)
    is_away = torch.stack([across, ~across], 1)
    return Placement(scale, rng.between(-0.3, 0.3, count), torch.where(is_away, away, along))


def _outside(patches: Patches, given: EyeInput) -> Tensor:
    """Approximate signed distance of pixels to the patches, in eye distances; (n, H, W)."""
    columns, rows = given.size
    x = (torch.arange(columns) + 0.5 - columns / 2) / given.unit
    y = (torch.arange(rows) + 0.5 - rows / 2) / given.unit
    dx = x - patches.middle[:, 0, None, None]
    dy = y[:, None] - patches.middle[:, 1, None, None]
    cosine, sine = (part[:, None, None] for part in (patches.angle.cos(), patches.angle.sin()))
    across = (dx * cosine + dy * sine) / patches.half[:, 0, None, None]
    down = (dy * cosine - dx * sine) / patches.half[:, 1, None, None]
    corner = patches.corner[:, None, None]
    radius = (across.abs() ** corner + down.abs() ** corner) ** (1 / corner)
    return (radius - 1) * patches.half.amin(1)[:, None, None]
