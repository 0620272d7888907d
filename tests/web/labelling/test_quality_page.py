"""What a network says of labels, beside the picture in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, Origin
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.pipeline.labelling.quality_order import QualityOrder, ordered_by_quality
from tests.quality_networks import bright_is_wrong
from tests.web.conftest import Opener, saved, served, shows
from tests.web.drawn_eyes import OPENED, SIZE, draw_eye, opened_project

WRONG = (1, 4)
"""Pictures whose point is on the white of the eye."""


@contextmanager
def judged_project(folder: Path, task: str = "review", count: int = 6) -> Iterator[LabelProject]:
    pictures = []
    for number in range(count):
        name = f"eye{number:02}.png"
        draw_eye(folder / name, 60 + number)
        point = KeyPoint(OPENED[0] + (30 if number in WRONG else 1), OPENED[1])
        label = Annotation(
            box=(50, 35, 110, 85), points={"pupil": point}, key="eye", origin=Origin.COARSE,
            method="darkness",
        )  # fmt: skip
        pictures.append(AnnotatedPicture(name, size=SIZE, annotations=(label,)))
    network = LabelQualityNetwork(bright_is_wrong(), "quality.onnx")
    with opened_project(folder, pictures, task, quality=network) as project:
        yield project


def says(page: Page, words: str) -> None:
    """Wait until the panel says so, and shows the map of the picture."""
    page.wait_for_function(
        """words => {
            const section = document.getElementById("quality");
            const image = section.querySelector("img");
            return section.querySelector(".said").textContent === words
                && image.complete && image.naturalWidth === 268 && image.alt.includes(words);
        }""",
        arg=words,
    )


def test_it_stands_beside_the_picture_and_can_be_hidden(tmp_path: Path, open_page: Opener) -> None:
    with judged_project(tmp_path) as project, served(project) as url:
        page = open_page(url)
        says(page, "looks right")
        assert page.locator("#quality .probability").inner_text().startswith("P(wrong) ")
        page.keyboard.press("f")
        shows(page, "eye01.png")
        says(page, "looks wrong")
        assert page.locator("#quality figure").is_visible()
        page.keyboard.press("m")
        page.locator("#quality figure").wait_for(state="hidden")
        page.reload()
        shows(page, "eye01.png")
        assert page.locator("#quality figure").is_hidden()  # the browser remembers it
        page.locator("#quality button").click()
        says(page, "looks wrong")
        assert page.locator("#quality figure").is_visible()


def test_the_grid_marks_each_label_and_follows_the_focus(tmp_path: Path, open_page: Opener) -> None:
    with judged_project(tmp_path) as project:
        ordered = ordered_by_quality(project, QualityOrder.RIGHT)
        with served(ordered) as url:
            page = open_page(url)
            page.keyboard.press("g")
            page.wait_for_function(
                "() => [...document.querySelectorAll('#grid button')].filter("
                "cell => cell.style.getPropertyValue('--bad')).length === 6"
            )
            cells = page.get_by_role("gridcell")
            names = [str(cells.nth(i).get_attribute("aria-label")) for i in range(6)]
            # The most likely right ones come first, so that a page of them takes one key.
            assert [name[:9] for name in names[4:]] == ["eye01.png", "eye04.png"]
            assert all("P(wrong) 1 %" in name for name in names[:4])
            assert all("P(wrong) 99 %" in name for name in names[4:])
            widths = page.evaluate(
                "() => [...document.querySelectorAll('#grid button')].map("
                "cell => parseFloat(getComputedStyle(cell, '::after').width))"
            )
            assert max(widths[:4]) < 5 < 50 < min(widths[4:])
            cells.nth(5).focus()
            says(page, "looks wrong")
            assert page.locator("#unit-name").inner_text() == "eye04.png"
            page.keyboard.press("m")
            page.wait_for_function("() => !document.querySelector('#grid button[style*=bad]')")
            assert "P(wrong)" not in str(cells.nth(5).get_attribute("aria-label"))


def test_a_point_that_is_moved_is_judged_anew(tmp_path: Path, open_page: Opener) -> None:
    with judged_project(tmp_path, "pupil") as project, served(project) as url:
        page = open_page(url)
        says(page, "looks right")
        box = page.locator("#stage").bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        scale = 0.97 * min(box["width"] / SIZE.width, box["height"] / SIZE.height)
        page.mouse.click(middle[0] + 30 * scale, middle[1])
        says(page, "looks wrong")
        saved(page)
        assert project.store.items([1])[0].labels[0].annotation.origin is Origin.PERSON


def test_without_a_network_nothing_is_said(tmp_path: Path, open_page: Opener) -> None:
    draw_eye(tmp_path / "eye.png", 100)
    pictures = [AnnotatedPicture("eye.png", size=SIZE)]
    with opened_project(tmp_path, pictures, "review") as project, served(project) as url:
        page = open_page(url)
        assert page.locator("#quality").is_hidden()
        page.keyboard.press("m")
        page.locator("#flash", has_text="no network judges the labels").wait_for()


def test_a_label_that_cannot_be_judged_is_said(tmp_path: Path, open_page: Opener) -> None:
    with judged_project(tmp_path) as project, served(project) as url:
        (tmp_path / "eye00.png").unlink()
        page = open_page(url)
        page.locator("#quality .said", has_text="eye00.png is gone").wait_for()
        assert page.locator("#quality figure").is_hidden()
        page.keyboard.press("x")
        says(page, "looks wrong")
