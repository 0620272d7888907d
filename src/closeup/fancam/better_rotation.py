"""The rotation in which the faces of a video are upright."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, centres_of, sides_of
from closeup.media.orientation import rotate_image
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress
from closeup.protocols import FaceDetector
from closeup.rotation import ROTATIONS
from closeup.timecode import Timecode

_RARE = 0.05
"""Share of pictures with a face below which the video may lie on its side."""
_FRAMES = 8
"""Maximum frames that are searched at all rotations."""
_SIDE = 1280
"""Longer side in pixels of the pictures that are searched."""
_ENOUGH = 2
"""Frames that decide: a single one may hold a false face."""
_TIMES = 3
"""Minimum ratio of the frames for another rotation to those for the video as it is."""
_AROUND = 1.5
"""Sides of a face's box from its centre to the edges of the part that is searched."""


class FaceShare:
    """Counts the pictures of a video, and those with a face."""

    def __init__(self) -> None:
        self._pictures = 0
        self._with_faces = 0
        self._any_rotation = False

    def add(self, faces: Faces) -> None:
        """Count one picture, in which all faces were searched."""
        self._pictures += 1
        self._with_faces += len(faces) > 0
        # Networks with landmarks find many faces upside down, too, and some that lie; their
        # landmarks are those of upright faces, wherever the eyes are.
        self._any_rotation |= faces.landmarks is not None

    @property
    def rare(self) -> bool:
        """Whether so few pictures show a face that the video may lie on its side."""
        return self._with_faces < _RARE * self._pictures

    @property
    def doubtful(self) -> bool:
        """Whether the faces that were found leave open that the video is rotated."""
        return self._any_rotation or self.rare


class UprightFaces:
    """Checks with the pictures of a pass whether the faces found in them are upright.

    Only the surroundings of the best face of a picture are searched at all rotations, which costs
    a hundredth of :func:`better_rotation` and settles nearly every video that is upright.

    Args:
        detector: Finds the faces.

    """

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self._upright = 0

    @property
    def certain(self) -> bool:
        """Whether enough faces were found with the highest score in the pictures as they are."""
        return self._upright >= _ENOUGH

    def add(self, picture: RGBImage, faces: Faces) -> None:
        """Check the best face of a picture, unless the answer is certain already.

        Args:
            picture: RGB uint8 of shape (H, W, 3).
            faces: All faces found in it, in its pixels.

        """
        if len(faces) and not self.certain:
            best = int(np.argmax(faces.scores))
            near = _surroundings(picture, faces.boxes[best])
            self._upright += _best_rotation(near, self._detector) == 0


def better_rotation(
    video: VideoReader,
    detector: FaceDetector,
    progress: Progress,
    start: Timecode | None = None,
    end: Timecode | None = None,
) -> int | None:
    """The rotation in which the faces of a video are upright, if it is another one.

    A few frames are searched at all rotations; in each frame the rotation with the highest score
    of a face counts. An upright video takes two frames.

    Args:
        video: The video.
        detector: Finds the faces.
        progress: Asked whether to go on.
        start: First time of the range, on the video's clock; None for its beginning.
        end: Time to stop before; None for its end.

    Returns:
        Degrees clockwise for :func:`closeup.media.video_reader.open_video`, which include those
        that ``video`` is rotated by; None if no other rotation is clearly better.

    """
    wins: Counter[int] = Counter()
    for picture in _spread(video, start, end):
        progress.advance(0)
        best = _best_rotation(picture, detector)
        if best is not None:
            wins[best] += 1
        if wins[0] >= _ENOUGH:
            return None
    best = max(ROTATIONS, key=lambda degrees: wins[degrees])
    if wins[best] < max(_ENOUGH, _TIMES * wins[0]):
        return None
    return (video.rotate + best) % 360


def rotation_line(name: str, degrees: int) -> str:
    """The line that tells the user to run again, with the result of :func:`better_rotation`."""
    if not degrees:
        return f"{name}: faces were found in the pictures as they are: run again without --rotate"
    return (
        f"{name}: faces were found in pictures rotated by {degrees} degrees: run again with "
        f"--rotate {degrees}"
    )


def _surroundings(picture: RGBImage, box: NDArray[np.float32]) -> RGBImage:
    """The part of a picture around a face, up to ``_AROUND`` sides of its box in each direction."""
    size = Size.of(picture)
    centre, reach = centres_of(box), _AROUND * max(sides_of(box))
    x1, y1 = np.clip(centre - reach, 0, (size.width - 1, size.height - 1)).astype(int)
    x2, y2 = np.clip(centre + reach, (x1 + 1, y1 + 1), size).astype(int)
    return picture[y1:y2, x1:x2]


def _best_rotation(picture: RGBImage, detector: FaceDetector) -> int | None:
    """The rotation with the highest score of a face; None if none is found at any rotation."""
    scores = {degrees: _best_score(picture, degrees, detector) for degrees in ROTATIONS}
    best = max(ROTATIONS, key=lambda degrees: scores[degrees])
    return best if scores[best] > -np.inf else None


def _best_score(picture: RGBImage, degrees: int, detector: FaceDetector) -> float:
    """The highest score of a face in a rotated picture; minus infinity without a face."""
    rotated = np.ascontiguousarray(rotate_image(picture, degrees))
    return float(detector.detect(rotated).scores.max(initial=-np.inf))


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
