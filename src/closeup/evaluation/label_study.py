"""Study of hand-set labels: figures of coarse methods and of networks trained on their labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.evaluation.pupil_errors import LIMITS, eye_errors, share_within
from closeup.pupils.calibration import fit_offsets

TEACHER, TEACHER_MOVED = "teacher", "teacher moved"
NETWORK, NETWORK_MOVED = "network", "network moved"
"""Stages of :func:`summarised`, before those with labels by hand."""

SHARES = tuple(f"e_{limit:.2f}" for limit in LIMITS)


def pupil_figures(
    found: NDArray[np.float64], truth: NDArray[np.float64], among: NDArray[np.bool_]
) -> dict[str, Any]:
    """Figures of the errors of pupils.

    Args:
        found: (n, 2, 2) x, y in pixels, the subject's right eye first; NaN if not found.
        truth: (n, 2, 2) true pupils, likewise.
        among: (n,) mask of faces with figures of their own, such as those with a teacher's label.

    Returns:
        ``e_0.05`` and so on, the shares of faces whose worse eye is within 0.05 eye distances
        and so on, where an eye without a pupil is a failure; ``among`` with the shares of the
        masked faces, None if there are none; ``not_found``, number of eyes without a pupil;
        ``bias``, the constant offset of each eye that would remove most of the error, right
        eye first, across (towards the subject's left) and down, in eye distances: minus the
        systematic error; None if too few pupils were found.

    """
    offset = offset_of(found, truth)
    worse = eye_errors(found, truth).max(axis=1)
    return {
        **_shares(worse),
        "among": _shares(worse[among]) if among.any() else None,
        "not_found": int((~np.isfinite(found).all(axis=2)).sum()),
        "bias": None if offset is None else offset.round(5).tolist(),
    }


def exchanged(
    found: NDArray[np.float64], others: NDArray[np.float64], truth: NDArray[np.float64]
) -> dict[str, int]:
    """Count the faces that only one of two finders gets right.

    Args:
        found: (n, 2, 2) pupils of one finder, as for :func:`pupil_figures`.
        others: (n, 2, 2) pupils of the other finder.
        truth: (n, 2, 2) true pupils.

    Returns:
        ``gained`` and ``lost``: faces within the smallest limit only by ``found``, by ``others``.

    """
    own, other = (eye_errors(pupils, truth).max(axis=1) <= LIMITS[0] for pupils in (found, others))
    return {"gained": int((own & ~other).sum()), "lost": int((other & ~own).sum())}


def offset_of(found: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The result of :func:`closeup.pupils.calibration.fit_offsets`; None if too few were found."""
    try:
        return fit_offsets(found, truth)
    except InputError:
        return None


def summarised(
    teachers: Iterable[Mapping[str, Any]], runs: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Means over seeds, one row for each method and stage.

    Args:
        teachers: Each with ``method``, figures of :func:`pupil_figures`, and ``moved``, a list of
            figures with the offset removed, one per seed.
        runs: Each with ``method`` (None: from scratch), ``labels`` (0: coarse ones only),
            figures, and if ``labels`` is 0 ``moved``, figures with the offset removed.

    Returns:
        ``method``, ``stage`` (one of the constants above), ``labels`` by hand, ``seeds``, and
        the mean of each share and, as ``e_0.05_sd``, its standard deviation over seeds; None
        for a single seed.

    """
    rows = []
    for teacher in teachers:
        rows.append(_row(teacher["method"], TEACHER, 0, [teacher]))
        rows.append(_row(teacher["method"], TEACHER_MOVED, _moved_by(teacher["moved"]),
                         teacher["moved"]))  # fmt: skip
    for method in dict.fromkeys(run["method"] for run in runs):
        own = [run for run in runs if run["method"] == method]
        for labels in sorted({run["labels"] for run in own}):
            some = [run for run in own if run["labels"] == labels]
            rows.append(_row(method, NETWORK, labels, some))
            if labels == 0:
                moved = [run["moved"] for run in some]
                rows.append(_row(method, NETWORK_MOVED, _moved_by(moved), moved))
    return rows


def _shares(worse: NDArray[np.float64]) -> dict[str, float]:
    return {name: share_within(worse, limit) for name, limit in zip(SHARES, LIMITS, strict=True)}


def _moved_by(figures: Sequence[Mapping[str, Any]]) -> int:
    return int(figures[0]["labels"])


def _row(
    method: str | None, stage: str, labels: int, figures: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "method": method, "stage": stage, "labels": labels, "seeds": len(figures),
    }  # fmt: skip
    for name in SHARES:
        values = [own[name] for own in figures]
        row[name] = float(np.mean(values))
        row[f"{name}_sd"] = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return row
