from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from closeup.errors import OutputError
from closeup.labelling.project import LabelProject
from closeup.progress import Silent
from closeup.web.labelling.serving import serve_labels
from tests.web.drawn_eyes import project_of


class Address(Silent):
    """Keeps the address that is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


@contextmanager
def serving(project: LabelProject) -> Iterator[Address]:
    progress = Address()
    options = {"port": 0, "open_browser": False, "progress": progress}
    thread = Thread(target=serve_labels, args=(project,), kwargs=options)
    thread.start()
    while not progress.said:
        thread.join(0.01)
        assert thread.is_alive()
    yield progress
    thread.join()


def post(url: str, path: str, content: object) -> object:
    data = json.dumps(content).encode()
    request = urllib.request.Request(  # noqa: S310
        f"{url}{path}", data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def test_it_says_its_address_and_ends_when_the_last_person_quits(tmp_path: Path) -> None:
    with project_of(tmp_path) as project, serving(project) as progress:
        url = progress.said[0].split()[2].rstrip(";")
        assert url.startswith("http://127.0.0.1:")
        post(url, "api/sessions", {"name": "tab-one-two", "author": "Ann"})
        assert post(url, "api/sessions/tab-one-two/quit", {}) == {"last": True}
    # the thread has ended


def test_a_port_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    with project_of(tmp_path) as project, pytest.raises(OutputError, match="70000"):
        serve_labels(project, port=70000, open_browser=False)


def test_without_the_packages_it_is_said_how_to_get_them() -> None:
    script = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name: None if name == 'uvicorn' else find(name)\n"
        "import closeup.web"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "need uvicorn, not installed here; run: pip install 'closeup[web]'" in ran.stderr
