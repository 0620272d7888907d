"""What keys and the pointer do, on a real store and without a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    KeyPoint,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.drawing.activation_maps import WARM
from closeup.errors import OutputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.key_bindings import bindings
from closeup.labelling.label_task import TASKS, LabelMode, LabelTask
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.labels import Point
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_records import StoredItem, Written
from closeup.store.label_store import LabelStore
from closeup.window.label_desk import LabelDesk
from closeup.window.label_panels import BAR
from tests.quality_networks import bright_is_wrong
from tests.window.conftest import waited_for
from tests.window.labelled_folders import Proposals, faces, fill, opened

SCREEN = Size(700, 532)
"""Room for pictures of 320 × 240 pixels at twice their size, and two lines of text."""
LEFT = 30
LINE = 22
"""Height of the line below the map."""
BOXES = LabelTask(LabelMode.BOXES, LabelSchema(classes=("Mina", "Sana"), box=True))
TRUE, FALSE, UNSURE = LabelVerdict.TRUE, LabelVerdict.FALSE, LabelVerdict.UNSURE


def proposal(number: int) -> list[Annotation]:
    box = 100 + 2 * number, 20, 200 + 2 * number, 120
    return [Annotation("face", box, origin=Origin.MODEL, method="detector", score=0.9)]


def pupil(number: int) -> list[Annotation]:
    points = {"pupil": KeyPoint(100.5 + number, 60.25)}
    return [Annotation(points=points, origin=Origin.MODEL, method="finder")]


def nothing(_: int) -> list[Annotation]:
    return []


@contextmanager
def desk_of(
    folder: Path, task: LabelTask, proposals: Proposals = nothing, count: int = 3
) -> Iterator[LabelDesk]:
    if not (folder / "labels.db").exists():
        fill(folder, faces(count), proposals)
    with opened(folder, task) as project:
        desk = LabelDesk(project.session("ann"), project, SCREEN)
        try:
            desk.idle()
            yield desk
        finally:
            desk.close()


def items(desk: LabelDesk) -> list[StoredItem]:
    return list(desk.session.store.all_items())


def on_screen(x: float, y: float) -> Point:
    return 2 * (x + 0.5) + LEFT - 0.5, 2 * (y + 0.5) - 0.5


def drag(desk: LabelDesk, *places: Point, shift: bool = False) -> None:
    desk.press(on_screen(*places[0]), shift=shift)
    for place in places[1:]:
        desk.move(on_screen(*place))
    desk.release()


def keys(desk: LabelDesk, *pressed: str) -> None:
    for key in pressed:
        desk.key(key)
        desk.idle()


def test_verdicts_are_saved_and_the_next_picture_is_shown(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["review"], proposal) as desk:
        keys(desk, "f", "d", "p", "p")
        assert desk.walk.view is not None
        assert desk.walk.view.verdict is TRUE
        keys(desk, "x", "j")
        assert desk.walk.view.item.path == "02.png"
        keys(desk, "f")
        assert desk.title == "that was the last one"
        assert [one.labels[0].annotation.verdict for one in items(desk)] == [UNSURE, FALSE, TRUE]

        def all_are_counted() -> bool:
            desk.idle()
            return desk.walk.counts.decided == 3

        waited_for(all_are_counted)


def test_undo_goes_back_to_where_something_was_taken_back(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["review"], proposal) as desk:
        keys(desk, "f", "d", "u")
        assert desk.walk.view is not None
        assert desk.walk.view.item.path == "01.png"
        assert desk.walk.view.verdict is None
        keys(desk, "u", "u")
        assert desk.title == "there is nothing to undo"
        assert all(one.labels[0].annotation.verdict is None for one in items(desk))


def test_keys_can_be_bound_anew(tmp_path: Path) -> None:
    task = replace(TASKS["review"], keys=bindings({"true": "k", "previous": "d", "false": "b"}))
    with desk_of(tmp_path, task, proposal) as desk:
        keys(desk, "k", "d", "d")
        assert desk.title == "this is the first one"
        assert [one.labels[0].annotation.verdict for one in items(desk)] == [TRUE, None, None]


def test_a_picture_that_is_gone_says_so_and_can_be_skipped(tmp_path: Path) -> None:
    fill(tmp_path, faces(3), proposal)
    (tmp_path / "00.png").unlink()
    with desk_of(tmp_path, TASKS["review"]) as desk:
        assert "is gone since it was added" in desk.walk.problem
        desk.drawn()
        keys(desk, "f")
        assert desk.title == "what cannot be seen cannot be judged; skip it"
        keys(desk, "x")
        assert desk.walk.problem == ""
        assert desk.walk.image is not None


def test_one_key_skips_all_pictures_that_are_gone(tmp_path: Path) -> None:
    fill(tmp_path, faces(5), proposal)
    for number in (0, 1, 4):
        (tmp_path / f"{number:02}.png").unlink()
    with desk_of(tmp_path, TASKS["review"]) as desk:
        keys(desk, "d")
        assert desk.title == "what cannot be seen cannot be judged; skip it"
        keys(desk, "enter")
        assert desk.title == "skipped all pictures that are gone"
        assert desk.walk.view is not None
        assert desk.walk.view.item.path == "02.png"
        keys(desk, "f", "d")
        said = [one.labels[0].annotation.verdict for one in items(desk)]
        assert said == [UNSURE, UNSURE, TRUE, FALSE, UNSURE]
        keys(desk, "j")
        assert desk.title == "all are decided"


def test_a_page_of_the_grid_is_decided_though_pictures_are_gone(tmp_path: Path) -> None:
    fill(tmp_path, faces(3), proposal)
    (tmp_path / "01.png").unlink()
    with desk_of(tmp_path, TASKS["review"]) as desk:
        keys(desk, "g")
        desk.drawn()
        keys(desk, "enter")
        assert [one.labels[0].annotation.verdict for one in items(desk)] == [TRUE, UNSURE, TRUE]


def test_what_a_network_says_is_shown_until_it_is_hidden(tmp_path: Path) -> None:
    fill(tmp_path, faces(3), proposal)
    network = LabelQualityNetwork(bright_is_wrong(), "quality.onnx")
    with opened(tmp_path, TASKS["review"]) as project, closing(
        LabelDesk(project.session("ann"), replace(project, quality=network), SCREEN)
    ) as desk:  # fmt: skip
        plain = desk.drawn()

        def is_judged() -> bool:
            desk.idle()
            return desk.walk.judged is not None

        waited_for(is_judged)
        shown = desk.walk.judged
        assert shown is not None
        with_map = desk.drawn()
        height, width = shown.picture.shape[:2]
        bottom = SCREEN.height - 2 * BAR - LINE
        corner = with_map[bottom - height : bottom, :width]
        assert (corner == shown.picture).all()
        assert (with_map[:, width:] == plain[:, width:]).all()
        keys(desk, "m")
        assert (desk.drawn()[: bottom - height] == plain[: bottom - height]).all()
        assert not (desk.drawn()[bottom - height : bottom, :width] == shown.picture).all()
        keys(desk, "m", "n")
        waited_for(is_judged)
        assert desk.walk.judged is not shown


def test_the_grid_marks_what_a_network_says(tmp_path: Path) -> None:
    fill(tmp_path, faces(3), proposal)
    network = LabelQualityNetwork(bright_is_wrong(), "quality.onnx")
    with opened(tmp_path, TASKS["review"]) as project, closing(
        LabelDesk(project.session("ann"), replace(project, quality=network), SCREEN)
    ) as desk:  # fmt: skip
        keys(desk, "g")

        def stripes() -> int:
            desk.idle()
            return int((desk.drawn() == np.array(WARM)).all(axis=2).sum())

        waited_for(lambda: stripes() > 0)
        keys(desk, "m")
        assert stripes() == 0


def test_without_a_network_the_key_says_so(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["review"], proposal) as desk:
        keys(desk, "m")
        assert "no network judges the labels" in desk.title


def test_keys_do_not_change_the_picture_before_one_that_is_gone(tmp_path: Path) -> None:
    fill(tmp_path, faces(2), pupil)
    (tmp_path / "01.png").unlink()
    with desk_of(tmp_path, TASKS["pupil"]) as desk:
        keys(desk, "n")
        drag(desk, (10, 10))
        keys(desk, "left", "h", "delete", "1")
        desk.drawn()
        assert [one.labels[0].annotation.origin for one in items(desk)] == [Origin.MODEL] * 2


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (np.zeros((240, 320), np.uint8), "all of it is 0"),
        (np.ones((120, 320), np.uint8), "is 320 × 120 pixels and its picture is 320 × 240"),
    ],
)
def test_a_mask_that_cannot_be_shown_says_so(
    tmp_path: Path, mask: cv2.typing.MatLike, said: str
) -> None:
    (tmp_path / "masks").mkdir()
    cv2.imwrite(str(tmp_path / "masks" / "a.png"), mask)
    with desk_of(tmp_path, TASKS["review"], lambda _: [Annotation(mask="a.png",
                 origin=Origin.COARSE, method="threshold")]) as desk:  # fmt: skip
        assert said in desk.walk.problem
        assert desk.walk.image is not None
        keys(desk, "g")
        desk.drawn()
        keys(desk, "enter")  # a page calls nothing true that nobody saw
        assert all(one.labels[0].annotation.verdict is UNSURE for one in items(desk))


def test_a_mask_is_drawn_over_the_picture_as_strongly_as_wanted(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    mask = np.zeros((240, 320), np.uint8)
    mask[100:140, 60:100] = 255
    cv2.imwrite(str(tmp_path / "masks" / "a.png"), mask)
    with desk_of(tmp_path, TASKS["review"], lambda _: [Annotation(mask="a.png",
                 origin=Origin.COARSE, method="threshold")]) as desk:  # fmt: skip
        x, y = (round(place) for place in on_screen(80, 120))
        drawn = [desk.drawn()[y, x].astype(int)]
        for key in ("[", "]"):
            keys(desk, *[key] * 10)
            drawn.append(desk.drawn()[y, x].astype(int))
        half, without, whole = drawn
        assert np.abs(half - (without + whole) / 2).max() <= 1
        assert np.abs(whole - without).max() > 40


def test_brightness_contrast_and_zoom_change_the_screen_and_nothing_else(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["review"], proposal) as desk:
        plain = desk.drawn()[:400].astype(int)
        keys(desk, ".")
        assert desk.drawn()[:400].mean() > plain.mean() + 4
        keys(desk, ",", "'", "'")
        assert desk.drawn()[:400].std() > plain.std()
        keys(desk, ";", ";")
        desk.move((200, 100))
        before = desk.screen.view.to_picture((200, 100))
        keys(desk, "+", "+")
        assert desk.screen.view.to_picture((200, 100)) == pytest.approx(before)
        assert desk.screen.view.scale > 2.9
        keys(desk, "-", "-")
        assert (np.abs(desk.drawn()[:400] - plain) <= 1).mean() > 0.99
        assert desk.saving.count == 0


def test_a_small_label_is_shown_large_enough_to_be_judged(tmp_path: Path) -> None:
    small = Annotation("face", (10, 10, 16, 18), origin=Origin.MODEL, method="detector")
    with desk_of(tmp_path, TASKS["review"], lambda _: [small]) as desk:
        assert desk.screen.view.scale > 20
        assert desk.screen.view.to_screen((13, 14))[0] == pytest.approx(SCREEN.width / 2, abs=20)


def test_points_go_on_to_the_next_picture_if_the_task_says_so(tmp_path: Path) -> None:
    task = replace(TASKS["eye"], keep=("right_corner", "left_corner"))
    with desk_of(tmp_path, task) as desk:
        for x in (100, 130, 160):
            drag(desk, (x, 60))
        keys(desk, "enter")
        first, second, _ = items(desk)
        assert first.verdict is TRUE
        assert list(first.labels[0].annotation.points) == ["right_corner", "pupil", "left_corner"]
        assert list(second.labels[0].annotation.points) == ["right_corner", "left_corner"]
        assert second.labels[0].object == first.labels[0].object
        drag(desk, (133, 61))  # the pupil is all that is left to set
        assert items(desk)[1].labels[0].annotation.points["pupil"].x == pytest.approx(133)


def test_a_proposed_point_is_corrected_with_one_click_and_keeps_its_key(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["pupil"], pupil) as desk:
        key = items(desk)[0].labels[0].object
        drag(desk, (140, 80))
        (label,) = items(desk)[0].labels
        assert label.object == key
        assert label.annotation.points["pupil"] == KeyPoint(140, 80)
        assert (label.annotation.origin, label.author) == (Origin.PERSON, "ann")
        keys(desk, "u")
        (label,) = items(desk)[0].labels
        assert label.annotation.origin is Origin.MODEL
        assert label.annotation.points["pupil"] == KeyPoint(100.5, 60.25)


def test_arrows_nudge_the_point_or_move_the_picture(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["pupil"], pupil) as desk:
        desk.key("left")
        desk.key("down", fine=True)
        assert items(desk)[0].labels[0].annotation.points["pupil"] == KeyPoint(99.5, 60.5)
        keys(desk, "delete")
        assert items(desk)[0].labels == ()
        before = desk.screen.view
        desk.key("left")
        assert desk.screen.view != before


def test_shift_and_a_click_begin_another_object(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["pupil"], pupil) as desk:
        drag(desk, (200, 100), shift=True)
        assert len(items(desk)[0].labels) == 2
        assert desk.tool is not None
        while "click sets" not in desk.tool.state():  # behind the objects comes a new one
            keys(desk, "tab")
        drag(desk, (250, 100))
        assert len(items(desk)[0].labels) == 3


def test_boxes_are_drawn_named_copied_and_removed(tmp_path: Path) -> None:
    with desk_of(tmp_path, BOXES) as desk:
        keys(desk, "2")
        drag(desk, (20, 30), (60, 80))
        drag(desk, (100, 30), (160, 80))
        keys(desk, "1")
        found = {one.annotation.name: one.annotation.box for one in items(desk)[0].labels}
        assert found == {"Sana": (20, 30, 60, 80), "Mina": (100, 30, 160, 80)}
        keys(desk, "n", "c")
        assert {one.object for one in items(desk)[1].labels} == {
            one.object for one in items(desk)[0].labels
        }
        keys(desk, "tab", "delete")
        assert len(items(desk)[1].labels) == 1
        assert len(items(desk)[0].labels) == 2


def test_classes_are_counted_beside_their_targets(tmp_path: Path) -> None:
    schema = LabelSchema(classes=("Mina", "Sana"), targets={"Sana": 1500}, box=True)
    with desk_of(tmp_path, LabelTask(LabelMode.BOXES, schema)) as desk:
        keys(desk, "2")
        before = desk.drawn()
        drag(desk, (20, 30), (60, 80))

        def is_counted() -> bool:
            desk.idle()
            return desk.walk.class_counts == {"Sana": 1}

        waited_for(is_counted)
        assert (desk.drawn()[:60, -150:] != before[:60, -150:]).any()


def test_extreme_points_make_a_box(tmp_path: Path) -> None:
    with desk_of(tmp_path, BOXES) as desk:
        keys(desk, "e")
        for place in ((20, 50), (40, 30), (60, 55)):
            drag(desk, place)
            assert items(desk)[0].labels == ()
        drag(desk, (45, 80))
        assert items(desk)[0].labels[0].annotation.box == (20, 30, 60, 80)


class _Film:
    """Frames of a video, as a reader of videos gives them."""

    def read(self, item: StoredItem) -> RGBImage:
        return np.full((240, 320, 3), 10 * (item.frame or 0), np.uint8)

    def is_there(self, item: StoredItem) -> bool:
        return item.frame is not None


def test_boxes_are_filled_in_between_key_frames(tmp_path: Path) -> None:
    database = open_database(tmp_path / "labels.db")
    store = LabelStore(database)
    import_pictures(store, [AnnotatedPicture("a.mp4", frame) for frame in range(5)])
    project = LabelProject(store, BOXES, _Film())
    desk = LabelDesk(project.session("ann"), project, SCREEN)
    try:
        drag(desk, (20, 30), (60, 80))
        keys(desk, *["n", "c"] * 4)
        drag(desk, (40, 50), (80, 70))
        keys(desk, *["p", "tab", "delete"] * 3, "p", "i")
        boxes = [item.labels[0].annotation.box for item in store.all_items()]
        assert boxes[0] == (20, 30, 60, 80)
        assert boxes[2] == (40, 40, 80, 90)
        assert boxes[4] == (60, 50, 100, 100)
        origins = [item.labels[0].annotation.origin for item in store.all_items()]
        assert origins.count(Origin.INTERPOLATED) == 3
    finally:
        desk.close()
        database.close()


def test_what_is_not_saved_is_shown_said_and_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, and one that has room again."""
    with desk_of(tmp_path, TASKS["pupil"], pupil) as desk:
        writes = LabelStore.write

        def full(*_: object, **__: object) -> list[Written]:
            raise OutputError("the disk is full; make room")

        monkeypatch.setattr(LabelStore, "write", full)
        drag(desk, (140, 80))
        assert desk.title == "NOT SAVED: the disk is full; make room"
        keys(desk, "n")
        assert desk.walk.view is not None
        assert desk.walk.view.item.path == "00.png"  # it does not go on
        keys(desk, "esc")
        assert not desk.ended
        assert "quit once more to lose it" in desk.title
        monkeypatch.setattr(LabelStore, "write", writes)
        assert items(desk)[0].labels[0].annotation.origin is Origin.MODEL
        keys(desk, "s")
        assert items(desk)[0].labels[0].annotation.points["pupil"] == KeyPoint(140, 80)
        keys(desk, "esc")
        assert desk.ended


