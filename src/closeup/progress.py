"""Progress reports and cancellation of long jobs."""

from __future__ import annotations

from threading import Event
from typing import Protocol

from closeup.errors import Cancelled


class Progress(Protocol):
    """Receives reports of a long job, and may cancel it.

    A job calls these methods from the thread that runs it, at least once for each picture,
    frame or step, and about once a second in between. Any of them may raise
    :class:`closeup.errors.Cancelled`, or another error, to end the job. A job never suppresses
    such an error: it ends its threads, removes its temporary files and partly written results,
    and raises the error to its caller. A later call with the same arguments resumes from the
    saved state.
    """

    def begin(self, stage: str, total: int | None) -> None:
        """A stage begins; ``total`` frames are expected, None if unknown."""
        ...

    def advance(self, frames: int = 1) -> None:
        """``frames`` more frames of the stage are done; 0 reports only that work continues."""
        ...

    def say(self, message: str) -> None:
        """Report a message for the user, one line."""
        ...


class Silent:
    """Ignores all reports."""

    def begin(self, stage: str, total: int | None) -> None:
        """Ignore it."""

    def advance(self, frames: int = 1) -> None:
        """Ignore it."""

    def say(self, message: str) -> None:
        """Ignore it."""


class Cancellable:
    """Forwards all reports to another progress object until it is cancelled.

    Args:
        progress: Receives the reports; silent by default.

    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress or Silent()
        self._cancelled = Event()

    def cancel(self) -> None:
        """End the job at its next report; any thread may call this."""
        self._cancelled.set()

    def begin(self, stage: str, total: int | None) -> None:
        """Pass it on; raises :class:`closeup.errors.Cancelled` after :meth:`cancel`."""
        self._check()
        self._progress.begin(stage, total)

    def advance(self, frames: int = 1) -> None:
        """Pass it on; raises :class:`closeup.errors.Cancelled` after :meth:`cancel`."""
        self._check()
        self._progress.advance(frames)

    def say(self, message: str) -> None:
        """Pass it on; raises :class:`closeup.errors.Cancelled` after :meth:`cancel`."""
        self._check()
        self._progress.say(message)

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled
