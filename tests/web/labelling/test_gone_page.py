"""Queues whose pictures were deleted, in a real browser: they are said, and have an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from closeup.store.label_queue import Unit, fill_queue
from tests.web.conftest import Opener, saved, served, shows
from tests.web.drawn_eyes import project_of, verdicts


def delete(folder: Path, numbers: Sequence[int]) -> None:
    for number in numbers:
        (folder / f"eye{number:02}.png").unlink()


def counts(page: Page, text: str) -> None:
    page.wait_for_function(
        "text => document.getElementById('counts').textContent === text", arg=text
    )


def test_one_key_skips_all_that_are_gone(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, count=8) as project:
        units = [(Unit(number, "eye"), "odd") for number in range(8, 0, -1)]
        fill_queue(project.store.database, "odd", units)
        delete(tmp_path, (7, 5, 2))
        with served(replace(project, queue="odd")) as url:
            page = open_page(url)
            page.locator("#message", has_text="eye07.png is gone").wait_for()
            page.locator("#message", has_text="Enter skips all that are gone").wait_for()
            page.keyboard.press("f")
            page.locator("#flash", has_text="cannot be seen cannot be judged; X skips").wait_for()
            page.keyboard.press("d")
            page.keyboard.press("Enter")
            shows(page, "eye06.png")
            counts(page, "3 of 8")
            for number in (6, 4, 3, 1, 0):
                shows(page, f"eye{number:02}.png")
                page.keyboard.press("f")
            counts(page, "8 of 8")
            page.locator("#flash", has_text="everything is decided").wait_for()
            saved(page)
            said = ["unsure" if number in (7, 5, 2) else "true" for number in range(8)]
            assert verdicts(project) == said


def test_skipping_is_undone_as_one(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, count=4) as project, served(project) as url:
        page = open_page(url)
        delete(tmp_path, (2, 3))
        page.keyboard.press("l")  # nothing is labelled yet
        page.reload()
        shows(page, "eye00.png")
        page.keyboard.press("n")
        page.keyboard.press("n")
        page.locator("#message", has_text="eye02.png is gone").wait_for()
        page.keyboard.press("Enter")
        shows(page, "eye00.png")
        assert verdicts(project) == [None, None, "unsure", "unsure"]
        page.keyboard.press("u")
        page.locator("#message", has_text="eye02.png is gone").wait_for()
        saved(page)
        assert verdicts(project) == [None] * 4


@pytest.mark.parametrize("gone", [(1, 3), range(26)])
def test_the_grid_goes_on_without_what_is_gone(
    tmp_path: Path, open_page: Opener, gone: Sequence[int]
) -> None:
    with project_of(tmp_path, count=26) as project, served(project) as url:
        delete(tmp_path, gone)
        page = open_page(url)
        page.keyboard.press("g")
        for count, rest in ((24, 2), (2, 2)):
            page.wait_for_function(
                """([count, gone]) => {
                    const cells = [...document.querySelectorAll("#grid button")];
                    const unseen = cells.filter((cell) => /cannot be seen/.test(cell.innerText));
                    const drawn = cells.filter((cell) => cell.querySelector("canvas")
                        .getContext("2d").getImageData(128, 128, 1, 1).data[3] === 255);
                    return cells.length === count && unseen.length === gone
                        && drawn.length === count - gone;
                }""",
                arg=[count, len([n for n in gone if (n < 24) == (count == 24)])],
            )
            page.keyboard.press("Enter")
            page.wait_for_function(
                "rest => document.querySelectorAll('#grid button').length === rest", arg=rest
            )
        counts(page, "26 of 26")
        page.locator("#flash", has_text="everything is decided").wait_for()
        saved(page)
        assert verdicts(project) == ["unsure" if number in gone else "true" for number in range(26)]


def test_points_of_a_picture_that_is_gone_are_skipped(tmp_path: Path, open_page: Opener) -> None:
    with project_of(tmp_path, "pupil", count=3) as project, served(project) as url:
        delete(tmp_path, (0, 1, 2))
        page = open_page(url)
        page.locator("#message", has_text="eye00.png is gone").wait_for()
        page.keyboard.press("Enter")
        counts(page, "3 of 3")
        assert [item.verdict for item in project.store.all_items()] == ["unsure"] * 3
        page.keyboard.press("j")
        page.locator("#flash", has_text="everything is decided").wait_for()
