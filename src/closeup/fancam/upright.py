"""Whether the faces of a video are upright, and the rotation that makes them so."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import ROTATIONS
from closeup.media.orientation import rotate_image
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress
from closeup.protocols import FaceDetector
from closeup.timecode import Timecode

_RARE = 0.05
"""Share of pictures with an upright face below which the video may lie on its side."""
_FRAMES = 8
"""Frames that are searched at all rotations."""
_SIDE = 1280
"""Longer side in pixels of the pictures that are searched."""
_LEAST = 2
"""Minimum number of frames with upright faces: a single one may be a false face."""
_TIMES = 3
"""Minimum ratio to the frames with upright faces in the video as it is."""


def upright(faces: Faces) -> NDArray[np.bool_]:
    """Whether each face's mouth is below its eyes, within 45 degrees; shape (n,).

    All are upright if the detector gives no landmarks: such detectors find upright faces only.
    """
    if faces.landmarks is None:
        return np.ones(len(faces), bool)
    across, down = (faces.landmarks[:, 3:].mean(axis=1) - faces.landmarks[:, :2].mean(axis=1)).T
    return np.asarray(down > np.abs(across))


class UprightShare:
    """Counts the pictures of a video, and those in which a face is upright."""

    def __init__(self) -> None:
        self._pictures = 0
        self._upright = 0

    def add(self, faces: Faces) -> None:
        """Count one picture, in which all faces were searched."""
        self._pictures += 1
        self._upright += int(upright(faces).any())

    @property
    def rare(self) -> bool:
        """Whether hardly any picture has an upright face."""
        return self._upright < _RARE * self._pictures


def better_rotation(
    video: VideoReader,
    detector: FaceDetector,
    progress: Progress,
    start: Timecode | None = None,
    end: Timecode | None = None,
) -> int | None:
    """The rotation in which the faces of a video are upright, where few are upright as it is.

    Args:
        video: The video; a few frames, spread over its range, are searched.
        detector: Finds the faces.
        progress: Receives one stage.
        start: First time of the range, on the video's clock; None for its beginning.
        end: Time to stop before; None for its end.

    Returns:
        Degrees clockwise for :func:`closeup.media.video_reader.open_video`, which include those
        that ``video`` is rotated by; None if no other rotation has clearly more upright faces.

    """
    counts = dict.fromkeys(ROTATIONS, 0)
    progress.begin("looking for faces in rotated pictures", _FRAMES)
    for picture in _spread(video, start, end):
        for degrees in ROTATIONS:
            faces = detector.detect(np.ascontiguousarray(rotate_image(picture, degrees)))
            counts[degrees] += int(upright(faces).any())
        progress.advance()
    best = max(ROTATIONS, key=lambda degrees: counts[degrees])
    if counts[best] < max(_LEAST, _TIMES * counts[0]):
        return None
    return (video.rotate + best) % 360


def rotation_hint(name: str, degrees: int) -> str:
    """The line that tells the user to run again, with the result of :func:`better_rotation`."""
    if not degrees:
        return (
            f"{name}: the faces are upright in the pictures as they are: run again without --rotate"
        )
    return (
        f"{name}: faces were found in pictures rotated by {degrees} degrees: run again with "
        f"--rotate {degrees}"
    )


def _spread(video: VideoReader, start: Timecode | None, end: Timecode | None) -> Iterator[RGBImage]:
    """Up to ``_FRAMES`` frames at equal distances; the first ones if the length is unknown."""
    first = (start or video.start).seconds
    stop = video.start.seconds + (video.duration or Fraction(_FRAMES))
    last = min(stop, end.seconds) if end else stop
    for number in range(_FRAMES):
        seconds = first + max(last - first, Fraction(0)) * Fraction(2 * number + 1, 2 * _FRAMES)
        at = Timecode.from_seconds(seconds, video.time_base)
        frame = next(iter(video.frames(at, end)), None)
        if frame is not None:
            yield frame.rgb(frame.size.fitted(_SIDE))
