"""Verdicts that contradict each other, which no training should learn from.

One person's verdicts on one label do not: who calls a label true and then false has had a change of
mind, and the newest verdict counts. What remains are people who judged one label without seeing
each other's verdicts, and two labels of one point in one picture, far from each other, that were
both called true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import exp

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.labelling.label_distances import point_distance, unit_of
from closeup.labelling.suspicions import Suspicion
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem, StoredLabel
from closeup.store.label_store import LabelStore

_FAR = 0.1
"""Units beyond which two points cannot both be within 0.05 of the truth."""
_OTHER = 0.5
"""Units beyond which two points rather belong to different objects, as two eyes or faces."""
_SOFT = 0.1
"""Units beyond :data:`_FAR` at which a pair weighs two thirds of what is possible."""


@dataclass(frozen=True, slots=True)
class ContradictingPair:
    """Two labels of one point by different methods, both true, of which at least one is wrong.

    Attributes:
        first: One label.
        second: The other one.
        distance: Largest distance of points of the same name in units, as
            :func:`closeup.labelling.label_distances.unit_of` defines them.

    """

    first: Unit
    second: Unit
    distance: float


@dataclass(frozen=True, slots=True)
class Contradictions:
    """The contradicting verdicts of a store.

    Attributes:
        disputed: Labels that one person called true and another one false, without a verdict in
            everybody's layer that settles it.
        pairs: Pairs of labels that cannot both be true, and were called so.

    """

    disputed: frozenset[Unit]
    pairs: tuple[ContradictingPair, ...]

    @property
    def units(self) -> frozenset[Unit]:
        """All labels whose verdict is contradicted; a training leaves them out."""
        paired = {unit for pair in self.pairs for unit in (pair.first, pair.second)}
        return self.disputed | paired


def find_contradictions(store: LabelStore) -> Contradictions:
    """Find all contradicting verdicts of a store, in everybody's layer and in those of people."""
    said: dict[Unit, set[LabelVerdict]] = {}
    settled: set[Unit] = set()
    pairs: dict[ContradictingPair, None] = {}
    for layer in ("", *store.layers()):
        for item in store.all_items(layer=layer):
            pairs.update(dict.fromkeys(contradicting_pairs(item)))
            for label in item.labels:
                unit, verdict = Unit(item.id, label.object), label.annotation.verdict
                if verdict is not None and layer:
                    said.setdefault(unit, set()).add(verdict)
                elif verdict is not None:
                    settled.add(unit)
    both = {LabelVerdict.TRUE, LabelVerdict.FALSE}
    disputed = {unit for unit, verdicts in said.items() if both <= verdicts} - settled
    return Contradictions(frozenset(disputed), tuple(pairs))


def contradicting_pairs(item: StoredItem) -> Iterator[ContradictingPair]:
    """The pairs of labels of a picture that cannot both be true, and were called so.

    Labels by hand count as true unless somebody called them false, and other labels if somebody
    called them true. Labels of one method are of different objects. So are labels of two methods
    that are more than 0.5 units apart, and those of which one is nearer to another true label of
    the other's method.
    """
    true = [label for label in item.labels if _is_true(label)]
    for one, other in combinations(true, 2):
        distance = _distance(item, one, other)
        if distance is None or not _FAR < distance <= _OTHER:
            continue
        if not (_has_nearer(item, true, one, other) or _has_nearer(item, true, other, one)):
            units = Unit(item.id, one.object), Unit(item.id, other.object)
            yield ContradictingPair(*units, distance)


class ContradictionCheck:
    """Finds labels that were called true while another method's label of the same point was, too.

    At least one label of such a pair is wrong, so each weighs from 0.5, up to 0.83 for points that
    are far apart.
    """

    def look(self, item: StoredItem) -> Iterator[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.look`."""
        labels = {label.object: label for label in item.labels}
        for pair in contradicting_pairs(item):
            weight = 0.5 + 0.33 * (1 - exp(-(pair.distance - _FAR) / _SOFT))
            for unit, rival in ((pair.first, pair.second), (pair.second, pair.first)):
                by = _source(labels[rival.object].annotation) or "a person"
                said = f"the label of {by}, {pair.distance:.2f} of its size away, is true as well"
                yield Suspicion(unit, "contradiction", weight, said)

    def finish(self) -> Iterable[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.finish`."""
        return ()


def _is_true(label: StoredLabel) -> bool:
    one = label.annotation
    by_hand = one.origin is Origin.PERSON and one.verdict is None
    return not one.absent and (by_hand or one.verdict is LabelVerdict.TRUE)


def _source(label: Annotation) -> str:
    """What labels of one origin share: the method, or nothing if they are by hand."""
    return "" if label.origin is Origin.PERSON else label.method or str(label.origin)


def _distance(item: StoredItem, one: StoredLabel, other: StoredLabel) -> float | None:
    """Distance of labels of different methods in units; None if they cannot be compared."""
    first, second = one.annotation, other.annotation
    distance = point_distance(first, second)
    if distance is None or _source(first) == _source(second):
        return None
    # Of two labels only one may have the eye's corners, which tell its size.
    return distance / min(unit_of(item, first), unit_of(item, second))


def _has_nearer(
    item: StoredItem, true: Iterable[StoredLabel], own: StoredLabel, rival: StoredLabel
) -> bool:
    """Whether a label is nearer to another true label of the rival's method than to the rival."""
    far = _distance(item, own, rival)
    others = [
        _distance(item, own, label)
        for label in true
        if label is not rival and _source(label.annotation) == _source(rival.annotation)
    ]
    return any(one is not None and far is not None and one < far for one in others)
