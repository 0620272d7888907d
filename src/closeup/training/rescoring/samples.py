"""Candidates of a face detector, cut out of their pictures and sorted into faces and others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from closeup.detection.rescoring import CONTEXT, face_crops
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import covered, heights_of, iou
from closeup.labels import PictureLabels

SIDE, MARGIN = 64, 4 / 3
"""Side in pixels of the stored crops, and their width relative to the network's input: shifted,
rotated and enlarged crops show real pixels."""

_SAME, _APART, _PART = 0.4, 0.15, 0.3
"""Intersection over union with a labelled face from which a candidate is that face, and below which
it is none, unless more than the third share of it lies inside a face. All others, such as a cheek
or a chin, are neither: what is asked is whether there is a face, not where exactly."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """n candidates of a detector.

    Attributes:
        crops: (n, SIDE, SIDE, 3) RGB uint8, cut with a margin.
        scores: (n,) float32, scores of the detector in 0..1.
        heights: (n,) float32, heights of the boxes in pixels of their pictures.
        faces: (n,) bool, whether each is a face.

    """

    crops: NDArray[np.uint8]
    scores: NDArray[np.float32]
    heights: NDArray[np.float32]
    faces: NDArray[np.bool_]

    @classmethod
    def of(cls, image: RGBImage, found: Faces, truth: PictureLabels) -> Candidates:
        """Cut out the candidates of one picture that are surely faces or surely none.

        Args:
            image: RGB uint8 of shape (H, W, 3).
            found: The candidates, in the picture's pixels.
            truth: All faces of the picture; candidates at ignored ones are left out.

        """
        shared = iou(found.boxes, truth.boxes)
        faces = np.asarray((shared[:, ~truth.ignored] >= _SAME).any(axis=1))
        apart = (shared < _APART) & (covered(found.boxes, truth.boxes) < _PART)
        kept = np.flatnonzero(faces | apart.all(axis=1))
        found = found[kept]
        crops = face_crops(image, found.boxes, SIDE, CONTEXT * MARGIN)
        heights = heights_of(found.boxes).astype(np.float32)
        return cls(crops, found.scores, heights, faces[kept])

    @classmethod
    def none(cls) -> Candidates:
        """No candidates."""
        empty = np.empty(0, np.float32)
        return cls(np.empty((0, SIDE, SIDE, 3), np.uint8), empty, empty, empty.astype(np.bool_))

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        """All candidates of some sets, in their order."""
        parts = [cls.none(), *parts]
        return cls(
            *(
                np.concatenate([getattr(own, column.name) for own in parts])
                for column in fields(cls)
            )
        )

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Candidates:
        """The candidates that an index array or mask selects."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))

    def digest(self) -> bytes:
        """Hash of all columns."""
        digest = hashlib.sha256()
        for column in fields(self):
            digest.update(np.ascontiguousarray(getattr(self, column.name)).data)
        return digest.digest()
