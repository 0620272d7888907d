"""A progress object that keeps what is said."""

from __future__ import annotations

from closeup.progress import Silent


class Listener(Silent):
    """Keeps the messages of a job, each of which must be one line."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        assert len(message.splitlines()) == 1
        self.lines.append(message)
