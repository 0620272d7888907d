"""Clothing evidence: what each member wears in this video, learnt from confident tracklets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.tracking.clothes import similarity
from closeup.tracks import Tracklet

_CAP = 3.0
"""Limit of the log likelihood ratio that clothes alone add: e³ is 20 to 1."""
NO = -1.5
"""A face with less evidence than this is somebody else's, regardless of the clothes."""
_SURE = 3.0
_SPREAD = 0.06
"""Minimum standard deviation of the similarity: few tracklets give too small an estimate."""
_SEPARATION = 1.0
"""Standard deviations by which a member's clothes must differ from others' to be evidence."""
_SILENT_FACE = 1.5
"""Total weight of embeddings from which a face counts as clearly seen."""


def clothes_evidence(
    tracklets: Sequence[Tracklet], members: NDArray[np.int64], face: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Clothing evidence, to be added to the evidence of faces.

    Each member's mean histogram is taken over the member's confident tracklets. The similarity
    of these tracklets to it is compared with that of other people's tracklets. Members in the
    same costume cannot be distinguished by clothes, and nothing is added for them.

    Args:
        tracklets: Tracklets of the whole video.
        members: (t,) member index of each tracklet by its face alone, or NOBODY.
        face: (t, m) log likelihood ratios of the faces.

    Returns:
        (t, m) log likelihood ratios to add, within ±3; at most zero where the face contradicts
        the member, at least zero where the face was clear: light changes a costume's colours.

    """
    added = np.zeros_like(face)
    worn = np.array([t.appearance for t in tracklets], np.float32)
    dressed = worn.any(axis=1)
    rows = np.arange(len(tracklets))
    sure = dressed & (members != NOBODY) & (face[rows, members] >= _SURE)
    for m in range(face.shape[1]):
        own = sure & (members == m)
        if not own.any():
            continue
        model = worn[own].mean(axis=0)
        alike = similarity(worn, model)
        others = dressed & ((sure & ~own) | (face.max(axis=1) < -_SURE))
        added[:, m] = np.where(dressed, _odds(alike, alike[own], alike[others]), 0)
    silent = np.array([t.weights.sum() < _SILENT_FACE for t in tracklets], bool)
    added[~silent] = np.maximum(added[~silent], 0)
    return np.where(face < NO, np.minimum(added, 0), added)


def _odds(
    alike: NDArray[np.float32], own: NDArray[np.float32], others: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Log likelihood ratio of two normal distributions of the similarity."""
    spread = max(_SPREAD, float(np.std(own)), float(np.std(others)) if len(others) else 0.0)
    far = float(np.mean(others)) if len(others) else float(np.mean(own)) - 4 * spread
    near = float(np.mean(own))
    if near - far < _SEPARATION * spread:
        return np.zeros(len(alike))
    ratio = ((alike - far) ** 2 - (alike - near) ** 2) / (2 * spread**2)
    return np.clip(ratio.astype(np.float64), -_CAP, _CAP)
