"""Detects the faces of heads that are known already, in as small a picture as suffices."""

from __future__ import annotations

import numpy as np

from closeup.faces import Faces
from closeup.fancam.frame_preparation import KeyFrame
from closeup.geometry import Boxes, Size, heights_of, sides_of
from closeup.protocols import FaceDetector

_ROOM = 1.25
"""Margin on the detector's reliable height: the face may have shrunk since it was last seen."""
_SCALES = (0.5, 0.75)
"""Reduced scales for detection; full size is used where the smaller one is too small."""
_MARGIN = 1.5
"""Width of the surroundings of a head on each side, in its longer sides: a detector needs to see
what is around a face, and a head that was lost may have moved."""


class HeadSearch:
    """Searches the key frames between two looks at the whole picture.

    A frame is searched where heads were since the last look at the whole picture, and everywhere
    if no head is left. Faces that appear elsewhere are found by the next look at the whole picture.

    Args:
        detector: Finds the faces.

    """

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self._places = np.empty((0, 4), np.float32)

    def remember(self, heads: Boxes, *, whole: bool) -> None:
        """Keep the places of heads after a key frame.

        Args:
            heads: (n, 4) boxes of the heads, in the pixels of the grey picture.
            whole: Whether the whole picture was searched: older places are then forgotten.

        """
        self._places = heads if whole else np.concatenate([self._places, heads])

    def faces(self, key: KeyFrame, heads: Boxes) -> Faces:
        """Detect faces in a key frame.

        The picture is reduced as far as the smallest head stays large enough for the detector.

        Args:
            key: The key frame.
            heads: (n, 4) predicted boxes of all heads, in the pixels of the grey picture.

        Returns:
            The faces, in the pixels of a picture of the key frame's size.

        """
        if not len(heads):
            return self._detector.detect(key.picture())
        width = key.look.gray.shape[1]
        least = _ROOM * self._detector.reliable_height
        smallest = float(heights_of(heads).min()) * key.size.width / width
        picture = key.picture(next((s for s in _SCALES if s * smallest >= least), 1.0))
        places = np.concatenate([self._places, heads]) * np.float32(picture.shape[1] / width)
        rows, columns = _around(places, Size.of(picture))
        faces = self._detector.detect(np.ascontiguousarray(picture[rows, columns]))
        faces = faces.moved(columns.start, rows.start)
        return faces.scaled(key.size.width / picture.shape[1], key.size.height / picture.shape[0])


def _around(boxes: Boxes, size: Size) -> tuple[slice, slice]:
    """Rows and columns of the part of a picture around all boxes (n, 4), n > 0."""
    reach = _MARGIN * sides_of(boxes).max(axis=1, keepdims=True)
    x1, y1 = np.clip((boxes[:, :2] - reach).min(axis=0), 0, np.array(size) - 1).astype(int)
    x2, y2 = np.clip((boxes[:, 2:] + reach).max(axis=0), (x1 + 1, y1 + 1), size).astype(int)
    return slice(int(y1), int(y2)), slice(int(x1), int(x2))
