"""The store of labels against a model of a few lines, after any sequence of actions."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import LabelQueue, Unit, Units
from closeup.store.label_records import LabelChange, StoredItem, Written
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import WHOLE, Subject

AUTHORS = ("ann", "bob")
LAYERS = ("", *AUTHORS)
PLACES = st.one_of(st.none(), st.integers(0, 5).map(lambda n: n + 0.125))
VERDICTS = st.one_of(st.none(), st.sampled_from(LabelVerdict))
WHO = st.tuples(st.sampled_from(AUTHORS), st.booleans())
"""An author, and whether in a layer of their own."""


class State(NamedTuple):
    """A label or verdict as the model has it; equal only if nothing came in between."""

    value: Any
    token: str
    judged: str | None = None
    program: bool = False


Target = tuple[str, int, str, Subject]
"""Layer, item, key, and whether the label or the verdict."""


def label_at(x: float | None, *, by_program: bool = False) -> Annotation | None:
    """A label with a point at x; None for None."""
    origin = Origin.MODEL if by_program else Origin.PERSON
    return None if x is None else Annotation(points={"pupil": KeyPoint(x, 1.0)}, origin=origin)


class StoreMachine(RuleBasedStateMachine):
    """Two people in everybody's layer and in their own, with labels of a program and by hand."""

    def __init__(self, store: LabelStore) -> None:
        super().__init__()
        self.store = store
        self.run = uuid4().hex
        proposal = label_at(9.0, by_program=True)
        assert proposal is not None
        pictures = [
            AnnotatedPicture(f"{self.run}/{n}.jpg", annotations=(proposal,) * (n < 2))
            for n in range(3)
        ]
        import_pictures(store, pictures)
        self.items = [store.number(picture.path) or 0 for picture in pictures]
        self.now: dict[Target, State] = {
            ("", item, "model-0", Subject.LABEL): State(9.0, uuid4().hex, program=True)
            for item in self.items[:2]
        }
        self.done: dict[tuple[str, str], list[list[tuple[Target, State | None, State]]]] = {}
        self.sent: list[tuple[LabelChange, str, str, Written]] = []

    @rule(
        who=WHO,
        numbers=st.lists(st.integers(0, 2), min_size=1, max_size=3),
        key=st.sampled_from(["model-0", "by hand"]),
        x=PLACES,
    )
    def place(self, who: tuple[str, bool], numbers: list[int], key: str, x: float | None) -> None:
        """Labels of one or several items; the same one twice is based on the action before."""
        author, layer = self.named(who)
        changes: list[LabelChange] = []
        for number in numbers:
            item = self.items[number]
            before = next((one.action for one in reversed(changes) if one.item == item), None)
            base = before or self.base(layer, item, key)
            changes.append(LabelChange.of_label(uuid4().hex, item, key, label_at(x), base))
        self.write(author, layer, changes, x)

    @rule(
        who=WHO,
        number=st.integers(0, 2),
        key=st.sampled_from([WHOLE, "model-0", "by hand"]),
        verdict=VERDICTS,
    )
    def judge(
        self, who: tuple[str, bool], number: int, key: str, verdict: LabelVerdict | None
    ) -> None:
        """A verdict on what is on the screen now."""
        author, layer = self.named(who)
        item = self.items[number]
        if key != WHOLE and self.seen(layer, item, key) is None:
            return
        base = self.revision(layer, item, key, Subject.VERDICT)
        change = LabelChange.of_verdict(uuid4().hex, item, verdict, key, base)
        self.write(author, layer, [change], verdict)

    @rule(who=WHO)
    def undo(self, who: tuple[str, bool]) -> None:
        """The last batch that was not undone yet; sent twice, done once."""
        author, layer = self.named(who)
        action = uuid4().hex
        outcome = self.store.undo(author, action, layer=layer)
        if outcome:
            again = self.store.undo(author, action, layer=layer)
            assert {w.revision for _, w in again} == {w.revision for _, w in outcome}
        batches = self.done.get((author, layer), [])
        expected = batches.pop() if batches else []
        assert [item for item, _ in outcome] == [target[1] for target, _, _ in reversed(expected)]
        for (target, before, after), (_, written) in zip(reversed(expected), outcome, strict=True):
            current = self.now.get(target)
            assert written.stale == (current is None or current.token != after.token)
            if not written.stale:
                self.now[target] = before or State(None, uuid4().hex)

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """A change that arrives twice."""
        if not self.sent:
            return
        change, author, layer, written = data.draw(st.sampled_from(self.sent))
        (again,) = self.store.write([change], author, layer=layer)
        assert (again.revision, again.stale) == (written.revision, written.stale)

    @rule(who=WHO, number=st.integers(0, 2), x=PLACES)
    def be_late(self, who: tuple[str, bool], number: int, x: float | None) -> None:
        """A change that was based on nothing, though there is something."""
        author, layer = self.named(who)
        item = self.items[number]
        there = self.seen(layer, item, "by hand")
        if there is None or there.value is None:
            return
        change = LabelChange.of_label(uuid4().hex, item, "by hand", label_at(x), None)
        (written,) = self.store.write([change], author, layer=layer)
        assert written.stale
        assert written.newest == self.revision(layer, item, "by hand", Subject.LABEL)

    @invariant()
    def every_layer_shows_what_the_model_has(self) -> None:
        for layer in LAYERS:
            for item in self.store.items(self.items, layer=layer):
                assert self.shown(item) == self.expected(layer, item.id)

    @invariant()
    def the_queues_have_what_is_undecided(self) -> None:
        database = self.store.database
        for layer, overlap in (("", 1), ("ann", 2), ("bob", 2)):
            for units in Units:
                queue = LabelQueue(database, units, layer=layer, overlap=overlap)
                # Earlier runs have left their items in front of these.
                found = queue.after(Unit(self.items[0] - 1, "~"), 100, undecided=True)
                assert found == self.undecided(units, layer, overlap)

    def named(self, who: tuple[str, bool]) -> tuple[str, str]:
        """The author, and the layer in which they work."""
        author, apart = who
        return f"{author} {self.run}", author if apart else ""

    def write(self, author: str, layer: str, changes: list[LabelChange], value: object) -> None:
        """Write a batch to the store and to the model."""
        written = self.store.write(changes, author, layer=layer)
        batch = []
        for change, outcome in zip(changes, written, strict=True):
            assert not outcome.stale
            assert outcome.newest == outcome.revision
            target = (layer, change.item, change.object, change.subject)
            before = self.now.get(target)
            judged = None
            if change.subject is Subject.LABEL:
                before = before or self.now.get(("", *target[1:]))
            elif change.object != WHOLE:
                label = self.seen(layer, change.item, change.object)
                judged = label.token if label else None
            self.now[target] = after = State(value, uuid4().hex, judged)
            batch.append((target, before, after))
            self.sent.append((change, author, layer, outcome))
        self.done.setdefault((author, layer), []).append(batch)

    def seen(self, layer: str, item: int, key: str) -> State | None:
        """The label of a layer, or of everybody's."""
        own = self.now.get((layer, item, key, Subject.LABEL))
        return own or self.now.get(("", item, key, Subject.LABEL))

    def revision(self, layer: str, item: int, key: str, subject: Subject) -> int | None:
        """The newest revision that is no stale one, from the history."""
        layers = {layer, ""} if subject is Subject.LABEL else {layer}
        rows = [
            row
            for row in self.store.history(item, key)
            if row.layer in layers and row.subject is subject and not row.stale
        ]
        own = [row for row in rows if row.layer == layer]
        return (own or rows)[-1].id if rows else None

    def base(self, layer: str, item: int, key: str) -> int | None:
        """The revision of the label on the screen, which does not show what was taken away."""
        label = self.seen(layer, item, key)
        if label is None or label.value is None:
            return None
        return self.revision(layer, item, key, Subject.LABEL)

    def verdict(self, layer: str, item: int, key: str) -> LabelVerdict | None:
        """The verdict that counts."""
        state = self.now.get((layer, item, key, Subject.VERDICT))
        label = None if key == WHOLE else self.seen(layer, item, key)
        if state is None or (label is not None and label.token != state.judged):
            return None
        value: LabelVerdict | None = state.value
        return value

    def expected(self, layer: str, item: int) -> dict[str, tuple[object, LabelVerdict | None]]:
        """Key → place and verdict."""
        shown: dict[str, tuple[object, LabelVerdict | None]] = {
            WHOLE: (None, self.verdict(layer, item, WHOLE))
        }
        for key in ("model-0", "by hand"):
            label = self.seen(layer, item, key)
            if label is not None and label.value is not None:
                shown[key] = label.value, self.verdict(layer, item, key)
        return shown

    def shown(self, item: StoredItem) -> dict[str, tuple[object, LabelVerdict | None]]:
        """The same of what the store has."""
        labels = {
            label.object: (label.annotation.points["pupil"].x, label.annotation.verdict)
            for label in item.labels
        }
        return {WHOLE: (None, item.verdict), **labels}

    def undecided(self, units: Units, layer: str, overlap: int) -> list[Unit]:
        """The units that wait for this layer."""
        found = []
        for item in self.items:
            key = WHOLE if units is Units.PICTURES else "model-0"
            label = self.now.get(("", item, key, Subject.LABEL))
            if units is Units.LABELS and (label is None or not label.program):
                continue
            counting = [one for one in LAYERS if self.verdict(one, item, key) is not None]
            own = (layer, item, key, Subject.LABEL) in self.now and layer != ""
            if len(counting) < overlap and layer not in counting and not own:
                found.append(Unit(item, key))
        return found


def test_any_sequence_of_actions_leaves_what_the_model_has(label_store: LabelStore) -> None:
    class OfThisStore(StoreMachine):
        def __init__(self) -> None:
            super().__init__(label_store)

    few = settings(max_examples=20, stateful_step_count=15)
    run_state_machine_as_test(OfThisStore, settings=few)
