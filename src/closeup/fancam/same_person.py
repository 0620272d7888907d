"""Evidence that two tracklets of a video show one person: faces, clothes, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.fancam.conflicts import seen_span
from closeup.geometry import Size, centres_of, heights_of
from closeup.tracks import PositionSource, Tracklet

LEAST_WEIGHT = 0.15
"""Least weight of a face. Profiles weigh nothing as evidence for photos, which show frontal faces;
but two profiles of one person in one video are as near as frontal faces are."""
_MOST_FACES = 3
"""Faces from which the mean of a tracklet does not become better: they resemble each other."""
_NEAR = 0.95
"""Usual similarity of the clothes of one person in one shot."""
_SPREAD = 0.06
"""Least standard deviation of the similarity of clothes."""
_CLOTHES = 2.0
"""Limit of the log odds that clothes add: e² is 7 to 1."""
_GAP = 3.0
"""Seconds after which the place where a head was lost says nothing about where it is found."""
_START, _SPEED = 0.5, 1.5
"""Standard deviation of a head's movement in head heights: at once, and after a second."""
_PLACE = 4.0
"""Limit of the log odds that the place adds."""
_AGAIN = 1.5
"""Log odds that a head found within a shot was lost before, and did not come anew."""
_GROWTH = 0.2
"""Standard deviation of the logarithm of a head's height over a gap."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What is compared between tracklets, or between people made of several.

    Attributes:
        sums: (n, d) float32, weighted sums of the unit vectors of the faces.
        totals: (n,) float64, total weight of these faces; 0 where no face was embedded.
        detections: (n,) float64, number of frames in which the face of each was detected.

    """

    sums: NDArray[np.float32]
    totals: NDArray[np.float64]
    detections: NDArray[np.float64]

    @classmethod
    def of(cls, tracklets: Sequence[Tracklet], dimensions: int) -> Features:
        """The faces of each tracklet, each with a weight of at least ``LEAST_WEIGHT``."""
        sums = np.zeros((len(tracklets), dimensions), np.float32)
        totals = np.zeros(len(tracklets))
        for row, tracklet in enumerate(tracklets):
            if len(tracklet.embeddings):
                weights = np.maximum(tracklet.weights, LEAST_WEIGHT)
                sums[row] = weights @ unit_length(tracklet.embeddings)
                totals[row] = weights.sum()
        return cls(sums, totals, np.array([_detections(t) for t in tracklets], np.float64))

    def rows(self, rows: Sequence[int] | NDArray[np.int64]) -> Features:
        """Some of the rows."""
        own = np.asarray(rows, np.int64)
        return Features(self.sums[own], self.totals[own], self.detections[own])

    def without(self, rows: NDArray[np.bool_]) -> Features:
        """The same without the faces of some rows (n,), of which the detections still count."""
        return Features(
            np.where(rows[:, None], 0, self.sums), np.where(rows, 0, self.totals), self.detections
        )

    def together(self, rows: Sequence[int] | NDArray[np.int64]) -> Features:
        """One row for the faces of several."""
        own = self.rows(rows)
        return Features(
            own.sums.sum(axis=0, keepdims=True),
            own.totals.sum(keepdims=True),
            own.detections.sum(keepdims=True),
        )

    def grouped(self, groups: Sequence[Sequence[int]]) -> Features:
        """One row for the faces of each group of rows."""
        parts = [self.rows([]), *(self.together(group) for group in groups)]
        columns = ("sums", "totals", "detections")
        return Features(*(np.concatenate([getattr(p, name) for p in parts]) for name in columns))


def _detections(tracklet: Tracklet) -> int:
    return int(np.sum(tracklet.sources == PositionSource.DETECTED))


def face_odds(
    one: Features, other: Features, calibration: EmbeddingCalibration
) -> NDArray[np.float64]:
    """Log odds, at equal priors, that the faces of two rows are of one person.

    The one with more faces takes the part of the photos, and the other that of the probe, in the
    calibration's regression (:class:`closeup.embedding_calibration.Odds`).

    Args:
        one: n rows.
        other: m rows.
        calibration: Calibration of the embedder.

    Returns:
        (n, m) natural logarithms; 0 where one of the two has no face.

    """
    apart = calibration.relative_distances(unit_length(one.sums), unit_length(other.sums))
    more = np.maximum(one.totals[:, None], other.totals)
    fewer = np.minimum(one.totals[:, None], other.totals)
    photos = np.clip(more.astype(np.int64), 1, _MOST_FACES)
    return calibration.odds.log_likelihood_ratio(apart, photos, fewer)


