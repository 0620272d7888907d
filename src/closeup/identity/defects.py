"""Defects that make a face unfit for recognition, in words that tell what a better photo needs.

The limits of light are those at which 85 % of the faces are still recognised, whatever the colour
of their skin: ``python -m benchmarks low_light``. That of blur is stricter, because other people's
faces look like a blurred one: ``python -m benchmarks blurred_faces``.
"""

from __future__ import annotations

from enum import StrEnum

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.quality import contrast, cut_off, detail, middle_luma, turned

SMALLEST_FACE = 24
"""Minimum height of a face in pixels."""
BLURRED = 0.15
"""Limit of :func:`closeup.identity.quality.detail`: below it two people who are both as
blurred are accepted as one more than five times as often as stated."""
_ASIDE = 0.75
"""Limit of :func:`closeup.identity.quality.turned`; one of LFW's photos in sixty exceeds it."""
WEAK = 4.0
"""Limit of :func:`closeup.identity.quality.contrast`; LFW's faces have 15 or more."""
BRIGHT = 235.0
"""Limit of the mean luma of the face, 0 to 255; LFW's faces have less than 205."""
_DIM = 60.0
"""Mean luma below which weak contrast is put down to the darkness, and above it to fog or glare."""


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
    if detail(chip) < BLURRED:
        found.append(Defect.BLURRED)
    found += _light(chip)
    if face.landmarks is not None and turned(face.landmarks[0]) > _ASIDE:
        found.append(Defect.ASIDE)
    if cut_off(face, size)[0]:
        found.append(Defect.CUT)
    return found


def _light(chip: RGBImage) -> list[Defect]:
    mean = float(middle_luma(chip).mean())
    if mean > BRIGHT:
        return [Defect.BRIGHT]
    if contrast(chip) < WEAK:
        return [Defect.DARK if mean < _DIM else Defect.FLAT]
    return []
