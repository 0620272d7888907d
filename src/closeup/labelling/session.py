"""A person's session: what is on the screen, what comes next, and what an answer changes.

It has no user interface; the browser's page and the window both use it, so that a key means the
same in both and every answer is saved at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.labelling.interpolation import filled_in
from closeup.labelling.label_task import LabelMode, LabelTask
from closeup.labelling.shown_pictures import PictureReader
from closeup.store.label_queue import LabelQueue, QueueCounts, Unit, Units, queue_reasons
from closeup.store.label_records import LabelChange, StoredItem, StoredLabel, Written
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import WHOLE
from closeup.store.leases import TERM, Leases


@dataclass(frozen=True, slots=True)
class LabelView:
    """What is shown of a unit.

    Attributes:
        unit: The unit.
        item: The picture with its labels.
        reason: Why a named queue has it; empty in other queues.
        held_by: Others that have the picture on their screen.

    """

    unit: Unit
    item: StoredItem
    reason: str = ""
    held_by: tuple[str, ...] = ()

    @property
    def label(self) -> StoredLabel | None:
        """The label that is judged; None if the whole picture is."""
        return next((one for one in self.item.labels if one.object == self.unit.object), None)

    @property
    def verdict(self) -> LabelVerdict | None:
        """The verdict on the unit; None without one."""
        if self.unit.object == WHOLE:
            return self.item.verdict
        return None if self.label is None else self.label.annotation.verdict


class LabelSession:
    """One person's work on a store.

    Args:
        store: The store of labels.
        task: What the person does.
        author: Name of the person.
        queue: Name of a queue; None for everything in the store.
        overlap: Number of people to whom a picture is given; above 1 nobody sees another one's
            labels.
        name: Name of this session among those of the author; a new one if None.
        term: Seconds for which a picture is leased.

    """

    def __init__(
        self,
        store: LabelStore,
        task: LabelTask,
        author: str,
        *,
        queue: str | None = None,
        overlap: int = 1,
        name: str | None = None,
        term: float = TERM,
    ) -> None:
        self.store = store
        self.task = task
        self.author = author
        self.layer = author if overlap > 1 else ""
        self._queue_name = queue
        holder = f"{author} ({name or uuid4().hex[:8]})"
        database, clock = store.database, store.clock
        self.leases = Leases(database, holder, overlap=overlap, term=term, clock=clock)
        self.queue = LabelQueue(
            database,
            self._units(queue),
            name=queue,
            layer=self.layer,
            overlap=overlap,
            clock=clock,
        )

    def start(self) -> Unit | None:
        """The first undecided unit that nobody else holds, else the first; None if none exists."""
        for undecided in (True, False):
            found = self.queue.after(None, undecided=undecided, holder=self.leases.holder)
            if found:
                return found[0]
        return None

    def following(
        self, unit: Unit | None, count: int = 1, *, undecided: bool = False
    ) -> list[Unit]:
        """The units after one, without those that others hold; see :meth:`LabelQueue.after`."""
        return self.queue.after(unit, count, undecided=undecided, holder=self.leases.holder)

    def preceding(self, unit: Unit, count: int = 1) -> list[Unit]:
        """The units before one, the nearest first."""
        return self.queue.before(unit, count)

    def last(self) -> Unit | None:
        """The unit that this person decided last; None without one."""
        return self.queue.last_decided(self.author)

    def views(self, units: Sequence[Unit]) -> list[LabelView]:
        """What is shown of units; those whose picture or label does not exist are left out."""
        numbers = list(dict.fromkeys(unit.item for unit in units))
        items = {item.id: item for item in self.store.items(numbers, layer=self.layer)}
        held = self.leases.held_by_others(numbers)
        reasons = (
            queue_reasons(self.store.database, self._queue_name, units)
            if self._queue_name is not None
            else {}
        )
        return [
            LabelView(unit, items[unit.item], reasons.get(unit, ""), tuple(held.get(unit.item, ())))
            for unit in units
            if unit.item in items
        ]

    def counts(self) -> QueueCounts:
        """How far the labelling is."""
        return self.queue.counts()

    def write(self, changes: Iterable[LabelChange], batch: str | None = None) -> list[Written]:
        """Write changes of this person; see :meth:`LabelStore.write`."""
        return self.store.write(changes, self.author, layer=self.layer, batch=batch)

    def judge(
        self, views: Sequence[LabelView], verdict: LabelVerdict | None, action: str | None = None
    ) -> list[Written]:
        """Give one verdict on units, which :meth:`undo` takes back together.

        Args:
            views: The units as they were shown.
            verdict: The verdict; None takes verdicts back.
            action: Identifier of this action, so that it is written once; a new one if None.

        """
        return self.judge_each([(view, verdict) for view in views], action)

    def judge_each(
        self, verdicts: Sequence[tuple[LabelView, LabelVerdict | None]], action: str | None = None
    ) -> list[Written]:
        """Give each unit a verdict of its own, all of them or none; see :meth:`judge`."""
        action = action or uuid4().hex
        changes = [
            replace(
                LabelChange.of_verdict(
                    f"{action}-{number}", view.item.id, verdict, view.unit.object
                ),
                base=_verdict_revision(view),
                judges=None if view.label is None else view.label.revision,
            )
            for number, (view, verdict) in enumerate(verdicts)
        ]
        return self.write(changes, action)

    def skip_gone(self, pictures: PictureReader, action: str | None = None) -> list[Written]:
        """Say of all undecided units whose picture is gone that they cannot be told.

        Units whose picture others have on their screens are left to them.

        Args:
            pictures: Knows which pictures are gone.
            action: Identifier of this action, which :meth:`undo` takes back as one.

        """
        every, holder = self.queue.counts().all, self.leases.holder
        units = self.queue.after(None, every, undecided=True, holder=holder)
        gone = [view for view in self.views(units) if not pictures.is_there(view.item)]
        return self.judge(gone, LabelVerdict.UNSURE, action)

    def place(
        self, item: StoredItem, key: str, annotation: Annotation | None, action: str | None = None
    ) -> Written:
        """Set a label by hand, or remove it if ``annotation`` is None.

        Args:
            item: The picture as it was shown.
            key: Key of the label; a new label brings a new one.
            annotation: Its new place; the origin becomes the person.
            action: Identifier of this action; a new one if None.

        """
        old = next((label for label in item.labels if label.object == key), None)
        if annotation is not None:
            annotation = replace(annotation, origin=Origin.PERSON, method=self.author, version="")
        base = None if old is None else old.revision
        change = LabelChange.of_label(action or uuid4().hex, item.id, key, annotation, base)
        return self.write([change])[0]

    def undo(self, action: str | None = None) -> list[tuple[int, Written]]:
        """Take back this person's last action; see :meth:`LabelStore.undo`."""
        return self.store.undo(self.author, action or uuid4().hex, layer=self.layer)

    def copied(self, source: StoredItem, target: StoredItem, action: str) -> list[Written]:
        """Copy labels to another picture, as those of the frame before; it keeps what it has.

        Points that ``keep`` of the task does not name are left out, if it names any.
        """
        taken = {label.object for label in target.labels}
        keep = self.task.keep
        changes: list[LabelChange] = []
        for label in source.labels:
            points = label.annotation.points
            if self.task.mode is LabelMode.POINTS and keep:
                points = {name: point for name, point in points.items() if name in keep}
            if label.object in taken or not (points or label.annotation.box):
                continue
            copy = replace(
                label.annotation,
                points=points,
                origin=Origin.PERSON,
                method=self.author,
                version="",
                score=None,
                verdict=None,
            )
            changes.append(
                LabelChange.of_label(f"{action}-{len(changes)}", target.id, label.object, copy)
            )
        return self.write(changes, action)

    def interpolated(self, items: Sequence[StoredItem], key: str, action: str) -> list[Written]:
        """Fill in a label between the key frames of consecutive frames of a video.

        Args:
            items: The frames in order. Frames between two key frames get a label, or a new place
                of the one that a program gave them; others stay as they are. See
                :func:`closeup.labelling.interpolation.filled_in`.
            key: Key of the label.
            action: Identifier of this action.

        """
        labels = [_of(item, key) for item in items]
        frames = [index if item.frame is None else item.frame for index, item in enumerate(items)]
        made = filled_in(frames, [None if one is None else one.annotation for one in labels])
        changes = []
        for index, annotation in made:
            old, name = labels[index], f"{action}-{index}"
            base = None if old is None else old.revision
            changes.append(LabelChange.of_label(name, items[index].id, key, annotation, base))
        return self.write(changes, action)

    def _units(self, queue: str | None) -> Units:
        if self.task.mode is not LabelMode.REVIEW:
            return Units.PICTURES
        # Pictures without proposals are judged as a whole.
        some = LabelQueue(self.store.database, Units.LABELS, name=queue).after(None)
        return Units.LABELS if some else Units.PICTURES


def _verdict_revision(view: LabelView) -> int | None:
    if view.unit.object == WHOLE:
        return view.item.verdict_revision
    return None if view.label is None else view.label.verdict_revision


def _of(item: StoredItem, key: str) -> StoredLabel | None:
    return next((label for label in item.labels if label.object == key), None)
