"""The eyes of faces: the centre of each pupil, or the reason why it was not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ShapeError


@dataclass(frozen=True, slots=True, eq=False)
class Eyes:
    """Pupils of n faces; the subject's right eye (left in the picture) comes first.

    Attributes:
        centres: (n, 2, 2) float32, x and y in source pixels; NaN if not found.
        openness: (n, 2) float32, from 0 (closed) to 1 (wide open); NaN if unknown.
        confidence: (n, 2) float32 in 0..1; 0 if there is no centre.
        reasons: For each face and eye the reason for a missing centre; empty if there is one.
        gaze: (n, 2) float64, gaze of each face as measured by :func:`closeup.pupils.gaze.gaze`;
            NaN if unknown, None if it was not measured.
        opacity: (n, 2) float32 in 0..1, how far an effect on each eye is faded in; None in photos,
            and before the eyes are tracked.

    Raises:
        ValueError: the arrays do not describe the same number of faces, or an eye has neither
            a centre nor a reason, or both.

    """

    centres: NDArray[np.float32]
    openness: NDArray[np.float32]
    confidence: NDArray[np.float32]
    reasons: tuple[tuple[str, str], ...]
    gaze: NDArray[np.float64] | None = None
    opacity: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        count = len(self.reasons)
        expected = {"centres": (count, 2, 2), "openness": (count, 2), "confidence": (count, 2)}
        for name in ("gaze", "opacity"):
            if getattr(self, name) is not None:
                expected[name] = (count, 2)
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ShapeError(f"{name} must have shape {shape}, got {getattr(self, name).shape}")
        for face, reasons in zip(self.found, self.reasons, strict=True):
            if any(there == bool(reason) for there, reason in zip(face, reasons, strict=True)):
                raise ValueError("an eye has either a centre or a reason why it has none")

    @classmethod
    def none(cls) -> Eyes:
        """Eyes of a picture without any face."""
        empty = np.empty((0, 2), np.float32)
        return cls(np.empty((0, 2, 2), np.float32), empty, empty, ())

    @classmethod
    def joined(cls, parts: Sequence[Eyes]) -> Eyes:
        """The eyes of several sets of faces, at least one, as one, in their order.

        A column is None in the result if it is None in any set.
        """

        def column(name: str) -> NDArray[np.floating] | None:
            values = [getattr(part, name) for part in parts]
            return None if any(value is None for value in values) else np.concatenate(values)

        reasons = tuple(reasons for part in parts for reasons in part.reasons)
        arrays = {name: column(name) for name in cls.__slots__ if name != "reasons"}
        return cls(reasons=reasons, **arrays)  # type: ignore[arg-type]

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which eyes have a centre; shape (n, 2)."""
        return np.asarray(np.isfinite(self.centres).all(axis=2))

    def __len__(self) -> int:
        return len(self.reasons)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Eyes:
        """The eyes of the faces that an index array or mask selects."""
        chosen = np.arange(len(self))[rows].tolist()
        return Eyes(
            self.centres[rows],
            self.openness[rows],
            self.confidence[rows],
            tuple(self.reasons[i] for i in chosen),
            None if self.gaze is None else self.gaze[rows],
            None if self.opacity is None else self.opacity[rows],
        )
