"""Heads that look aside, made of heads that look at the camera, where a detector agrees."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.heads import HeadSprite, Photo, moved_to
from closeup.datasets.scenes.photographed_profiles import SCORE_THRESHOLD
from closeup.datasets.scenes.rotation import turned_aside
from closeup.errors import ImageError
from closeup.faces import Faces, Landmarks
from closeup.geometry import Box, Boxes
from closeup.protocols import FaceDetector
from closeup.synthesis.sprites import Premultiplied, Sprite, premultiplied

_MOST_APART = 0.12
"""Mean distance of the detector's points from where the turn has put them, in face heights."""

_SOFT = 0.015
"""Standard deviation of a head's edge, in face heights."""

_GREY = 96
"""What the detector sees around a head."""


def make_profile(photo: Photo, angle: float, detector: FaceDetector) -> HeadSprite | None:
    """Turn the head of a photo's own person aside.

    Args:
        photo: Its first face looks more or less at the camera.
        angle: In radians, from 0 to less than a quarter turn.
        detector: Tells the box of the turned face, so that it is as those of all other faces.

    Returns:
        The head, whose points are where the turn has put them; None where the detector sees no
        face with such points, or the photo's face is too small.

    """
    try:
        turned = turned_aside(photo, angle)
    except ImageError:
        return None
    pixels = premultiplied(turned.image, _softened(turned.alpha, _SOFT * photo.face.height))
    box = _box(pixels, turned.points, detector)
    return None if box is None else _cropped(pixels, box, turned.points)


def _softened(alpha: NDArray[np.uint8], deviation: float) -> NDArray[np.uint8]:
    """With a soft edge inwards: outside of a head its picture is black."""
    soft = cv2.GaussianBlur(alpha, (0, 0), max(0.5, deviation)).astype(np.int16)
    return np.clip(2 * soft - 255, 0, 255).astype(np.uint8)


def _box(pixels: Premultiplied, points: Landmarks, detector: FaceDetector) -> Boxes | None:
    """Where the detector sees the face whose points (5, 2) are known; shape (1, 4)."""
    shown = pixels[..., :3] + (_GREY * (1 - pixels[..., 3:] / 255)).astype(np.uint8)
    found = detector.detect(np.ascontiguousarray(shown))
    found = found[found.scores >= SCORE_THRESHOLD]
    if not len(found) or found.landmarks is None:
        return None
    height = found.boxes[0, 3] - found.boxes[0, 1]
    apart = np.linalg.norm(found.landmarks[0] - points, axis=1).mean()
    return found.boxes[:1] if apart <= _MOST_APART * height else None


def _cropped(pixels: Premultiplied, box: Boxes, points: Landmarks) -> HeadSprite:
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(pixels[..., 3]))
    part = np.ascontiguousarray(pixels[y : y + height, x : x + width])
    corner = np.array([x, y], np.float32)
    face = moved_to(Faces(box, np.ones(1, np.float32), points[None]), corner)
    x1, y1, x2, y2 = face.boxes[0].tolist()
    return HeadSprite(Sprite(part, Box(x1, y1, x2, y2)), face)
