"""Gaze augmentation: the iris is moved within its eye, and the label with it.

In photos, nearly all people look into the camera. A network trained on them alone learns to
predict the centre of the eye, and its pupils are biased towards it when people look aside.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from closeup.training.pupils.warp import Extent
from closeup.training.rng import TensorRng

_REACH = (0.24, 0.17)
"""Half the width and height of the ellipse around a pupil in which pixels move, in eye distances:
it reaches the corners of the eye and covers its lids."""

_IRIS = 0.33
"""Fraction of this ellipse that moves rigidly."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """Moves of the irises of n eyes.

    Attributes:
        pupils: (n, 2) x, y before the move, in eye distances from the crop's upper left corner.
        moves: (n, 2) x, y in eye distances of the crop; 0 for an eye that is not moved.

    """

    pupils: Tensor
    moves: Tensor

    def sources(self, places: Tensor) -> Tensor:
        """Source positions to sample for target positions (n, p, 2), both in eye distances.

        The displacement is the whole move within the iris, and falls to 0 at the corners of
        the eye by a cubic smoothstep.
        """
        away = places - (self.pupils + self.moves)[:, None]
        far = (away / away.new_tensor(_REACH)).norm(dim=2, keepdim=True)
        nearness = ((1 - far) / (1 - _IRIS)).clamp(0, 1)
        share: Tensor = nearness.square() * (3 - 2 * nearness)
        return places - share * self.moves[:, None]


def glances(
    pupils: Tensor, extent: Extent, spread: tuple[float, float], share: float, rng: TensorRng
) -> Glance:
    """Random moves of the irises.

    Args:
        pupils: (n, 2) x, y as fractions of the crops' sides; NaN if unknown: not moved.
        extent: Width and height of the crops, in eye distances.
        spread: Standard deviation of a move in x and y, in eye distances; moves are clipped to
            twice that, so that the warp does not fold.
        share: Fraction of the eyes that are moved.
        rng: The source of randomness.

    """
    known = torch.isfinite(pupils).all(1)
    moved = rng.chosen(share, len(pupils)) & known
    moves = rng.normal(len(pupils), 2).clamp(-2, 2) * torch.tensor(spread)
    places = pupils.nan_to_num(0.5) * torch.tensor(extent)
    return Glance(places, moves * moved[:, None])
