"""Figures about labels: who made them, how many were right, and how fast they were made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from math import sqrt
from statistics import median
from typing import NamedTuple

from closeup.annotations import LabelVerdict
from closeup.store.label_figures import Action, LabelGroup, actions, label_groups, verdicts
from closeup.store.label_store import LabelStore

PAUSE = 120.0
"""Seconds between two actions from which a person is taken to have been away."""
_NORMAL = 1.96
"""Standard errors of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class MethodFigures:
    """How often a method's labels were right.

    Attributes:
        group: Origin, method and version.
        labels: Number of its labels that are in force.
        verdicts: Verdict → number; the newest of each person on each label.

    """

    group: LabelGroup
    labels: int
    verdicts: Mapping[LabelVerdict, int]

    @property
    def share_true(self) -> tuple[float, float, float] | None:
        """Share of true among true and false verdicts with its 95 % interval; None without any."""
        true = self.verdicts.get(LabelVerdict.TRUE, 0)
        return wilson(true, true + self.verdicts.get(LabelVerdict.FALSE, 0))


@dataclass(slots=True)
class PersonFigures:
    """One person's work.

    Attributes:
        name: The person.
        counts: Kind of action (``verdict``, ``point``, ``box``, ``other``) → number, without those
            that were undone.
        sessions: Number of times at work, with pauses of at least :data:`PAUSE` between them.
        seconds: Active time: the sum of all shorter gaps between actions.
        timed: Number of labels and verdicts that ended one of those gaps.
        gaps: Kind of action → seconds each took, where all of one action are of one kind.

    """

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    sessions: int = 0
    seconds: float = 0.0
    timed: int = 0
    gaps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def an_hour(self) -> float | None:
        """Labels and verdicts an hour of active time; None without any such time."""
        return 3600 * self.timed / self.seconds if self.seconds else None

    def seconds_each(self, kind: str) -> float | None:
        """Median of the seconds that an action of a kind took; None without any."""
        return median(self.gaps[kind]) if self.gaps.get(kind) else None


class ClassFigures(NamedTuple):
    """Labels of a class beside their target; the target is None if there is none."""

    name: str
    labels: int
    target: int | None


@dataclass(frozen=True, slots=True)
class LabelStatistics:
    """Figures about a store.

    Attributes:
        pictures: Number of pictures and frames.
        complete: Number of those that a person called complete.
        methods: One entry an origin, method and version, the most labels first.
        people: One entry a person, the most actions first.
        classes: Labels made or confirmed by hand, by class, in the order of the schema.
        stale: Number of changes that came too late and are only kept.

    """

    pictures: int
    complete: int
    methods: tuple[MethodFigures, ...]
    people: tuple[PersonFigures, ...]
    classes: tuple[ClassFigures, ...]
    stale: int


def label_statistics(
    store: LabelStore, targets: Mapping[str, int] | None = None
) -> LabelStatistics:
    """Count a store's labels and verdicts.

    Args:
        store: The store.
        targets: Class → number of labels that are wanted; None for those of the store's schema.

    """
    if targets is None:
        targets = (store.schema() or {}).get("targets", {})
    counts = store.class_counts()
    names = dict.fromkeys([*targets, *sorted(name for name in counts if name)])
    people, stale = _people(actions(store.database))
    return LabelStatistics(
        store.count(),
        store.complete(),
        tuple(_methods(store)),
        people,
        tuple(ClassFigures(name, counts.get(name, 0), targets.get(name)) for name in names),
        stale,
    )


def wilson(hits: int, count: int) -> tuple[float, float, float] | None:
    """A share with its 95 % interval after Wilson (1927); None if the count is 0."""
    if not count:
        return None
    share, z = hits / count, _NORMAL
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return share, max(0.0, middle - half), min(1.0, middle + half)


def _methods(store: LabelStore) -> list[MethodFigures]:
    labels = label_groups(store.database)
    said: dict[LabelGroup, Counter[LabelVerdict]] = defaultdict(Counter)
    for group, verdict in verdicts(store.database):
        said[group][verdict] += 1
    figures = [
        MethodFigures(group, labels.get(group, 0), said.get(group, {}))
        for group in labels.keys() | said.keys()
    ]
    return sorted(figures, key=lambda one: (-one.labels, one.group))


def _people(found: Iterable[Action]) -> tuple[tuple[PersonFigures, ...], int]:
    """The figures of each person, and the number of stale changes of all."""
    people, stale = [], 0
    for name, own in groupby(found, key=lambda action: action.author):
        person, rows = PersonFigures(name), list(own)
        stale += sum(row.stale for row in rows)
        undone = {row.undoes for row in rows if row.undoes is not None}
        last: float | None = None
        for _, batch in groupby(rows, key=lambda row: row.batch):
            done = list(batch)
            gap = None if last is None else done[0].at - last
            last = done[0].at
            _count(person, [row for row in done if row.counts and row.id not in undone], gap)
        people.append(person)
    return tuple(sorted(people, key=lambda one: -one.counts.total())), stale


def _count(person: PersonFigures, done: list[Action], gap: float | None) -> None:
    """Count what a person did at one moment, ``gap`` seconds after the moment before."""
    person.counts.update(row.kind for row in done)
    if gap is None or gap >= PAUSE:
        person.sessions += 1
        return
    person.seconds += gap
    person.timed += len(done)
    kinds = {row.kind for row in done}
    if len(kinds) == 1:
        person.gaps[kinds.pop()].append(gap / len(done))
