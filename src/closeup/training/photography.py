"""Photometric augmentation: light, colour, blur, resolution, noise, JPEG; no pixel moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from closeup.training.rng import TensorRng

_WIDEST_BLUR = 3
"""Standard deviations on either side that a blur's kernel has room for."""


@dataclass(frozen=True, slots=True)
class Photography:
    """Strengths of the photometric augmentation.

    Attributes:
        gamma: Standard deviation of the logarithm of gamma.
        slope: Standard deviation of the relative change of light from the centre to an edge,
            horizontally and vertically.
        blurred: Share of the pictures that are blurred.
        blur: Range of the blur's standard deviation in pixels (low, high).
        coarse: Share of the pictures that are downscaled and upscaled again.
        coarseness: Range of the downscaling factor (low, high).
        compressed: Share of the pictures that are compressed as JPEG.
        quality: Range of the JPEG quality (low, high).
        noise: Largest standard deviation of the noise, where white is 1.

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


def photographed(pictures: Tensor, options: Photography, rng: TensorRng) -> Tensor:
    """Augment pictures, each with its own random values.

    Args:
        pictures: (n, H, W) grey or (n, 3, H, W) RGB, 0 … 1.
        options: Strengths of the changes.
        rng: The only source of randomness.

    Returns:
        New pictures of the same shape, 0 … 1.

    """
    if pictures.ndim == 3:
        return photographed(pictures[:, None], options, rng)[:, 0]
    count, _, rows, columns = pictures.shape
    # In place from here on: allocating memory would take most of the time.
    changed = pictures.clamp(1e-4, 1).pow_((rng.normal(count, 1, 1, 1) * options.gamma).exp())
    across, down = (rng.normal(2, count, 1, 1, 1) * options.slope).unbind()
    light = across * torch.linspace(-1, 1, columns) + down * torch.linspace(-1, 1, rows)[:, None]
    changed.mul_(light.add_(1).clamp_(min=0))
    _change_some(changed, options.blurred, _blurred, options, rng)
    _change_some(changed, options.coarse, _made_coarse, options, rng)
    # Grain, equal in all channels: most of the noise that remains after a camera's denoising.
    loud = rng.between(0, options.noise, count, 1, 1, 1)
    changed.add_(rng.normal(count, 1, rows, columns).mul_(loud)).clamp_(0, 1)
    _change_some(changed, options.compressed, _compressed, options, rng)
    return changed


def coloured(pictures: Tensor, deviation: float, grey: float, rng: TensorRng) -> None:
    """Change the colour of pictures in place, each with its own random values.

    Args:
        pictures: (n, 3, H, W) RGB, 0 … 1.
        deviation: Standard deviation of the logarithm of each channel's gain: coloured light.
        grey: Share of the pictures that lose their colour.
        rng: The only source of randomness.

    """
    gains = rng.normal(len(pictures), 3, 1, 1).mul_(deviation).exp_()
    pictures.mul_(gains).clamp_(0, 1)
    chosen = rng.chosen(grey, len(pictures))
    pictures[chosen] = pictures[chosen].mean(1, keepdim=True)


def _change_some(
    pictures: Tensor,
    share: float,
    change: Callable[[Tensor, Photography, TensorRng], Tensor],
    options: Photography,
    rng: TensorRng,
) -> None:
    some = rng.chosen(share, len(pictures)).nonzero()[:, 0]
    if len(some):
        pictures[some] = change(pictures[some], options, rng)


def _blurred(pictures: Tensor, options: Photography, rng: TensorRng) -> Tensor:
    deviations = rng.between(*options.blur, len(pictures))
    side = 2 * round(_WIDEST_BLUR * options.blur[1]) + 1
    pairs = zip(_with_channels_last(pictures), deviations.tolist(), strict=True)
    return _with_channels_first(
        [
            cv2.GaussianBlur(picture, (side, side), deviation, borderType=cv2.BORDER_REPLICATE)
            for picture, deviation in pairs
        ]
    )


def _made_coarse(pictures: Tensor, options: Photography, rng: TensorRng) -> Tensor:
    """All pictures share one factor, because they are resized as one batch."""
    factor = float(rng.between(*options.coarseness))
    size = (pictures.shape[2], pictures.shape[3])
    smaller = [max(2, round(side * factor)) for side in size]
    small = functional.interpolate(pictures, smaller, mode="bilinear", antialias=True)
    return functional.interpolate(small, size, mode="bilinear")


def _compressed(pictures: Tensor, options: Photography, rng: TensorRng) -> Tensor:
    """Encode as JPEG and decode: no simulation is as quick as the codec itself."""
    pixels = _with_channels_last((pictures * 255).round_().to(torch.uint8))
    qualities = rng.between(*options.quality, len(pictures)).round().int().tolist()
    read = [_through_jpeg(*one) for one in zip(pixels, qualities, strict=True)]
    return _with_channels_first(read).float().div_(255)


def _through_jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Compress one picture, (H, W, 1) or (H, W, 3) RGB; OpenCV itself uses BGR."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality]
    _, file = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), settings)
    read = np.asarray(cv2.imdecode(file, cv2.IMREAD_UNCHANGED), np.uint8)
    return read.reshape(picture.shape)[..., ::-1]


def _with_channels_last(pictures: Tensor) -> NDArray[Any]:
    """(n, H, W, 1) or (n, H, W, 3), as OpenCV takes them one by one."""
    return np.ascontiguousarray(pictures.permute(0, 2, 3, 1).numpy())


def _with_channels_first(pictures: list[NDArray[Any]]) -> Tensor:
    """(n, c, H, W); OpenCV drops the last axis of one-channel pictures."""
    joined = np.stack(pictures)
    joined = joined if joined.ndim == 4 else joined[..., None]
    return torch.from_numpy(joined).permute(0, 3, 1, 2)
