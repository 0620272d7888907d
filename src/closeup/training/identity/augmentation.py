"""Random changes of aligned faces: what alignment leaves over, other light, and a far camera."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from closeup.training.photography import Photography, coloured, photographed
from closeup.training.placement import RandomPlacement, placed
from closeup.training.rng import TensorRng

_WHITE = 255.0
_BOX = 0.7
"""Height of a face's box in a chip, in sides."""
_AT = 30.0
"""Height in pixels at which the errors of the alignment are given."""
_SMEAR = np.full((1, 5), 0.2, np.float32)

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaceAugmentation:
    """Strengths of the augmentation.

    Attributes:
        placement: Errors of the alignment.
        colour: Standard deviation of the logarithm of each channel's gain: coloured light.
        grey: Share of the faces without colour.
        photography: Light, blur, resolution, noise and compression.

    """

    placement: RandomPlacement = field(default_factory=lambda: RandomPlacement(0.015, 0.03, 3.0))
    colour: float = 0.05
    grey: float = 0.1
    photography: Photography = field(
        default_factory=lambda: Photography(
            gamma=0.15, slope=0.1, blurred=0.1, blur=(0.4, 1.2), coarse=0.15,
            coarseness=(0.5, 0.9), compressed=0.1, quality=(40, 95), noise=0.02,
        )
    )  # fmt: skip


def augmented(chips: Tensor, options: FaceAugmentation, rng: TensorRng) -> Tensor:
    """Augment faces, each with its own random values; half of them are mirrored.

    Args:
        chips: (n, S, S, 3) RGB uint8.
        options: Strengths of the changes.
        rng: The only source of randomness.

    Returns:
        (n, S, S, 3) RGB uint8.

    """
    pictures = chips.permute(0, 3, 1, 2).float().div_(_WHITE)
    pictures = placed(pictures, pictures.shape[-1], options.placement, rng)
    coloured(pictures, options.colour, options.grey, rng)
    pictures = photographed(pictures, options.photography, rng)
    return pictures.mul_(_WHITE).round_().to(torch.uint8).permute(0, 2, 3, 1)


@dataclass(frozen=True, slots=True)
class FarCamera:
    """Strengths of what distance and a stage's light do to a face.

    The order is that of a camera: noise and compression come before the face is enlarged to a
    chip, where one block of JPEG may be a third of the face.

    Attributes:
        alignment: Errors of the alignment of a face of thirty pixels; those of others are inverse
            to their height, as measured on LFW (``seen_from_afar``, dlib's five points).
        height: Height of the face in the picture (least, most), in pixels.
        blurred: Share of the faces that are blurred.
        blur: Standard deviation of the blur (least, most), in pixels of the picture.
        smeared: Share of the faces that move by five pixels during the exposure.
        light: Factor of the brightness (least, most).
        colour: Standard deviation of the logarithm of each channel's gain.
        noise: Largest standard deviation of the noise, in grey levels.
        quality: JPEG quality (least, most).

    """

    alignment: RandomPlacement = field(default_factory=lambda: RandomPlacement(0.011, 0.045, 2.2))
    height: tuple[float, float] = (18.0, 110.0)
    blurred: float = 0.5
    blur: tuple[float, float] = (0.3, 1.2)
    smeared: float = 0.15
    light: tuple[float, float] = (0.35, 1.2)
    colour: float = 0.1
    noise: float = 5.0
    quality: tuple[int, int] = (30, 92)


def from_afar(chips: Tensor, options: FarCamera, rng: TensorRng) -> Tensor:
    """Show faces as from afar, each with its own random values; half of them are mirrored.

    Args:
        chips: (n, S, S, 3) RGB uint8.
        options: Strengths of the changes.
        rng: The only source of randomness.

    Returns:
        (n, S, S, 3) RGB uint8.

    """
    low, high = (math.log(height) for height in options.height)
    heights = rng.between(low, high, len(chips)).exp()
    pictures = chips.permute(0, 3, 1, 2).float()
    moved = placed(pictures, chips.shape[1], options.alignment, rng, strength=_AT / heights)
    seen = [
        _seen(picture, height, options, rng)
        for picture, height in zip(
            moved.permute(0, 2, 3, 1).contiguous().numpy(), heights.tolist(), strict=True
        )
    ]
    return torch.from_numpy(np.stack(seen))


def _seen(picture: Picture, height: float, options: FarCamera, rng: TensorRng) -> NDArray[np.uint8]:
    side = len(picture)
    wanted = min(side, max(8, round(height / _BOX)))
    small = cv2.resize(picture, (wanted, wanted), interpolation=cv2.INTER_AREA)
    small = _lit(_blurred(small.astype(np.float32), options, rng), options, rng)
    coded = _compressed(small, round(float(rng.between(*options.quality))))
    return np.asarray(cv2.resize(coded, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


def _blurred(small: Picture, options: FarCamera, rng: TensorRng) -> Picture:
    soft, smeared, upright = (float(value) for value in rng.between(0, 1, 3))
    if soft < options.blurred:
        deviation = float(rng.between(*options.blur))
        small = cv2.GaussianBlur(small, (0, 0), deviation).astype(np.float32)
    if smeared < options.smeared:
        kernel = _SMEAR if upright < 0.5 else _SMEAR.T
        small = cv2.filter2D(small, -1, kernel).astype(np.float32)
    return small


def _lit(small: Picture, options: FarCamera, rng: TensorRng) -> Picture:
    """Change light and colour, and add noise."""
    gains = (rng.normal(3) * options.colour).exp() * rng.between(*options.light)
    noise = rng.normal(*small.shape) * rng.between(0, options.noise)
    return np.asarray(small * gains.numpy() + noise.numpy(), np.float32).clip(0, _WHITE)


def _compressed(small: Picture, quality: int) -> NDArray[np.uint8]:
    """Encode as JPEG and decode; OpenCV's order of the channels is the other one."""
    pixels = np.ascontiguousarray(small[..., ::-1].astype(np.uint8))
    _, file = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    read = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(read[..., ::-1])
