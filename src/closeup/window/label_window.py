"""The window of ``closeup label --window``: the same session as in the browser, without one.

OpenCV keeps one key while a program is busy, so keys that come faster than pictures can be shown
are dropped; none were at 20 a second on a busy machine. With Qt, the wheel enlarges the window as
a whole, which OpenCV does not let a program prevent; ``+`` and ``-`` zoom around the pointer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import cv2

from closeup.errors import OutputError
from closeup.geometry import Size
from closeup.labelling.editing import FINE
from closeup.labelling.project import LabelProject
from closeup.labelling.session import LabelSession
from closeup.progress import Progress
from closeup.window.display import check_display, is_open
from closeup.window.label_desk import LabelDesk
from closeup.window.label_keys import KeyReader

LABEL_TITLE = "Closeup labelling"
"""Name of the window; what follows it in the window's frame says whether all is saved."""

_SIZE = Size(1200, 820)
_WAIT = 15
"""Milliseconds in which a key or the pointer is waited for, before other work is done."""
_WHEEL = 1.25


def run_label_window(session: LabelSession, project: LabelProject, progress: Progress) -> int:
    """Label in a window until the person quits, closes it, or presses Ctrl-C.

    Every action is in the store before the next picture is shown.

    Args:
        session: The person's session of the project.
        project: The project.
        progress: Receives one line at the end.

    Returns:
        The number of actions that were saved.

    Raises:
        OutputError: there is no display, or the last actions could not be saved.

    """
    check_display("leave out --window to label in the browser")
    with closing(LabelDesk(session, project, _SIZE)) as desk, _opened_window() as events:
        events.connect(desk)
        with suppress(KeyboardInterrupt):
            while not desk.ended and events.turn(desk):
                pass
        if not desk.saving.retry():
            raise OutputError(desk.saving.message)
    progress.say(f"saved {desk.saving.count} actions")
    return desk.saving.count


class WindowEvents:
    """Takes the window's events to the desk, and its pictures to the window."""

    def __init__(self) -> None:
        self._keys = KeyReader()
        self._title = ""
        self._interrupted = False

    def connect(self, desk: LabelDesk) -> None:
        """Show the first picture, and send the pointer's events to the desk."""
        self._show(desk)
        cv2.setMouseCallback(LABEL_TITLE, lambda *event: self.pointer(desk, *event[:4]))

    def turn(self, desk: LabelDesk) -> bool:
        """Handle one key, or do what waits if there is none; False once the window is closed."""
        code = cv2.waitKeyEx(_WAIT)
        if self._interrupted or not is_open(LABEL_TITLE):
            return False
        fine, key = self._keys.fine, self._keys.name(code)
        desk.changed |= fine != self._keys.fine
        if key is not None:
            desk.key(key, fine=self._keys.fine)
        elif code < 0:
            desk.idle()
            desk.resize(_window_size())
        if desk.changed:
            self._show(desk)
        return True

    def _show(self, desk: LabelDesk) -> None:
        cv2.imshow(LABEL_TITLE, cv2.cvtColor(desk.drawn(), cv2.COLOR_RGB2BGR))
        fine = f"; arrows move by {FINE} pixels" if self._keys.fine and desk.tool else ""
        if (title := desk.title + fine) != self._title:
            self._title = title
            cv2.setWindowTitle(LABEL_TITLE, f"{LABEL_TITLE}: {title}")

    def pointer(self, desk: LabelDesk, event: int, x: int, y: int, flags: int) -> None:
        """Handle an event of the pointer, as OpenCV's callback."""
        try:
            self._point(desk, event, x, y, flags)
        except KeyboardInterrupt:  # OpenCV would drop it
            self._interrupted = True

    def _point(self, desk: LabelDesk, event: int, x: int, y: int, flags: int) -> None:
        shift = bool(flags & cv2.EVENT_FLAG_SHIFTKEY)
        self._keys.pointer(shift=shift)
        at = float(x), float(y)
        if event == cv2.EVENT_LBUTTONDOWN:
            desk.press(at, shift=shift)
        elif event in {cv2.EVENT_RBUTTONDOWN, cv2.EVENT_MBUTTONDOWN}:
            desk.hold(at)
        elif event == cv2.EVENT_MOUSEMOVE:
            desk.move(at)
        elif event in {cv2.EVENT_LBUTTONUP, cv2.EVENT_RBUTTONUP, cv2.EVENT_MBUTTONUP}:
            desk.move(at)
            desk.release()
        elif event == cv2.EVENT_MOUSEWHEEL and not cv2.currentUIFramework().startswith("QT"):
            # Qt's own window enlarges what it shows by itself.
            desk.zoom(_WHEEL if flags > 0 else 1 / _WHEEL)


@contextmanager
def _opened_window() -> Iterator[WindowEvents]:
    # The window shows the screen as it is drawn, pixel by pixel, whatever its shape.
    cv2.namedWindow(LABEL_TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
    cv2.resizeWindow(LABEL_TITLE, *_SIZE)
    try:
        yield WindowEvents()
    finally:
        if is_open(LABEL_TITLE):
            cv2.destroyWindow(LABEL_TITLE)


def _window_size() -> Size:
    _, _, width, height = cv2.getWindowImageRect(LABEL_TITLE)
    return Size(max(width, 200), max(height, 150)) if width > 0 and height > 0 else _SIZE
