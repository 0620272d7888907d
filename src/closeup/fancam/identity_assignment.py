"""Identity assignment: the member that each person of a video is, and its tracklets with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY, Gains, assign_identities, option_losses
from closeup.fancam.confidence import (
    among_members,
    among_persons,
    calibrated,
    linked,
    softmax,
    threshold,
)
from closeup.fancam.conflicts import enlarged_copies, find_conflicts
from closeup.fancam.corrections import Corrections
from closeup.fancam.persons import VideoPerson, divided, find_persons
from closeup.fancam.photo_evidence import photo_evidence
from closeup.fancam.presence import BYSTANDER, Presence, lasting
from closeup.fancam.reflections import find_reflections, reflected
from closeup.fancam.same_person import Features, face_odds, link_odds
from closeup.geometry import Size, heights_of
from closeup.identities import CANDIDATES
from closeup.identity.gallery import Gallery
from closeup.tracks import Tracklet

_BOTH = 0.65
"""Factor on the sum of two kinds of evidence about the same faces, whose errors they share."""
_LEAST_COUNTED = 0.05
"""Weight of the briefest person where persons in conflict compete for a member."""
_ROUNDS = 6
"""Rounds in which priors and assignment are made to agree; they change little after three."""
_CERTAIN = 50.0
"""Log odds of a correction."""
_SURE = 4.0
"""Evidence from which a person's faces are a model of a member in this video."""


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """What the identities of p persons rest on.

    Attributes:
        photos: (p, m) log odds of each member by the photos.
        video: (p, m) log odds by the faces of other persons who are surely that member; 0 without
            any.
        named: (p,) log odds of the chosen member against NOBODY, before calibration.
        among: (p,) in 0..1, probability of the chosen member among all members, and of this person
            among all persons who may be that member.

    """

    photos: NDArray[np.float64]
    video: NDArray[np.float64]
    named: NDArray[np.float64]
    among: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class IdentityAssignment:
    """The member of each tracklet.

    Attributes:
        members: (t,) int64, member index of each tracklet, or NOBODY.
        confidence: (t,) float64 in 0..1, posterior probability of that choice.
        evidence: (t, m) float64, log odds of each member against NOBODY, by all tracklets of the
            person.
        persons: The persons of the video; each tracklet belongs to one.
        withheld: (t,) int64, the member that a tracklet probably shows, but not certainly enough
            to be shown; NOBODY for all others.
        grounds: What the identity of each person rests on.
        fixed: Tracklet id → member index or NOBODY, for the tracklets that were corrected.
        conflicts: (t, t) pairs of tracklets that show different people.

    """

    members: NDArray[np.int64]
    confidence: NDArray[np.float64]
    evidence: NDArray[np.float64]
    persons: Sequence[VideoPerson]
    withheld: NDArray[np.int64]
    grounds: Grounds
    fixed: Mapping[int, int]
    conflicts: NDArray[np.bool_]

    @property
    def owners(self) -> NDArray[np.int64]:
        """VideoPerson of each tracklet, as an index of ``persons``; shape (t,)."""
        return _owners(self.persons, len(self.members))

    def within(self, risk: float) -> IdentityAssignment:
        """The assignment without the names that are too uncertain for a risk.

        Args:
            risk: See :func:`closeup.fancam.confidence.threshold`.

        Returns:
            NOBODY for tracklets that are withheld, and their probable members in ``withheld``.

        """
        hidden = (self.members != NOBODY) & (self.confidence < threshold(risk))
        return replace(
            self,
            members=np.where(hidden, NOBODY, self.members),
            withheld=np.where(hidden, self.members, NOBODY),
            confidence=np.where(hidden, 1 - self.confidence, self.confidence),
        )

    def candidates(self, tracklet: int) -> list[tuple[int, float]]:
        """The likeliest members of a tracklet by the evidence, best first.

        Returns:
            At most :data:`closeup.identities.CANDIDATES` member indices, each with its
            probability among all members and NOBODY.

        """
        with_nobody = np.append(self.evidence[tracklet], 0.0)
        shares = softmax(with_nobody[None])[0, :-1]
        best = np.argsort(-shares, kind="stable")[:CANDIDATES]
        return [(int(member), float(shares[member])) for member in best]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """When and where the tracklets of a video are.

    Attributes:
        seconds: (n,) float64, time of each frame in seconds from the first one.
        cuts: Index of the first frame of every shot but the first.
        size: Size of the frames in pixels.

    """

    seconds: NDArray[np.float64]
    cuts: Sequence[int]
    size: Size

    def shots_of(self, tracklets: Sequence[Tracklet]) -> NDArray[np.int64]:
        """Number of the shot of each tracklet."""
        starts = np.array([tracklet.start for tracklet in tracklets], np.int64)
        return np.searchsorted(np.asarray(self.cuts, np.int64), starts, side="right")


