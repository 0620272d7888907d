"""Point mode in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.labelling.project import LabelProject
from tests.web.conftest import Opener, saved, served, shows
from tests.web.drawn_eyes import OPENED, SIZE, project_of, task

EYE = task(
    mode="points",
    points=["right_corner", "pupil", "left_corner"],
    skeleton=[["right_corner", "pupil"], ["pupil", "left_corner"]],
    keep=["right_corner", "left_corner"],
)


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a place of the picture is, in a stage that shows all of it."""
    box = page.locator("#stage").bounding_box()
    assert box is not None
    scale = 0.97 * min(box["width"] / SIZE.width, box["height"] / SIZE.height)
    left = box["x"] + box["width"] / 2 + (x + 0.5 - SIZE.width / 2) * scale
    return left, box["y"] + box["height"] / 2 + (y + 0.5 - SIZE.height / 2) * scale


def points(project: LabelProject, item: int, label: int = 0) -> dict[str, KeyPoint]:
    return dict(project.store.items([item])[0].labels[label].annotation.points)


def test_a_proposed_point_is_corrected_by_one_click(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, "pupil") as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.mouse.click(*on_screen(page, 60, 50))
        page.keyboard.press("Enter")
        shows(page, "eye01.png")
        page.keyboard.press("Enter")  # this one was right
        shows(page, "eye02.png")
        saved(page)
        assert points(project, 1)["pupil"].x == pytest.approx(60, abs=0.2)
        assert points(project, 1)["pupil"].y == pytest.approx(50, abs=0.2)
        first, second = project.store.items([1, 2])
        assert first.labels[0].annotation.origin is Origin.PERSON
        assert first.labels[0].author == "Ann"
        assert second.labels[0].annotation.origin is Origin.COARSE
        assert first.verdict is second.verdict is LabelVerdict.TRUE
        # The proposal stands beside the correction.
        assert [one.origin for one in project.store.history(1)] == ["coarse", "person", "person"]


def test_a_point_is_dragged_and_nudged(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, "pupil") as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.mouse.move(*on_screen(page, OPENED[0] + 2, OPENED[1] + 0.5))
        page.mouse.down()
        page.mouse.move(*on_screen(page, 90, 40), steps=5)
        page.mouse.move(*on_screen(page, 100, 30))
        page.mouse.up()
        saved(page)
        dragged = points(project, 1)["pupil"]
        assert (dragged.x, dragged.y) == pytest.approx((100, 30), abs=0.2)
        for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowLeft", "Shift+ArrowUp"):
            page.keyboard.press(key)
        assert page.locator("#status").inner_text() == "saving"  # until the keys rest
        saved(page)
        nudged = points(project, 1)["pupil"]
        assert (nudged.x - dragged.x, nudged.y - dragged.y) == pytest.approx((0.75, 1.75))
        page.keyboard.press("u")  # all the nudges at once
        saved(page)
        assert points(project, 1)["pupil"] == dragged


def test_a_picture_is_labelled_by_the_keyboard_alone(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, EYE, labels=()) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        for number, name in enumerate(EYE.schema.points):
            page.keyboard.press(" ")  # in the middle of what is seen
            for _ in range(3 * number):
                page.keyboard.press("ArrowLeft")
            if name == "left_corner":
                page.keyboard.press("h")
            else:
                page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        shows(page, "eye01.png")
        saved(page)
        got = points(project, 1)
        assert list(got) == ["right_corner", "pupil", "left_corner"]
        middle = got["right_corner"].x
        assert middle == pytest.approx(SIZE.width / 2, abs=1)
        assert [point.x for point in got.values()] == [middle, middle - 3, middle - 6]
        assert [point.visible for point in got.values()] == [True, True, False]


def test_points_are_kept_from_the_picture_before(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, EYE, labels=()) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        for x in (30, 80, 130):  # a click goes to the next point
            page.mouse.click(*on_screen(page, x, 60))
        page.keyboard.press("Enter")
        shows(page, "eye01.png")
        assert page.locator("#tools li").all_inner_texts() == [
            "right corner\nset", "pupil\nnot set", "left corner\nset",
        ]  # fmt: skip
        assert project.store.items([2])[0].labels == ()  # not a label until the person says so
        page.mouse.click(*on_screen(page, 90, 60))
        page.keyboard.press("Enter")
        shows(page, "eye02.png")
        page.keyboard.press("n")
        shows(page, "eye03.png")
        saved(page)
        assert points(project, 2)["right_corner"] == points(project, 1)["right_corner"]
        assert points(project, 2)["pupil"].x == pytest.approx(90, abs=0.2)
        assert project.store.items([3])[0].labels == ()


def test_copying_removing_and_another_object(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, "pupil", labels=()) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.mouse.click(*on_screen(page, 40, 40))
        page.get_by_role("button", name="Another one").click()
        page.mouse.click(*on_screen(page, 120, 40))
        page.keyboard.press("n")
        shows(page, "eye01.png")
        page.keyboard.press("c")
        page.wait_for_function("() => document.querySelectorAll('#tools li').length === 2")
        page.keyboard.press("Delete")
        page.wait_for_function("() => document.querySelectorAll('#tools li').length === 1")
        saved(page)
        assert [len(item.labels) for item in project.store.items([1, 2])] == [2, 1]
        page.keyboard.press("u")
        page.keyboard.press("u")
        saved(page)
        assert [len(item.labels) for item in project.store.items([1, 2])] == [2, 0]


def test_the_last_point_goes_on_if_asked(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, "pupil", labels=()) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.get_by_label("go on after the last point").check()
        for number in range(3):
            shows(page, f"eye{number:02}.png")
            page.mouse.click(*on_screen(page, 40 + number, 40))
        shows(page, "eye03.png")
        saved(page)
        assert [item.verdict for item in project.store.items([1, 2, 3, 4])] == ["true"] * 3 + [None]


def test_points_keep_the_rest_of_a_label(tmp_path: Path, open_page: Opener) -> None:
    label = Annotation(
        name="face", box=(20, 20, 140, 100), key="a",
        points={"pupil": KeyPoint(70, 60), "nose": KeyPoint(80, 90)},
        origin=Origin.MODEL, score=0.9, extra={"coco": {"id": 7}},
    )  # fmt: skip
    with project_of(tmp_path, "pupil", labels=[label]) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.keyboard.press("ArrowRight")
        saved(page)
        got = project.store.items([1])[0].labels[0].annotation
        assert got.points == {"pupil": KeyPoint(71, 60), "nose": KeyPoint(80, 90)}
        assert (got.name, got.box, got.extra) == (label.name, label.box, label.extra)
        assert got.score is None


def test_the_magnifier_shows_the_point(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, "pupil") as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        colour = """() => {
            const canvas = document.querySelector(".magnifier");
            const {width, height} = canvas;
            const context = canvas.getContext("2d");
            return [...context.getImageData(width / 2 + 3, height / 2 + 3, 1, 1).data];
        }"""
        assert page.evaluate(colour) == [10, 10, 10, 255]  # the pupil
        page.mouse.move(*on_screen(page, 2, 2))
        assert page.evaluate(colour) == [60, 60, 60, 255]  # what is under the pointer
