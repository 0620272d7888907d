"""What boxes are like that were learnt from WIDER FACE: hairline to chin, cheek to cheek."""

from __future__ import annotations

from closeup.faces import Squaring

WIDER_FACE_SQUARING = Squaring(side=0.95, lower=0.04)
"""Found by experiment with YuNet on photos with hand-set eye centres; YOLO files for faces
are trained on the same boxes."""
