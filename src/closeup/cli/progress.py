"""Shows progress in the terminal: a bar on stderr, and messages above it."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress as Bars,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column
from rich.text import Text


class FrameRateColumn(ProgressColumn):
    """Frames per second of the stage: the recent rate, or the mean once it is finished."""

    def render(self, task: Task) -> Text:
        """Text such as ``212 frames/s``, empty before anything is known."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.{0 if speed >= 10 else 1}f} frames/s" if speed else "")


class RichProgress:
    """A :class:`closeup.progress.Progress` that draws one bar a stage on stderr.

    The bars are drawn between ``with`` and the end of its block, and only on a terminal;
    elsewhere only the messages are written, so that a log stays readable.

    Args:
        console: Console to draw on; None for stderr.
        columns: Columns right of the stage's bar; None for those that count frames.

    """

    def __init__(
        self, console: Console | None = None, columns: Iterable[ProgressColumn] | None = None
    ) -> None:
        self._console = console or Console(stderr=True)
        self._bars = Bars(
            TextColumn("{task.description}", markup=False, table_column=Column(min_width=20)),
            BarColumn(),
            *(_frame_columns() if columns is None else columns),
            console=self._console,
            disable=not self._console.is_terminal,
            redirect_stdout=False,
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
        if kind is None:
            self._end_stage()
        self._bars.stop()

    def begin(self, stage: str, total: int | None) -> None:
        """Close the bar of the stage before, and draw one for ``stage``."""
        self._end_stage()
        self._task = self._bars.add_task(stage, total=total)

    def advance(self, frames: int = 1) -> None:
        """Advance the bar of the current stage; has no effect before the first stage."""
        if self._task is not None:
            self._bars.advance(self._task, frames)

    def say(self, message: str) -> None:
        """Print one line above the bars, as it is: unwrapped, and no markup is read in it."""
        self._console.print(message, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def _end_stage(self) -> None:
        """Show the stage as done: its length was unknown, or only estimated."""
        if self._task is None:
            return
        task = self._bars.tasks[self._task]
        speed, done = task.finished_speed or task.speed, max(task.completed, 1)
        self._bars.update(self._task, total=done, completed=done)
        task.finished_speed = speed
        self._task = None


def byte_columns() -> list[ProgressColumn]:
    """Return the columns of stages that count bytes: the bytes done, the total, the speed."""
    return [DownloadColumn(), TransferSpeedColumn()]


def _frame_columns() -> list[ProgressColumn]:
    return [
        TaskProgressColumn(),
        FrameRateColumn(table_column=Column(justify="right", min_width=12, no_wrap=True)),
        TimeRemainingColumn(elapsed_when_finished=True),
    ]
