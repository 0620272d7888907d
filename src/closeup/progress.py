"""How long work tells that it goes on, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives news of long work."""

    def begin(self, stage: str, total: int | None) -> None:
        """A stage begins; ``total`` frames are expected, None when unknown."""
        ...

    def advance(self, frames: int = 1) -> None:
        """So many frames of the stage are done."""
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
