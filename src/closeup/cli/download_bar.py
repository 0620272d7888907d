"""A bar for stages that count bytes."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)


class DownloadBar:
    """A :class:`closeup.progress.Progress` that draws megabytes on stderr, on a terminal only."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def begin(self, stage: str, total: int | None) -> None:
        """Draw a bar; ``total`` is in bytes."""
        self._task = self._bars.add_task(stage, total=total)

    def advance(self, frames: int = 1) -> None:
        """So many bytes more are here."""
        if self._task is not None:
            self._bars.advance(self._task, frames)

    def say(self, message: str) -> None:
        """Print one line above the bar."""
        self._bars.console.print(message, markup=False, highlight=False)
