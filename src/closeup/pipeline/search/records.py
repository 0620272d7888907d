"""JSON records of the faces in pictures, with the same structure for all searches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.identities import Likeness, Recognition
from closeup.media.pictures import SourceKind

SIDES = ("right", "left")
"""The subject's sides, which appear left and right in the picture, respectively."""


def faces_record(faces: Faces) -> list[dict[str, Any]]:
    """One JSON object per face.

    Returns:
        ``box`` and ``score``; after a search for pupils also ``right_eye``, ``left_eye``,
        ``right_open``, ``left_open``, ``confidence``, ``gaze`` and ``reasons``; else ``points``,
        ``name``, ``confidence`` and ``distance``, and ``runner_up``, ``candidates`` (the most
        similar members, also of a face without a name) and ``defects`` if a gallery was used. A
        head that is not upright has ``roll``, see :func:`_roll_record`.

    """
    return [_face_record(faces, number) for number in range(len(faces))]


def document(
    kind: SourceKind, records: list[dict[str, Any]]
) -> dict[str, Any] | list[dict[str, Any]]:
    """One object for an image, an array for other sources."""
    return records[0] if kind is SourceKind.IMAGE else records


def document_lines(kind: SourceKind, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """JSON text of :func:`document`, one picture per line; at most two are in memory."""
    texts = map(json.dumps, records)
    if kind is SourceKind.IMAGE:
        yield f"{next(texts)}\n"
        return
    yield "[\n"
    following: Iterable[str | None] = chain(texts, [None])
    for text, after in pairwise(following):
        yield f"{text}\n" if after is None else f"{text},\n"
    yield "]\n"


def rounded(values: NDArray[np.floating], digits: int) -> Any:
    """Rounded values for JSON, as lists nested like the array."""
    return np.round(values.astype(np.float64), digits).tolist()


def _face_record(faces: Faces, number: int) -> dict[str, Any]:
    record = {
        "box": rounded(faces.boxes[number], 2),
        "score": round(float(faces.scores[number]), 4),
        **_roll_record(faces[np.array([number])]),
    }
    if faces.eyes is not None:
        return {**record, **_eyes_record(faces.eyes, number)}
    points = np.empty((0, 2)) if faces.points is None else faces.points[number]
    identity = None if faces.identities is None else faces.identities[number]
    return {**record, "points": rounded(points, 2), **_identity_record(identity)}


def _roll_record(face: Faces) -> dict[str, float | None]:
    """The clockwise rotation of a head that is not upright, in degrees; None if it is not known."""
    if face.rolls is None or not (face.lying[0] or face.turns()[0]):
        return {}
    return {"roll": None if face.lying[0] else rounded(face.rolls[0], 1)}


def _identity_record(identity: Recognition | None) -> dict[str, Any]:
    if identity is None:
        return {"name": None, **_measures(None)}
    next_one = identity.runner_up
    return {
        "name": identity.name,
        **_measures(identity.best),
        "runner_up": next_one and {"name": next_one.name, **_measures(next_one)},
        "candidates": [_candidate_record(member) for member in identity.candidates],
        "defects": list(identity.defects),
    }


def _candidate_record(member: Likeness) -> dict[str, Any]:
    return {
        "name": member.name,
        **_measures(member),
        "odds": float(f"{member.odds:.3g}"),
        "false_accept_rate": float(f"{member.false_accept_rate:.3g}"),
    }


def _measures(likeness: Likeness | None) -> dict[str, float | None]:
    return {
        "confidence": round(likeness.confidence, 4) if likeness else None,
        "distance": round(likeness.distance, 4) if likeness else None,
    }


def _eyes_record(eyes: Eyes, number: int) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for side, centre, there in zip(SIDES, eyes.centres[number], eyes.found[number], strict=True):
        record[f"{side}_eye"] = rounded(centre, 3) if there else None
    for side, openness in zip(SIDES, eyes.openness[number], strict=True):
        record[f"{side}_open"] = rounded(openness, 3) if np.isfinite(openness) else None
    record["confidence"] = rounded(eyes.confidence[number].min(), 3)
    gaze = np.full(2, np.nan) if eyes.gaze is None else eyes.gaze[number]
    record["gaze"] = rounded(gaze, 3) if np.isfinite(gaze).all() else None
    sides = zip(SIDES, eyes.reasons[number], strict=True)
    record["reasons"] = {f"{side}_eye": reason for side, reason in sides if reason}
    return record
