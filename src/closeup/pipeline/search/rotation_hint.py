"""The hint to rotate a video whose faces are not upright."""

from __future__ import annotations

from closeup.faces import Faces
from closeup.fancam.better_rotation import FaceShare, better_rotation, rotation_line
from closeup.media.pictures import Pictures
from closeup.progress import Progress
from closeup.protocols import FaceDetector


class RotationHint:
    """Watches the faces of one search, and gives the hint where the video lies on its side.

    Args:
        pictures: The pictures that are searched; only a video gets the hint.
        detector: Finds the faces.
        progress: Receives the hint.

    """

    def __init__(self, pictures: Pictures, detector: FaceDetector, progress: Progress) -> None:
        self._video = pictures.video
        self._detector = detector
        self._progress = progress
        self._share = FaceShare()

    def add(self, faces: Faces) -> None:
        """Count the faces of one picture."""
        self._share.add(faces)

    def tell(self) -> None:
        """Give the hint after the last picture; no effect where the faces are upright."""
        if self._video is None or not self._share.doubtful:
            return
        degrees = better_rotation(self._video, self._detector, self._progress)
        if degrees is not None:
            self._progress.say(rotation_line(self._video.path.name, degrees))
