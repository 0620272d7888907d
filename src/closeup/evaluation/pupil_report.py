"""The report of an evaluation of pupils: figures, a table of errors, pictures, a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.plots import draw_error_curves
from closeup.evaluation.pupil_errors import LIMITS, share_interval, share_within
from closeup.evaluation.pupil_misses import Miss
from closeup.evaluation.pupil_reading import PhotoReading, SearchOutcome, errors_of
from closeup.evaluation.pupil_sheet import worst_eyes
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.files.atomic import replacing, write_text
from closeup.files.documents import write_document, write_table
from closeup.media.images import write_image
from closeup.pages import render

ERROR_COLUMNS = (
    "image", "method", "right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y",
    "right_error", "left_error", "cause", "detail",
)  # fmt: skip


def write_pupil_report(
    out: Path,
    result: Mapping[str, Any],
    misses: Mapping[str, Sequence[Miss]],
    readings: Sequence[PhotoReading],
    truth: PupilTruth,
) -> None:
    """Write ``pupils.json``, ``errors.csv``, ``curves.png``, ``worst_METHOD.jpg``, ``report.html``.

    Args:
        out: The folder.
        result: The figures that the command prints as JSON.
        misses: Missed faces by method.
        readings: One per face.
        truth: Truth of the same faces.

    Raises:
        OutputError: ``out`` cannot be written.
        ImageError: one of the worst photos cannot be read any more.

    """
    methods = list(result["methods"])
    rows = (row for method in methods for row in _rows(method, misses[method], readings, truth))
    write_table(out / "errors.csv", [ERROR_COLUMNS, *rows])
    best_first = sorted(methods, key=lambda name: -result["methods"][name]["e_0.05"])
    with replacing(out / "curves.png") as temporary:
        worse = {name: errors_of(name, readings, truth).max(axis=1) for name in best_first}
        draw_error_curves(temporary, worse)
    for method in methods:
        sheet = worst_eyes(method, misses[method], readings, truth)
        write_image(out / f"worst_{method}.jpg", sheet)
    write_document(out / "pupils.json", result)
    values = {"result": result, "methods": best_first, "misses": misses, "truth": truth}
    write_text(out / "report.html", render("closeup.evaluation", "pupils.html.j2", values))


def _rows(
    method: str, misses: Sequence[Miss], readings: Sequence[PhotoReading], truth: PupilTruth
) -> Iterator[list[str]]:
    """One row per face: found pupils, error of each eye, cause and detail (empty if not missed)."""
    missed = {miss.index: (str(miss.cause), miss.detail) for miss in misses}
    errors = errors_of(method, readings, truth)
    for index, (name, reading) in enumerate(zip(truth.names, readings, strict=True)):
        places = [_cell(value, 2) for value in reading.found[method].centres.ravel()]
        off = [_cell(value, 6) for value in errors[index]]
        yield [name, method, *places, *off, *missed.get(index, ("", ""))]


def _cell(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) else ""


def method_record(
    method: str, readings: Sequence[PhotoReading], truth: PupilTruth, misses: Sequence[Miss]
) -> dict[str, Any]:
    """The figures of one method; shares are fractions in 0..1.

    Returns:
        For each limit ``e_0.05`` (worse eye), ``e_0.05_mean_eye``, ``e_0.05_best_eye`` and
        ``interval_0.05`` (95 %, of the worse eye); ``missed_faces``; ``not_found``, eyes of
        found faces without a centre, and ``reasons``, their number by reason; ``misses``, faces
        beyond the smallest limit by cause; ``photos``; ``ms_a_face``, None without a face.

    """
    errors = errors_of(method, readings, truth)
    seen = [r.found[method] for r in readings if r.outcome is SearchOutcome.FOUND]
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
