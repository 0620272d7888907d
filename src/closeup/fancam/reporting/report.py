"""The report of a run, as JSON and as a page: results, confidences, and doubts to be checked.

All times are seconds from the first frame that was read, as in ``coordinates.csv``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.camera_path import CameraPath
from closeup.fancam.analysis import Analysis
from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.clock import frame_edges
from closeup.fancam.camera.quality import measure_path
from closeup.fancam.reporting.doubt import Doubt, IdentityAlternative, alternatives
from closeup.fancam.reporting.doubts import find_doubts
from closeup.fancam.reporting.persons import person_rows, summaries
from closeup.fancam.reporting.portraits import best_portraits
from closeup.fancam.reporting.report_page import pictured_tracklets, render_page
from closeup.fancam.reporting.sight import carried
from closeup.fancam.solution import Solution
from closeup.files.atomic import write_text
from closeup.files.documents import write_document
from closeup.identity.enrolment import Rejection
from closeup.identity.gallery import Gallery
from closeup.tracks import PositionSource, Tracklet, Trajectory

CONFIDENCE_STEP = 0.5
"""Interval of the values of a member's confidence, in seconds."""


def build_report(
    video: Path,
    analysis: Analysis,
    solution: Solution,
    gallery: Gallery,
    mended: Sequence[str] = (),
) -> dict[str, Any]:
    """Gather the figures of a run as an object that can be written as JSON.

    Args:
        video: The stage video.
        analysis: Observations of the video.
        solution: Identities, trajectories and camera paths.
        gallery: The members that the solution was made for.
        mended: Lines on what was mended or skipped in the video.

    Returns:
        ``video``: name, size (width, height), rate, frames, seconds, shots (start of each),
        ended_early, mended. ``members``: one object a member, see :func:`_member`. ``skipped``:
        name and reason of each member without a usable photo. ``persons``: one object a
        person, see :func:`closeup.fancam.reporting.persons.person_rows`. ``tracklets``: one
        object a tracklet, see :func:`_tracklet`. ``doubtful``: moments with from, to, doubt
        (0..1), why, person, tracklet, members and fixes (lines for ``corrections.json``), most
        doubtful first. ``corrections``: those that were followed, as in ``corrections.json``.
        ``adaptation``: what the embedding was adapted to the video by; None without
        ``FancamOptions.adapt``.

    """
    edges = frame_edges(solution.seconds)
    left_out = defaultdict(list)
    for rejection in gallery.rejections:
        left_out[rejection.member].append(rejection)
    counts = {name: len(photos) for name, photos in left_out.items()}
    return {
        "video": {
            "name": video.name,
            "size": list(solution.size),
            "rate": round(float(analysis.rate), 3),
            "frames": len(solution.seconds),
            "seconds": _rounded(edges[-1]),
            "shots": [_rounded(edges[frame]) for frame in (0, *solution.cuts)],
            "ended_early": analysis.ended_early,
            "mended": list(mended),
        },
        "members": [
            _member(trajectory, path, left_out[trajectory.name], solution, edges)
            for trajectory, path in zip(solution.trajectories, solution.paths, strict=True)
        ],
        "skipped": [{"name": name, "reason": reason} for name, reason in gallery.skipped.items()],
        "tracklets": [
            _tracklet(tracklet, choice, solution.assignment.candidates(row), solution.names, edges)
            for row, (tracklet, choice) in enumerate(
                zip(solution.tracklets, alternatives(solution.assignment), strict=True)
            )
        ],
        "persons": person_rows(solution, summaries(solution, edges)),
        "doubtful": [_doubt(doubt) for doubt in find_doubts(solution, gallery, counts, edges)],
        "corrections": solution.corrections.document(),
        "adaptation": solution.adaptation and solution.adaptation.document(),
    }


def write_report(report: dict[str, Any], analysis: Analysis, solution: Solution, out: Path) -> None:
    """Write ``report.json`` and ``report.html`` into ``out``.

    Raises:
        OutputError: ``out`` cannot be written.

    """
    wanted = pictured_tracklets(report)
    shown = [tracklet for tracklet in solution.tracklets if tracklet.id in wanted]
    page = render_page(report, solution, best_portraits(analysis.portraits(), shown))
    write_document(out / "report.json", report)
    write_text(out / "report.html", _encodable(page))


