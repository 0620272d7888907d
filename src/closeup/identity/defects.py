"""Defects that make a face unfit for recognition, in words that tell what a better photo needs."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.quality import cut_off, sharpness, turned

SMALLEST_FACE = 24
"""Minimum height of a face in pixels."""
BLURRED = 7.0
"""Sharpness below which a photo is often recognised as a wrong person with high confidence."""
_ASIDE = 0.75
"""Limit of :func:`closeup.identity.quality.turned`; one of LFW's photos in sixty exceeds it."""
_DARK, _BRIGHT = 30.0, 225.0
"""Limits of the mean luma of the face (0–255); LFW's faces lie between 50 and 205."""
_FLAT = 8.0
"""Minimum standard deviation of the luma (at least 16 on LFW); less is fog, glare or occlusion."""


class Defect(StrEnum):
    """A defect of a face; the value completes "the face is …".

    ``LYING`` is the defect of a head that is not upright and whose roll cannot be told; ``CUT``
    that of a face with a point outside the picture: such faces of different people have similar
    embeddings.
    """

    SMALL = f"less than {SMALLEST_FACE} pixels high"
    BLURRED = "too blurred"
    ASIDE = "turned aside"
    DARK = "too dark"
    BRIGHT = "too bright"
    FLAT = "without contrast"
    LYING = "on a head that lies on its side"
    CUT = "cut off by the picture's edge"


UNFIT_TO_ENROL = frozenset(set(Defect) - {Defect.ASIDE})
"""Defects that exclude a photo from enrolment; a profile photo is better than no photo."""


def defects(face: Faces, chip: RGBImage, size: Size) -> list[Defect]:
    """The defects of one face, worst first; usually empty.

    Args:
        face: The face, one row; its pose is judged only if the detector gives points.
        chip: Its aligned picture, (H, W, 3) RGB uint8.
        size: Size of the picture that it is in.

    """
    found: list[Defect] = [Defect.LYING] if face.lying[0] else []
    if face.boxes[0, 3] - face.boxes[0, 1] < SMALLEST_FACE:
        found.append(Defect.SMALL)
    if sharpness(chip) < BLURRED:
        found.append(Defect.BLURRED)
    found += _light(chip)
    if face.landmarks is not None and turned(face.landmarks[0]) > _ASIDE:
        found.append(Defect.ASIDE)
    if cut_off(face, size)[0]:
        found.append(Defect.CUT)
    return found


def _light(chip: RGBImage) -> list[Defect]:
    height, width = chip.shape[:2]
    middle = chip[height // 4 : -height // 4, width // 4 : -width // 4]
    luma = cv2.cvtColor(np.ascontiguousarray(middle), cv2.COLOR_RGB2GRAY)
    mean, spread = float(luma.mean()), float(luma.std())
    if mean < _DARK:
        return [Defect.DARK]
    if mean > _BRIGHT:
        return [Defect.BRIGHT]
    return [Defect.FLAT] if spread < _FLAT else []
