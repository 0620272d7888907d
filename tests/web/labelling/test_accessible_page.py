"""What people need who do not use a mouse, do not see well, or do not see the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from closeup.labelling.label_task import LabelTask
from tests.web.conftest import Opener, saved, served, shows
from tests.web.drawn_eyes import project_of, task

MODES: dict[str, str | LabelTask] = {
    "review": "review",
    "points": "eye",
    "boxes": task(mode="boxes", classes=["Ana", "Bea"], guidance="Tight boxes."),
}

UNNAMED = """() => [...document.querySelectorAll('button, input, dialog, [role]')]
    .filter(one => one.offsetParent !== null)
    .filter(one => !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')
        || one.textContent.trim() || one.labels?.length || one.getAttribute('aria-describedby')
        || ['status', 'alert'].includes(one.getAttribute('role'))))
    .map(one => one.outerHTML)"""

CONTRASTS = """() => {
    const channels = text => {
        const canvas = document.createElement('canvas').getContext('2d');
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([red, green, blue]) => [red, green, blue]
        .map(one => one / 255)
        .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = one => {
        for (let at = one; at; at = at.parentElement) {
            const colour = channels(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const one = walk.currentNode.parentElement;
        if (!walk.currentNode.textContent.trim()) continue;
        if (one.closest('svg, script, style, .unseen, #flash')) continue;
        if (!one.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
        const [a, b] = [light(channels(getComputedStyle(one).color)), light(ground(one))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) found.push(`${one.tagName} ${one.textContent.trim()} ${ratio.toFixed(2)}`);
    }
    return found;
}"""


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("mode", MODES)
def test_text_can_be_read_and_controls_have_names(
    tmp_path: Path, open_page: Opener, mode: str, scheme: str
) -> None:
    with project_of(tmp_path, MODES[mode]) as project, served(project) as url:
        page = open_page(url, color_scheme=scheme)
        shows(page, "eye00.png")
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        checked(page)
        page.keyboard.press("f")
        shows(page, "eye01.png")
        saved(page)
        page.keyboard.press("p")
        shows(page, "eye00.png")
        page.keyboard.press("?")
        page.get_by_role("dialog", name="Keys").wait_for()
        checked(page)
        page.keyboard.press("Escape")
        page.keyboard.press("v")
        page.locator(".so-far td").first.wait_for()
        checked(page)
        page.keyboard.press("Escape")
        if mode == "review":
            page.keyboard.press("g")
            page.get_by_role("gridcell").nth(5).wait_for()
            page.keyboard.press(" ")
            checked(page)


def checked(page: Page) -> None:
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(UNNAMED) == []


def focused(page: Page) -> str:
    name = "(one => one.querySelector('span')?.innerText || one.innerText || one.id)"
    return str(page.evaluate(f"{name}(document.activeElement)"))


def test_the_focus_goes_from_the_picture_through_the_page_and_is_seen(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.wait_for_function("() => document.activeElement.id === 'stage'")
        order = []
        for _ in range(14):
            page.keyboard.press("Tab")
            order.append(focused(page).split("\n")[0].partition(" ")[0])
            outline = "getComputedStyle(document.activeElement)"
            style, width = page.evaluate(f"[{outline}.outlineStyle, {outline}.outlineWidth]")
            assert (style, width) != ("none", "0px"), order
        assert order[:9] == [
            "Previous", "False", "Cannot", "True", "Next", "Undo", "Undecided", "Last", "Grid",
        ]  # fmt: skip
        assert order[9:13] == ["opacity", "brightness", "contrast", "What"]
        page.keyboard.press("f")  # keys work wherever the focus is
        shows(page, "eye01.png")


def test_tab_goes_through_the_points_and_then_leaves_them(
    tmp_path: Path, open_page: Opener
) -> None:
    with project_of(tmp_path, "eye") as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        page.wait_for_function("() => document.activeElement.id === 'stage'")
        seen = []
        for _ in range(3):
            seen.append(page.locator("#tools [aria-current=true]").inner_text().split("\n")[0])
            page.keyboard.press("Tab")
        assert seen == ["right corner", "pupil", "left corner"]
        assert focused(page).startswith("Previous")
        page.keyboard.press("Shift+Tab")
        assert focused(page) == "stage"


def test_verdicts_are_said_and_shown_by_words_and_shapes(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url)
        shows(page, "eye00.png")
        assert page.get_by_role("status").get_attribute("aria-live") == "polite"
        assert page.get_by_role("progressbar", name="decided").count() == 1
        for number, (key, word) in enumerate([("f", "true"), ("d", "false"), ("x", "cannot tell")]):
            shows(page, f"eye{number:02}.png")
            page.keyboard.press(key)
            said = "word => document.getElementById('announce').textContent === word"
            page.wait_for_function(said, arg=word)
        page.keyboard.press("p")
        page.wait_for_function(
            "() => document.getElementById('verdict').textContent === 'cannot tell'"
        )
        marks = page.evaluate(
            "['true', 'false', 'unsure'].map(name => getComputedStyle("
            "document.querySelector(`#actions .${name}`), '::before').content)"
        )
        assert len(set(marks)) == 3


def test_nothing_moves_for_people_who_want_that(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path) as project, served(project) as url:
        page = open_page(url, reduced_motion="reduce")
        shows(page, "eye00.png")
        moving = """() => [...document.querySelectorAll('*')].filter(one =>
            getComputedStyle(one).transitionDuration.split(', ').some(time => time !== '0s')
        ).length"""
        assert page.evaluate(moving) == 0
