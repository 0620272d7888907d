"""A screen without a screen: Xvfb, with xdotool as hands and eyes."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pytest

from closeup.window.camera_window import TITLE
from tests.conftest import _missing

Value = TypeVar("Value")


@dataclass(frozen=True)
class Screen:
    """A virtual screen.

    Attributes:
        display: Its name, for the variable ``DISPLAY``.

    """

    display: str

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def window(self) -> str:
        """The id of the camera's window, once it is there."""
        return waited_for(lambda: self.run("xdotool", "search", "--name", TITLE).stdout.strip())

    def press(self, key: str) -> None:
        window = self.window().splitlines()[0]
        self.run("xdotool", "windowfocus", "--sync", window, "key", key)


def waited_for(condition: Callable[[], Value]) -> Value:
    """What a condition gives as soon as that is true."""
    for _ in range(600):
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError("it did not happen within a minute")


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """A virtual screen of this process alone."""
    for name in ("Xvfb", "xdotool"):
        if shutil.which(name) is None:
            _missing(f"{name} is not installed")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as stream:
            yield Screen(f":{stream.readline().strip()}")
    finally:
        server.terminate()
        server.wait()
