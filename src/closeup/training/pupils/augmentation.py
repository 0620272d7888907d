"""Augmented batches of eyes: random placement, gaze, photometric changes and occlusion."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from closeup.training.photography import Photography, photographed
from closeup.training.pupils.gaze import glances
from closeup.training.pupils.network import EyeInput
from closeup.training.pupils.occlusion import blobs, elsewhere, glasses, painted
from closeup.training.pupils.warp import Extent, Placement, cut, moved
from closeup.training.rng import TensorRng

_WHITE = 255.0


@dataclass(frozen=True, slots=True)
class PupilAugmentation:
    """Strengths of the augmentation; most are standard deviations of normal distributions.

    Attributes:
        shift: Deviation of the crop's centre, in eye distances, in x and in y.
        scale: Deviation of the logarithm of the eye's size.
        rotation: Deviation of the rotation, in degrees.
        glancing: Share of the eyes whose iris is moved.
        glance: Deviation of the iris's move (x, y), in eye distances.
        hidden: Share of the eyes that are hidden: by patches, by dark glasses, or because
            the crop shows another part of the face.
        rims: Share of the eyes that get clear glasses.
        photography: Strengths of the photometric changes.

    """

    shift: float = 0.045
    scale: float = 0.08
    rotation: float = 4.0
    glancing: float = 0.25
    glance: tuple[float, float] = (0.03, 0.01)
    hidden: float = 0.12
    rims: float = 0.06
    photography: Photography = field(default_factory=Photography)


@dataclass(frozen=True, slots=True, eq=False)
class EyeBatch:
    """Stored crops with their labels, as tensors.

    Attributes:
        crops: (n, H, W) uint8 grey.
        points: (n, k, 2) float32 x, y as fractions of the sides; NaN where unknown.
        openness: (n,) float32, 0 (closed) … 1 (wide open); NaN where unknown.
        weight: (n,) float32, the weight of each label in the loss.
        extent: Width and height of the crops, in eye distances.

    """

    crops: Tensor
    points: Tensor
    openness: Tensor
    weight: Tensor
    extent: Extent

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, rows: Tensor | slice) -> EyeBatch:
        return EyeBatch(
            self.crops[rows], self.points[rows], self.openness[rows], self.weight[rows], self.extent
        )

    def content(self) -> bytes:
        """The bytes of all columns."""
        columns = (self.crops, self.points, self.openness, self.weight)
        return b"".join(values.numpy().tobytes() for values in columns)


def plain(eyes: EyeBatch, given: EyeInput) -> dict[str, Tensor]:
    """A batch of crops without augmentation.

    Args:
        eyes: Stored crops.
        given: The crops that the network takes.

    Returns:
        ``eyes`` (n, H, W) float32, 0 … 255; ``points`` (n, k, 2), ``openness``, ``weight`` and
        ``visible`` (n,), as :func:`closeup.training.pupils.losses.pupil_losses` takes them.

    """
    placement = Placement.plain(len(eyes))
    return _batch(
        cut(eyes.crops, eyes.extent, given, placement),
        moved(eyes.points, eyes.extent, given, placement),
        eyes,
        torch.zeros(len(eyes), dtype=torch.bool),
    )


def augmented(
    eyes: EyeBatch, given: EyeInput, options: PupilAugmentation, rng: TensorRng
) -> dict[str, Tensor]:
    """A batch of augmented crops, with their points moved along; the form is that of :func:`plain`.

    The points and the openness of hidden eyes are NaN.
    """
    hidden = rng.chosen(options.hidden, len(eyes))
    placement, absent = _placed(eyes, given, options, hidden, rng)
    glance = glances(
        eyes.points[:, given.pupil], eyes.extent, options.glance, options.glancing, rng
    )  # fmt: skip
    labels = eyes.points.clone()
    labels[:, given.pupil] += glance.moves / torch.tensor(eyes.extent)
    points = moved(labels, eyes.extent, given, placement)
    pictures = cut(eyes.crops, eyes.extent, given, placement, glance.sources) / _WHITE
    pictures = _covered(pictures, points, given, hidden & ~absent, options.rims, rng)
    pictures = photographed(pictures, options.photography, rng)
    return _batch(pictures * _WHITE, points, eyes, hidden)


def _placed(
    eyes: EyeBatch, given: EyeInput, options: PupilAugmentation, hidden: Tensor, rng: TensorRng
) -> tuple[Placement, Tensor]:
    """Where to cut, and which of the hidden eyes lie outside their inputs, (n,) bool."""
    count = len(eyes)
    placement = Placement(
        (options.scale * rng.normal(count)).exp(),
        math.radians(options.rotation) * rng.normal(count),
        options.shift * rng.normal(count, 2),
    )
    away = elsewhere(count, eyes.extent, given, rng)
    if away is None:
        return placement, torch.zeros_like(hidden)
    absent = hidden & rng.chosen(1 / 3, count)
    return Placement(
        torch.where(absent, away.scale, placement.scale),
        torch.where(absent, away.angle, placement.angle),
        torch.where(absent[:, None], away.shift, placement.shift),
    ), absent


def _covered(
    pictures: Tensor, points: Tensor, given: EyeInput, hidden: Tensor, rims: float, rng: TensorRng
) -> Tensor:
    """Cover hidden eyes with dark glasses or blobs, half each; some others get clear ones."""
    pupils = points[:, given.pupil].nan_to_num(0.5)
    middle = (pupils - 0.5) * torch.tensor(given.extent)
    dark = hidden & rng.chosen(0.5, len(pictures))
    clear = ~hidden & rng.chosen(rims, len(pictures))
    covered = pictures.clone()
    for some, opacity in ((dark, (0.93, 1.0)), (clear, (0.0, 0.3))):
        if some.any():
            patches = glasses(middle[some], opacity, rng)
            covered[some] = painted(pictures[some], patches, given, rng)
    rest = hidden & ~dark
    if rest.any():
        patches = blobs(pictures[rest], middle[rest], rng)
        covered[rest] = painted(pictures[rest], patches, given, rng)
    return covered


def _batch(pixels: Tensor, points: Tensor, eyes: EyeBatch, hidden: Tensor) -> dict[str, Tensor]:
    return {
        "eyes": pixels,
        "points": torch.where(hidden[:, None, None], torch.nan, points),
        "openness": torch.where(hidden, torch.nan, eyes.openness),
        "weight": eyes.weight,
        "visible": (~hidden).float(),
    }
