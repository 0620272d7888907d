"""Box mode in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from closeup.annotations import AnnotatedPicture, Annotation, LabelVerdict, Origin
from closeup.labelling.project import LabelProject
from tests.web.conftest import Opener, saved, served, shows
from tests.web.drawn_eyes import SIZE, draw_eye, opened_project, project_of, task
from tests.web.labelling.test_points_page import on_screen

MEMBERS = task(mode="boxes", classes=["Ana", "Bea", "Cho"], targets={"Ana": 1500})


def labels(project: LabelProject, item: int) -> list[tuple[str, tuple[float, ...]]]:
    found = project.store.items([item])[0].labels
    return [(one.annotation.name, one.annotation.box or ()) for one in found]


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*on_screen(page, *begin))
    page.mouse.down()
    page.mouse.move(*on_screen(page, *end), steps=4)
    page.mouse.up()


def test_a_box_is_drawn_named_moved_and_resized(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, MEMBERS, labels=()) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        drag(page, (40, 30), (80, 70))
        page.keyboard.press("2")
        saved(page)
        [(name, box)] = labels(project, 1)
        assert name == "Bea"
        assert box == pytest.approx((40, 30, 80, 70), abs=0.3)
        drag(page, (60, 50), (70, 55))  # its inside moves it
        drag(page, (90, 75), (100, 90))  # its corner resizes it
        saved(page)
        [(name, box)] = labels(project, 1)
        assert name == "Bea"
        assert box == pytest.approx((50, 35, 100, 90), abs=0.6)
        assert project.store.items([1])[0].labels[0].annotation.origin is Origin.PERSON


def test_extreme_clicking_makes_the_box_around_four_points(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path, MEMBERS, labels=()) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.keyboard.press("3")
        page.keyboard.press("e")
        for place in ((70, 20), (30, 60), (110, 65), (72, 100)):
            page.mouse.click(*on_screen(page, *place))
        saved(page)
        [(name, box)] = labels(project, 1)
        assert name == "Cho"
        assert box == pytest.approx((30, 20, 110, 100), abs=0.3)
        page.keyboard.press("e")
        page.mouse.click(*on_screen(page, 70, 60))  # chooses, and sets no fifth point
        page.keyboard.press("Delete")
        saved(page)
        assert labels(project, 1) == []


def test_a_box_by_the_keyboard_alone(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, MEMBERS, labels=()) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.keyboard.press(" ")
        saved(page)
        [(_, before)] = labels(project, 1)
        for key in (
            "ArrowRight",
            "ArrowDown",
            "Shift+ArrowDown",
            "Alt+ArrowRight",
            "Alt+Shift+ArrowUp",
            "1",
        ):
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        shows(page, "eye01.png")
        saved(page)
        [(name, after)] = labels(project, 1)
        assert name == "Ana"
        moved = [b - a for a, b in zip(before, after, strict=True)]
        assert moved == pytest.approx([1, 0.25, 2, 1.25])
        assert project.store.items([1])[0].verdict is LabelVerdict.TRUE


def test_proposed_boxes_are_there_with_their_names_and_counted_beside_the_target(
    tmp_path: Path, open_page: Opener
) -> None:
    proposed = [
        Annotation(
            "Ana", (10, 10, 60, 60), key="a", origin=Origin.MODEL, method="faces", score=0.9
        ),
        Annotation("Bea", (90, 50, 150, 110), key="b", origin=Origin.MODEL, method="faces"),
    ]
    with project_of(tmp_path, MEMBERS, labels=proposed) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.get_by_role("button", name="Ana 1 0 of 1,500").wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("3")  # Ana was wrong: it is Cho
        page.keyboard.press("Tab")
        page.keyboard.press("Delete")  # Bea is none
        page.keyboard.press("Enter")
        shows(page, "eye01.png")
        page.keyboard.press("Enter")
        shows(page, "eye02.png")
        saved(page)
        assert labels(project, 1) == [("Cho", (10, 10, 60, 60))]
        page.get_by_role("button", name="Ana 1 1 of 1,500").wait_for()
        page.get_by_role("button", name="Cho 3 1").wait_for()
        assert project.store.class_counts() == {"Ana": 1, "Bea": 1, "Cho": 1}


def test_boxes_are_copied_and_filled_in_between_key_frames(
    tmp_path: Path, open_page: Opener
) -> None:
    draw_eye(tmp_path / "clip.png", 90)
    pictures = [AnnotatedPicture("clip.png", frame, SIZE) for frame in range(5)]
    with opened_project(tmp_path, pictures, MEMBERS) as project, served(project) as url:
        page = open_page(url)
        shows(page, "clip.png, frame 0")
        drag(page, (20, 20), (60, 60))
        for frame in range(1, 5):
            page.keyboard.press("n")
            shows(page, f"clip.png, frame {frame}")
        page.keyboard.press("l")
        shows(page, "clip.png, frame 0")
        page.keyboard.press("n")
        shows(page, "clip.png, frame 1")
        page.keyboard.press("c")
        page.locator("#flash", has_text="1 copied").wait_for()
        page.keyboard.press("u")
        saved(page)
        page.wait_for_function(
            "() => document.querySelectorAll('#tools ul')[1].children.length === 0"
        )
        key = project.store.items([1])[0].labels[0].object
        session = project.session("Ann")
        last = project.store.items([5])[0]
        session.place(last, key, Annotation("Ana", (60, 40, 100, 80)))
        page.keyboard.press("p")
        shows(page, "clip.png, frame 0")
        page.keyboard.press("Tab")
        page.keyboard.press("i")
        page.locator("#flash", has_text="3 frames filled in").wait_for()
        middle = project.store.items([3])[0].labels[0].annotation
        assert middle.origin is Origin.INTERPOLATED
        assert middle.box == pytest.approx((40, 30, 80, 70), abs=0.3)
        page.keyboard.press("n")
        page.keyboard.press("n")
        shows(page, "clip.png, frame 2")
        page.wait_for_function(
            "() => document.querySelectorAll('#tools ul')[1].children.length === 1"
        )
