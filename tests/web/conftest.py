"""A real browser, and the labeller served to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from closeup.labelling.project import LabelProject
from closeup.web.labelling.app import label_app
from closeup.web.loopback import LoopbackServer

WAIT = 30_000
"""Milliseconds until a wait for the page gives up; a busy machine is no fault of the page."""

Opener = Callable[..., Page]


@contextmanager
def served(project: LabelProject, port: int = 0) -> Iterator[str]:
    """The address of the labeller of a project."""
    server = LoopbackServer(port)
    app = label_app(project, on_quit=server.stop)
    thread = Thread(target=server.run, args=(app,))
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opener]:
    """Opens the labeller as a person in a browser of its own; errors of the page fail the test."""
    errors: list[str] = []
    with ExitStack() as stack:

        def opened(url: str, author: str = "Ann", *, draws: bool = True, **options: Any) -> Page:
            usual: dict[str, Any] = {"viewport": {"width": 1200, "height": 760}}
            context = browser.new_context(**(usual | options))
            stack.callback(context.close)
            context.on("weberror", lambda error: errors.append(str(error.error)))
            page = sign_in(context, url, author)
            if draws:
                drawn(page)
            return page

        yield opened
    assert not errors


def sign_in(context: BrowserContext, url: str, author: str) -> Page:
    """The page of the labeller, of a person who opens it for the first time."""
    context.set_default_timeout(WAIT)
    context.add_init_script(COUNTING)
    page = context.new_page()
    page.goto(url)
    page.get_by_label("Name").fill(author)
    page.get_by_role("button", name="Begin").click()
    return page


COUNTING = """
window.drawn = [];
document.addEventListener("closeup:drawn", ({detail}) => window.drawn.push(detail.item));
document.addEventListener("closeup:page", ({detail}) => window.paged = detail.length);
"""


def drawn(page: Page) -> None:
    """Wait until the picture that the page names is drawn."""
    page.wait_for_function("() => window.drawn.length > 0")


def shows(page: Page, name: str) -> None:
    """Wait until the page shows a picture, drawn."""
    page.wait_for_function(
        "name => document.getElementById('unit-name').textContent === name"
        " && document.getElementById('stage').dataset.drawn === name",
        arg=name,
    )


def saved(page: Page) -> None:
    """Wait until the page says that everything is saved."""
    page.wait_for_function("() => document.getElementById('status').textContent === 'saved'")
