"""How long work reports that it goes on, and how it is cancelled, without knowing who listens."""

from __future__ import annotations

from threading import Event
from typing import Protocol

from closeup.errors import Cancelled


class Progress(Protocol):
    """Receives reports of long work, and may cancel it.

    A job calls these methods from the thread that runs it, at least once for each picture,
    frame or step, and about once a second in between. Any of them may raise
    :class:`closeup.errors.Cancelled`, or another error, to end the job. A job never swallows
    what they raise: it ends its threads, removes its temporary files, leaves nothing
    half-written, and raises the error to its caller. The same call goes on later from what
    was saved.
    """

    def begin(self, stage: str, total: int | None) -> None:
        """A stage begins; ``total`` frames are expected, None when unknown."""
        ...

    def advance(self, frames: int = 1) -> None:
        """So many more frames of the stage are done; 0 says only that work goes on."""
        ...

    def say(self, message: str) -> None:
        """Something that the user should read, one line."""
        ...


class Silent:
    """Listens to nothing."""

    def begin(self, stage: str, total: int | None) -> None:
        """Ignore it."""

    def advance(self, frames: int = 1) -> None:
        """Ignore it."""

    def say(self, message: str) -> None:
        """Ignore it."""


class Cancellable:
    """Passes everything on to another progress, until it is cancelled.

    Args:
        progress: Receives the reports; by default nothing does.

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
