"""File names that every file system takes, and that no two results have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import PurePath
from typing import TypeVar

AnyPath = TypeVar("AnyPath", bound=PurePath)

LONGEST_STEM = 200
"""Bytes; file systems allow 255, of which a number, the suffix and a temporary name need some."""

_FORBIDDEN = frozenset('<>:"/\\|?*') | {chr(code) for code in range(32)}
"""No file system of a common computer takes all of these in a name."""


class UniqueNames:
    """Gives each result a name of its own, also where capitals and small letters are one.

    Args:
        taken: Names that are taken from the beginning.
        refused: True for a name that must not be given for another reason, such as a file that
            lies there already. None refuses no name.

    """

    def __init__(
        self, taken: Iterable[str] = (), refused: Callable[[PurePath], bool] | None = None
    ) -> None:
        self._taken = {name.casefold() for name in taken}
        self._refused = refused

    def take(self, path: AnyPath) -> AnyPath:
        """The path itself or, where it is taken, the first free one of :func:`numbered`."""
        free = next(one for one in numbered(path) if self._is_free(one))
        self._taken.add(str(free).casefold())
        return free

    def _is_free(self, path: PurePath) -> bool:
        if str(path).casefold() in self._taken:
            return False
        return self._refused is None or not self._refused(path)


def numbered(path: AnyPath) -> Iterator[AnyPath]:
    """``a/b.jpg``, ``a/b 2.jpg``, ``a/b 3.jpg`` … without end."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem} {number}{path.suffix}")


def shortened(stem: str, longest: int = LONGEST_STEM) -> str:
    """The stem, cut between two letters where it has more than ``longest`` bytes; never empty.

    Args:
        stem: May hold bytes that are not UTF-8, as Python reads them from a folder.
        longest: Bytes in UTF-8.

    """
    encoded = stem.encode(errors="surrogateescape")
    if len(encoded) > longest:
        stem = encoded[:longest].decode(errors="ignore")
    return stem or "_"


def readable(stem: str) -> str:
    """The stem without bytes that are not UTF-8."""
    return stem.encode(errors="surrogateescape").decode(errors="ignore")


def portable_stem(name: str) -> str:
    """A stem that every file system takes, for any text such as a person's name.

    Forbidden characters become underscores, spaces and full stops at the ends are dropped, and a
    very long name is cut. Two names may get the same stem.
    """
    plain = "".join("_" if letter in _FORBIDDEN else letter for letter in readable(name))
    return shortened(plain).strip(" .") or "_"
