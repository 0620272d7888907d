"""The faces of pictures that may be kept for a data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.geometry import Size, heights_of
from closeup.identity.defects import Defect, defects
from closeup.media.images import read_image
from closeup.protocols import Embedder, FaceDetector

_SECOND = 0.5
"""Height from which another face counts, as a share of the largest: smaller ones are background."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureFaces:
    """The largest face of a picture.

    Attributes:
        count: Number of faces at least half as high as the largest.
        flaws: Defects of the largest, worst first.
        vector: (d,) float32 unit vector of the largest; NaN without a face.

    """

    count: int
    flaws: tuple[Defect, ...]
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PictureFaceReader:
    """Looks at the faces of picture files; any thread may call it.

    Attributes:
        detector: Finds the faces.
        embedder: Aligns the largest face and computes its vector.

    """

    detector: FaceDetector
    embedder: Embedder

    def read(self, path: Path) -> PictureFaces:
        """Look at the faces of a file.

        Raises:
            ImageError: it is not a picture, or damaged.

        """
        image = read_image(path)
        faces = self.detector.detect(image)
        if not len(faces):
            return PictureFaces(0, (), np.full(self.embedder.dimensions, np.nan, np.float32))
        heights = heights_of(faces.boxes)
        largest = faces[np.array([heights.argmax()])]
        (chip,) = self.embedder.chips(image, largest)
        return PictureFaces(
            int((heights >= _SECOND * heights.max()).sum()),
            tuple(defects(largest, chip, Size.of(image))),
            unit_length(self.embedder.embed([chip])[0]),
        )
