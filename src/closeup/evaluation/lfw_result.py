"""The figures of one run of the protocol, as JSON holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort
from closeup.evaluation.curves import area_under_curve, equal_error_rate, roc_curve
from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.lfw_pairs import Pairs
from closeup.evaluation.photo_vectors import PhotoVectors
from closeup.evaluation.verification import Verification, val_interval, verify


def verification_record(distances: NDArray[np.float64], pairs: Pairs) -> dict[str, Any]:
    """The figures of the protocol; rates are shares in 0..1.

    Returns:
        ``accuracy`` and its ``standard_error``; ``val_at_far_1e-3``, its ``val_interval``
        (95 %) and the ``far`` that was reached; ``auc``, ``eer``; ``threshold``, the mean
        over the folds, and ``fold_accuracies``.

    """
    found = verify(distances, pairs.same, pairs.folds)
    return {
        **brief_record(found),
        "val_interval": list(val_interval(distances, pairs.same, pairs.folds)),
        "far": found.far,
        "auc": area_under_curve(distances, pairs.same),
        "eer": equal_error_rate(roc_curve(distances, pairs.same)),
        "threshold": float(found.thresholds.mean()),
        "fold_accuracies": found.accuracies.tolist(),
    }


def brief_record(found: Verification) -> dict[str, float]:
    """``accuracy``, ``standard_error`` and ``val_at_far_1e-3``."""
    return {
        "accuracy": found.accuracy,
        "standard_error": found.standard_error,
        "val_at_far_1e-3": found.val,
    }


def photos_record(
    vectors: PhotoVectors, pairs: Pairs, distance: Distance, embedder: str, cohort: Cohort | None
) -> dict[str, Any]:
    """What the figures were measured on.

    Args:
        vectors: Of the photos.
        pairs: That were compared.
        distance: By which.
        embedder: Name of what made the vectors.
        cohort: Of the embedder; None where it has no calibration.

    Returns:
        ``pairs``, ``folds``, ``photos``; ``missed_faces`` and the ``missed`` photos;
        ``mirrored``, ``distance``, ``embedder``; ``unmirrored``, the brief figures without
        mirror images, None where these are the main ones.

    """
    unmirrored = None
    if vectors.mirror is not None:
        plain = pair_distances(vectors.plain, pairs.rows, distance, cohort)
        unmirrored = brief_record(verify(plain, pairs.same, pairs.folds))
    return {
        "pairs": len(pairs),
        "folds": len(np.unique(pairs.folds)),
        "photos": len(pairs.photos),
        "missed_faces": vectors.missed,
        "missed": [pairs.photos[i] for i in np.flatnonzero(~vectors.found)],
        "mirrored": vectors.mirror is not None,
        "distance": str(distance),
        "embedder": embedder,
        "unmirrored": unmirrored,
    }
