"""The embedding adapted to one video, by labels that nobody has to make.

Faces of one tracklet show one person, and so do a member's photos. Tracklets that are seen at the
same time show different people, and so do the photos of two members. The adaptation takes the
vectors of a saved analysis, so a video is not analysed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.fancam.conflicts import SAME_FACE, find_conflicts
from closeup.fancam.same_person import Features, face_odds
from closeup.identity.adaptation import EmbeddingMap, EquivalenceConstraints, learn_map
from closeup.identity.gallery import Gallery
from closeup.tracks import Tracklet


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingAdaptation:
    """The map of a video's faces, and what it was learnt from.

    Attributes:
        learnt: The map; None if the video has too little evidence, and vectors stay as they are.
        tracklets: Number of tracklets with two faces or more.
        faces: Number of their faces.
        photos: Number of photos of members with two photos or more.
        pairs: Number of pairs of tracklets, and of members, that show different people.

    """

    learnt: EmbeddingMap | None
    tracklets: int
    faces: int
    photos: int
    pairs: int

    @property
    def line(self) -> str:
        """What was done, for the user."""
        evidence = (
            f"{self.faces} faces of {self.tracklets} tracklets, {self.photos} photos, "
            f"{self.pairs} pairs of two people"
        )
        if self.learnt is None:
            return f"too little to adapt the embedding to this video: {evidence}; it stays as it is"
        return f"adapted the embedding to this video by {evidence}"

    def document(self) -> dict[str, Any]:
        """The object ``adaptation`` of ``report.json``."""
        return {
            "adapted": self.learnt is not None,
            "tracklets": self.tracklets,
            "faces": self.faces,
            "photos": self.photos,
            "pairs": self.pairs,
        }

    def of_tracklets(self, tracklets: Sequence[Tracklet]) -> Sequence[Tracklet]:
        """The same tracklets with the vectors of their faces mapped, at unit length."""
        if self.learnt is None:
            return tracklets
        return [
            replace(own, embeddings=self.learnt.vectors(own.embeddings))
            if len(own.embeddings)
            else own
            for own in tracklets
        ]

    def of_gallery(self, gallery: Gallery) -> Gallery:
        """The gallery with the vectors of its photos and its calibration's cohort mapped."""
        if self.learnt is None:
            return gallery
        calibration = self.learnt.calibration(gallery.calibration)
        return replace(
            gallery, calibration=calibration, vectors=self.learnt.vectors(gallery.vectors)
        )


def adapt_embedding(tracklets: Sequence[Tracklet], gallery: Gallery) -> EmbeddingAdaptation:
    """Learn a map from the tracklets of a video and the members' photos.

    Args:
        tracklets: All tracklets of the video.
        gallery: The members; those without photos, or an empty gallery, add nothing.

    """
    constraints = constraints_of(tracklets, gallery)
    sizes = [len(_usable(own.embeddings)) for own in tracklets]
    several = [size for size in sizes if size > 1]
    return EmbeddingAdaptation(
        learn_map(constraints, gallery.calibration),
        len(several),
        sum(several),
        int(gallery.photos[gallery.photos > 1].sum()),
        len(constraints.apart),
    )


def constraints_of(tracklets: Sequence[Tracklet], gallery: Gallery) -> EquivalenceConstraints:
    """What is known about the faces of a video and the members' photos, before anyone is named.

    Args:
        tracklets: All tracklets of the video; those without faces are left out.
        gallery: The members; those without photos are left out.

    """
    dimensions = gallery.calibration.dimensions
    faces = [_usable(own.embeddings.reshape(-1, dimensions)) for own in tracklets]
    photos = [gallery.vectors[gallery.owners == member] for member in range(len(gallery.names))]
    groups = [own for own in (*faces, *photos) if len(own)]
    place = np.cumsum([len(own) > 0 for own in (*faces, *photos)]) - 1
    members = [place[len(faces) + row] for row, own in enumerate(photos) if len(own)]
    seen = [
        (place[a], place[b])
        for a, b in _apart(tracklets, gallery)
        if len(faces[a]) and len(faces[b])
    ]
    pairs = [*seen, *combinations(members, 2)]
    return EquivalenceConstraints(
        np.concatenate([np.empty((0, dimensions), np.float32), *groups]),
        np.repeat(np.arange(len(groups)), [len(own) for own in groups]),
        np.array(pairs, np.int64).reshape(-1, 2),
    )


def _usable(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors (n, d) at unit length, without those that are zero or not finite."""
    finite = np.isfinite(vectors).all(axis=1) & vectors.any(axis=1)
    return unit_length(vectors[finite])


def _apart(tracklets: Sequence[Tracklet], gallery: Gallery) -> NDArray[np.int64]:
    """Pairs (k, 2) of tracklets that are seen at once.

    Faces that look like one person may be one, shown once more on a screen or in a mirror; such a
    pair is left out.
    """
    features = Features.of(tracklets, gallery.calibration.dimensions)
    alike = face_odds(features, features, gallery.calibration)
    return np.argwhere(np.triu(find_conflicts(tracklets) & (alike < SAME_FACE)))
