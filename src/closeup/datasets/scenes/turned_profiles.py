"""Synthetic profiles: rotated frontal heads that a detector confirms."""

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
"""Largest mean distance of the detector's points from the rotated ones, in face heights."""

_SOFT = 0.015
"""Standard deviation of a head's soft edge, in face heights."""

_GREY = 96
"""Grey value of the background around a head for the detector, 0..255."""


def make_profile(photo: Photo, angle: float, detector: FaceDetector) -> HeadSprite | None:
    """Rotate the head of a photo's subject to a profile.

    Args:
        photo: A photo whose first face looks roughly at the camera.
        angle: Rotation in radians, from 0 to below π/2.
        detector: Provides the rotated face's box, for consistency with all other faces.

    Returns:
        The head with the rotated points; None if the detector finds no face with such points, or
        if the photo's face is too small.

    """
    try:
        turned = turned_aside(photo, angle)
    except ImageError:
        return None
    pixels = premultiplied(turned.image, _softened(turned.alpha, _SOFT * photo.face.height))
    box = _box(pixels, turned.points, detector)
    return None if box is None else _cropped(pixels, box, turned.points)


def _softened(alpha: NDArray[np.uint8], deviation: float) -> NDArray[np.uint8]:
    """Soften the edge inwards, because a head's picture is black outside it."""
    soft = cv2.GaussianBlur(alpha, (0, 0), max(0.5, deviation)).astype(np.int16)
    return np.clip(2 * soft - 255, 0, 255).astype(np.uint8)


def _box(pixels: Premultiplied, points: Landmarks, detector: FaceDetector) -> Boxes | None:
    """Return the detected box of the face with known points (5, 2); (1, 4) xyxy, or None."""
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
