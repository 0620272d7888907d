"""Counts what a reader of label files leaves out, so that nothing is left out in silence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from closeup.progress import Progress


class LeftOut:
    """Counts parts of a file or folder by kind.

    Args:
        path: The file or folder.
        progress: Receives one message for each kind.

    """

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path, self._progress = path, progress
        self._counts: Counter[str] = Counter()

    def add(self, what: str) -> None:
        """Count one; ``what`` is its kind in the plural, such as "shapes of type polygon"."""
        self._counts[what] += 1

    def say(self) -> None:
        """Report the counts."""
        for what, count in sorted(self._counts.items()):
            self._progress.say(f"{self._path}: left out {what}: {count}")
