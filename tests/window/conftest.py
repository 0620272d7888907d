"""A screen without a screen: Xvfb, with xdotool as hands and eyes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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
        """The id of the window, once it is there; the names of all begin alike."""
        return waited_for(lambda: self.run("xdotool", "search", "--name", TITLE).stdout.strip())

    def press(self, key: str) -> None:
        window = self.window().splitlines()[0]
        self.run("xdotool", "windowfocus", "--sync", window, "key", key)

    def press_until(self, key: str, holds: Callable[[], object]) -> None:
        """Press a key until it takes effect; a window misses keys that come before it listens."""
        for _ in range(12):
            self.press(key)
            for _ in range(100):
                if holds():
                    return
                time.sleep(0.05)
        raise AssertionError(f"the key {key} did nothing within a minute")

    def until_titled(self, end: str) -> None:
        """Wait until the window's title ends so."""
        waited_for(lambda: self.title().endswith(end))

    def title(self) -> str:
        """The window's title."""
        window = self.window().splitlines()[0]
        return self.run("xdotool", "getwindowname", window).stdout.strip()

    def close_window(self) -> None:
        """Ask the window to close, as a click on its cross does."""
        run = self.run(sys.executable, "-m", "tests.window.closing", self.window().splitlines()[0])
        assert run.returncode == 0, run.stderr

    def drag(self, *places: tuple[int, int], holding: str = "") -> None:
        """Press the left button at the first place, go through the others, and let go.

        Args:
            places: x and y in the window; one alone is a click.
            holding: Name of a key that is down meanwhile.

        """
        window = self.window().splitlines()[0]
        (x, y), *others = places
        steps = ["mousemove", "--window", window, str(x), str(y), "mousedown", "1"]
        for x, y in others:
            steps += ["sleep", "0.05", "mousemove", "--window", window, str(x), str(y)]
        steps += ["sleep", "0.05", "mouseup", "1"]
        if holding:
            steps = ["keydown", holding, *steps, "keyup", holding]
        self.run("xdotool", *steps)


def waited_for(condition: Callable[[], Value]) -> Value:
    """What a condition gives as soon as that is true."""
    for _ in range(1200):
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen within a minute")


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """A virtual screen of this process alone."""
    for name in ("Xvfb", "xdotool"):
        if shutil.which(name) is None:
            _missing(f"{name} is not installed")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        # Without -noreset it begins anew when its last client leaves, and drops the next one.
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-noreset"],
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
