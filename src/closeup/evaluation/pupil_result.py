"""The figures of an evaluation of pupils, as JSON holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.pupil_errors import LIMITS, share_interval, share_within
from closeup.evaluation.pupil_misses import Miss
from closeup.evaluation.pupil_reading import PhotoReading, SearchOutcome, errors_of
from closeup.evaluation.pupil_truth import PupilTruth


def method_record(
    method: str, readings: Sequence[PhotoReading], truth: PupilTruth, misses: Sequence[Miss]
) -> dict[str, Any]:
    """The figures of one method; shares are 0 to 1.

    Returns:
        For each limit ``e_0.05`` (worse eye), ``e_0.05_mean_eye``, ``e_0.05_best_eye`` and
        ``interval_0.05`` (95 %, of the worse eye); ``missed_faces``; ``not_found``, eyes of
        found faces without a centre, and ``reasons``, how many for each; ``misses``, faces
        beyond the smallest limit by cause; ``photos``; ``ms_a_face``, None without a face.

    """
    errors = errors_of(method, readings, truth)
    seen = [r.found[method] for r in readings if r.sighting is SearchOutcome.FOUND]
    reasons = Counter(reason for found in seen for reason in found.reasons if reason)
    seconds = sum(found.seconds for found in seen)
    return {
        **_shares(errors),
        "missed_faces": len(readings) - len(seen),
        "not_found": reasons.total(),
        "reasons": dict(reasons.most_common()),
        "misses": dict(Counter(str(miss.cause) for miss in misses).most_common()),
        "photos": len(readings),
        "ms_a_face": round(1000 * seconds / len(seen), 3) if seen else None,
    }


def _shares(errors: NDArray[np.float64]) -> dict[str, Any]:
    worst, mean, best = errors.max(axis=1), errors.mean(axis=1), errors.min(axis=1)
    record: dict[str, Any] = {}
    for limit in LIMITS:
        record[f"e_{limit:.2f}"] = share_within(worst, limit)
        record[f"e_{limit:.2f}_mean_eye"] = share_within(mean, limit)
        record[f"e_{limit:.2f}_best_eye"] = share_within(best, limit)
        record[f"interval_{limit:.2f}"] = list(share_interval(worst, limit))
    return record
