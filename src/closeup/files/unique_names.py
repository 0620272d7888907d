"""File names that are valid on every file system and unique among the results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import PurePath
from typing import TypeVar

AnyPath = TypeVar("AnyPath", bound=PurePath)

LONGEST_STEM = 200
"""Bytes; file systems allow 255, some of which a number, the suffix and a temporary name use."""

_FORBIDDEN = frozenset('<>:"/\\|?*') | {chr(code) for code in range(32)}
"""Characters that some common file system rejects in a name."""


class UniqueNames:
    """Gives each result a unique name, also on file systems that ignore upper and lower case.

    Args:
        taken: Names that are in use from the beginning.
        refused: Returns True for a path that must not be used for another reason, such as an
            existing file. None refuses no name.

    """

    def __init__(
        self, taken: Iterable[str] = (), refused: Callable[[PurePath], bool] | None = None
    ) -> None:
        self._taken = {name.casefold() for name in taken}
        self._refused = refused

    def take(self, path: AnyPath) -> AnyPath:
        """Return the path itself or, if it is in use, the first free one of :func:`numbered`."""
        free = next(one for one in numbered(path) if self._is_free(one))
        self._taken.add(str(free).casefold())
        return free

    def _is_free(self, path: PurePath) -> bool:
        if str(path).casefold() in self._taken:
            return False
        return self._refused is None or not self._refused(path)


def numbered(path: AnyPath) -> Iterator[AnyPath]:
    """Yield ``a/b.jpg``, ``a/b 2.jpg``, ``a/b 3.jpg`` … without end."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem} {number}{path.suffix}")


def shortened(stem: str, longest: int = LONGEST_STEM) -> str:
    """Return the stem, cut between two letters if it exceeds ``longest`` bytes; never empty.

    Args:
        stem: Text that may contain bytes that are not UTF-8, as Python reads them from a folder.
        longest: Largest number of bytes in UTF-8.

    """
    encoded = stem.encode(errors="surrogateescape")
    if len(encoded) > longest:
        stem = encoded[:longest].decode(errors="ignore")
    return stem or "_"


def readable(stem: str) -> str:
    """Return the stem without bytes that are not UTF-8, and without halves of surrogates."""
    return stem.encode(errors="surrogatepass").decode(errors="ignore")


def portable_stem(name: str) -> str:
    """Return a stem that is valid on every file system, for any text such as a person's name.

    Forbidden characters become underscores, spaces and full stops at the ends are dropped, and a
    very long name is cut. Two names may get the same stem.
    """
    plain = "".join("_" if letter in _FORBIDDEN else letter for letter in readable(name))
    return shortened(plain).strip(" .") or "_"
