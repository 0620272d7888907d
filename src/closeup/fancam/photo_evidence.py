"""Evidence of the members' photos for the persons of a video.

Distances are normalised before the calibration turns them into log odds. Some faces, as blurred
ones, are far from all photos, and others near to many; some members' photos are near to many
people. Hence a distance counts in comparison with the mean distances of the same person to the
other members, and of other persons to the same member, nearly all of which are between two people.
Speaker verification calls this ZT-norm (Auckenthaler, Carey and Lloyd-Thomas, "Score normalization
for text-independent speaker verification systems", Digital Signal Processing 10, 2000). The mean
of all distances is left as it is: it is large in a video that shows none of the members.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.embedding_calibration import MOST_PROBES, FalseAccepts, share
from closeup.fancam.same_person import Features
from closeup.identity.gallery import Gallery

_SHIFT = 1.6
"""Log odds added to those of the calibration, which knows sharper faces: by logistic regression on
composed scenes and real clips, each with its own members and with those of others."""
_USUAL = 0.01
"""Rate of false accepts at the distance that is expected before any is measured."""
_PRIOR = 8.0
"""Number of members, or weight of persons, of which means are expected to be the usual ones. A
mean of few distances says little."""
_LARGEST = 0.2
"""Limit of each difference that is subtracted, in usual distances: what is no face is far from
everybody. The limit changes no name in composed scenes and real clips."""


def photo_evidence(
    gallery: Gallery, faces: Features, others: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log odds, at equal priors, that each person of a video is each member.

    Args:
        gallery: The members.
        faces: Faces of p persons.
        others: (p, p) in 0..1, probability that two of them are two people; 0 on the diagonal.

    Returns:
        (p, m) natural logarithms; 0 for members without photos and persons without faces.

    """
    pictured = np.flatnonzero(gallery.photos > 0)
    found = np.zeros((len(faces.totals), len(gallery.photos)))
    if len(found) and len(pictured):
        odds, totals = gallery.calibration.odds, faces.totals[:, None]
        weights = np.minimum(faces.totals, MOST_PROBES)
        apart = gallery.distances(faces.sums)[:, pictured].astype(np.float64)
        near = normalised(apart, weights, others, usual_distance(gallery.calibration.false_accepts))
        ratio = odds.log_likelihood_ratio(near.astype(np.float32), gallery.photos[pictured], totals)
        found[:, pictured] = ratio + _SHIFT * share(totals)
    return found


def normalised(
    apart: NDArray[np.float64],
    weights: NDArray[np.float64],
    others: NDArray[np.float64],
    usual: float,
) -> NDArray[np.float64]:
    """Distances without what is usual for the person and for the member.

    Args:
        apart: (p, m) distances of persons to members.
        weights: (p,) how much each person's faces say.
        others: (p, p) as in :func:`photo_evidence`.
        usual: Expected distance of two people.

    Returns:
        (p, m) distances with about the same mean.

    """
    members = apart.shape[1]
    mean = (weights @ apart.mean(axis=1) + _PRIOR * usual) / (weights.sum() + _PRIOR)
    beyond = apart - mean
    of_person = (beyond.sum(axis=1, keepdims=True) - beyond) / (members - 1 + _PRIOR)
    shares = others * weights
    of_member = shares @ beyond / (shares.sum(axis=1, keepdims=True) + _PRIOR)
    limit = _LARGEST * usual
    return np.asarray(apart - of_person.clip(-limit, limit) - of_member.clip(-limit, limit))


def usual_distance(false_accepts: FalseAccepts) -> float:
    """The distance of two people that is expected before any is measured."""
    rate = min(max(_USUAL, false_accepts.least), false_accepts.most)
    return false_accepts.distance_at(rate)
