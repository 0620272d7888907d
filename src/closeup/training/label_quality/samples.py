"""Judged labels to learn from: their surroundings, their place, and the verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.labelling.quality_file import CropKind

MARGIN = 1.25
"""Approximate width of the stored crops relative to the network's: shifted crops show real
pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class QualityView:
    """What the network sees of a label.

    Attributes:
        kind: What the crops show: ``eye`` or ``object``.
        size: Size of the network's crops, in pixels.
        width: Their width, in eye distances or in longer sides of the object.

    """

    kind: CropKind
    size: Size
    width: float

    @property
    def unit(self) -> float:
        """Pixels of an eye distance, or of the longer side of an object."""
        return self.size.width / self.width

    @property
    def stored(self) -> Size:
        """Size of the crops with margin, at the same resolution and with the same pixels."""
        margins = (round((MARGIN - 1) / 2 * side) for side in self.size)
        return Size(*(side + 2 * own for side, own in zip(self.size, margins, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class QualitySamples:
    """n judged labels. Coordinates are pixels from the middle of the crop.

    Attributes:
        pixels: (n, H, W, 3) RGB uint8, crops with margin.
        points: (n, k, 2) float32 the label's points, x and y; NaN where there is none.
        boxes: (n, 4) float32 x1, y1, x2, y2; NaN where there is none.
        bad: (n,) bool, whether people called the label false.
        weight: (n,) float32, weight of the verdict in the loss.
        groups: (n,) int64; samples of one group, such as a person, are never split.
        view: What the network sees of them.

    """

    pixels: NDArray[np.uint8]
    points: NDArray[np.float32]
    boxes: NDArray[np.float32]
    bad: NDArray[np.bool_]
    weight: NDArray[np.float32]
    groups: NDArray[np.int64]
    view: QualityView

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> QualitySamples:
        """The samples that an index array or mask selects."""
        return self._with({name: values[rows] for name, values in self._columns().items()})

    def digest(self) -> bytes:
        """Hash of all columns and of the view."""
        digest = hashlib.sha256(repr(self.view).encode())
        for values in self._columns().values():
            digest.update(np.ascontiguousarray(values).data)
        return digest.digest()

    def joined(self, other: QualitySamples) -> QualitySamples:
        """All samples of two sets with one view and as many columns of points."""
        added = other._columns()
        return self._with(
            {name: np.concatenate([own, added[name]]) for name, own in self._columns().items()}
        )

    def _with(self, columns: Mapping[str, Any]) -> QualitySamples:
        return replace(self, **columns)

    def _columns(self) -> dict[str, NDArray[Any]]:
        return {
            column.name: getattr(self, column.name)
            for column in fields(self)
            if column.name != "view"
        }
