"""The gallery: members enrolled from photos, with which faces are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import CalibrationError
from closeup.faces import Faces
from closeup.identities import Recognition
from closeup.identity.calibration import calibration_of
from closeup.identity.enrolment import OddPhoto, Rejection, enrol_photos, find_photos
from closeup.identity.member_checks import duplicates
from closeup.identity.recognition import FaceEvidence, compared_odds, decide, nearest_photos
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector

FALSE_ACCEPT_RATE = 0.005
"""Default rate of false accepts: share of non-members that may be given a member's name. On people
outside the calibration's data the measured rate was a fifth higher."""

_LEAST_WEIGHT = 0.15
"""Least weight at which a single face is compared. Faces of weight 0, in profile, are right more
often than by chance; at this weight the stated confidences are true: ``benchmarks/confidence.py``.
"""


@dataclass(frozen=True, eq=False)
class Gallery:
    """The vectors of the members' photos.

    Attributes:
        calibration: Calibration of the embedder that made the vectors.
        names: Names of the members.
        vectors: (n, d) float32, one a photo: the mean of the vectors of the photo and its
            mirror image, at unit length.
        owners: (n,) int64, member of each photo, as an index of ``names``. A member without a
            photo is known by corrections of a video alone.
        rejections: Photos that were left out at enrolment.
        odd: Enrolled photos that may show somebody else.
        skipped: Name of each member who was left out at enrolment → the reason.

    Raises:
        CalibrationError: the dimensions of the vectors differ from those of the calibration.

    """

    calibration: EmbeddingCalibration
    names: tuple[str, ...]
    vectors: NDArray[np.float32]
    owners: NDArray[np.int64]
    rejections: tuple[Rejection, ...] = ()
    odd: tuple[OddPhoto, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.vectors.shape[1] != self.calibration.dimensions:
            raise CalibrationError(
                f"vectors of {self.vectors.shape[1]} dimensions do not go with the calibration of "
                f"{self.calibration.embedder}, which has {self.calibration.dimensions}; "
                "take that of their embedder"
            )

    @classmethod
    def of(
        cls, calibration: EmbeddingCalibration, members: Mapping[str, NDArray[np.float32]]
    ) -> Gallery:
        """A gallery from the mirrored means (n, d) of each member's photos, of any length.

        Args:
            calibration: Calibration of the embedder that made the vectors.
            members: Member's name → (n, d) float32, one vector a photo.

        """
        counts = [len(photos) for photos in members.values()]
        owners = np.repeat(np.arange(len(members)), np.array(counts, np.int64))
        none = np.empty((0, calibration.dimensions), np.float32)
        vectors = unit_length(np.concatenate(list(members.values()) or [none]))
        return cls(calibration, tuple(members), vectors, owners)

    def with_members(self, names: Sequence[str]) -> Gallery:
        """The same with further members, who have no photos, after the others."""
        further = (name for name in dict.fromkeys(names) if name not in self.names)
        return replace(self, names=(*self.names, *further))

    @classmethod
    def enrol(
        cls,
        members: Path | str | Mapping[str, Sequence[Path]],
        detector: FaceDetector,
        embedder: Embedder,
        progress: Progress | None = None,
        *,
        strict: bool = False,
        rotate: int = 0,
    ) -> Gallery:
        """Build a gallery from photos.

        Photos and members that cannot be used are left out and reported to ``progress``. Photos
        that may show somebody else, and two members who look like one person, are reported, too.

        Args:
            members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``, or the photos of each member.
            detector: Finds the face in each photo.
            embedder: Makes the vectors.
            progress: Receives one stage and messages; silent by default.
            strict: Whether a member without a usable photo is an error.
            rotate: Rotation of all photos in degrees clockwise: 0, 90, 180 or 270.

        Raises:
            CalibrationError: the embedder has no calibration.
            MembersError: the folder cannot be read, or no member has a usable photo.
            UnusableMembersError: ``strict``, and a member has no usable photo.

        """
        progress = progress or Silent()
        photos = members if isinstance(members, Mapping) else find_photos(Path(members), progress)
        made = enrol_photos(photos, detector, embedder, progress, strict=strict, rotate=rotate)
        gallery = replace(
            cls.of(calibration_of(embedder), made.vectors),
            rejections=tuple(made.rejections),
            odd=tuple(made.odd),
            skipped=made.skipped,
        )
        for a, b in gallery.same_people():
            progress.say(f"{a} and {b} look like the same person; check their photos")
        return gallery

    @property
    def embedder(self) -> str:
        """Name of the embedder that made the vectors."""
        return self.calibration.embedder

    @cached_property
    def photos(self) -> NDArray[np.int64]:
        """Number of photos of each member; shape (m,)."""
        return np.bincount(self.owners, minlength=len(self.names)).astype(np.int64)

    @cached_property
    def centroids(self) -> NDArray[np.float32]:
        """Mean of each member's vectors, at unit length; zeros without photos; shape (m, d)."""
        return centroids(self.vectors, self.owners, len(self.names))

    def distances(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Relative distance of vectors (n, d), of any length, to every member; shape (n, m)."""
        return self.calibration.relative_distances(unit_length(vectors), self.centroids)

    def evidence(
        self, vectors: NDArray[np.float32], weights: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Log likelihood ratios that the vectors of one person show each member.

        Values above 0 are evidence for the member, values below 0 for somebody else; all are 0
        if there are no vectors or their weights are zero.

        Args:
            vectors: (n, d) float32 embeddings of one person, of any length.
            weights: (n,) in 0..1, how much each should count.

        Returns:
            (m,) natural logarithms.

        """
        total = float(weights.sum())
        if total <= 0:
            return np.zeros(len(self.names))
        mean = (weights[:, None] * unit_length(vectors)).sum(axis=0, keepdims=True)
        found = self.evidence_of_means(mean.astype(np.float32), np.array([total]))
        return np.asarray(found[0], np.float64)

    def evidence_of_means(
        self, means: NDArray[np.float32], totals: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Log likelihood ratios that each of several people is each member.

        Args:
            means: (n, d) float32, weighted mean of each one's embeddings, of any length.
            totals: (n,) total weight of each one's embeddings.

        Returns:
            (n, m) natural logarithms; 0 for members without photos.

        """
        photos = np.maximum(self.photos, 1)
        found = self.calibration.odds.log_likelihood_ratio(
            self.distances(means), photos, totals[:, None]
        )
        return np.asarray(np.where(self.photos > 0, found, 0), np.float64)

    def identify(
        self, faces: Faces, false_accept_rate: float = FALSE_ACCEPT_RATE, *, alone: bool = False
    ) -> Faces:
        """The same faces of one picture with ``identities``.

        The faces are decided together, each member is named at most once, and a face counts for
        less where another face of the picture is likelier the member's. A name is accepted if it
        is twice as likely as everything else together, and if the face is so near to the member
        that at most the share ``false_accept_rate`` of non-members would be given a name.

        Args:
            faces: Faces of one picture, with embeddings and weights, as given by
                :func:`closeup.identity.description.describe`.
            false_accept_rate: Share of non-members that may be given any member's name.
            alone: Decide each face by itself, so that a member may be named several times.

        Raises:
            ValueError: the faces have no embeddings or no weights.

        """
        if faces.embeddings is None or faces.weights is None:
            raise ValueError("the faces have no embeddings; describe them first")
        if alone:
            found = self.recognise(faces.embeddings, faces.weights.tolist(), false_accept_rate)
        else:
            evidence = self.evidence_of_each(faces.embeddings, faces.weights.tolist())
            found = decide(evidence, false_accept_rate)
        return faces.with_columns(identities=tuple(found))

    def recognise(
        self,
        vectors: NDArray[np.float32],
        weights: Sequence[float],
        false_accept_rate: float = FALSE_ACCEPT_RATE,
    ) -> list[Recognition]:
        """Compare faces with all members, each face by itself; one :class:`Recognition` a face.

        Args:
            vectors: (n, d) float32 of any length, one vector a face; best the mean of the vectors
                of the face and its mirror image.
            weights: (n,) in 0..1, how much each face counts.
            false_accept_rate: Share of non-members that may be given any member's name.

        """
        every = self.evidence_of_each(vectors, weights).each()
        return [one for evidence in every for one in decide(evidence, false_accept_rate)]

    def evidence_of_each(
        self, vectors: NDArray[np.float32], weights: Sequence[float]
    ) -> FaceEvidence:
        """The evidence of single faces for every member.

        Args:
            vectors: (n, d) float32 of any length, one vector a face.
            weights: (n,) in 0..1, how much each face counts.

        """
        units = unit_length(vectors)
        apart = self.distances(vectors)
        photos = self.calibration.relative_distances(units, self.vectors)
        nearest = nearest_photos(photos, self.owners, self.photos)
        odds = self._log_odds(apart, weights)
        return FaceEvidence(
            self.names,
            apart,
            odds,
            compared_odds(odds, None if nearest is None else self._log_odds(nearest, weights)),
            self.calibration.false_accepts.rate(apart, self.photos),
        )

    def _log_odds(
        self, apart: NDArray[np.float32], weights: Sequence[float]
    ) -> NDArray[np.float64]:
        odds = self.calibration.odds
        rows = [
            odds.log_likelihood_ratio(row, self.photos, max(weight, _LEAST_WEIGHT))
            for row, weight in zip(apart, weights, strict=True)
        ]
        return np.array(rows, np.float64).reshape(apart.shape)

    def same_people(self) -> list[tuple[str, str]]:
        """Pairs of members whose centroids are so near that they look like one person."""
        known = np.flatnonzero(self.photos)
        pairs = duplicates(self.centroids[known], self.photos[known], self.calibration)
        return [(self.names[known[a]], self.names[known[b]]) for a, b in pairs]


def centroids(
    vectors: NDArray[np.float32], owners: NDArray[np.int64], count: int
) -> NDArray[np.float32]:
    """Mean of the vectors (n, d) of each owner 0 to ``count`` - 1, at unit length; (count, d)."""
    sums = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(sums, owners, vectors)
    return unit_length(sums)