def link_odds(
    tracklets: Sequence[Tracklet],
    conflicts: NDArray[np.bool_],
    shots: NDArray[np.int64],
    seconds: NDArray[np.float64],
    size: Size,
    *,
    clothes: bool,
) -> NDArray[np.float64]:
    """Log odds that tracklets of one shot show one person, by clothes and by place.

    Clothes count in one shot only, where the light is the same, and as far as they differ between
    people who are seen at once. The place counts where one head is found soon after the other was
    lost.

    Args:
        tracklets: n tracklets.
        conflicts: (n, n), see :func:`closeup.fancam.conflicts.find_conflicts`.
        shots: (n,) number of the shot of each tracklet.
        seconds: Time of each frame.
        size: Size of the frames in pixels.
        clothes: Whether clothes count.

    Returns:
        (n, n) natural logarithms; 0 in different shots.

    """
    if not tracklets:
        return np.zeros((0, 0))
    together = shots[:, None] == shots
    odds = _place_odds(tracklets, seconds, size)
    if clothes:
        odds += _clothes_odds(tracklets, conflicts, together)
    np.fill_diagonal(odds, 0)
    return np.where(together, odds, 0)


def _clothes_odds(
    tracklets: Sequence[Tracklet], conflicts: NDArray[np.bool_], together: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Log likelihood ratios of two normal distributions of the similarity of clothes."""
    if not tracklets:
        return np.zeros((0, 0))
    worn = np.array([tracklet.appearance for tracklet in tracklets], np.float32)
    roots = np.sqrt(worn)
    alike = (roots @ roots.T).astype(np.float64)
    dressed = np.asarray(worn.any(axis=1), bool)
    known = dressed[:, None] & dressed
    others = alike[known & conflicts & together]
    if not len(others):
        return np.zeros_like(alike)
    far, spread = float(others.mean()), max(_SPREAD, float(others.std()))
    if _NEAR - far < spread:
        return np.zeros_like(alike)
    ratio = ((alike - far) ** 2 - (alike - _NEAR) ** 2) / (2 * spread**2)
    return np.where(known, np.clip(ratio, -_CLOTHES, _CLOTHES), 0)


def _place_odds(
    tracklets: Sequence[Tracklet], seconds: NDArray[np.float64], size: Size
) -> NDArray[np.float64]:
    """Log likelihood ratios of where and how large the second head of a pair is found.

    If it is the same head, it has moved from where it was lost by a normally distributed distance
    whose deviation grows with the time; if not, it may be anywhere in the picture.
    """
    odds = np.zeros((len(tracklets), len(tracklets)))
    spans = np.array([seen_span(tracklet) for tracklet in tracklets])
    ends = np.array([_box_at(t, last) for t, (_, last) in zip(tracklets, spans, strict=True)])
    starts = np.array([_box_at(t, first) for t, (first, _) in zip(tracklets, spans, strict=True)])
    times = seconds[spans]
    for row, end in enumerate(ends):
        gap = times[:, 0] - times[row, 1]
        later = np.flatnonzero((gap > 0) & (gap <= _GAP))
        if not len(later):
            continue
        height = float(heights_of(end))
        moved = np.linalg.norm(centres_of(starts[later]) - centres_of(end), axis=1) / height
        growth = np.log(heights_of(starts[later]) / height)
        spread = _START + _SPEED * np.sqrt(gap[later])
        anywhere = size.width * size.height / (2 * height**2)
        ratio = _AGAIN + np.log(anywhere / (2 * np.pi * spread**2)) - moved**2 / (2 * spread**2)
        ratio -= growth**2 / (2 * _GROWTH**2)
        odds[row, later] = np.clip(ratio, -_PLACE, _PLACE)
    return odds + odds.T


def _box_at(tracklet: Tracklet, frame: int) -> NDArray[np.float32]:
    return np.asarray(tracklet.boxes[np.searchsorted(tracklet.frames, frame)], np.float32)
