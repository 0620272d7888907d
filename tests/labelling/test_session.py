"""What is on a person's screen and what an answer changes, in both kinds of database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    KeyPoint,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.frames import RGBImage
from closeup.labelling.label_task import TASKS, LabelMode, LabelTask
from closeup.labelling.project import LabelProject
from closeup.labelling.session import LabelSession, LabelView
from closeup.labelling.shown_pictures import FolderPictures
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import QueueCounts, Unit, Units, fill_queue
from closeup.store.label_records import LabelChange, StoredItem, StoredLabel
from closeup.store.label_store import LabelStore

TRUE, FALSE, UNSURE = LabelVerdict.TRUE, LabelVerdict.FALSE, LabelVerdict.UNSURE
EYE = LabelTask(LabelMode.POINTS, LabelSchema(points=("corner", "pupil")), keep=("corner",))
REVIEW = TASKS["review"]


def pupil(x: float, key: str = "a", origin: Origin = Origin.MODEL) -> Annotation:
    return Annotation(points={"pupil": KeyPoint(x, 1)}, key=key, origin=origin, method="net")


def filled(store: LabelStore, count: int = 5) -> list[int]:
    pictures = [AnnotatedPicture(f"{n}.jpg", annotations=(pupil(n),)) for n in range(count)]
    import_pictures(store, pictures)
    return [store.number(picture.path) or 0 for picture in pictures]


def shown(session: LabelSession, unit: Unit | None) -> LabelView:
    assert unit is not None
    (view,) = session.views([unit])
    return view


def item(session: LabelSession, number: int) -> StoredItem:
    (found,) = session.store.items([number], layer=session.layer)
    return found


def label(session: LabelSession, number: int, key: str = "a") -> StoredLabel:
    return next(one for one in item(session, number).labels if one.object == key)


def left_edge(frame: StoredItem) -> float | None:
    """Of the only box; None without one."""
    box = frame.labels[0].annotation.box if frame.labels else None
    return None if box is None else box[0]


class Some:
    """Pictures of which some are gone."""

    def __init__(self, *gone: str) -> None:
        self.gone = gone

    def read(self, item: StoredItem) -> RGBImage:
        raise AssertionError(f"{item.path} need not be decoded")

    def is_there(self, item: StoredItem) -> bool:
        return item.path not in self.gone


def test_pictures_that_are_gone_are_skipped_and_the_count_ends(label_store: LabelStore) -> None:
    items = filled(label_store)
    fill_queue(label_store.database, "odd", [(Unit(number, "a"), "") for number in items[:4]])
    session = LabelSession(label_store, REVIEW, "ann", queue="odd")
    session.judge([shown(session, Unit(items[0], "a"))], TRUE)
    gone = Some("0.jpg", "2.jpg", "3.jpg", "4.jpg")
    assert len(session.skip_gone(gone, "skip")) == 2  # the first is decided, the last not in it
    assert session.counts() == QueueCounts(4, 3)
    assert [label(session, number).annotation.verdict for number in items] == [
        TRUE, None, UNSURE, UNSURE, None,
    ]  # fmt: skip
    assert session.following(None, 9, undecided=True) == [Unit(items[1], "a")]
    assert session.skip_gone(gone) == []
    session.undo()
    assert session.counts() == QueueCounts(4, 1)
    other = LabelSession(label_store, REVIEW, "bob", queue="odd")
    other.leases.take([items[2]])
    assert len(session.skip_gone(gone)) == 1


def test_a_person_judges_one_label_after_the_other(label_store: LabelStore) -> None:
    items = filled(label_store)
    session = LabelSession(label_store, REVIEW, "ann")
    unit = session.start()
    for number, verdict in zip(items, (TRUE, FALSE, UNSURE), strict=False):
        view = shown(session, unit)
        assert view.unit == Unit(number, "a")
        assert view.label is not None
        assert view.label.annotation.points["pupil"].x == number - items[0]
        assert not session.judge([view], verdict)[0].stale
        assert shown(session, unit).verdict is verdict
        (unit,) = session.following(unit, undecided=True)
    assert session.counts() == QueueCounts(5, 3)
    assert session.last() == Unit(items[2], "a")
    assert session.preceding(Unit(items[3], "a"), 2) == [Unit(items[2], "a"), Unit(items[1], "a")]
    session.undo()
    assert shown(session, Unit(items[2], "a")).verdict is None
    assert session.start() == Unit(items[2], "a")
    # Another verdict on one that has one, and none.
    session.judge([shown(session, Unit(items[0], "a"))], FALSE)
    session.judge([shown(session, Unit(items[1], "a"))], None)
    assert session.counts() == QueueCounts(5, 1)


def test_a_page_is_judged_and_undone_at_once(label_store: LabelStore) -> None:
    items = filled(label_store)
    session = LabelSession(label_store, REVIEW, "ann")
    page = session.views(session.following(None, 24))
    assert len(page) == len(items)
    first = session.judge(page, TRUE, "page")
    assert session.judge(page, TRUE, "page") == first
    assert session.following(None, undecided=True) == []
    assert session.start() == Unit(items[0], "a")  # all are decided
    assert len(session.undo()) == len(items)
    assert session.counts() == QueueCounts(5, 0)
    assert session.undo() == []


def test_what_changed_on_the_screen_of_another_is_not_overwritten(label_store: LabelStore) -> None:
    number, *_ = filled(label_store)
    ann, bob = (LabelSession(label_store, REVIEW, name) for name in ("ann", "bob"))
    seen = shown(ann, Unit(number, "a"))
    also_seen = shown(bob, Unit(number, "a"))
    assert not ann.judge([seen], TRUE)[0].stale
    assert bob.judge([also_seen], FALSE)[0].stale
    assert shown(bob, Unit(number, "a")).verdict is TRUE
    assert not bob.place(also_seen.item, "a", pupil(9)).stale
    assert ann.place(seen.item, "a", pupil(8)).stale
    kept = [row.content for row in label_store.history(number, "a") if row.stale]
    assert kept[-1] == pupil(8).as_json()
    # The label is another one now, so that a verdict on the old one says nothing of it.
    assert bob.judge([also_seen], FALSE)[0].stale
    assert shown(ann, Unit(number, "a")).verdict is None


def test_a_point_that_is_placed_is_a_persons(label_store: LabelStore) -> None:
    number, *_ = filled(label_store)
    session = LabelSession(label_store, EYE, "ann")
    assert session.start() == Unit(number)
    placed = session.place(item(session, number), "a", pupil(7.25), "one action")
    assert session.place(item(session, number), "a", pupil(7.25), "one action") == placed
    own = label(session, number)
    assert own.annotation.points["pupil"].x == 7.25
    said = (own.annotation.origin, own.annotation.method, own.author)
    assert said == (Origin.PERSON, "ann", "ann")
    session.place(item(session, number), "new", pupil(1))
    session.place(item(session, number), "a", None)
    assert [one.object for one in item(session, number).labels] == ["new"]
    session.undo()
    assert label(session, number).annotation.points["pupil"].x == 7.25
    session.judge([shown(session, Unit(number))], TRUE)
    assert session.counts() == QueueCounts(5, 1)


def test_points_that_are_kept_go_to_the_next_picture(label_store: LabelStore) -> None:
    first, second, *_ = filled(label_store)
    session = LabelSession(label_store, EYE, "ann")
    both = Annotation(points={"corner": KeyPoint(1, 2, visible=False), "pupil": KeyPoint(3, 4)})
    session.place(item(session, first), "new", both)
    written = session.copied(item(session, first), item(session, second), "copy")
    assert len(written) == 1  # "a" is there already
    copy = label(session, second, "new").annotation
    assert copy.points == {"corner": KeyPoint(1, 2, visible=False)}
    assert copy.origin is Origin.PERSON
    assert session.copied(item(session, first), item(session, second), "again") == []
    boxes = LabelSession(label_store, TASKS["members"], "bob")
    boxes.place(item(boxes, first), "box", Annotation("Ann", (1, 2, 3, 4)))
    boxes.copied(item(boxes, first), item(boxes, second), "boxes")
    assert label(boxes, second, "box").annotation.box == (1, 2, 3, 4)
    boxes.undo()
    assert {one.object for one in item(boxes, second).labels} == {"a", "new"}


def test_frames_between_key_frames_are_filled_in(label_store: LabelStore) -> None:
    import_pictures(label_store, [AnnotatedPicture("film.mp4", n) for n in range(9)])
    session = LabelSession(label_store, TASKS["members"], "ann")
    frames = label_store.frames("film.mp4")
    for number, x in ((1, 0.0), (5, 8.0), (7, 8.0)):
        session.place(item(session, frames[number]), "t", Annotation("Ann", (x, 0, x + 10.5, 20)))
    written = session.interpolated(label_store.items(frames), "t", "fill")
    assert len(written) == 4
    assert not any(one.stale for one in written)
    expected = [None, 0, 2, 4, 6, 8, 8, 8, None]
    assert [left_edge(one) for one in label_store.items(frames)] == expected
    # A key frame that moves takes the frames along; what is by hand stays.
    session.place(item(session, frames[3]), "t", Annotation("Ann", (40, 0, 50, 20)))
    session.interpolated(label_store.items(frames), "t", "fill again")
    expected = [None, 0, 20, 40, 24, 8, 8, 8, None]
    assert [left_edge(one) for one in label_store.items(frames)] == expected
    session.undo()
    assert label(session, frames[2], "t").annotation.box == (2, 0, 12.5, 20)


def test_nobody_sees_the_labels_of_others_with_an_overlap(label_store: LabelStore) -> None:
    number, other, *_ = filled(label_store)
    ann, bob, cleo = (
        LabelSession(label_store, REVIEW, name, overlap=2) for name in ("ann", "bob", "cleo")
    )
    unit = Unit(number, "a")
    ann.judge([shown(ann, unit)], TRUE)
    assert not ann.place(item(ann, other), "a", pupil(50)).stale
    assert shown(bob, unit).verdict is None
    assert bob.start() == unit
    assert label(bob, other).annotation == pupil(1)
    assert not bob.judge([shown(bob, unit)], FALSE)[0].stale
    assert cleo.start() == Unit(other, "a")
    assert [shown(one, unit).verdict for one in (ann, bob, cleo)] == [TRUE, FALSE, None]
    assert label_store.items([number])[0].labels[0].annotation.verdict is None
    ann.undo()
    assert label(ann, other).annotation == pupil(1)


def test_a_picture_on_another_screen_is_passed_over_and_named(label_store: LabelStore) -> None:
    items = filled(label_store)
    ann, bob = (LabelSession(label_store, REVIEW, one, name="1") for one in ("ann", "bob"))
    first = ann.start()
    assert first is not None
    ann.leases.take([first.item])
    assert bob.start() == Unit(items[1], "a")
    assert shown(bob, first).held_by == ("ann (1)",)
    assert shown(ann, first).held_by == ()
    ann.leases.give_back()
    assert bob.start() == first


def test_a_named_queue_is_gone_through_with_its_reasons(label_store: LabelStore) -> None:
    items = filled(label_store)
    wanted = [(Unit(items[3], "a"), "at a corner"), (Unit(items[1], "a"), "far from the model")]
    fill_queue(label_store.database, "check", wanted)
    session = LabelSession(label_store, REVIEW, "ann", queue="check")
    assert session.start() == wanted[0][0]
    assert [view.reason for view in session.views(session.following(None, 9))] == [
        "at a corner",
        "far from the model",
    ]


def test_pictures_without_proposals_are_judged_as_a_whole(label_store: LabelStore) -> None:
    import_pictures(label_store, [AnnotatedPicture("a.jpg")])
    session = LabelSession(label_store, REVIEW, "ann")
    assert session.queue.units is Units.PICTURES
    view = shown(session, session.start())
    assert (view.label, view.verdict) == (None, None)
    session.judge([view], FALSE)
    assert shown(session, view.unit).verdict is FALSE
    assert session.views([Unit(999), Unit(view.item.id)])[0].verdict is FALSE


def test_an_empty_store_has_nothing_to_show(label_store: LabelStore) -> None:
    for task in (REVIEW, EYE):
        session = LabelSession(label_store, task, "ann")
        assert session.start() is None
        assert session.last() is None
        assert session.counts() == QueueCounts(0, 0)
        assert session.undo() == []


def test_a_project_gives_each_person_a_session(label_store: LabelStore, tmp_path: Path) -> None:
    number, *_ = filled(label_store)
    project = LabelProject(label_store, EYE, FolderPictures(tmp_path), overlap=2)
    project.put_task_in_force()
    session = project.session("ann", "laptop")
    assert (session.layer, session.leases.holder) == ("ann", "ann (laptop)")
    changed = replace(project, task=TASKS["pupil"])
    changed.put_task_in_force()  # somebody else, while Ann is at work
    session.place(item(session, number), "a", pupil(3))
    session.write([LabelChange.of_verdict("v", number, TRUE)])
    assert label(session, number).annotation.points == pupil(3).points
    assert item(session, number).verdict is TRUE
