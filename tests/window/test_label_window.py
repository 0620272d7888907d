"""Labelling in a window on a virtual screen, by keys and pointer, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest

from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.errors import OutputError
from closeup.geometry import Size
from closeup.labelling.label_task import TASKS
from closeup.progress import Silent
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore
from closeup.window.label_desk import LabelDesk
from closeup.window.label_window import WindowEvents, run_label_window
from tests.window.conftest import Screen, waited_for
from tests.window.labelled_folders import faces, fill, opened

SCALE, TOP, LEFT = 3.2, 0, 88
"""Of pictures of 320 × 240 pixels in a window of 1200 × 820 with two lines of text."""

TRUE, FALSE, UNSURE = LabelVerdict.TRUE, LabelVerdict.FALSE, LabelVerdict.UNSURE


def on_screen(x: float, y: float) -> tuple[int, int]:
    """The place in the window that is nearest to a point of the picture."""
    return round(SCALE * (x + 0.5) + LEFT - 0.5), round(SCALE * (y + 0.5) + TOP - 0.5)


@dataclass(frozen=True)
class Labelling:
    """A process with a window, and the store that it writes to."""

    process: subprocess.Popen[str]
    store: LabelStore

    def items(self) -> list[StoredItem]:
        return list(self.store.all_items())

    def until(self, holds: Callable[[list[StoredItem]], bool]) -> list[StoredItem]:
        """The items as soon as they are as the condition says."""
        waited_for(lambda: holds(self.items()))
        return self.items()

    def until_judged(self, count: int) -> list[StoredItem]:
        return self.until(lambda found: len(verdicts(found)) == count)

    def judge(self, screen: Screen, key: str, count: int) -> None:
        """Press a key until there are so many verdicts."""
        screen.press_until(key, lambda: len(verdicts(self.items())) == count)

    def ended(self) -> str:
        stdout, stderr = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, stderr
        return stdout


@contextmanager
def labelling(screen: Screen, folder: Path, task: str) -> Iterator[Labelling]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.window.label_in_window", str(folder), task],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "DISPLAY": screen.display},
    )
    try:
        screen.window()
        with opened(folder, None) as project:
            yield Labelling(process, project.store)
    finally:
        process.kill()


def proposal(number: int) -> list[Annotation]:
    box = 100 + 2 * number, 20, 200 + 2 * number, 120
    return [Annotation("face", box, origin=Origin.MODEL, method="detector")]


def test_ten_pictures_are_judged_by_keys_alone(screen: Screen, tmp_path: Path) -> None:
    fill(tmp_path, faces(12), proposal)
    with labelling(screen, tmp_path, "review") as run:
        for count, key in enumerate("ffdffxfdff", 1):
            run.judge(screen, key, count)
        screen.press("u")
        run.until_judged(9)
        run.judge(screen, "d", 10)
        screen.press("Escape")
        assert run.ended() == "saved 11 actions\n"
        found = run.items()
    expected = [TRUE, TRUE, FALSE, TRUE, TRUE, UNSURE, TRUE, FALSE, TRUE, FALSE]
    assert verdicts(found) == expected


def verdicts(found: list[StoredItem]) -> list[LabelVerdict]:
    own = [item.labels[0].annotation.verdict for item in found]
    return [verdict for verdict in own if verdict is not None]


def test_a_queue_of_deleted_pictures_comes_to_its_end(screen: Screen, tmp_path: Path) -> None:
    fill(tmp_path, faces(6), proposal)
    for number in (0, 2, 3, 5):
        (tmp_path / f"{number:02}.png").unlink()
    with labelling(screen, tmp_path, "review") as run:
        run.judge(screen, "Return", 4)
        screen.until_titled("skipped all pictures that are gone")
        run.judge(screen, "f", 5)
        run.judge(screen, "d", 6)
        screen.press_until("j", lambda: screen.title().endswith("all are decided"))
        screen.press("Escape")
        assert run.ended() == "saved 3 actions\n"
        found = run.items()
    assert verdicts(found) == [UNSURE, TRUE, UNSURE, UNSURE, FALSE, UNSURE]


def test_a_page_is_judged_by_a_click_and_a_key(screen: Screen, tmp_path: Path) -> None:
    fill(tmp_path, faces(26), proposal)
    with labelling(screen, tmp_path, "review") as run:
        screen.press_until("g", lambda: screen.title().endswith("1 of 24, 0 marked"))
        screen.drag((300, 100))
        screen.until_titled("2 of 24, 1 marked")
        screen.press("Right")
        screen.until_titled("3 of 24, 1 marked")
        screen.press("x")
        screen.until_titled("3 of 24, 2 marked")
        screen.press("Return")
        found = run.until_judged(24)
        assert verdicts(found)[:4] == [TRUE, FALSE, UNSURE, TRUE]
        assert verdicts(found)[4:] == [TRUE] * 20
        screen.press("u")
        run.until_judged(0)
        screen.press("Escape")
        screen.until_titled("saved")
        screen.press("Escape")
        run.ended()


def test_points_are_set_dragged_and_nudged(screen: Screen, tmp_path: Path) -> None:
    fill(tmp_path, faces(2), lambda _: [])
    with labelling(screen, tmp_path, "eye") as run:
        for x, y in ((100, 60), (140, 55), (180, 62)):
            screen.drag(on_screen(x, y))
        found = run.until(lambda now: bool(now[0].labels) and len(points(now)) == 3)
        assert_near(points(found)["pupil"], (140, 55))
        screen.drag(on_screen(140, 55), on_screen(150, 70), on_screen(145, 59))
        run.until(lambda now: abs(points(now)["pupil"].x - 145) < 0.4)
        before = points(run.items())["pupil"]
        screen.press("Right")
        run.until(lambda now: points(now)["pupil"].x == before.x + 1)
        screen.run("xdotool", "keydown", "shift")
        screen.until_titled("arrows move by 0.25 pixels")
        screen.press("Up")
        screen.run("xdotool", "keyup", "shift")
        run.until(lambda now: points(now)["pupil"].y == before.y - 0.25)
        screen.press("h")
        run.until(lambda now: not points(now)["pupil"].visible)
        screen.press("Return")
        found = run.until(lambda now: now[0].verdict is TRUE)
        screen.press("Escape")
        run.ended()
    label = found[0].labels[0]
    assert (label.annotation.origin, label.author) == (Origin.PERSON, "ann")
    assert_near(points(found)["right_corner"], (100, 60))


def points(found: list[StoredItem]) -> dict[str, KeyPoint]:
    return dict(found[0].labels[0].annotation.points)


def assert_near(point: KeyPoint, place: tuple[float, float]) -> None:
    """A pixel of the screen is less than a third of one of the picture."""
    assert (point.x, point.y) == pytest.approx(place, abs=0.5 / SCALE + 1e-6)


def test_boxes_are_drawn_named_resized_and_copied(screen: Screen, tmp_path: Path) -> None:
    fill(tmp_path, faces(2), lambda _: [])
    task = tmp_path / "members.yaml"
    task.write_text("mode: boxes\nclasses: [Mina, Sana]\nbox: true\n")
    with labelling(screen, tmp_path, str(task)) as run:
        screen.drag(on_screen(40, 50), on_screen(80, 90), on_screen(100, 120))
        first = run.until(lambda now: len(now[0].labels) == 1)[0].labels[0].object
        screen.press("2")
        run.until(lambda now: now[0].labels[0].annotation.name == "Sana")
        screen.drag(on_screen(100, 120), on_screen(110, 140))
        run.until(lambda now: edges(now, first)[3] > 135)
        screen.press("e")
        for place in ((200, 100), (220, 80), (240, 110), (215, 150)):
            screen.drag(on_screen(*place))
        run.until(lambda now: len(now[0].labels) == 2)
        screen.press("Return")
        screen.press("c")
        found = run.until(lambda now: len(now[1].labels) == 2)
        screen.press("Escape")
        run.ended()
    assert edges(found, first) == pytest.approx((40, 50, 110, 140), abs=0.2)
    boxes = {label.annotation.box for label in found[0].labels}
    assert {label.annotation.box for label in found[1].labels} == boxes


def edges(found: list[StoredItem], key: str) -> tuple[float, float, float, float]:
    box = next(label.annotation.box for label in found[0].labels if label.object == key)
    assert box is not None
    return box


def test_a_window_that_is_killed_loses_nothing_that_was_saved(
    screen: Screen, tmp_path: Path
) -> None:
    fill(tmp_path, faces(5), proposal)
    with labelling(screen, tmp_path, "review") as run:
        for count in (1, 2, 3):
            run.judge(screen, "f", count)
        run.process.send_signal(signal.SIGKILL)
        run.process.communicate()
        assert verdicts(run.items()) == [TRUE] * 3


def test_closing_the_window_ends_it(screen: Screen, tmp_path: Path) -> None:
    fill(tmp_path, faces(2), proposal)
    with labelling(screen, tmp_path, "review") as run:
        run.judge(screen, "f", 1)
        screen.close_window()
        assert run.ended() == "saved 1 actions\n"


def test_ctrl_c_ends_it(screen: Screen, tmp_path: Path) -> None:
    fill(tmp_path, faces(2), proposal)
    with labelling(screen, tmp_path, "review") as run:
        run.judge(screen, "d", 1)
        run.process.send_signal(signal.SIGINT)
        assert run.ended() == "saved 1 actions\n"


def test_ctrl_c_in_the_pointers_callback_ends_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenCV prints and drops what a callback raises."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    fill(tmp_path, faces(1), proposal)
    with (
        opened(tmp_path, TASKS["review"]) as project,
        closing(LabelDesk(project.session("ann"), project, Size(600, 400))) as desk,
    ):
        monkeypatch.setattr(desk, "move", interrupted)
        monkeypatch.setattr(cv2, "waitKeyEx", lambda _: -1)  # it wants a display
        events = WindowEvents()
        events.pointer(desk, cv2.EVENT_MOUSEMOVE, 5, 5, 0)
        assert not events.turn(desk)


def test_without_a_display_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    fill(tmp_path, faces(1), proposal)
    with (
        opened(tmp_path, TASKS["review"]) as project,
        pytest.raises(OutputError, match="leave out --window to label in the browser"),
    ):
        run_label_window(project.session("ann"), project, Silent())
