"""A detector that finds no face: where members are found otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from closeup.faces import Faces
from closeup.frames import RGBImage


class NoFaces:
    """Finds nothing, at once."""

    name = "none"
    reliable_height = 32

    def detect(self, images: Sequence[RGBImage]) -> list[Faces]:
        """See :meth:`closeup.protocols.FaceDetector.detect`."""
        return [Faces.none() for _ in images]
