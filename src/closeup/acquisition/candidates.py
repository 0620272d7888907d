"""What is known of samples that may be labelled next."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError

_REMEDIES = {
    "predictions": "name two models or more with --model",
    "entropy": "train a model with this version of Closeup; older files do not give it",
    "expected": "use a model that tells the error that it expects, as pupil networks do",
    "disagreement": "let a classic method propose labels first, with --propose",
    "bad": "name a model of closeup train quality with --quality",
    "features": "train a model with this version of Closeup; older files do not give them",
    "labelled": "train a model with this version of Closeup; older files do not give features",
    "change": "give frames of a video, of which neighbours can be compared",
}
"""How each measure is obtained, for messages."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelCandidates:
    """Measures of n samples without a label by hand; a measure that nobody made is None.

    Errors and distances are in one unit, such as eye distances, or shares of a box's side.

    Attributes:
        pictures: (n,) int64 number of the picture; samples of one picture have the same.
        predictions: (m, n, q) float64, q numbers by each of m models, in the unit of errors; NaN
            where a model found nothing.
        entropy: (n,) entropy of a model's heatmap, in nats.
        expected: (n,) the error that a model expects of its own label.
        disagreement: (n,) distance between the label of a model and that of a classic method, NaN
            where one of them has none.
        bad: (n,) probability that the proposed label is wrong.
        features: (n, d) a model's features.
        labelled: (k, d) the same features of the samples that have a label by hand.
        change: (n,) how far a label jumps against the frames before and after, beyond the motion
            of the object; NaN where there is no such frame.
        unit: The unit of errors and distances, in the plural, for the reasons that people read.

    Raises:
        ValueError: a measure has another number of samples.

    """

    pictures: NDArray[np.int64]
    predictions: NDArray[np.float64] | None = None
    entropy: NDArray[np.float64] | None = None
    expected: NDArray[np.float64] | None = None
    disagreement: NDArray[np.float64] | None = None
    bad: NDArray[np.float64] | None = None
    features: NDArray[np.float64] | None = None
    labelled: NDArray[np.float64] | None = None
    change: NDArray[np.float64] | None = None
    unit: str = "units"

    def __post_init__(self) -> None:
        for field in fields(self):
            values = getattr(self, field.name)
            if values is None or field.name in {"labelled", "unit"}:
                continue
            axis = 1 if field.name == "predictions" else 0
            if values.shape[axis] != len(self.pictures):
                raise ValueError(
                    f"{field.name} of shape {values.shape} is not of {len(self)} samples"
                )

    def __len__(self) -> int:
        """The number of samples."""
        return len(self.pictures)

    def chosen(self, rows: NDArray[np.int64]) -> LabelCandidates:
        """The measures of some samples, by their indices in order."""
        changes: dict[str, NDArray[np.generic]] = {}
        for field in fields(self):
            values = getattr(self, field.name)
            if values is not None and field.name not in {"labelled", "unit"}:
                changes[field.name] = (
                    values[:, rows] if field.name == "predictions" else values[rows]
                )
        return replace(self, **changes)  # type: ignore[arg-type]

    def need(self, measure: str) -> NDArray[np.float64]:
        """A measure by its name.

        Raises:
            InputError: it was not made.

        """
        values: NDArray[np.float64] | None = getattr(self, measure)
        if values is None:
            raise InputError(f"{measure} of the samples is not known; {_REMEDIES[measure]}")
        return values
