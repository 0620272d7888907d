"""What light, lens and file do to a picture; all in it stays where it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from kornia.filters import gaussian_blur2d
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from closeup.training.dice import Dice

_WIDEST_BLUR = 3
"""Standard deviations on either side that a blur's kernel has room for."""


@dataclass(frozen=True, slots=True)
class Photography:
    """How much pictures are changed.

    Attributes:
        gamma: Standard deviation of the logarithm of gamma.
        slope: Standard deviation of the change of light from the middle to an edge, as a
            share of the light; across and down.
        blurred: Share of the pictures that are blurred.
        blur: Standard deviation of the blur in pixels, from and to.
        coarse: Share of the pictures that are made smaller and large again.
        coarseness: To what share of their size, from and to.
        compressed: Share of the pictures that become JPEG.
        quality: Of JPEG, from and to.
        noise: Largest standard deviation of the noise, 1 being white.

    """

    gamma: float = 0.25
    slope: float = 0.15
    blurred: float = 0.25
    blur: tuple[float, float] = (0.5, 2.0)
    coarse: float = 0.25
    coarseness: tuple[float, float] = (0.35, 0.85)
    compressed: float = 0.2
    quality: tuple[int, int] = (30, 90)
    noise: float = 0.03


def photographed(pictures: Tensor, options: Photography, dice: Dice) -> Tensor:
    """Change pictures, each in its own way.

    Args:
        pictures: (n, H, W) grey or (n, 3, H, W) RGB, 0 … 1.
        options: How much.
        dice: Decides everything.

    Returns:
        New ones of that shape, 0 … 1.

    """
    if pictures.ndim == 3:
        return photographed(pictures[:, None], options, dice)[:, 0]
    count, _, rows, columns = pictures.shape
    changed = pictures.clamp(1e-4, 1) ** (dice.normal(count, 1, 1, 1) * options.gamma).exp()
    across, down = (dice.normal(2, count, 1, 1, 1) * options.slope).unbind()
    light = across * torch.linspace(-1, 1, columns) + down * torch.linspace(-1, 1, rows)[:, None]
    changed = changed * (1 + light).clamp(min=0)
    for share, change in (
        (options.blurred, _blurred),
        (options.coarse, _made_coarse),
        (1.0, _noisy),
        (options.compressed, _compressed),
    ):
        some = dice.chosen(share, count).nonzero()[:, 0]
        if len(some):
            changed[some] = change(changed[some], options, dice)
    return changed.clamp(0, 1)


def _blurred(pictures: Tensor, options: Photography, dice: Dice) -> Tensor:
    deviations = dice.between(*options.blur, len(pictures))
    side = 2 * round(_WIDEST_BLUR * options.blur[1]) + 1
    both = deviations[:, None].expand(-1, 2)
    return gaussian_blur2d(pictures, side, both, border_type="replicate")


def _made_coarse(pictures: Tensor, options: Photography, dice: Dice) -> Tensor:
    """One factor for all: they are resized as one batch."""
    factor = float(dice.between(*options.coarseness))
    size = (pictures.shape[2], pictures.shape[3])
    smaller = [max(2, round(side * factor)) for side in size]
    small = functional.interpolate(pictures, smaller, mode="bilinear", antialias=True)
    return functional.interpolate(small, size, mode="bilinear")


def _noisy(pictures: Tensor, options: Photography, dice: Dice) -> Tensor:
    """Grain, the same in all colours: most of what cameras leave of their noise."""
    count, _, rows, columns = pictures.shape
    loud = dice.between(0, options.noise, count, 1, 1, 1)
    return pictures + dice.normal(count, 1, rows, columns) * loud


def _compressed(pictures: Tensor, options: Photography, dice: Dice) -> Tensor:
    """Written as JPEG and read again: no imitation is as quick as the codec itself."""
    pixels = (pictures.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    qualities = dice.between(*options.quality, len(pictures)).round().int().tolist()
    read = [_through_jpeg(*one) for one in zip(pixels, qualities, strict=True)]
    return torch.from_numpy(np.stack(read)).permute(0, 3, 1, 2).float() / 255


def _through_jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """One picture of shape (H, W, 1) or (H, W, 3), RGB, which OpenCV has the other way round."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality]
    _, file = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), settings)
    read = np.asarray(cv2.imdecode(file, cv2.IMREAD_UNCHANGED), np.uint8)
    return read.reshape(picture.shape)[..., ::-1]
