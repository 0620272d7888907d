"""Reads a video ahead of the analysis and prepares each frame for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import Frame, GrayImage, RGBImage
from closeup.geometry import Size
from closeup.media.bars import clear_part, frame_borders
from closeup.protocols import FaceDetector
from closeup.timecode import Timecode
from closeup.tracking.clothes import colour_bins
from closeup.tracking.tracker import TrackerView

FLOW_SIDE = 640
"""Longer side of the grey picture that flow is measured in, in pixels."""
_DETECTION_SIDE = 1280
"""Longer side of the picture in which faces are detected, in pixels."""
_ENLARGEMENT = 2.0
"""Largest factor by which a smaller video is enlarged for detection: its faces are small, too."""
_BINS_SIDE = 320
"""Longer side of the picture from which colour histograms of clothes are made, in pixels."""
_WHOLE = 5
"""Faces of all sizes are detected in every fifth key frame."""
_THUMBNAIL_WIDTH = 48
_OTHER_LIGHT = 20.0
_SAME_PICTURE = 0.8


class Change(Enum):
    """How a frame differs from the one before."""

    LITTLE = auto()
    """The difference is that of two neighbouring frames of one shot."""
    LIGHT = auto()
    """The same picture in another light: a flash or a strobe begins or ends."""
    PICTURE = auto()
    """Another picture, as after a cut."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyFrame:
    """Additional data of a frame in which faces are detected.

    Attributes:
        frame: The frame itself, for faces in full size.
        size: Size of the picture in which faces are detected, see :func:`detection_size`.
        look: The tracker's view of the frame.
        borders: Uniform borders of the view's grey picture.
        faces: All faces between bars, in the pixels of a picture of that size; None if only heads
            that are tracked already need to be detected again, for which a smaller one may be
            enough.

    """

    frame: Frame
    size: Size
    look: TrackerView
    borders: NDArray[np.void]
    faces: Faces | None

    def picture(self, scale: float = 1.0) -> RGBImage:
        """RGB picture for detection, of ``size`` times ``scale``; shape (H, W, 3)."""
        width, height = self.size
        return self.frame.rgb(Size(max(1, round(width * scale)), max(1, round(height * scale))))

    def detected(self, detector: FaceDetector, scale: float = 1.0) -> Faces:
        """Detect the faces between bars in a picture of ``size`` times ``scale``.

        They are in the pixels of a picture of ``size``.
        """
        picture = self.picture(scale)
        rows, columns = clear_part(self.borders, Size.of(self.look.gray), Size.of(picture))
        faces = detector.detect(np.ascontiguousarray(picture[rows, columns]))
        faces = faces.moved(columns.start, rows.start)
        return faces.scaled(self.size.width / picture.shape[1], self.size.height / picture.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One frame, ready for the tracker.

    Only key frames keep the frame itself: a decoded picture in 4K takes 12 MB or more.

    Attributes:
        index: Number of the frame in the range.
        timecode: Its presentation time.
        gray: Grey picture (H, W) whose longer side is at most FLOW_SIDE pixels.
        thumbnail: Small RGB picture for the detection of shots, see :func:`thumbnail_size`.
        borders: Uniform borders of ``gray``; see :func:`closeup.media.bars.frame_borders`.
        change: How it differs from the frame before.
        key: None in frames in which faces are not detected.

    """

    index: int
    timecode: Timecode
    gray: GrayImage
    thumbnail: RGBImage
    borders: NDArray[np.void]
    change: Change
    key: KeyFrame | None


def prepare(
    frames: Iterable[Frame],
    every: int,
    detector: FaceDetector,
    before: RGBImage | None = None,
) -> Iterator[Prepared]:
    """Prepare frames in order; every ``every``-th is a key frame, and so is each change.

    Args:
        frames: In the order they are shown.
        every: Distance of key frames in frames.
        detector: Detects faces in every fifth key frame, and in each after a cut: detection that
            does not depend on the tracker runs here, ahead of it.
        before: Thumbnail of the frame before the first one when an analysis is resumed, else None.

    """
    for frame in frames:
        thumbnail = frame.rgb(thumbnail_size(frame.size))
        change = Change.LITTLE if before is None else change_between(before, thumbnail)
        gray = frame.gray(frame.size.fitted(FLOW_SIDE))
        borders = frame_borders(gray)
        key = None
        if change is not Change.LITTLE or frame.index % every == 0:
            whole = change is Change.PICTURE or frame.index % (every * _WHOLE) == 0
            key = _key_frame(frame, gray, borders, detector if whole else None)
        yield Prepared(frame.index, frame.timecode, gray, thumbnail, borders, change, key)
        before = thumbnail


def _key_frame(
    frame: Frame, gray: GrayImage, borders: NDArray[np.void], detector: FaceDetector | None
) -> KeyFrame:
    small = frame.size.fitted(_BINS_SIDE)
    look = TrackerView(gray, colour_bins(frame.rgb(small)), small.width / gray.shape[1])
    key = KeyFrame(frame, detection_size(frame.size), look, borders, None)
    return replace(key, faces=key.detected(detector)) if detector else key


def detection_size(size: Size) -> Size:
    """Size of the picture in which a frame's faces are detected."""
    scale = min(_ENLARGEMENT, _DETECTION_SIDE / max(size))
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


def thumbnail_size(size: Size) -> Size:
    """Size of a frame's thumbnail."""
    return Size(_THUMBNAIL_WIDTH, max(9, round(_THUMBNAIL_WIDTH * size.height / size.width)))


def change_between(before: RGBImage, after: RGBImage) -> Change:
    """Classify the change between two thumbnails.

    The correlation of their luma distinguishes another picture, which has another structure,
    from a change of light.
    """
    a, b = (_luma(image) for image in (before, after))
    spread = float(a.std() * b.std())
    likeness = float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread >= 1.0 else 1.0
    if likeness < _SAME_PICTURE:
        return Change.PICTURE
    lighter = abs(float(b.mean() - a.mean()))
    return Change.LIGHT if lighter > _OTHER_LIGHT else Change.LITTLE


def _luma(image: RGBImage) -> NDArray[np.float32]:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
