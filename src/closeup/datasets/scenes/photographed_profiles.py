"""Profile faces in photos: rarely of the photo's subject, often of people beside the subject."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.heads import Photo, moved_to
from closeup.faces import Faces, Landmarks
from closeup.frames import RGBImage
from closeup.geometry import (
    Size,
    centres_of,
    covered,
    heights_of,
    iou,
    sides_of,
)
from closeup.protocols import FaceDetector

SCORE_THRESHOLD, _LEAST_IN_MIRROR = 0.5, 0.4
"""YuNet score thresholds in the photo and in its mirror image. Profiles score lower than frontal
faces, so that a face must be found twice instead of once with a high score."""

_MOST_WIDTH = 0.7
"""Eye distance over eye–mouth distance below which a face counts as a profile: it is about 1
for a frontal face and 0.64 at 50 degrees."""

_LEAST_HEIGHT = 28
"""Smallest height of a face, in pixels; smaller ones are only blur when enlarged."""

_EDGE = 2
"""Distance from the photo's edge, in pixels, within which a box counts as cut off."""

_LEAST_SHAPE = 0.55
"""Width over height from which a box at the photo's edge contains nearly all of a face."""

_MOST_SHARED = 0.25
"""Largest share of a face inside another one: people who talk stand close together."""

_BLACK, _MOST_BLACK = 6, 0.03
"""Photos that were rotated upright have black corners: the largest value that counts as black,
and the largest such share of a face."""

_AROUND = 1.2
"""Distance from a face's middle up to which its surroundings are kept, in face heights."""

_SAME = 0.5
"""Intersection over union from which a face in the mirror image is the same face."""


def turned_faces(image: RGBImage, faces: Faces, detector: FaceDetector) -> list[Photo]:
    """Return the profile faces of a photo, each with its surroundings as a separate photo.

    Args:
        image: RGB uint8 of shape (H, W, 3).
        faces: All possible faces in it, with landmarks.
        detector: The detector that found them; runs again on a mirror image, at twice the size.

    """
    if faces.landmarks is None or not len(faces):
        return []
    chosen = (
        (faces.scores >= SCORE_THRESHOLD)
        & (eye_widths(faces.landmarks) < _MOST_WIDTH)
        & (heights_of(faces.boxes) >= _LEAST_HEIGHT)
        & _whole(faces, Size.of(image))
    )
    around = [photo for photo in _neighbourhoods(image, faces, chosen) if not _has_black(photo)]
    return [photo for photo in around if _found_again(photo, detector)]


def found_in_mirror(
    image: RGBImage, faces: Faces, asked: NDArray[np.bool_], detector: FaceDetector
) -> NDArray[np.bool_]:
    """Return which of the ``asked`` faces are found in a mirror image too; both (n,) bool."""
    found = asked.copy()
    found[asked] = [_found_again(own, detector) for own in _neighbourhoods(image, faces, asked)]
    return found


def eye_widths(points: Landmarks) -> NDArray[np.float32]:
    """Return eye distance over eye–mouth distance of points (n, 5, 2); shape (n,)."""
    eyes, mouth = points[:, :2].mean(axis=1), points[:, 3:].mean(axis=1)
    high = np.maximum(np.linalg.norm(mouth - eyes, axis=1), np.finfo(np.float32).tiny)
    return np.asarray(np.linalg.norm(points[:, 1] - points[:, 0], axis=1) / high, np.float32)


def _whole(faces: Faces, size: Size) -> NDArray[np.bool_]:
    """Return which faces are nearly all inside the photo and apart from all other faces."""
    low, high = faces.boxes[:, :2].min(axis=1), np.array(size) - 1 - faces.boxes[:, 2:]
    shared = covered(faces.boxes, faces.boxes)
    np.fill_diagonal(shared, 0)
    apart = shared[:, faces.scores >= SCORE_THRESHOLD].max(axis=1, initial=0) <= _MOST_SHARED
    sides = sides_of(faces.boxes)
    inside = (low >= _EDGE) & (high >= _EDGE).all(axis=1)
    return np.asarray(apart & (inside | (sides[:, 0] >= _LEAST_SHAPE * sides[:, 1])))


def _neighbourhoods(image: RGBImage, faces: Faces, chosen: NDArray[np.bool_]) -> list[Photo]:
    """Return each chosen face with its surroundings as a photo whose first face it is."""
    if faces.landmarks is None:
        return []
    made = []
    likely = faces.scores >= SCORE_THRESHOLD
    for number in np.flatnonzero(chosen):
        left, top, right, bottom = _around(faces.boxes[number])
        part = np.ascontiguousarray(image[top : bottom + 1, left : right + 1])
        corner = np.array([left, top], np.float32)
        moved = moved_to(faces, corner)
        boxes = moved.boxes
        there = (boxes[:, :2] < part.shape[1::-1]).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1)
        others = np.flatnonzero(there & likely)
        order = [number, *others[others != number]]
        made.append(Photo(part, moved[np.array(order)]))
    return made


def _around(box: NDArray[np.float32]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the surroundings, limited to 0 at left and top."""
    reach = _AROUND * float(heights_of(box))
    middle = centres_of(box)
    left, top = np.maximum(0, np.floor(middle - reach)).astype(int).tolist()
    right, bottom = np.ceil(middle + reach).astype(int).tolist()
    return left, top, right, bottom


def _has_black(photo: Photo) -> bool:
    x1, y1, x2, y2 = np.clip(photo.faces.boxes[0], 0, None).astype(int).tolist()
    face = photo.image[y1 : y2 + 1, x1 : x2 + 1]
    return bool((face.max(axis=2) <= _BLACK).mean() > _MOST_BLACK)


def _found_again(photo: Photo, detector: FaceDetector) -> bool:
    """Return whether the detector confirms the face in the mirror image."""
    size = photo.image.shape[1] * 2, photo.image.shape[0] * 2
    mirror = np.ascontiguousarray(cv2.resize(photo.image, size)[:, ::-1], np.uint8)
    found = detector.detect(mirror)
    found = found[found.scores >= _LEAST_IN_MIRROR]
    x1, y1, x2, y2 = (photo.faces.boxes[0] * 2).tolist()
    there = np.array([[size[0] - 1 - x2, y1, size[0] - 1 - x1, y2]], np.float32)
    return bool(iou(there, found.boxes).max(initial=0) >= _SAME)
