"""Faces with their eyes: feature points, pupils, openness and gaze in one step."""

from __future__ import annotations

from dataclasses import replace

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import Landmarker, PupilFinder
from closeup.pupils.crop_finder import points_of
from closeup.pupils.gaze import gaze


def with_eyes(image: RGBImage, faces: Faces, finder: PupilFinder, landmarker: Landmarker) -> Faces:
    """The same faces with ``points``, ``scheme`` and ``eyes``.

    Args:
        image: RGB uint8 of shape (H, W, 3).
        faces: Faces in its pixels.
        finder: Finds the pupils.
        landmarker: Finds points with the corners of the eyes and the base of the nose: dlib's 5 or
            68, or MediaPipe's 468.

    """
    points = points_of(faces, image, landmarker)
    pointed = faces.with_columns(points=points, scheme=landmarker.scheme)
    eyes = finder.find(image, pointed)
    return pointed.with_columns(eyes=replace(eyes, gaze=gaze(points, eyes)))
