"""What so many labels by hand bring: figures of coarse methods and of the networks they taught."""

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
    """How near pupils are to the truth.

    Args:
        found: (n, 2, 2) in pixels, the subject's right eye first; NaN where there is none.
        truth: (n, 2, 2) where they are.
        among: (n,) faces that are also looked at alone, such as those that a teacher answers.

    Returns:
        ``e_0.05`` and so on, the shares of faces whose worse eye is within so many eye
        distances, where an eye without a pupil is a failure; ``among`` with the same of the
        faces that it names, None where it names none; ``not_found``, eyes without a pupil;
        ``bias``, the constant offset of each eye that would remove most of the error, right
        eye first, across (towards the subject's left) and down, in eye distances: minus what
        the finder gets wrong everywhere; None where too few pupils were found to tell.

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
    """What one finder gets right and another does not, and the other way round.

    Args:
        found: (n, 2, 2) as for :func:`pupil_figures`.
        others: Of the other finder.
        truth: Where they are.

    Returns:
        ``gained`` and ``lost``: faces within the smallest limit by one of them alone.

    """
    own, other = (eye_errors(pupils, truth).max(axis=1) <= LIMITS[0] for pupils in (found, others))
    return {"gained": int((own & ~other).sum()), "lost": int((other & ~own).sum())}


def offset_of(found: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """What :func:`closeup.pupils.calibration.fit_offsets` fits; None where too few were found."""
    try:
        return fit_offsets(found, truth)
    except InputError:
        return None


def summarised(
    teachers: Iterable[Mapping[str, Any]], runs: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Means over seeds, a row for each method and stage.

    Args:
        teachers: Each with ``method``, figures of :func:`pupil_figures`, and ``moved``, figures
            without the offset, one a seed.
        runs: Each with ``method`` (None: from scratch), ``labels`` (0: coarse ones alone),
            figures, and where there are no labels ``moved``, figures without the offset.

    Returns:
        ``method``, ``stage`` (one of the constants above), ``labels`` by hand, ``seeds``, and
        each share with its mean and, as ``e_0.05_sd``, its standard deviation over seeds; None
        of a single one.

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
