"""Decides which members faces show, from their evidence for every member."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.identities import CANDIDATES, Likeness, Recognition
from closeup.identity.joint import JointPosterior, joint_posterior

LIKELY = 0.7
"""Least confidence of a name. With it 2 % of the faces in composed pictures of look-alikes get a
wrong name, and 64 to 78 % their own: ``python -m benchmarks named_faces``."""

_CONTRAST = 1.75
"""Factor of :func:`compared_odds`; of 1 to 2.5 it gives the truest confidences on such pictures of
the people on whom the calibration was fitted. The benchmark measures it on other people."""
_LEAST_PHOTOS = 3
_NEAREST = 3


@dataclass(frozen=True, slots=True, eq=False)
class FaceEvidence:
    """The evidence of n faces for each of m members.

    Attributes:
        names: The m names.
        distances: (n, m) float32, relative distances to the members' centroids.
        odds: (n, m) float64, natural logarithms of how many times likelier the face is if it is the
            member's than if it is somebody else's, each member by itself.
        compared: (n, m) float64, the same logarithms after :func:`compared_odds`.
        rates: (n, m) float64, share of other people who are as near to the member.

    """

    names: tuple[str, ...]
    distances: NDArray[np.float32]
    odds: NDArray[np.float64]
    compared: NDArray[np.float64]
    rates: NDArray[np.float64]

    def each(self) -> list[FaceEvidence]:
        """The evidence of each face by itself."""
        rows = [slice(face, face + 1) for face in range(len(self.distances))]
        return [
            FaceEvidence(
                self.names,
                self.distances[row],
                self.odds[row],
                self.compared[row],
                self.rates[row],
            )
            for row in rows
        ]


def compared_odds(
    odds: NDArray[np.float64], of_photos: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """The log odds after a comparison of the members with each other.

    The odds of one distance allow for all that makes a face far from its own person: pose, blur,
    light. Much of it moves the face away from all members alike, so the difference between two
    members' distances separates them better than a single distance separates a member from a
    stranger. The log odds among members are therefore those of the mean of both kinds of
    distances times :data:`_CONTRAST`; their total, the odds that the face shows any member, stays.

    Args:
        odds: (n, m) natural logarithms by the distances to centroids.
        of_photos: (n, m) the same by the distances to the nearest photos; None if there are too
            few photos.

    """
    mean = odds if of_photos is None else (odds + of_photos) / 2
    total = np.logaddexp.reduce(odds, axis=1, keepdims=True)
    among = _CONTRAST * mean
    return np.asarray(among - np.logaddexp.reduce(among, axis=1, keepdims=True) + total)


def nearest_photos(
    apart: NDArray[np.float32], owners: NDArray[np.int64], photos: NDArray[np.int64]
) -> NDArray[np.float32] | None:
    """Mean distance to the nearest third of each member's photos: those of the face's own kind.

    A fixed share is as near for members of many photos as for those of few.

    Args:
        apart: (n, p) distances of the faces to each photo.
        owners: (p,) member of each photo.
        photos: (m,) number of photos of each member.

    Returns:
        (n, m) distances; None if a member has less than three photos.

    """
    if photos.min() < _LEAST_PHOTOS:
        return None
    return np.stack(
        [
            np.sort(apart[:, owners == member], axis=1)[:, : -(-count // _NEAREST)].mean(axis=1)
            for member, count in enumerate(photos.tolist())
        ],
        axis=1,
    )


def decide(evidence: FaceEvidence, false_accept_rate: float) -> list[Recognition]:
    """Name the faces of one picture, each member at most once.

    A face is given a name if its member is likelier than :data:`LIKELY`, if no other face is
    likelier to be the member's, and if the face is so near to the member that at most the share
    ``false_accept_rate`` of non-members is as near to one of the members that no other face shows.

    Args:
        evidence: The evidence of the faces.
        false_accept_rate: Share of non-members that may be given any member's name.

    """
    posterior = joint_posterior(evidence.compared)
    rates = np.minimum(evidence.rates * posterior.open_members, 1)
    shown = posterior.shown
    faces = np.arange(len(shown))
    best = shown.argmax(axis=1)
    named = (shown[faces, best] > LIKELY) & (rates[faces, best] <= false_accept_rate)
    named &= _first(posterior, best, named)
    order = np.argsort(-shown, axis=1, kind="stable")[:, :CANDIDATES].tolist()
    return [
        Recognition(
            tuple(_likeness(evidence, face, j, shown[face, j], rates[face, j]) for j in members),
            accepted=bool(named[face]),
        )
        for face, members in enumerate(order)
    ]


def _first(
    posterior: JointPosterior, best: NDArray[np.int64], named: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which faces are the likeliest of their best member among those that may be named; (n,)."""
    claims = np.where(named, posterior.once[np.arange(len(best)), best], -1.0)
    chosen = np.zeros(len(best), bool)
    for member in set(best.tolist()):
        chosen[np.where(best == member, claims, -2.0).argmax()] = True
    return chosen


def _likeness(
    evidence: FaceEvidence, face: int, member: int, confidence: float, rate: float
) -> Likeness:
    return Likeness(
        name=evidence.names[member],
        confidence=float(confidence),
        distance=float(evidence.distances[face, member]),
        odds=float(np.exp(evidence.odds[face, member])),
        false_accept_rate=float(rate),
    )
