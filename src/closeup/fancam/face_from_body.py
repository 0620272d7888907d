"""Faces and upper bodies from each other, by the proportions of people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from closeup.geometry import Boxes, Size, clipped, heights_of, widths_of

_FEWEST = 8
"""Pairs of a face and a box from which they are believed rather than the usual proportions."""


@dataclass(frozen=True, slots=True)
class FaceInBox:
    """A face's place in its box, in widths of the box, which edges of close shots cut least.

    The usual one is that of :func:`closeup.fancam.face_from_body.upper_bodies`.

    Attributes:
        across: From the left edge of the box to the middle of the face.
        top: From the upper edge of the box to the hairline.
        width: Of the face.
        height: Of the face.

    """

    across: float = 0.5
    top: float = 0.135
    width: float = 0.3
    height: float = 0.385

    @classmethod
    def fitted(cls, faces: Boxes, boxes: Boxes) -> FaceInBox:
        """The median of pairs; the usual one where there are few.

        Args:
            faces: (n, 4) xyxy.
            boxes: (n, 4) around the same people.

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
