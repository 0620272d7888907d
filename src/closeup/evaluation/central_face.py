"""The one face of a photo that is asked about: the one in the middle."""

from __future__ import annotations

import numpy as np

from closeup.faces import Faces
from closeup.geometry import Size, centres_of

# Medians of YuNet on the 7,701 photos of View 2, as shares of their 250 pixels.
_SQUARE = (0.261, 0.288, 0.748, 0.774)
_POINTS = ((0.417, 0.454), (0.589, 0.452), (0.505, 0.552), (0.432, 0.632), (0.581, 0.629))


def nearest_the_middle(faces: Faces, size: Size) -> Faces:
    """The face whose box's centre is nearest to the picture's, alone; none stays none."""
    if not len(faces):
        return faces
    middle = np.array([size.width - 1, size.height - 1]) / 2
    centres = centres_of(faces.boxes)
    return faces[np.array([np.hypot(*(centres - middle).T).argmin()])]


def presumed_face(size: Size) -> Faces:
    """Where LFW's faces are, for a photo in which none was found.

    LFW's photos are cut so that the person's face is in the middle. The box is a square as
    dlib's predictors expect it, with five points; the score is 0.
    """
    scale = np.array([size.width, size.height], np.float32)
    box = np.array([_SQUARE], np.float32) * np.tile(scale, 2) - np.float32(0.5)
    points = np.array([_POINTS], np.float32) * scale - np.float32(0.5)
    return Faces(box, np.zeros(1, np.float32), points)
