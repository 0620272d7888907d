"""The report of an evaluation on LFW: figures, a table of pairs, pictures and a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort
from closeup.evaluation.curves import area_under_curve, equal_error_rate, roc_curve
from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.lfw_pairs import Pairs
from closeup.evaluation.photo_vectors import PhotoVectors
from closeup.evaluation.plots import draw_roc, draw_study
from closeup.evaluation.sensitivity import Study, StudyRow
from closeup.evaluation.verification import FAR, FoldVerification, val_interval, verify_folds
from closeup.evaluation.worst_pairs import contact_sheet
from closeup.files.atomic import replacing, write_text
from closeup.files.documents import write_document, write_table
from closeup.media.images import write_image
from closeup.pages import render

PAIR_COLUMNS = ("fold", "first", "second", "same", "distance", "threshold", "accepted")


def write_report(
    out: Path,
    result: Mapping[str, Any],
    paths: Sequence[Path],
    pairs: Pairs,
    distances: NDArray[np.float64],
) -> None:
    """Write ``lfw.json``, ``pairs.csv``, ``roc.png``, ``worst.jpg`` and ``report.html``.

    Args:
        out: The folder.
        result: The figures that the command prints as JSON.
        paths: The file of each of ``pairs.photos``.
        pairs: The pairs.
        distances: (p,) distance of each pair.

    Raises:
        OutputError: ``out`` cannot be written.
        ImageError: one of the worst photos cannot be read any more.

    """
    write_table(out / "pairs.csv", _pair_rows(pairs, distances))
    write_image(out / "worst.jpg", contact_sheet(paths, pairs, distances))
    low, high = result["val_interval"]
    with replacing(out / "roc.png") as temporary:
        roc = roc_curve(distances, pairs.same)
        draw_roc(temporary, roc, result["val_at_far_1e-3"], (low, high), FAR)
    write_document(out / "lfw.json", result)
    page = render("closeup.evaluation", "lfw.html.j2", {"result": result})
    write_text(out / "report.html", page)


def write_studies(out: Path, studies: Mapping[Study, Sequence[StudyRow]], original: float) -> None:
    """Write ``study_NAME.csv`` and ``study_NAME.png`` of each study.

    Args:
        out: The folder.
        studies: The rows of each.
        original: Accuracy on the unchanged photos.

    Raises:
        OutputError: ``out`` cannot be written.

    """
    for study, rows in studies.items():
        records = [_row_record(study, row) for row in rows]
        table = [list(records[0]), *(record.values() for record in records)]
        write_table(out / f"study_{study}.csv", table)
        compared = None if study is Study.PHOTOS else original  # no verification
        with replacing(out / f"study_{study}.png") as temporary:
            draw_study(temporary, study, rows, compared)


def studies_record(studies: Mapping[Study, Sequence[StudyRow]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each study in the form that is printed and written, by its name."""
    return {
        str(study): [_row_record(study, row) for row in rows] for study, rows in studies.items()
    }


def _row_record(study: Study, row: StudyRow) -> dict[str, Any]:
    score = {"standard_error": row.standard_error}
    if study is Study.PHOTOS:
        return {"photos": row.value, "rank_1": row.score, **score, "probes": row.cases}
    return {
        {Study.JPEG: "quality", Study.SIZE: "pixels"}[study]: row.value,
        "accuracy": row.score,
        **score,
        "val_at_far_1e-3": row.val,
        "missed_faces": row.missed,
        "pairs": row.cases,
    }


def _pair_rows(pairs: Pairs, distances: NDArray[np.float64]) -> Iterator[tuple[Any, ...]]:
    thresholds = verify_folds(distances, pairs.same, pairs.folds).thresholds[pairs.folds]
    rows = zip(pairs.folds, pairs.rows, pairs.same, distances, thresholds, strict=True)
    yield PAIR_COLUMNS
    for fold, photos, same, distance, threshold in rows:
        yield (
            int(fold) + 1,
            *(pairs.photos[i] for i in photos),
            int(same),
            f"{distance:.6f}",
            f"{threshold:.6f}",
            int(distance < threshold),
        )


def verification_record(distances: NDArray[np.float64], pairs: Pairs) -> dict[str, Any]:
    """The figures of the protocol; rates are fractions in 0..1.

    Returns:
        ``accuracy`` and its ``standard_error``; ``val_at_far_1e-3``, its ``val_interval``
        (95 %) and the measured ``far``; ``auc``, ``eer``; ``threshold``, the mean
        over the folds, and ``fold_accuracies``.

    """
    found = verify_folds(distances, pairs.same, pairs.folds)
    return {
        **brief_record(found),
        "val_interval": list(val_interval(distances, pairs.same, pairs.folds)),
        "far": found.far,
        "auc": area_under_curve(distances, pairs.same),
        "eer": equal_error_rate(roc_curve(distances, pairs.same)),
        "threshold": float(found.thresholds.mean()),
        "fold_accuracies": found.accuracies.tolist(),
    }


def brief_record(found: FoldVerification) -> dict[str, float]:
    """``accuracy``, ``standard_error`` and ``val_at_far_1e-3``."""
    return {
        "accuracy": found.accuracy,
        "standard_error": found.standard_error,
        "val_at_far_1e-3": found.val,
    }


def photos_record(
    vectors: PhotoVectors, pairs: Pairs, distance: Distance, embedder: str, cohort: Cohort | None
) -> dict[str, Any]:
    """A description of the data behind the figures.

    Args:
        vectors: Vectors of the photos.
        pairs: The compared pairs.
        distance: The measure of distance.
        embedder: Name of the embedder.
        cohort: Cohort of the embedder; None if it has no calibration.

    Returns:
        ``pairs``, ``folds``, ``photos``; ``missed_faces`` and the ``missed`` photos;
        ``mirrored``, ``distance``, ``embedder``; ``unmirrored``, the brief figures without
        mirror images, None if these are the main ones.

    """
    unmirrored = None
    if vectors.mirror is not None:
        plain = pair_distances(vectors.plain, pairs.rows, distance, cohort)
        unmirrored = brief_record(verify_folds(plain, pairs.same, pairs.folds))
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
