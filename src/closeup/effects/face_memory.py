"""What an effect remembers of each face of a video from frame to frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from closeup.faces import Faces

T = TypeVar("T")

_FORGOTTEN = 1.0
"""Seconds after which a face that is not seen is forgotten."""


@dataclass(slots=True)
class _Kept(Generic[T]):
    state: T
    seconds: float


class FaceMemory(Generic[T]):
    """One state a tracked face; a video that begins again finds nothing of before.

    Args:
        begin: Makes the state of a face that appears.

    """

    def __init__(self, begin: Callable[[], T]) -> None:
        self._begin = begin
        self._kept: dict[int, _Kept[T]] = {}

    def recall(self, faces: Faces, row: int) -> tuple[T, float] | None:
        """The state of a face, and the seconds since it was recalled last.

        Args:
            faces: The faces of a frame; in a video they have ``ids`` and ``seconds``.
            row: The face.

        Returns:
            A new state with 0.0 for a new face; None in a photo.

        """
        if faces.ids is None or faces.seconds is None:
            return None
        now, key = faces.seconds, int(faces.ids[row])
        kept = self._kept.get(key)
        if kept is None or not 0 <= now - kept.seconds <= _FORGOTTEN:
            self._kept = {i: k for i, k in self._kept.items() if 0 <= now - k.seconds <= _FORGOTTEN}
            kept = self._kept[key] = _Kept(self._begin(), now)
        passed, kept.seconds = now - kept.seconds, now
        return kept.state, passed
