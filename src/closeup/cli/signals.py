"""Ctrl-C and SIGTERM end a run in the same orderly way: as a KeyboardInterrupt."""

from __future__ import annotations

import atexit
import signal
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

_DEFAULTS: dict[signal.Signals, Callable[[int, FrameType | None], Any] | signal.Handlers] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
"""The signals that end a run, with the handlers that may be replaced: a signal that the parent
process ignores, as a shell does for jobs in the background, stays ignored."""

_REPEATED = 1.0
"""Seconds in which a second signal is taken for the same one: ``timeout`` and process managers
send SIGTERM to the process and to its group, and cleaning up should not be interrupted."""

_NOTES = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class EndingSignals:
    """Raises KeyboardInterrupt in the main thread on Ctrl-C and SIGTERM, within a ``with`` block.

    After the block the earlier handlers are restored, or, if a signal came, further ones are
    ignored. While the interpreter ends they are ignored in any case: the work is done.
    """

    def __init__(self) -> None:
        self._received: int | None = None
        self._at = 0.0
        self._replaced: list[signal.Signals] = []

    @property
    def received(self) -> bool:
        """Whether a signal came."""
        return self._received is not None

    @property
    def status(self) -> int:
        """Exit status: 128 and the signal's number, as shells report it."""
        return 128 + (self._received or signal.SIGINT)

    @property
    def note(self) -> str:
        """The line for the user."""
        told = _NOTES[signal.Signals(self._received or signal.SIGINT)]
        return f"{told}; run the same command again to go on"

    def __enter__(self) -> Self:
        for number, default in _DEFAULTS.items():
            if signal.getsignal(number) == default:
                signal.signal(number, self._interrupt)
                self._replaced.append(number)
                atexit.register(signal.signal, number, signal.SIG_IGN)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number in self._replaced:
            signal.signal(number, signal.SIG_IGN if self.received else _DEFAULTS[number])

    def _interrupt(self, number: int, _: FrameType | None) -> None:
        repeated = self.received and time.monotonic() - self._at < _REPEATED
        if repeated:
            return
        self._received, self._at = number, time.monotonic()
        raise KeyboardInterrupt
