"""A detector that finds no faces, for members who are found by another method."""

from __future__ import annotations

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import FaceDetector


class NoFaces(FaceDetector):
    """Returns no faces, without looking at the picture."""

    name = "none"
    reliable_height = 32

    def detect(self, image: RGBImage) -> Faces:  # noqa: ARG002
        """Return no faces for any picture."""
        return Faces.none()
