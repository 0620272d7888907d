"""Counts the files that a run leaves out, so that none is left out in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from closeup.progress import Progress

NAMED = 5
"""Number of files that are named; the others are only counted."""

LINKED_FOLDER = "/"
"""Stands for linked folders among suffixes, of which none holds a slash."""

_MOST_SUFFIXES = 4


class PassedOver:
    """Files or frames that a run leaves out: the first are named, all are counted by reason.

    Args:
        progress: Receives the messages.
        others: Suffix → number of files of a folder that were not opened because of it, as
            :class:`closeup.files.folders.Listing` has them.
        noun: What is counted.

    """

    def __init__(
        self, progress: Progress, others: Mapping[str, int] | None = None, noun: str = "file"
    ) -> None:
        self._progress = progress
        self._noun = noun
        self._others = Counter(others or {})
        self._reasons: Counter[str] = Counter()

    def add(self, others: Mapping[str, int]) -> None:
        """Count further files that were not opened, by suffix."""
        self._others.update(others)

    def leave_out(self, message: str, reason: str) -> None:
        """Count a file, and report it if it is one of the first.

        Args:
            message: One line that names the file and the reason.
            reason: The reason in a few words that follow a number, such as "damaged".

        """
        self._reasons[reason] += 1
        if self._reasons.total() <= NAMED:
            self._progress.say(message)

    def say_sum(self, place: str = "") -> None:
        """Report the counts in one line; nothing if no file was left out.

        Args:
            place: What was searched, if one run searches several; begins the line.

        """
        counts = [f"{number} {reason}" for reason, number in self._reasons.most_common()]
        counts += [others] if (others := passed_over(self._others)) else []
        files = self._reasons.total() + _files(self._others).total()
        begin = f"{place}: " if place else ""
        if files:
            begin += f"{files} {self._noun}{'s' * (files != 1)} passed over: "
        if counts:
            self._progress.say(begin + ", ".join(counts))


def passed_over(others: Mapping[str, int]) -> str:
    """Text such as ``3 with other suffixes (.mov, .txt)``; empty if there are none."""
    files, linked = _files(others), others.get(LINKED_FOLDER, 0)
    parts = []
    if files:
        common = [suffix or "none" for suffix, _ in files.most_common(_MOST_SUFFIXES)]
        more = " …" if len(files) > _MOST_SUFFIXES else ""
        parts.append(f"{files.total()} with other suffixes ({', '.join(common)}{more})")
    if linked:
        parts.append(f"{linked} linked folder{'s' * (linked != 1)} not searched")
    return ", ".join(parts)


def _files(others: Mapping[str, int]) -> Counter[str]:
    return Counter({suffix: number for suffix, number in others.items() if suffix != LINKED_FOLDER})
