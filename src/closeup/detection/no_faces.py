"""A detector that finds no face: where members are found otherwise."""

from __future__ import annotations

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import FaceDetector


class NoFaces(FaceDetector):
    """Finds nothing, at once."""

    name = "none"
    reliable_height = 32

    def detect(self, image: RGBImage) -> Faces:  # noqa: ARG002
        """No face, whatever the picture."""
        return Faces.none()
