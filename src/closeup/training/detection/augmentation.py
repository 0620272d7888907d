"""Augmented pictures: mosaic, shift, scale, mirroring, colour and photometric changes."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from closeup.detection.letterbox import largest_inside
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import PictureLabels
from closeup.training.detection.pictures import PictureCache
from closeup.training.detection.samples import DetectionSet
from closeup.training.detection.tiles import CanvasArea, Least, Tile, draw, empty_canvas, moved
from closeup.training.photography import Photography, photographed
from closeup.training.rng import TensorRng

_HUES = 180
"""Number of hue values in OpenCV's 8-bit HSV."""


@dataclass(frozen=True, slots=True)
class DetectionAugmentation:
    """Strengths of the augmentation of pictures.

    Attributes:
        mosaic: Share of samples that are a mosaic of four pictures.
        calm_from: First epoch, counted from 0, without mosaics; None: all epochs have them. The
            last tenth of a training should be without mosaics.
        crossing: Least distance of the mosaic's centre from the canvas's edge, as a fraction of
            the side.
        mirrored: Share of pictures that are mirrored; none if the points have no flip indices.
        scale: Range of a picture's scale (low, high); at 1, it fills the canvas.
        shift: Largest shift of a picture, as a fraction of the canvas; a picture larger than
            the canvas may show any section.
        hue: Largest rotation of the hue, as a fraction of the colour circle.
        saturation: Largest relative change of the saturation.
        brightness: Largest relative change of the brightness.
        photography: Strengths of the photometric changes.
        least: Least rest of a box that an edge cuts.

    Raises:
        ValueError: a share or a range is invalid.

    """

    mosaic: float = 1.0
    calm_from: int | None = None
    crossing: float = 0.3
    mirrored: float = 0.5
    scale: tuple[float, float] = (0.5, 1.5)
    shift: float = 0.1
    hue: float = 0.015
    saturation: float = 0.6
    brightness: float = 0.4
    photography: Photography = field(
        default_factory=lambda: Photography(
            gamma=0.15, slope=0.1, blurred=0.1, blur=(0.4, 1.2), coarse=0.1,
            coarseness=(0.5, 0.9), compressed=0.2, noise=0.02,
        )
    )  # fmt: skip
    least: Least = field(default_factory=Least)

    def __post_init__(self) -> None:
        if not 0 < self.scale[0] <= self.scale[1]:
            raise ValueError(f"scale must go from a positive number upwards, not {self.scale}")
        if not 0 < self.crossing <= 0.5:
            raise ValueError(f"crossing must be above 0 and at most 0.5, not {self.crossing}")
        shares = (self.mosaic, self.mirrored, self.hue, self.saturation, self.brightness)
        if min(shares) < 0 or max(shares) > 1:
            raise ValueError("shares of pictures and of colours must be 0 to 1")

    def largest(self, canvas: Size) -> Size:
        """The largest size at which a picture is drawn."""
        return Size(*(max(1, round(side * max(1.0, self.scale[1]))) for side in canvas))


def plain(
    samples: DetectionSet, index: int, canvas: Size, pictures: PictureCache
) -> tuple[RGBImage, PictureLabels]:
    """A picture as prediction sees it, with its labels in pixels of the canvas."""
    size = samples.size(index)
    tile = Tile.plain(size, canvas)
    image = empty_canvas(canvas)
    draw(image, tile, pictures.read(index))
    return image, moved(samples.of(index), size, tile, samples.flip)


