"""Face boxes from upper bodies and upper bodies from face boxes, by human proportions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from closeup.geometry import Boxes, Size, clipped, heights_of, widths_of

_FEWEST = 8
"""Minimum pairs of a face and a body box for fitted proportions; below, the defaults are used."""


@dataclass(frozen=True, slots=True)
class FaceInBox:
    """Position of a face in its body box, in box widths: close shots cut off the height more often.

    The defaults are the proportions of :func:`closeup.fancam.face_from_body.upper_bodies`.

    Attributes:
        across: Distance from the left edge of the box to the middle of the face.
        top: Distance from the upper edge of the box to the hairline.
        width: Width of the face.
        height: Height of the face.

    """

    across: float = 0.5
    top: float = 0.135
    width: float = 0.3
    height: float = 0.385

    @classmethod
    def fitted(cls, faces: Boxes, boxes: Boxes) -> FaceInBox:
        """The median over n pairs; the default proportions if there are fewer than eight.

        Args:
            faces: (n, 4) xyxy in pixels.
            boxes: (n, 4) body boxes of the same people, xyxy in the same pixels.

        """
        if len(faces) < _FEWEST:
            return cls()
        unit = widths_of(boxes)
        shares = np.stack(
            [
                (faces[:, 0] + faces[:, 2]) / 2 - boxes[:, 0],
                faces[:, 1] - boxes[:, 1],
                widths_of(faces),
                heights_of(faces),
            ]
        )
        return cls(*np.median(shares / unit, axis=1).tolist())

    def faces(self, boxes: Boxes) -> Boxes:
        """The faces (n, 4) in boxes (n, 4)."""
        unit = widths_of(boxes)
        middle, top = boxes[:, 0] + self.across * unit, boxes[:, 1] + self.top * unit
        half = self.width / 2 * unit
        edges = [middle - half, top, middle + half, top + self.height * unit]
        return np.stack(edges, axis=1).astype(np.float32)


_SIDE = 1.3
"""From the middle of the face to either side, in face heights: shoulders and hanging arms."""
_ABOVE = 0.35
"""Above the hairline, in face heights, for hair."""
_BELOW = 2.6
"""Below the chin to the hips, in face heights; legs are often occluded or outside close shots."""


def upper_bodies(faces: Boxes, picture: Size) -> Boxes:
    """Boxes from above the hair to the hips, as wide as shoulders and arms, clipped to the picture.

    Args:
        faces: (n, 4) xyxy in pixels, hairline to chin.
        picture: Size of the picture in pixels.

    Returns:
        (n, 4) xyxy in pixels; a box outside the picture has no area.

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