def _member(
    trajectory: Trajectory,
    path: CameraPath,
    rejections: Sequence[Rejection],
    solution: Solution,
    edges: NDArray[np.float64],
) -> dict[str, Any]:
    """The figures of one member; those of the camera are None if it never shows a close-up.

    ``seconds`` holds the total time of each source; ``carried`` is the part of ``tracked`` in
    which the face was not detected for longer than ``OUT_OF_SIGHT`` and counts as hidden.
    """
    quality = measure_path(path, trajectory, solution.seconds, solution.cuts, solution.size)
    lengths = np.diff(edges)
    spent = np.bincount(trajectory.sources, weights=lengths, minlength=len(PositionSource))
    return {
        "name": trajectory.name,
        "photos_rejected": [{"photo": r.photo.name, "reason": r.reason} for r in rejections],
        "seconds": {
            "seen": _rounded(spent[PositionSource.DETECTED]),
            "tracked": _rounded(spent[PositionSource.TRACKED]),
            "carried": _rounded(lengths[carried(trajectory, edges)].sum()),
            "interpolated": _rounded(spent[PositionSource.INTERPOLATED]),
            "absent": _rounded(spent[PositionSource.ABSENT]),
        },
        "confidence": _confidence(trajectory, solution.seconds),
        "inside_crop": round(quality.inclusion, 5) if quality.frames else None,
        "jerk_p95": round(quality.p95_jerk, 5) if quality.frames else None,
        "reversals_per_second": round(quality.reversals, 4) if quality.frames else None,
    }


def _confidence(trajectory: Trajectory, seconds: NDArray[np.float64]) -> list[list[float | None]]:
    """Pairs (time, mean confidence), one each half second; None where the member is absent."""
    steps = (seconds / CONFIDENCE_STEP).astype(np.int64)
    present = trajectory.present
    count = np.bincount(steps, weights=present)
    total = np.bincount(steps, weights=np.where(present, trajectory.confidence, 0))
    return [
        [step * CONFIDENCE_STEP, _rounded(total[step] / count[step]) if count[step] else None]
        for step in range(len(count))
    ]


def _tracklet(
    tracklet: Tracklet,
    choice: IdentityAlternative,
    candidates: Sequence[tuple[int, float]],
    names: Sequence[str],
    edges: NDArray[np.float64],
) -> dict[str, Any]:
    """The identity of one tracklet.

    ``member`` and ``runner_up`` (the second likeliest) are None for none of the members,
    ``runner_up_odds`` are the odds of the choice against the runner-up, ``candidates`` are the
    likeliest members by the evidence on its person, ``faces`` is the number of embeddings, and
    ``corrected`` tells whether a correction decided.
    """
    return {
        "id": tracklet.id,
        "member": _name(choice.member, names),
        "from": _rounded(edges[tracklet.start]),
        "to": _rounded(edges[tracklet.stop]),
        "confidence": _rounded(choice.confidence),
        "runner_up": _name(choice.runner_up, names),
        "runner_up_odds": float(f"{choice.odds:.3g}"),
        "candidates": [
            {"name": names[member], "confidence": _rounded(sure)} for member, sure in candidates
        ],
        "faces": len(tracklet.embeddings),
        "doubt": _rounded(choice.doubt),
        "corrected": choice.corrected,
    }


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {
        "from": _rounded(doubt.start),
        "to": _rounded(doubt.end),
        "doubt": _rounded(doubt.doubt),
        "why": doubt.why,
        "person": doubt.person,
        "tracklet": doubt.tracklet,
        "members": list(doubt.members),
        "fixes": [{"when": fix.when, "key": fix.key, "line": fix.line} for fix in doubt.fixes],
    }


def _name(member: int, names: Sequence[str]) -> str | None:
    return None if member == NOBODY else names[member]


def _rounded(value: float) -> float:
    return round(float(value), 3)


def _encodable(text: str) -> str:
    """Escape lone surrogates, which UTF-8 cannot hold; file names may contain undecodable bytes.

    The escape is the one that JSON uses.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
