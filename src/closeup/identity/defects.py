"""Why a face says little about who it is, in words that tell what a better photo needs."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.quality import sharpness, turned

SMALLEST_FACE = 24
"""Height of a face in pixels."""
BLURRED = 7.0
"""Sharpness below which a photo names the wrong person with confidence."""
_ASIDE = 0.75
"""As :func:`closeup.identity.quality.turned` measures; one of LFW's photos in sixty is beyond."""
_DARK, _BRIGHT = 30.0, 225.0
"""Mean luma of the face; LFW's faces lie between 50 and 205."""
_FLAT = 8.0
"""Standard deviation of the luma, at least 16 on LFW: fog, glare or a hand over the lens."""


class Defect(StrEnum):
    """What is wrong with a face; the value completes "the face is …"."""

    SMALL = f"less than {SMALLEST_FACE} pixels high"
    BLURRED = "too blurred"
    ASIDE = "turned aside"
    DARK = "too dark"
    BRIGHT = "too bright"
    FLAT = "without contrast"


UNFIT_TO_ENROL = frozenset({Defect.SMALL, Defect.BLURRED, Defect.DARK, Defect.BRIGHT, Defect.FLAT})
"""A photo of a member must have none of these; one turned aside is better than none."""


def defects(face: Faces, chip: RGBImage) -> list[Defect]:
    """What makes one face unfit to be known by, worst first; mostly nothing.

    Args:
        face: The one face; its pose is judged only where the detector gives points.
        chip: Its aligned picture, RGB uint8.

    """
    found: list[Defect] = []
    if face.boxes[0, 3] - face.boxes[0, 1] < SMALLEST_FACE:
        found.append(Defect.SMALL)
    if sharpness(chip) < BLURRED:
        found.append(Defect.BLURRED)
    found += _light(chip)
    if face.landmarks is not None and turned(face.landmarks[0]) > _ASIDE:
        found.append(Defect.ASIDE)
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
