"""The JSON that searches for faces, people and pupils print: one shape for all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.identity.recognition import Likeness
from closeup.media.pictures import Kind


class Place(Protocol):
    """Where a picture is: a :class:`closeup.media.pictures.Picture`, or what is left of one."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    @property
    def frame(self) -> int | None:
        """Number in a video, from 0; None for an image."""
        ...

    @property
    def seconds(self) -> Fraction | None:
        """When a video shows it; None for an image."""
        ...


def face_record(
    box: NDArray[np.floating],
    score: float,
    points: NDArray[np.floating],
    best: Likeness | None = None,
    *,
    accepted: bool = False,
    runner_up: Likeness | None = None,
) -> dict[str, Any]:
    """One face.

    Args:
        box: (4,) xyxy in the picture's pixels.
        score: Of the detector.
        points: (k, 2) feature points in the picture's pixels.
        best: The member it is most like; None where nobody was compared.
        accepted: Whether it is like enough to be called by the name.
        runner_up: The next member, where there is one.

    Returns:
        ``box``, ``score``, ``points``, ``name``, ``confidence``, ``distance``; with
        ``runner_up`` where members were compared.

    """
    record: dict[str, Any] = {
        "box": rounded(box, 2),
        "score": round(float(score), 4),
        "points": rounded(points, 2),
        "name": best.name if best and accepted else None,
        **_measures(best),
    }
    if best:
        record["runner_up"] = runner_up and {"name": runner_up.name, **_measures(runner_up)}
    return record


def picture_record(picture: Place, faces: list[dict[str, Any]]) -> dict[str, Any]:
    """One picture: ``image`` and ``faces``; of a video also ``frame`` and ``seconds``."""
    record: dict[str, Any] = {"image": str(picture.path)}
    if picture.frame is not None and picture.seconds is not None:
        record |= {"frame": picture.frame, "seconds": round(float(picture.seconds), 6)}
    return {**record, "faces": faces}


def document(kind: Kind, records: list[dict[str, Any]]) -> dict[str, Any] | list[dict[str, Any]]:
    """One object for an image, an array for a folder or a video."""
    return records[0] if kind is Kind.IMAGE else records


def document_lines(kind: Kind, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The same as JSON text, a picture a line, of which never more than two are in memory."""
    texts = map(json.dumps, records)
    if kind is Kind.IMAGE:
        yield f"{next(texts)}\n"
        return
    yield "[\n"
    following: Iterable[str | None] = chain(texts, [None])
    for text, after in pairwise(following):
        yield f"{text}\n" if after is None else f"{text},\n"
    yield "]\n"


def _measures(likeness: Likeness | None) -> dict[str, float | None]:
    return {
        "confidence": round(likeness.confidence, 4) if likeness else None,
        "distance": round(likeness.distance, 4) if likeness else None,
    }


def rounded(values: NDArray[np.floating], digits: int) -> Any:
    """Numbers as JSON takes them, in lists that are nested as the array."""
    return np.round(values.astype(np.float64), digits).tolist()
