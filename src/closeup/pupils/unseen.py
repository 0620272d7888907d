"""Eyes that no method should be asked about."""

from __future__ import annotations

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.quality import turned
from closeup.pupils.eye_frame import EyeFrame

_LEAST_DISTANCE = 6.0
"""Pixels between the eyes; an iris of one pixel has no centre."""
_PROFILE = 0.9
"""As :func:`closeup.identity.quality.turned` measures: beyond, one eye is behind the nose."""


def why_unseen(image: RGBImage, face: Faces, frame: EyeFrame) -> tuple[str, str]:
    """Why the right and the left eye cannot be seen; empty strings where they may be.

    Args:
        image: (H, W, 3), the whole picture.
        face: The one face; its pose is judged only where the detector gives points.
        frame: Where its eyes are.

    """
    if frame.distance < _LEAST_DISTANCE:
        small = f"the eyes are less than {_LEAST_DISTANCE:.0f} pixels apart"
        return small, small
    if face.landmarks is not None and turned(face.landmarks[0]) > _PROFILE:
        return "the face is in profile", "the face is in profile"
    height, width = image.shape[:2]
    reasons = [
        "" if -0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5 else "outside the picture"
        for x, y in (frame.right, frame.left)
    ]
    return reasons[0], reasons[1]
