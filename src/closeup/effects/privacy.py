"""Effects for privacy: faces made unrecognisable."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.concealing import WIDER, conceal
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import centres_of, sides_of

_BAR = (0.1, 0.62)
"""Upper and lower edge of the bar over eyes and brows, in heights of the box from its top."""


class CoveringEffect(ABC):
    """Covers every face that it is given.

    In a video the caller gives it the boxes of :func:`closeup.effects.covered_faces.find_covers`,
    so that no face is missed where it is not found for a moment.
    """

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        drawn = image.copy()
        for box in faces.boxes.astype(np.float64):
            self._cover(drawn, box)
        return drawn

    @abstractmethod
    def _cover(self, drawn: RGBImage, box: NDArray[np.float64]) -> None:
        """Cover the face in ``box`` (4,) of a picture, which is changed."""


class BlurredFaces(CoveringEffect):
    """Blurs faces so strongly that little but their colour is left."""

    def _cover(self, drawn: RGBImage, box: NDArray[np.float64]) -> None:
        conceal(drawn, box, smooth=True)


class PixelatedFaces(CoveringEffect):
    """Replaces faces by large blocks."""

    def _cover(self, drawn: RGBImage, box: NDArray[np.float64]) -> None:
        conceal(drawn, box, smooth=False)


class BlackBars(CoveringEffect):
    """Draws a black bar over eyes and brows.

    Mouth and hair stay visible: people who know a person may still recognise it.
    """

    def _cover(self, drawn: RGBImage, box: NDArray[np.float64]) -> None:
        width, height = sides_of(box)
        middle, top = float(centres_of(box)[0]), float(box[1])
        low = np.array([middle - WIDER * width / 2, top + _BAR[0] * height])
        high = np.array([middle + WIDER * width / 2, top + _BAR[1] * height])
        size = (drawn.shape[1], drawn.shape[0])
        left, upper = np.clip(np.floor(low + 0.5), 0, size).astype(int).tolist()
        right, lower = np.clip(np.ceil(high + 0.5), 0, size).astype(int).tolist()
        drawn[upper:lower, left:right] = 0
