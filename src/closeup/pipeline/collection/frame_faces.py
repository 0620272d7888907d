"""Which frames of a video are worth collecting, by the faces that they show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.collection.picture_measures import BITS, picture_hash
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import heights_of
from closeup.identity.quality import detail
from closeup.pipeline.people.identify import FaceIdentifier
from closeup.protocols import Embedder, FaceDetector

_BIT = (BITS / 2) ** -0.5
"""Length of a differing bit: pictures of different things, half of whose bits differ, are 1
apart."""
_FACES = 2.0
"""Factor on unit vectors of faces: of two people they are about 0.5 apart, so 1 likewise."""


@dataclass(frozen=True, slots=True)
class FaceRequirements:
    """What at least one face of a picture must be like.

    Attributes:
        height: Least height of its box, in pixels.
        detail: Least sharpness, see :func:`closeup.identity.quality.detail`: 0.15 is the limit
            for photos of members, photos of LFW have 0.25 in the median.
        members: Names of members of whom one must be recognised; empty for anybody.

    Raises:
        ValueError: a limit is negative.

    """

    height: float = 0.0
    detail: float = 0.0
    members: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.height < 0 or self.detail < 0:
            raise ValueError("the least height and sharpness of a face must be 0 or more")


@dataclass(frozen=True, slots=True, eq=False)
class FoundFaces:
    """The faces of a picture that meet the requirements.

    Attributes:
        count: Their number, one or more.
        height: Height of the largest in pixels.
        detail: Its sharpness; None if it was not measured.
        member: The member whom it shows; None if members were not looked for.
        confidence: Confidence of that name; None likewise.
        vector: (d,) float32, mean vector of the faces; None if they were not embedded.

    """

    count: int
    height: float
    detail: float | None = None
    member: str | None = None
    confidence: float | None = None
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class FrameFaceFinder:
    """Finds the faces that a picture is collected for; any thread may call it.

    Attributes:
        requirements: What a face must be like.
        detector: Finds the faces, unless there is an identifier, which has its own.
        embedder: Aligns faces and computes their vectors; None if neither is wanted.
        identifier: Names the faces; None if nobody is to be recognised.

    """

    requirements: FaceRequirements
    detector: FaceDetector
    embedder: Embedder | None = None
    identifier: FaceIdentifier | None = None

    def find(self, image: RGBImage) -> FoundFaces | None:
        """Return the faces of a picture that meet the requirements; None without one.

        Args:
            image: The picture, RGB uint8 (H, W, 3).

        """
        faces = self.identifier.find(image) if self.identifier else self.detector.detect(image)
        kept = faces[self._meeting(faces)]
        if not len(kept) or self.embedder is None:
            return _found(kept, None) if len(kept) else None
        chips = self.embedder.chips(image, kept)
        details = np.array([detail(chip) for chip in chips])
        sharp = np.flatnonzero(details >= self.requirements.detail)
        if not len(sharp):
            return None
        vectors = kept.embeddings
        if vectors is None:
            vectors = self.embedder.embed([chips[row] for row in sharp])
        else:
            vectors = vectors[sharp]
        return _found(kept[sharp], details[sharp], unit_length(vectors).mean(axis=0))

    def _meeting(self, faces: Faces) -> NDArray[np.bool_]:
        meeting = heights_of(faces.boxes) >= self.requirements.height
        if self.requirements.members:
            meeting &= _named(faces, self.requirements.members)
        return np.asarray(meeting, np.bool_)


def picture_features(image: RGBImage, found: FoundFaces | None) -> tuple[float, ...]:
    """Numbers by which pictures are compared: what they show, and whose faces.

    Args:
        image: The picture, RGB uint8 (H, W, 3).
        found: Its faces; None if faces are not looked for.

    """
    bits = picture_hash(image) * _BIT
    if found is None or found.vector is None:
        return tuple(bits.round(4).tolist())
    return tuple(np.concatenate([bits, found.vector * _FACES]).round(4).tolist())


def _named(faces: Faces, members: Collection[str]) -> NDArray[np.bool_]:
    return np.array([name in members for name in faces.names], np.bool_)


def _found(
    faces: Faces,
    details: NDArray[np.float64] | None,
    vector: NDArray[np.float32] | None = None,
) -> FoundFaces:
    heights = heights_of(faces.boxes)
    largest = int(heights.argmax())
    identity = faces.identities[largest] if faces.identities else None
    return FoundFaces(
        count=len(faces),
        height=round(float(heights[largest]), 1),
        detail=None if details is None else round(float(details[largest]), 3),
        member=None if identity is None else identity.name,
        confidence=None if identity is None else round(identity.best.confidence, 4),
        vector=vector,
    )
