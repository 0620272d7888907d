"""How far people agree who labelled the same pictures without seeing each other's work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import sqrt

import numpy as np

from closeup.annotations import Annotation, LabelVerdict
from closeup.labelling.label_distances import overlap, point_distance, unit_of
from closeup.labelling.suspicions import RankedUnit, Suspicion, ranked
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem, StoredLabel
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import WHOLE

QUEUE = "adjudicate"
"""The usual name of the queue of what people disagree on."""
_NEAR = 0.05
"""Units up to which two points agree."""
_AGREEING = 0.5
"""Intersection over union from which two boxes agree."""
_NORMAL = 1.96
"""Standard errors of a 95 % interval."""


@dataclass(slots=True)
class PairAgreement:
    """What two people said of the same pictures.

    Attributes:
        first: One person.
        second: The other one.
        pictures: Number of pictures that both worked on.
        verdicts: (verdict of the first, of the second) → number of labels or pictures.
        distances: Distance of each point label in units, as
            :func:`closeup.labelling.label_distances.unit_of` defines them.
        overlaps: Intersection over union of each pair of boxes; 0 for a box that only one drew.
        renamed: Number of boxes in one place with different names.

    """

    first: str
    second: str
    pictures: int = 0
    verdicts: Counter[tuple[LabelVerdict, LabelVerdict]] = field(default_factory=Counter)
    distances: list[float] = field(default_factory=list)
    overlaps: list[float] = field(default_factory=list)
    renamed: int = 0

    @property
    def kappa(self) -> tuple[float, float] | None:
        """Cohen's kappa of the verdicts and half of its 95 % interval.

        None without verdicts, and if both gave the same verdict to all, where kappa is undefined.
        """
        return cohens_kappa(self.verdicts)


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """How far all people agree.

    Attributes:
        pairs: One entry for each two people who worked on the same pictures.
        disputes: What they disagree on, the widest apart first.

    """

    pairs: tuple[PairAgreement, ...]
    disputes: tuple[RankedUnit, ...]


def label_agreement(store: LabelStore) -> LabelAgreement:
    """Compare the layers of a store, which ``--overlap`` makes, each with each."""
    pairs: list[PairAgreement] = []
    disputes: list[Suspicion] = []
    for first, second in combinations(store.layers(), 2):
        pair = PairAgreement(first, second)
        both = zip(store.all_items(layer=first), store.all_items(layer=second), strict=True)
        for one, other in both:
            if _worked_on(one, first) and _worked_on(other, second):
                disputes += _compared(pair, one, other)
        if pair.pictures:
            pairs.append(pair)
    return LabelAgreement(tuple(pairs), tuple(ranked(disputes)))


def cohens_kappa(
    table: Counter[tuple[LabelVerdict, LabelVerdict]],
) -> tuple[float, float] | None:
    """Cohen's kappa of pairs of verdicts, and half of its 95 % interval.

    ``(p₀ − pₑ) / (1 − pₑ)`` with the shares p₀ of equal verdicts and pₑ of those expected by
    chance; its standard error is ``√(p₀ (1 − p₀) / n) / (1 − pₑ)`` (Cohen 1960).
    """
    count = table.total()
    if not count:
        return None
    equal = sum(n for (a, b), n in table.items() if a is b) / count
    chance = sum(
        sum(n for (a, _), n in table.items() if a is verdict)
        * sum(n for (_, b), n in table.items() if b is verdict)
        for verdict in LabelVerdict
    ) / (count * count)
    if chance >= 1:
        return None
    error = sqrt(equal * (1 - equal) / count) / (1 - chance)
    return (equal - chance) / (1 - chance), _NORMAL * error


def _worked_on(item: StoredItem, layer: str) -> bool:
    return item.verdict is not None or any(
        label.author == layer or label.annotation.verdict is not None for label in item.labels
    )


def _compared(pair: PairAgreement, one: StoredItem, other: StoredItem) -> Iterator[Suspicion]:
    """Count the labels of a picture in a pair; yield what differs."""
    pair.pictures += 1
    yield from _verdicts(pair, one, other)
    rest_one, rest_other = [], []
    theirs = {label.object: label for label in other.labels}
    for label in one.labels:
        match = theirs.pop(label.object, None)
        if match is None or not _alike(label.annotation, match.annotation):
            rest_one.append(label)
            rest_other += [] if match is None else [match]
        else:
            yield from _pair(pair, one, label, match)
    rest_other += theirs.values()
    yield from _boxes(pair, one, rest_one, rest_other)


def _alike(one: Annotation, other: Annotation) -> bool:
    return bool(one.points.keys() & other.points.keys()) or bool(one.box and other.box)


def _verdicts(pair: PairAgreement, one: StoredItem, other: StoredItem) -> Iterator[Suspicion]:
    said = {label.object: label.annotation.verdict for label in other.labels}
    rows = [
        (label.object, label.annotation.verdict, said.get(label.object)) for label in one.labels
    ]
    if not rows and not said:  # else the verdict on the whole says only that they are complete
        rows = [(WHOLE, one.verdict, other.verdict)]
    for key, a, b in rows:
        if a is not None and b is not None:
            pair.verdicts[a, b] += 1
            if a is not b:
                reason = f"{pair.first} says {a}, {pair.second} {b}"
                weight = 0.5 if LabelVerdict.UNSURE in (a, b) else 0.9
                yield Suspicion(Unit(one.id, key), "verdicts", weight, reason)


def _pair(
    pair: PairAgreement, item: StoredItem, one: StoredLabel, other: StoredLabel
) -> Iterator[Suspicion]:
    unit = Unit(item.id, one.object)
    a, b = one.annotation, other.annotation
    distance = point_distance(a, b)
    if distance is not None:
        share = distance / unit_of(item, a)
        pair.distances.append(share)
        if share > _NEAR:
            reason = f"{pair.first} and {pair.second} are {share:.2f} of its size apart"
            yield Suspicion(unit, "points", min(0.99, share / (share + _NEAR)), reason)
    if a.box is not None and b.box is not None:
        yield from _box_pair(pair, unit, a, b)


def _box_pair(pair: PairAgreement, unit: Unit, a: Annotation, b: Annotation) -> Iterator[Suspicion]:
    if a.box is None or b.box is None:
        return
    shared = overlap(a.box, b.box)
    pair.overlaps.append(shared)
    if shared < _AGREEING:
        reason = f"the boxes of {pair.first} and {pair.second} overlap by {shared:.0%}"
        yield Suspicion(unit, "boxes", 0.95 - 0.9 * shared, reason)
    if a.name != b.name:
        pair.renamed += 1
        reason = f"{pair.first} says {a.name or 'no name'}, {pair.second} {b.name or 'no name'}"
        yield Suspicion(unit, "names", 0.9, reason)


def _boxes(
    pair: PairAgreement,
    item: StoredItem,
    ones: Sequence[StoredLabel],
    others: Iterable[StoredLabel],
) -> Iterator[Suspicion]:
    """Boxes with different keys, which people drew themselves: matched by place."""
    mine = [label for label in ones if label.annotation.box]
    theirs = [label for label in others if label.annotation.box]
    shares = np.array(
        [
            [overlap(a.annotation.box, b.annotation.box) for b in theirs]  # type: ignore[arg-type]
            for a in mine
        ]
    ).reshape(len(mine), len(theirs))
    free_mine, free_theirs = set(range(len(mine))), set(range(len(theirs)))
    for place in np.argsort(-shares, axis=None, kind="stable").tolist():
        row, column = divmod(place, len(theirs))
        if row in free_mine and column in free_theirs and shares[row, column] > 0:
            free_mine.remove(row)
            free_theirs.remove(column)
            yield from _pair(pair, item, mine[row], theirs[column])
    for person, labels, free in ((pair.first, mine, free_mine), (pair.second, theirs, free_theirs)):
        for number in sorted(free):
            pair.overlaps.append(0.0)
            reason = f"only {person} has this box"
            yield Suspicion(Unit(item.id, labels[number].object), "boxes", 0.9, reason)
