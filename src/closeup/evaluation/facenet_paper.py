"""The studies of the FaceNet paper, with its figures.

F. Schroff, D. Kalenichenko and J. Philbin, "FaceNet: A Unified Embedding for Face Recognition and
Clustering", CVPR 2015, tables 4, 5 and 6. All figures are validation rates, the share of pairs of
one person that is accepted where one in a thousand of the others is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class FacenetStudy(StrEnum):
    """What is varied."""

    QUALITY = "quality"
    """JPEG quality of the photos that are compared."""
    SIZE = "size"
    """Pixels of the face in them."""
    DIMENSIONS = "dimensions"
    """Components of a vector; each is a training."""
    DATA = "data"
    """Share of the people that are learnt from; each is a training."""


PAPER: Mapping[FacenetStudy, Mapping[float, float]] = {
    FacenetStudy.QUALITY: {10: 0.673, 20: 0.814, 30: 0.839, 50: 0.855, 70: 0.861, 90: 0.865},
    FacenetStudy.SIZE: {1600: 0.378, 6400: 0.795, 14400: 0.845, 25600: 0.857, 65536: 0.864},
    FacenetStudy.DIMENSIONS: {64: 0.868, 128: 0.879, 256: 0.877, 512: 0.856},
    FacenetStudy.DATA: {0.01: 0.763, 0.1: 0.851, 0.2: 0.851, 1.0: 0.862},
}
"""The paper's figures. Its data are 2.6, 26, 52 and 260 million photos."""

HERE: dict[FacenetStudy, tuple[float, ...]] = {
    FacenetStudy.QUALITY: (10, 20, 30, 50, 70, 90),
    FacenetStudy.SIZE: (1600, 6400, 14400),
    FacenetStudy.DIMENSIONS: (64, 128, 256, 512),
    FacenetStudy.DATA: (0.1, 0.25, 0.5, 1.0),
}
"""The values that are measured here: faces of LFW have no more than 14,400 pixels."""