def test_a_label_that_somebody_else_changed_first_is_said(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["pupil"], pupil) as desk, opened(tmp_path, None) as other:
        (item,) = other.store.items([1])
        there = replace(item.labels[0].annotation, points={"pupil": KeyPoint(7, 8)})
        other.session("ben").place(item, item.labels[0].object, there)
        drag(desk, (140, 80))
        assert "somebody else changed it first" in desk.title
        assert items(desk)[0].labels[0].annotation.points["pupil"] == KeyPoint(7, 8)
        assert desk.walk.view is not None
        assert desk.walk.view.item.labels[0].author == "ben"


def test_two_people_get_different_pictures(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["pupil"], pupil) as desk, opened(tmp_path, None) as other:
        session = other.session("ben")
        unit = session.start()
        assert unit is not None
        assert desk.walk.view is not None
        assert unit.item != desk.walk.view.item.id
        first = desk.walk.view.item.id
        keys(desk, "n")  # what nobody looks at any more goes to others
        again = session.start()
        assert again is not None
        assert again.item == first
        desk.close()
        again = session.start()
        assert again is not None
        assert again.item == first


def test_pages_are_marked_by_keys_and_undone_together(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["review"], proposal, count=26) as desk:
        keys(desk, "g")
        desk.drawn()
        keys(desk, "right", "d", "down", "x", "left", "d", "d")
        keys(desk, "enter")
        verdicts = [one.labels[0].annotation.verdict for one in items(desk)]
        assert verdicts[1] is FALSE
        assert verdicts[7] is UNSURE
        assert verdicts.count(TRUE) == 22
        desk.drawn()
        keys(desk, "enter", "g", "u")
        verdicts = [one.labels[0].annotation.verdict for one in items(desk)]
        assert verdicts.count(None) == 2
        keys(desk, "g", "esc")
        assert not desk.ended  # esc leaves the grid first
        keys(desk, "esc")
        assert desk.ended


def test_panels_cover_the_screen_until_a_key(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["review"], proposal) as desk:
        plain = desk.drawn()
        for key in ("?", "v"):
            keys(desk, key)
            assert (desk.drawn() != plain).any()
            keys(desk, "esc")
            assert not desk.ended
            assert (desk.drawn() == plain).all()


def test_a_store_without_pictures_says_so(tmp_path: Path) -> None:
    with desk_of(tmp_path, TASKS["review"], count=0) as desk:
        desk.drawn()
        keys(desk, "f", "g", "n", "p", "u", "v", "?", "?", "esc")
        assert desk.ended
