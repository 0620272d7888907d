"""Protocols of methods that find a pupil, their results and their steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from closeup.errors import PartError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import PupilFinder
from closeup.pupils.eye_crops import EyeCrop


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """Result of a method for one eye.

    Attributes:
        point: (2,) float64, x and y in the crop's pixels; None if no pupil was found.
        confidence: Confidence of the point, in 0..1.
        openness: From 0 (closed) to 1 (wide open); NaN if unknown.
        reason: Reason why there is no point; empty if there is one.

    """

    point: NDArray[np.float64] | None
    confidence: float = 0.0
    openness: float = float("nan")
    reason: str = ""


@dataclass(slots=True)
class Steps:
    """Pictures of the steps of a method, in order, for display."""

    pictures: list[tuple[str, NDArray[np.uint8]]] = field(default_factory=list)

    def show(
        self,
        title: str,
        values: NDArray[np.generic],
        point: tuple[float, float] | None = None,
    ) -> None:
        """Append a picture.

        Args:
            title: Title of the picture.
            values: (H, W) of any range, scaled to grey levels, or (H, W, 3) RGB uint8.
            point: (x, y) in pixels, marked by a cross; None: no mark.

        """
        picture = _picture(np.asarray(values))
        if point is not None:
            x, y = (round(float(c)) for c in point)
            height, width = picture.shape[:2]
            if 0 <= x < width and 0 <= y < height:
                picture[y, max(0, x - 3) : x + 4] = (0, 255, 0)
                picture[max(0, y - 3) : y + 4, x] = (0, 255, 0)
        self.pictures.append((title, picture))


class EyeMethod(Protocol):
    """Finds a pupil's centre in one crop."""

    @property
    def name(self) -> str:
        """Name of the method, as in ``--method``."""
        ...

    def locate(self, crop: EyeCrop, steps: Steps | None = None) -> Located:
        """Find the centre, and append pictures to ``steps``; safe for use from several threads."""
        ...


@runtime_checkable
class PupilMethod(PupilFinder, Protocol):
    """A finder that also shows its steps."""

    def show(self, image: RGBImage, face: Faces) -> tuple[Steps, Steps]:
        """The steps for the right and the left eye of one face; empty if no eye can be cut out."""
        ...


def showing(finder: PupilFinder) -> PupilMethod:
    """Check that a finder shows its steps, and return it.

    Raises:
        PartError: the finder cannot show its steps.

    """
    if not isinstance(finder, PupilMethod):
        raise PartError(
            f"{finder.name} cannot show its steps: it lacks show; derive it from "
            "closeup.PupilMethod, or leave out the steps"
        )
    return finder


def chart(values: NDArray[np.floating], height: int = 40) -> NDArray[np.uint8]:
    """A curve of (n,) values as a picture of (height, n) pixels, filled from below."""
    low, high = float(values.min()), float(values.max())
    tops = (values - low) * (height / (high - low) if high > low else 0)
    return np.where(np.arange(height, 0, -1)[:, None] <= tops, 255, 0).astype(np.uint8)


def _picture(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    if values.ndim == 3:
        return np.array(values, np.uint8)
    numbers = values.astype(np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    scaled = (numbers - low) * (255 / (high - low) if high > low else 0)
    return np.repeat(scaled.astype(np.uint8)[..., None], 3, axis=2)