def assign_members(
    tracklets: Sequence[Tracklet],
    gallery: Gallery,
    corrections: Corrections,
    timeline: Timeline,
    *,
    appearance: bool,
) -> IdentityAssignment:
    """Join the tracklets into persons, and assign a member or nobody to each person.

    Args:
        tracklets: Tracklets of the whole video.
        gallery: The members.
        corrections: Identities that the user knows. A person about whose tracklets they say
            different things is divided.
        timeline: Times, shots and frame size of the video.
        appearance: Whether clothes are evidence.

    Raises:
        CorrectionsError: a correction cannot be followed, see :meth:`Corrections.fixed`.

    """
    return _Naming(tracklets, gallery, corrections, timeline, appearance=appearance).result()


@dataclass(frozen=True, slots=True, eq=False)
class _Assigned:
    """The members (p,) of persons, the log odds (p, m) of all choices, and how sure each is.

    ``named`` and ``among`` are those of :class:`Grounds`.
    """

    members: NDArray[np.int64]
    odds: NDArray[np.float64]
    sure: NDArray[np.float64]
    named: NDArray[np.float64]
    among: NDArray[np.float64]


class _Naming:
    """The steps of :func:`assign_members`."""

    def __init__(
        self,
        tracklets: Sequence[Tracklet],
        gallery: Gallery,
        corrections: Corrections,
        timeline: Timeline,
        *,
        appearance: bool,
    ) -> None:
        self._gallery, self._tracklets = gallery, tracklets
        calibration = gallery.calibration
        features = Features.of(tracklets, calibration.dimensions)
        shots = timeline.shots_of(tracklets)
        seen_together = find_conflicts(tracklets)
        alike = face_odds(features, features, calibration)
        mirrored = find_reflections(tracklets, seen_together, alike, shots, timeline.seconds)
        self._features = features.without(mirrored)
        links = link_odds(
            tracklets, seen_together, shots, timeline.seconds, timeline.size, clothes=appearance
        )
        joined = find_persons(self._features, links, seen_together, calibration)
        self._corrected = corrections.fixed(gallery.names, joined, seen_together)
        self.persons = divided(joined, self._corrected)
        self._owner = _owners(self.persons, len(tracklets))
        self._fixed = {int(self._owner[row]): to for row, to in self._corrected.items()}
        self._seen_together = seen_together
        self._conflicts = _between(self._owner, seen_together, len(self.persons))
        self._faces = self._features.grouped([person.tracklets for person in self.persons])
        self._alike = face_odds(self._faces, self._faces, calibration)
        self._mark_duplicates(reflected(self.persons, tracklets, mirrored))
        frames = [
            np.unique(np.concatenate([tracklets[t].frames for t in person.tracklets])).size
            for person in self.persons
        ]
        shares = np.where(self._copies, 0, frames) / max(len(timeline.seconds), 1)
        self._weights = lasting(shares)
        self._counted = np.maximum(self._weights, _LEAST_COUNTED)

    def _mark_duplicates(self, mirrored: NDArray[np.bool_]) -> None:
        """Find the persons (p,) who are pictures of others, on a screen or in a mirror."""
        heights = [
            np.median(np.concatenate([heights_of(self._tracklets[t].boxes) for t in own.tracklets]))
            for own in self.persons
        ]
        copies = enlarged_copies(self._conflicts, self._alike, np.array(heights, np.float64))
        self._copies = copies | mirrored
        self.persons = [
            replace(person, duplicate=bool(copy))
            for person, copy in zip(self.persons, self._copies, strict=True)
        ]

    def result(self) -> IdentityAssignment:
        """The assignment of all tracklets."""
        others = np.where(self._conflicts, 1, 1 / (1 + np.exp(self._alike)))
        others[:, self._copies] = 0
        np.fill_diagonal(others, 0)
        photos = photo_evidence(self._gallery, self._faces, others)
        given = self._by_video(np.full(len(self.persons), NOBODY), np.zeros_like(photos))
        first = self._assigned(self._together(photos, given))
        video = self._by_video(first.members, first.odds)
        found = self._assigned(self._together(photos, video))
        confidence = self._of_tracklets(found.sure)
        confidence[list(self._corrected)] = 1.0
        owner = self._owner
        return IdentityAssignment(
            members=found.members[owner],
            confidence=confidence,
            evidence=found.odds[owner],
            persons=self.persons,
            withheld=np.full(len(owner), NOBODY, np.int64),
            grounds=Grounds(photos, video, found.named, found.among),
            fixed=self._corrected,
            conflicts=self._seen_together,
        )

    def _assigned(self, evidence: NDArray[np.float64]) -> _Assigned:
        """Assign persons by their evidence (p, m), with priors that go with the result."""
        if not self.persons:
            return _Assigned(np.empty(0, np.int64), evidence, *np.empty((3, 0)))
        presence = Presence(self._weights, np.ones(len(self.persons)), self._weights[:, None])
        corrected = list(self._fixed)
        for _ in range(_ROUNDS):
            gains = Gains(
                self._limited(evidence, presence.main_odds()),
                self._limited(evidence, presence.further_odds()[:, None]),
            )
            members, mains = assign_identities(gains, self._conflicts, self._counted, self._fixed)
            known = Gains(self._as_corrected(gains.main), self._as_corrected(gains.further))
            losses = option_losses(known, self._conflicts, self._counted, members, mains)
            chances = softmax(-losses)
            chances[corrected] = 0
            chances[corrected, list(self._fixed.values())] = 1  # the last column is for NOBODY
            presence = self._after(presence, members, mains, chances)
        named = losses[:, -1]
        among = among_members(losses, members)
        among *= among_persons(known, self._conflicts, members, mains)
        sure = np.where(members == NOBODY, chances[:, -1], calibrated(named) * among)
        odds = gains.beside(mains, self._conflicts)
        return _Assigned(members, odds, sure, named, among)

    def _as_corrected(self, odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log odds (p, m), certain where a correction says who a person is."""
        known = odds.copy()
        for row, member in self._fixed.items():
            known[row] = -_CERTAIN
            if member != NOBODY:
                known[row, member] = _CERTAIN
        return known

    def _after(
        self,
        presence: Presence,
        members: NDArray[np.int64],
        mains: NDArray[np.int64],
        chances: NDArray[np.float64],
    ) -> Presence:
        """What is known about presence, given an assignment."""
        found = np.where(mains >= 0, chances[mains, np.arange(len(mains))], 0)
        taken = self._conflicts[:, mains] & (mains >= 0)
        rivals = self._rivals(members == NOBODY, mains)
        available = np.maximum(1.0, (~taken).sum(axis=1))
        presence = replace(presence, available=available, rivals=rivals)
        return presence.updated(1 - chances[:, -1], found)

    def _rivals(self, free: NDArray[np.bool_], mains: NDArray[np.int64]) -> NDArray[np.float64]:
        """Weights of the persons, each among them, who may be each member; shape (p, m)."""
        rows = np.arange(len(free))[:, None]
        own = np.where(free, 0, self._weights)[:, None]
        present = np.where((mains >= 0) & (mains != rows), self._weights[mains], 0)
        return np.asarray(self._weights[free].sum() + own + present)

    def _limited(
        self, evidence: NDArray[np.float64], priors: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The log odds (p, m), negative without a compared face, and for pictures on screens."""
        nothing = (self._faces.totals == 0)[:, None]
        unknown = (evidence == 0) & (self._gallery.photos == 0)
        odds = evidence + priors
        odds = np.where(nothing | unknown, np.minimum(odds, BYSTANDER), odds)
        return np.where(self._copies[:, None], -_CERTAIN, odds)

    def _together(
        self, photos: NDArray[np.float64], video: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Evidence (p, m) by photos and by the video."""
        factors = np.where(self._gallery.photos > 0, _BOTH, 1.0)
        return np.where(video != 0, factors * (photos + video), photos)

    def _by_video(
        self, members: NDArray[np.int64], evidence: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Evidence (p, m) by the faces of other persons who are surely a member; 0 without any.

        A person who is seen beside one of these is not compared with it: they are two people, and
        if they look alike it may be either who is the member.

        Args:
            members: (p,) member of each person, or NOBODY; corrections replace it.
            evidence: (p, m) log odds by which a person may be surely a member.

        """
        members, rows = members.copy(), np.arange(len(members))
        with_nobody = np.hstack([evidence, np.zeros((len(members), 1))])
        sure = (members != NOBODY) & (with_nobody[rows, members] >= _SURE)
        members[list(self._fixed)] = list(self._fixed.values())
        sure[list(self._fixed)] = members[list(self._fixed)] != NOBODY
        found = np.zeros_like(evidence)
        for member in range(evidence.shape[1]):
            models = np.flatnonzero(sure & (members == member))
            for row in np.flatnonzero(self._faces.totals > 0).tolist():
                others = models[(models != row) & ~self._conflicts[row, models]]
                if len(others) and (rest := self._faces.together(others)).totals[0] > 0:
                    seen = face_odds(self._faces.rows([row]), rest, self._gallery.calibration)
                    found[row, member] = float(seen[0, 0])
        return found

    def _of_tracklets(self, sure: NDArray[np.float64]) -> NDArray[np.float64]:
        """Confidence of each tracklet: less where it may not belong to its person."""
        found = np.zeros(len(self._tracklets))
        for row, person in enumerate(self.persons):
            ids = list(person.tracklets)
            belongs = linked(np.array(person.links))
            found[ids] = belongs * sure[row] + (1 - belongs) * 0.5 * (len(ids) > 1)
        return found


def _owners(persons: Sequence[VideoPerson], count: int) -> NDArray[np.int64]:
    owner = np.empty(count, np.int64)
    for row, person in enumerate(persons):
        owner[list(person.tracklets)] = row
    return owner


def _between(
    owner: NDArray[np.int64], conflicts: NDArray[np.bool_], count: int
) -> NDArray[np.bool_]:
    """Conflicts between persons, from those between their tracklets; shape (p, p)."""
    found = np.zeros((count, count), bool)
    a, b = np.nonzero(conflicts)
    found[owner[a], owner[b]] = True
    np.fill_diagonal(found, False)
    return found
