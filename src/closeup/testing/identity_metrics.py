"""IDF1 and HOTA of named positions, computed by the ``trackers`` package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.geometry import Boxes, clipped, paired_iou
from closeup.synthesis.truth import Truth


@dataclass(frozen=True, slots=True)
class Identity:
    """Scores of how well members are distinguished from each other and from other people.

    Attributes:
        idf1: Identity F1 (Ristani and others 2016): results and truths are matched in
            the best way, so names that are swapped throughout cost nothing here.
        named_f1: Identity F1 with the names as given: swapped names score 0.
        hota: Higher order tracking accuracy (Luiten and others 2021), the mean over overlaps
            of 0.05 to 0.95. It rewards tight boxes, so a detector whose boxes have another
            extent cannot reach 1.
        detection: Its detection part, DetA.
        association: Its association part, AssA.

    """

    idf1: float
    named_f1: float
    hota: float
    detection: float
    association: float


def identity(positions: Mapping[str, Boxes], truth: Truth, same: float) -> Identity:
    """Score the members' positions in the frames in which they are visible.

    A position on the member's own face that is not visible according to the truth (behind another
    performer, nearly out of the frame) counts as neither right nor wrong.

    Args:
        positions: (frames, 4) xyxy in pixels for every member of ``truth``, NaN if absent.
        truth: Truth of the scene.
        same: Intersection over union from which two boxes belong to one face.

    Raises:
        InputError: the package ``trackers`` is not installed.

    """
    try:
        from trackers.eval import compute_hota_metrics, compute_identity_metrics
    except ImportError as error:
        raise InputError(
            "scoring needs the package trackers, which is not installed; "
            "run: pip install 'closeup[dev]'"
        ) from error
    places = [truth.person(name) for name in truth.members]
    shares = np.stack([overlaps(positions[name], truth)[:, places] for name in truth.members], 2)
    own = np.diagonal(shares, axis1=1, axis2=2)
    seen = truth.visible[:, places]
    given = np.stack([~np.isnan(positions[name][:, 0]) for name in truth.members], 1)
    given &= seen | (own < same)
    real, result = [np.flatnonzero(row) for row in seen], [np.flatnonzero(row) for row in given]
    pairs = [
        frame[np.ix_(a, b)].astype(np.float64)
        for frame, a, b in zip(shares, real, result, strict=True)
    ]
    paired = compute_identity_metrics(real, result, pairs, threshold=same)
    accuracy = compute_hota_metrics(real, result, pairs)
    hits = int((seen & given & (own >= same)).sum())
    return Identity(
        idf1=float(paired["IDF1"]),
        named_f1=2 * hits / max(1, int(seen.sum() + given.sum())),
        hota=float(accuracy["HOTA"]),
        detection=float(accuracy["DetA"]),
        association=float(accuracy["AssA"]),
    )


def overlaps(boxes: Boxes, truth: Truth) -> NDArray[np.float32]:
    """Return the intersection over union with all truth boxes in each frame; (frames, names).

    Both are first clipped to the frame, because some detectors do that and some do
    not; the result is 0 where either is absent.
    """
    own = clipped(boxes, truth.size)
    columns = []
    for person in range(len(truth.names)):
        real = clipped(truth.boxes[:, person], truth.size)
        columns.append(paired_iou(own, real))
    return np.asarray(np.stack(columns, axis=1), np.float32)
