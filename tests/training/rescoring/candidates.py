"""Candidates drawn for tests: faces are bright discs, others are bright bars."""

from __future__ import annotations

import cv2
import numpy as np

from closeup.training.rescoring.samples import SIDE, Candidates


def drawn_candidates(count: int, seed: int = 0) -> Candidates:
    """As many discs as bars, on a dark background; the detector is sure of neither."""
    rng = np.random.default_rng(seed)
    crops = rng.integers(0, 60, (count, SIDE, SIDE, 3)).astype(np.uint8)
    faces = np.arange(count) % 2 == 0
    middle = SIDE // 2
    for crop, face in zip(crops, faces, strict=True):
        if face:
            cv2.circle(crop, (middle, middle), SIDE // 6, (220, 200, 180), -1)
        else:
            cv2.rectangle(crop, (0, middle - 3), (SIDE, middle + 3), (220, 200, 180), -1)
    scores = rng.uniform(0.3, 0.8, count).astype(np.float32)
    return Candidates(crops, scores, np.full(count, 20, np.float32), faces)
