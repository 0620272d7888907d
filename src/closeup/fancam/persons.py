"""Persons of a video: tracklets that show one person are joined before anyone is named.

Tracklets are joined in the order of the evidence. Two groups are joined if the log odds that they
are one person are high, and clearly higher than those of either with anybody who is surely
somebody else. In doubt they stay apart: two halves of a person can still get the same name, but a
group of two people gives one of them a wrong one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.fancam.same_person import Features, face_odds

_JOINED = 2.0
"""Log odds above which groups are joined. Clothes alone reach it and do not join."""
_MARGIN = 1.5
"""Least difference of the log odds to those with somebody who is surely another person."""
_SELDOM = 3.0
"""Largest difference of prior log odds between persons who are seen often and seldom."""
_ONE_OF_MANY = 1.0
"""What the nearest of several tracklets counts less than all together. A person has several looks:
a profile is near to other profiles, and far from the mean of frontal faces."""
_OTHER = -3.0
"""Log odds by their faces below which two groups are surely two people."""


@dataclass(frozen=True, slots=True)
class VideoPerson:
    """A person of the video.

    Attributes:
        tracklets: Ids of the tracklets that show the person, ascending.
        links: (k,) log odds by which each of these tracklets belongs to the others; infinite for
            the one that has at least as many faces as all others together.
        faces: (k,) the part of these log odds that faces have.
        duplicate: Whether it is a picture of somebody who is seen at the same time: a reflection,
            or the picture on a screen.

    """

    tracklets: tuple[int, ...]
    links: tuple[float, ...]
    faces: tuple[float, ...]
    duplicate: bool = False

    @property
    def id(self) -> int:
        """Number of the person: the id of the first tracklet."""
        return self.tracklets[0]


def find_persons(
    features: Features,
    links: NDArray[np.float64],
    conflicts: NDArray[np.bool_],
    calibration: EmbeddingCalibration,
) -> list[VideoPerson]:
    """Join tracklets into persons.

    Args:
        features: Faces of n tracklets.
        links: (n, n) log odds by everything but faces, see
            :func:`closeup.fancam.same_person.link_odds`.
        conflicts: (n, n) pairs that are two people.
        calibration: Calibration of the embedder.

    Returns:
        Persons in the order of their first tracklets; each tracklet belongs to one of them.

    """
    groups = _Groups(features, links, conflicts, calibration)
    while (pair := groups.best_pair()) is not None:
        groups.join(*pair)
    owners = groups.owner
    return [
        _person(np.flatnonzero(owners == owner), features, links, calibration)
        for owner in np.unique(owners)
    ]


def _person(
    rows: NDArray[np.int64],
    features: Features,
    links: NDArray[np.float64],
    calibration: EmbeddingCalibration,
) -> VideoPerson:
    """A person with the evidence for each of the tracklets, given all others."""
    if len(rows) == 1:
        return VideoPerson((int(rows[0]),), (np.inf,), (np.inf,))
    found, by_faces = [], []
    for row in rows:
        others = rows[rows != row]
        one, rest = features.rows([row]), features.together(others)
        alike = face_odds(one, rest, calibration)[0, 0]
        single = face_odds(one, features.rows(others), calibration)[0]
        whole = alike + links[row, others].max()
        linked = float(max(whole, (single + links[row, others]).max() - _ONE_OF_MANY))
        most = one.totals[0] >= rest.totals[0]
        found.append(np.inf if most else linked)
        by_faces.append(float(max(alike, single.max() - _ONE_OF_MANY)))
    return VideoPerson(tuple(map(int, rows)), tuple(found), tuple(by_faces))


def divided(persons: Sequence[VideoPerson], fixed: Mapping[int, int]) -> list[VideoPerson]:
    """Divide persons whose tracklets are known to show different people.

    Args:
        persons: Persons in the order of their first tracklets.
        fixed: Tracklet id → identity, for those that are known. All others of a person stay
            together.

    Returns:
        Persons in the order of their first tracklets; one of a single tracklet has an infinite
        link.

    """
    found = []
    for person in persons:
        parts: dict[int | None, list[int]] = defaultdict(list)
        for place, tracklet in enumerate(person.tracklets):
            parts[fixed.get(tracklet)].append(place)
        found += [_part(person, places) for places in parts.values()]
    return sorted(found, key=lambda person: person.id)


def _part(person: VideoPerson, places: Sequence[int]) -> VideoPerson:
    ids = tuple(person.tracklets[place] for place in places)
    if len(ids) == 1:
        return VideoPerson(ids, (np.inf,), (np.inf,))
    links, faces = ([own[place] for place in places] for own in (person.links, person.faces))
    return VideoPerson(ids, tuple(links), tuple(faces))


class _Groups:
    """Groups of tracklets, at first of one each.

    Attributes:
        owner: (n,) group of each tracklet, as the index of the group's first tracklet.

    """

    def __init__(
        self,
        features: Features,
        links: NDArray[np.float64],
        conflicts: NDArray[np.bool_],
        calibration: EmbeddingCalibration,
    ) -> None:
        self.owner = np.arange(len(features.totals))
        self._features = Features(
            features.sums.copy(), features.totals.copy(), features.detections.copy()
        )
        self._links, self._conflicts = links.copy(), conflicts.copy()
        self._calibration = calibration
        self._faces = face_odds(features, features, calibration)
        self._gone = np.zeros(len(self.owner), bool)

    def best_pair(self) -> tuple[int, int] | None:
        """The pair with the highest log odds among those that may be joined; None without one."""
        odds = self._faces + self._links
        odds[self._conflicts | self._gone | self._gone[:, None]] = -np.inf
        np.fill_diagonal(odds, -np.inf)
        surely = self._conflicts | (self._faces < _OTHER)
        near = np.argwhere(np.triu(odds) > _JOINED)
        for a, b in near[np.argsort(-odds[tuple(near.T)], kind="stable")]:
            rivals = max(self._rival(odds, a, b, surely), self._rival(odds, b, a, surely))
            if odds[a, b] - rivals >= _MARGIN:
                return int(a), int(b)
        return None

    def _rival(self, odds: NDArray[np.float64], a: int, b: int, surely: NDArray[np.bool_]) -> float:
        """The highest log odds of ``b`` with somebody who is surely not ``a``; -inf without one.

        Somebody who is seen less than ``a`` is less likely to be seen once more.
        """
        others = np.flatnonzero(surely[a])
        seen = np.log(self._features.detections[others] / self._features.detections[a])
        return float((odds[b, others] + np.clip(seen, -_SELDOM, 0)).max(initial=-np.inf))

    def join(self, first: int, second: int) -> None:
        """Join two groups; the result takes the index of the lower one."""
        first, second = min(first, second), max(first, second)
        self.owner[self.owner == second] = first
        self._gone[second] = True
        whole = self._features
        for column in (whole.sums, whole.totals, whole.detections):
            column[first] += column[second]
        for table, joined in ((self._links, np.maximum), (self._conflicts, np.logical_or)):
            table[first] = joined(table[first], table[second])
            table[:, first] = table[first]
        self._conflicts[first, first] = False
        one = whole.rows([first])
        self._faces[first] = self._faces[:, first] = face_odds(one, whole, self._calibration)[0]
