"""Review mode in a real browser."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from closeup.annotations import AnnotatedPicture, Annotation, Origin
from closeup.drawing.masks import class_colour
from closeup.geometry import Size
from tests.web.conftest import Opener, saved, served, shows
from tests.web.drawn_eyes import SIZE, draw_eye, opened_project, project_of, task, verdicts


def judge(page: Page, keys: str, first: int = 0) -> None:
    """Press a key on one picture after the other."""
    for number, key in enumerate(keys, first):
        shows(page, f"eye{number:02}.png")
        page.keyboard.press(key)


def test_ten_pictures_are_judged_by_keys_alone_and_stay_after_a_reload(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        judge(page, "ffdfxfdfff")
        shows(page, "eye10.png")
        saved(page)
        said = {"f": "true", "d": "false", "x": "unsure"}
        expected = [said[key] for key in "ffdfxfdfff"]
        assert verdicts(project) == [*expected, None, None]
        page.reload()
        shows(page, "eye10.png")  # the first undecided one
        page.wait_for_function("() => document.getElementById('counts').textContent === '10 of 12'")
        records = [one for one in project.store.revisions() if one.subject == "verdict"]
        assert {one.author for one in records} == {"Ann"}
        # A verdict names the label that it judges, with its method and version.
        labels = {one.id: one for one in project.store.revisions() if one.subject == "label"}
        for record in records:
            assert record.content is not None
            assert labels[record.content["judges"]].item == record.item
            assert labels[record.content["judges"]].method == "darkness"


def test_undo_takes_back_and_goes_back(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        judge(page, "fdf")
        shows(page, "eye03.png")
        page.keyboard.press("u")
        shows(page, "eye02.png")
        page.keyboard.press("d")  # another verdict at once, before the server confirmed the undo
        shows(page, "eye03.png")
        page.keyboard.press("u")
        page.keyboard.press("u")
        shows(page, "eye01.png")
        saved(page)
        assert verdicts(project)[:4] == ["true", None, None, None]
        assert page.locator("#conflicts").is_hidden()


def test_undo_after_a_reload_finds_what_was_done_before(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        judge(page, "ff")
        shows(page, "eye02.png")
        saved(page)
        page.reload()
        shows(page, "eye02.png")
        page.keyboard.press("u")
        shows(page, "eye01.png")
        saved(page)
        assert verdicts(project)[:3] == ["true", None, None]


def test_next_previous_last_and_the_next_undecided(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        judge(page, "ff")
        shows(page, "eye02.png")
        for key, name in ("n3", "n4", "p3", "p2", "p1", "p0", "j2", "n3", "l1", "d2"):
            page.keyboard.press(key)
            shows(page, f"eye{int(name):02}.png")
        saved(page)
        assert verdicts(project)[:3] == ["true", "false", None]


def test_a_key_that_stays_down_judges_once(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        for _ in range(5):
            page.keyboard.down("f")
        page.keyboard.up("f")
        shows(page, "eye01.png")
        saved(page)
        assert verdicts(project)[:2] == ["true", None]


def test_keys_are_those_of_the_task_and_can_be_bound_in_the_page(
    tmp_path: Path, open_page: Opener
) -> None:
    own = task(mode="review", keys={"previous": "d", "false": "a"})
    with project_of(tmp_path, own) as project, served(project) as url:
        page = open_page(url)
        judge(page, "a")
        shows(page, "eye01.png")
        page.keyboard.press("d")
        shows(page, "eye00.png")
        page.keyboard.press("?")
        row = page.locator("[data-binds=true]")
        row.click()
        page.keyboard.press("a")
        page.get_by_text("A is taken").wait_for()
        row.click()
        page.keyboard.press("w")
        page.wait_for_function(
            "() => document.querySelector('[data-binds=true]').textContent === 'W'"
        )
        page.keyboard.press("Escape")
        page.keyboard.press("w")
        shows(page, "eye01.png")
        saved(page)
        assert verdicts(project)[0] == "true"
        assert page.locator("#actions [data-action=true] kbd").text_content() == "W"
        page.reload()
        shows(page, "eye01.png")
        page.keyboard.press("w")  # the browser remembers it
        shows(page, "eye02.png")


def test_a_page_of_the_grid_is_true_but_for_what_was_chosen(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path, count=30) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.keyboard.press("g")
        cells = page.get_by_role("gridcell")
        cells.nth(23).wait_for()
        assert cells.count() == 24
        cells.nth(4).click()
        cells.nth(0).focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press(" ")
        assert cells.nth(2).get_attribute("aria-label") == "eye02.png: false"
        assert "false" in cells.nth(4).inner_text()
        until_seen(page, 24)
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelectorAll('#grid button').length === 6")
        saved(page)
        expected = ["false" if number in (2, 4) else "true" for number in range(24)]
        assert verdicts(project) == [*expected, *[None] * 6]
        page.keyboard.press("u")  # undone as a page
        page.wait_for_function("() => document.querySelectorAll('#grid button').length === 24")
        saved(page)
        assert verdicts(project) == [None] * 30
        page.keyboard.press("Escape")  # leaves the grid, not the program
        shows(page, "eye00.png")


def until_seen(page: Page, count: int) -> None:
    """Wait until the pictures of a page of the grid are drawn."""
    page.wait_for_function(
        """count => [...document.querySelectorAll('#grid canvas')].filter(canvas =>
            canvas.getContext('2d').getImageData(128, 128, 1, 1).data[3] === 255
        ).length === count""",
        arg=count,
    )


@pytest.mark.parametrize(
    ("far", "verdict"), [((150, 5), "true"), ((-150, -5), "false"), ((4, -150), "unsure")]
)
def test_a_swipe_judges(
    tmp_path: Path, open_page: Opener, far: tuple[int, int], verdict: str
) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(
            url, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True
        )
        shows(page, "eye00.png")
        box = page.locator("#stage").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        touch = page.context.new_cdp_session(page)
        for share in (0.0, 0.4, 1.0):
            kind = "touchStart" if share == 0 else "touchMove"
            points = [{"x": x + far[0] * share, "y": y + far[1] * share}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        shows(page, "eye01.png")
        saved(page)
        assert verdicts(project)[:2] == [verdict, None]


def test_the_labels_so_far(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        judge(page, "fdx")
        shows(page, "eye03.png")
        saved(page)
        page.keyboard.press("v")
        rows = page.locator(".so-far tr")
        rows.nth(2).wait_for()
        assert [rows.nth(i).locator("td").nth(2).inner_text() for i in range(3)] == [
            "unsure", "false", "true",
        ]  # fmt: skip
        rows.nth(1).get_by_role("button").click()
        shows(page, "eye01.png")
        assert page.locator("#verdict").inner_text() == "false"


def test_a_mask_lies_over_the_picture_in_the_colour_of_its_class(
    tmp_path: Path, open_page: Opener
) -> None:
    (tmp_path / "masks").mkdir()
    draw_eye(tmp_path / "eye.png", 100)
    mask = np.zeros((SIZE.height, SIZE.width), np.uint8)
    mask[:60, :80] = 1
    mask[60:, 80:] = 2
    cv2.imwrite(str(tmp_path / "masks" / "eye.png"), mask)
    label = Annotation(key="eye", mask="eye.png", origin=Origin.MODEL, method="net")
    pictures = [AnnotatedPicture("eye.png", size=SIZE, annotations=(label,))]
    with opened_project(tmp_path, pictures, "review") as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye.png")
        for opacity in (0.5, 0.55):
            assert pixel(page, "mask", 10, 10) == pytest.approx(
                (*class_colour(1)[:3], 255 * opacity), abs=2
            )
            assert pixel(page, "mask", 150, 110) == pytest.approx(
                (*class_colour(2)[:3], 255 * opacity), abs=2
            )
            assert pixel(page, "mask", 150, 10)[3] == 0
            page.keyboard.press("]")
        assert pixel(page, "picture", 10, 10) == (100, 100, 100, 255)


def pixel(page: Page, canvas: str, x: int, y: int) -> tuple[int, ...]:
    """The colour and opacity of a canvas of the stage over a pixel of the picture."""
    got = page.evaluate(
        """([name, x, y, width, height]) => {
            const canvas = document.querySelector(`#stage canvas.${name}`);
            const scale = 0.97 * Math.min(canvas.width / width, canvas.height / height);
            const left = canvas.width / 2 + (x + 0.5 - width / 2) * scale;
            const top = canvas.height / 2 + (y + 0.5 - height / 2) * scale;
            return [...canvas.getContext("2d").getImageData(left, top, 1, 1).data];
        }""",
        [canvas, x, y, *SIZE],
    )
    return tuple(got)


@pytest.mark.parametrize("kind", ["of another size", "empty", "gone"])
def test_a_mask_that_does_not_fit_is_said(tmp_path: Path, open_page: Opener, kind: str) -> None:
    (tmp_path / "masks").mkdir()
    draw_eye(tmp_path / "eye.png", 100)
    shape = (SIZE.height, SIZE.width + 8 * (kind == "of another size"))
    if kind != "gone":
        mask = np.full(shape, kind == "of another size", np.uint8)
        cv2.imwrite(str(tmp_path / "masks" / "eye.png"), mask)
    label = Annotation(key="eye", mask="eye.png", origin=Origin.MODEL)
    pictures = [AnnotatedPicture("eye.png", size=SIZE, annotations=(label,))]
    words = {"of another size": "make both the same size", "empty": "empty", "gone": "is gone"}
    with opened_project(tmp_path, pictures, "review") as project, served(project) as url:
        page = open_page(url)
        page.locator("#message", has_text=words[kind]).wait_for()
        page.keyboard.press("d")
        saved(page)
        assert verdicts(project) == ["false"]


def test_a_picture_that_is_deleted_under_way_is_said_and_can_be_passed(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path, count=60) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        (tmp_path / "eye59.png").unlink()
        page.keyboard.press("p")  # there is none before
        for number in range(59):
            shows(page, f"eye{number:02}.png")
            page.keyboard.press("n")
        page.locator("#message", has_text="eye59.png is gone").wait_for()
        page.keyboard.press("x")
        saved(page)
        assert verdicts(project)[-1] == "unsure"


def test_pictures_without_proposals_are_judged_as_a_whole(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path, labels=()) as project, served(project) as url:
        page = open_page(url)
        judge(page, "fd")
        shows(page, "eye02.png")
        saved(page)
        assert verdicts(project)[:3] == ["true", "false", None]


def test_zoom_light_and_opacity_change_what_is_seen(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        before = pixel(page, "picture", 10, 10)
        assert before[3] == 255
        for _ in range(12):
            page.keyboard.press("+")
        assert pixel(page, "picture", 10, 10) != before  # the pupil fills the stage
        page.keyboard.press(".")
        page.keyboard.press("'")
        style = page.locator("canvas.picture").evaluate("canvas => canvas.style.filter")
        assert style == "brightness(1.15) contrast(1.15)"
        page.keyboard.press("[")
        assert page.locator("#opacity").input_value() == "0.45"


def test_quitting_ends_the_program(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        judge(page, "f")
        shows(page, "eye01.png")
        page.keyboard.press("Escape")
        page.get_by_text("Everything is saved. The program has ended").wait_for()
        assert verdicts(project)[0] == "true"


def test_an_empty_store_is_said(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, count=0) as project, served(project) as url:
        page = open_page(url, draws=False)
        page.get_by_text("there are no pictures in the store").wait_for()
        page.keyboard.press("f")
        page.keyboard.press("n")


def test_a_large_picture_is_sharp_when_it_is_zoomed(tmp_path: Path, open_page: Opener) -> None:
    size = Size(8000, 1000)
    stripes = np.zeros((size.height, size.width), np.uint8)
    stripes[:, ::2] = 255  # a single pixel of each is seen in full size only
    cv2.imwrite(str(tmp_path / "wide.png"), stripes)
    pictures = [AnnotatedPicture("wide.png", size=size)]
    with opened_project(tmp_path, pictures, "review") as project, served(project) as url:
        page = open_page(url)
        shows(page, "wide.png")
        for _ in range(22):
            page.keyboard.press("+")
        page.wait_for_function(
            """() => {
                const canvas = document.querySelector("#stage canvas.picture");
                const row = [canvas.width / 2, canvas.height / 2, 100, 1];
                const {data} = canvas.getContext("2d").getImageData(...row);
                return Math.max(...data.filter((_, i) => i % 4 === 0)) > 200
                    && Math.min(...data.filter((_, i) => i % 4 === 0)) < 50;
            }"""
        )


def test_two_fingers_zoom(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url, has_touch=True)
        shows(page, "eye00.png")
        before = pixel(page, "picture", 10, 10)
        box = page.locator("#stage").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        touch = page.context.new_cdp_session(page)
        for step, apart in enumerate((40, 120, 300)):
            fingers = [{"x": x + side * apart, "y": y, "id": side} for side in (-1, 1)]
            kind = "touchMove" if step else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        assert pixel(page, "picture", 10, 10) != before
        assert page.locator("#unit-name").inner_text() == "eye00.png"  # that was no swipe
        saved(page)
        assert verdicts(project)[0] is None
