"""Head and upper body of whoever has a face: what tells a member also when the face is hidden."""

from __future__ import annotations

import numpy as np

from closeup.geometry import Boxes, Size, clipped, heights_of

_SIDE = 1.3
"""From the middle of the face to either side, in its heights: shoulders, and arms that hang."""
_ABOVE = 0.35
"""Above the hairline, for hair."""
_BELOW = 2.6
"""Below the chin: to the hips. Farther down people hide each other, and close shots end."""


def upper_bodies(faces: Boxes, picture: Size) -> Boxes:
    """Boxes from above the hair to the hips, as wide as shoulders and arms, cut at the edges.

    Args:
        faces: (n, 4) hairline to chin.
        picture: Size of the picture.

    Returns:
        (n, 4); one that lies outside of the picture has no area.

    """
    heights = heights_of(faces)
    middles = (faces[:, 0] + faces[:, 2]) / 2
    bodies = np.stack(
        [
            middles - _SIDE * heights,
            faces[:, 1] - _ABOVE * heights,
            middles + _SIDE * heights,
            faces[:, 3] + _BELOW * heights,
        ],
        axis=1,
    )
    return clipped(bodies, picture)