def augmented(
    samples: DetectionSet,
    index: int,
    canvas: Size,
    pictures: PictureCache,
    options: DetectionAugmentation,
    rng: TensorRng,
    *,
    calm: bool = False,
) -> tuple[RGBImage, PictureLabels]:
    """An augmented picture, with its labels moved along.

    Args:
        samples: All pictures; a mosaic takes three more of them.
        index: Index of the picture.
        canvas: Size of the result.
        pictures: Reads the pictures.
        options: Strengths of the augmentation.
        rng: The only source of randomness.
        calm: Make no mosaic.

    Returns:
        RGB uint8 (H, W, 3), and labels in its pixels.

    """
    if not calm and bool(rng.chosen(options.mosaic, 1)):
        others = (rng.between(0, len(samples), 3).long() % len(samples)).tolist()
        chosen, parts = [index, *others], _four(canvas, options.crossing, rng)
    else:
        chosen, parts = [index], [CanvasArea.whole(canvas)]
    image, labels = empty_canvas(canvas), []
    for number, part in zip(chosen, parts, strict=True):
        size = samples.size(number)
        mirrors = bool(rng.chosen(options.mirrored, 1))
        mirrors &= not samples.points or bool(samples.flip)
        lay = _scattered if len(chosen) > 1 else _shifted
        tile = lay(size, canvas, part, options, mirrors, rng)
        draw(image, tile, pictures.read(number))
        labels.append(moved(samples.of(number), size, tile, samples.flip, options.least))
    return _photographed(_coloured(image, options, rng), options, rng), PictureLabels.joined(labels)


def _four(canvas: Size, crossing: float, rng: TensorRng) -> list[CanvasArea]:
    """The four parts of the canvas around a random point, in random order."""
    x, y = (round(float(rng.between(crossing, 1 - crossing)) * side) for side in canvas)
    across, down = ((0, x), (x, canvas.width)), ((0, y), (y, canvas.height))
    parts = [CanvasArea(left, top, right, bottom) for left, right in across for top, bottom in down]
    return [parts[number] for number in rng.order(4).tolist()]


def _shifted(
    size: Size,
    canvas: Size,
    part: CanvasArea,
    options: DetectionAugmentation,
    mirrored: bool,
    rng: TensorRng,
) -> Tile:
    """Place a picture near the centre of the canvas; a larger one shows any section."""
    inner = _scaled(size, canvas, options, rng)
    left, top = (
        round((whole - side) / 2 + float(rng.between(-1, 1)) * max(room, options.shift * whole))
        for whole, side, room in (
            (whole, side, (side - whole) / 2) for whole, side in zip(canvas, inner, strict=True)
        )
    )
    return Tile(part, inner, left, top, mirrored)


def _scattered(
    size: Size,
    canvas: Size,
    part: CanvasArea,
    options: DetectionAugmentation,
    mirrored: bool,
    rng: TensorRng,
) -> Tile:
    """Place a picture anywhere in its part; a larger one shows any section."""
    inner = _scaled(size, canvas, options, rng)
    left, top = (
        round(float(rng.between(0, 1)) * (room - side))
        for room, side in zip(part.size, inner, strict=True)
    )
    return Tile(part, inner, part.left + left, part.top + top, mirrored)


def _scaled(size: Size, canvas: Size, options: DetectionAugmentation, rng: TensorRng) -> Size:
    """A random size: the logarithm of the scale is uniformly distributed."""
    low, high = np.log(options.scale)
    scale = float(np.exp(float(rng.between(low, high))))
    whole = largest_inside(size, canvas)
    return Size(*(max(1, round(side * scale)) for side in whole))


def _coloured(image: RGBImage, options: DetectionAugmentation, rng: TensorRng) -> RGBImage:
    turn, *gains = (
        float(rng.between(-most, most))
        for most in (options.hue, options.saturation, options.brightness)
    )
    values = np.arange(256, dtype=np.float64)
    tables = [(np.arange(256) + round(turn * _HUES)) % _HUES]
    tables += [np.clip(np.rint(values * (1 + gain)), 0, 255) for gain in gains]
    table = np.stack(tables, axis=-1).astype(np.uint8)[None]
    changed = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_RGB2HSV), table)
    return np.asarray(cv2.cvtColor(changed, cv2.COLOR_HSV2RGB), np.uint8)


def _photographed(image: RGBImage, options: DetectionAugmentation, rng: TensorRng) -> RGBImage:
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
    changed = photographed(pixels, options.photography, rng)[0]
    whole: NDArray[np.uint8] = (changed * 255).round().byte().permute(1, 2, 0).numpy()
    return np.ascontiguousarray(whole)
