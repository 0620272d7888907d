"""Suspicious labels: the interface of all checks, and their ranking as a queue for people.

A check sees every picture with its labels once and says what it suspects, at once or at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from closeup.annotations import LabelVerdict
from closeup.progress import Progress, Silent
from closeup.store.label_queue import Unit, fill_queue
from closeup.store.label_records import StoredItem, StoredLabel
from closeup.store.label_store import LabelStore

QUEUE = "suspicious"
"""The usual name of the queue."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A label, or a picture's labels, that may be wrong.

    Attributes:
        unit: The label, or the whole picture.
        kind: The check that found it, in one or two words.
        weight: How likely it is wrong, above 0 and up to 1.
        reason: What is wrong, in a few words with figures.

    """

    unit: Unit
    kind: str
    weight: float
    reason: str


class LabelCheck(Protocol):
    """Finds suspicious labels."""

    def look(self, item: StoredItem) -> Iterable[Suspicion]:
        """What is suspicious in a picture by itself, as soon as it is known."""
        ...

    def finish(self) -> Iterable[Suspicion]:
        """What is suspicious beside the other pictures; called once, after all pictures."""
        ...


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """A label or picture with all that is suspicious about it.

    Attributes:
        unit: The label, or the whole picture.
        weight: How likely it is wrong if the checks are independent: 1 − ∏(1 − weight).
        suspicions: What was found, the most likely first.

    """

    unit: Unit
    weight: float
    suspicions: tuple[Suspicion, ...]

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "; ".join(suspicion.reason for suspicion in self.suspicions)


def find_suspicions(
    store: LabelStore, checks: Sequence[LabelCheck], progress: Progress | None = None
) -> list[RankedUnit]:
    """Look at all labels of a store, except those that people called false.

    Args:
        store: The store.
        checks: What to look for.
        progress: Receives one stage; silent if None.

    Returns:
        The suspicious labels, the most likely wrong first.

    """
    progress = progress or Silent()
    progress.begin("checking labels", store.count())
    found: list[Suspicion] = []
    for item in store.all_items():
        for check in checks:
            found += check.look(item)
        progress.advance()
    for check in checks:
        found += check.finish()
    return ranked(found)


def ranked(suspicions: Iterable[Suspicion]) -> list[RankedUnit]:
    """Suspicions by label or picture, the most likely wrong first."""
    by_unit: dict[Unit, list[Suspicion]] = {}
    for suspicion in suspicions:
        by_unit.setdefault(suspicion.unit, []).append(suspicion)
    units = []
    for unit, own in by_unit.items():
        right = 1.0
        for suspicion in own:
            right *= 1 - suspicion.weight
        own.sort(key=lambda suspicion: -suspicion.weight)
        units.append(RankedUnit(unit, 1 - right, tuple(own)))
    return sorted(units, key=lambda one: (-one.weight, one.unit))


def fill_suspicious(store: LabelStore, found: Sequence[RankedUnit], name: str = QUEUE) -> int:
    """Make a queue of suspicious labels, or replace it; return its length."""
    return fill_queue(store.database, name, ((one.unit, one.reason) for one in found))


def checked_labels(item: StoredItem) -> Iterator[StoredLabel]:
    """The labels of a picture that count: those that nobody called false, with a place."""
    for label in item.labels:
        if label.annotation.verdict is not LabelVerdict.FALSE and not label.annotation.absent:
            yield label
