"""Eyes that look elsewhere: the iris is moved within its eye, and the label with it.

In photos nearly all people look into the camera. A network that has seen no others learns where
the middle of an eye is, which is right for them, and draws pupils that look aside towards it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from closeup.training.pupils.warp import Extent
from closeup.training.rng import TensorRng

_REACH = (0.24, 0.17)
"""Half the width and height around a pupil beyond which nothing moves, in eye distances: to the
corners of the eye, and over its lids."""

_IRIS = 0.33
"""Share of this that moves as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """How far the irises of n eyes are moved.

    Attributes:
        pupils: (n, 2) where they were, in eye distances from the upper left corner of the crop.
        moves: (n, 2) in eye distances of the crop; 0 where an eye stays as it is.

    """

    pupils: Tensor
    moves: Tensor

    def sources(self, places: Tensor) -> Tensor:
        """Where to take what is to be seen at places (n, p, 2), both in eye distances.

        A whole way back within the iris, less and less towards the corners of the eye, by a
        cubic step.
        """
        away = places - (self.pupils + self.moves)[:, None]
        far = (away / away.new_tensor(_REACH)).norm(dim=2, keepdim=True)
        nearness = ((1 - far) / (1 - _IRIS)).clamp(0, 1)
        share: Tensor = nearness.square() * (3 - 2 * nearness)
        return places - share * self.moves[:, None]


def glances(
    pupils: Tensor, extent: Extent, spread: tuple[float, float], share: float, dice: TensorRng
) -> Glance:
    """Random glances.

    Args:
        pupils: (n, 2) as shares of the crops' sides; NaN where unknown, which are not moved.
        extent: Width and height of the crops, in eye distances.
        spread: Standard deviation of a move across and down, in eye distances; none is larger
            than twice that, so that nothing folds.
        share: Of the eyes that are moved.
        dice: Decides.

    """
    known = torch.isfinite(pupils).all(1)
    moved = dice.chosen(share, len(pupils)) & known
    moves = dice.normal(len(pupils), 2).clamp(-2, 2) * torch.tensor(spread)
    places = pupils.nan_to_num(0.5) * torch.tensor(extent)
    return Glance(places, moves * moved[:, None])
