"""LFW's lists of pairs, with the fold of each pair and whether it shows one person.

The format is that of http://vis-www.cs.umass.edu/lfw/README.txt. ``pairs.txt`` (View 2) begins
with the number of folds and of pairs of each kind per fold (``10 300``), ``pairsDevTrain.txt``
and ``pairsDevTest.txt`` (View 1) with the number of pairs of each kind only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.folders import is_file
from closeup.files.text import lines_of, read_text, read_whole, shown

_DEALT = 10
"""Number of folds that a list of one set is divided into."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of photos in the order of the file.

    Attributes:
        photos: All distinct photos, as ``NAME/NAME_0001.jpg``, in the order of first mention.
        lines: Number of the line, from 1, that first mentions each photo.
        rows: (p, 2) int64, the two photos of each pair as indices into ``photos``.
        same: (p,) bool, whether a pair shows one person.
        folds: (p,) int64, number of the fold, from 0.

    """

    photos: tuple[str, ...]
    lines: tuple[int, ...]
    rows: NDArray[np.int64]
    same: NDArray[np.bool_]
    folds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def sampled(self, count: int, seed: int = 0) -> Pairs:
        """At most ``count`` random pairs of each kind in each fold, in the same order."""
        random = np.random.default_rng(seed)
        groups = self.folds * 2 + self.same
        drawn = [
            random.permutation(np.flatnonzero(groups == group))[:count]
            for group in np.unique(groups)
        ]
        return self._chosen(np.sort(np.concatenate(drawn)))

    def of_folds(self, folds: Collection[int]) -> Pairs:
        """The pairs of some folds, from 1.

        Raises:
            InputError: there is no such fold.

        """
        known = set((self.folds + 1).tolist())
        if missing := set(folds) - known:
            raise InputError(
                f"the pairs have no fold {min(missing)}; their folds are 1 to {max(known)}"
            )
        return self._chosen(np.flatnonzero(np.isin(self.folds + 1, list(folds))))

    def every(self) -> Pairs:
        """All pairs of the photos of each fold, of which the list has only some."""
        folders = np.array([photo.rpartition("/")[0] for photo in self.photos])
        rows, folds = [], []
        for fold in np.unique(self.folds):
            used = np.unique(self.rows[self.folds == fold])
            rows.append(used[np.stack(np.triu_indices(len(used), 1), 1)])
            folds.append(np.full(len(rows[-1]), fold))
        joined = np.concatenate(rows)
        same = folders[joined[:, 0]] == folders[joined[:, 1]]
        return Pairs(self.photos, self.lines, joined, same, np.concatenate(folds))

    @property
    def people(self) -> frozenset[str]:
        """Folder names of all people."""
        return frozenset(photo.rpartition("/")[0] for photo in self.photos)

    def _chosen(self, kept: NDArray[np.int64]) -> Pairs:
        """Some of the pairs, and their photos."""
        used, rows = np.unique(self.rows[kept], return_inverse=True)
        return Pairs(
            tuple(self.photos[i] for i in used),
            tuple(self.lines[i] for i in used),
            rows.reshape(-1, 2).astype(np.int64),
            self.same[kept],
            self.folds[kept],
        )


def read_pairs(path: Path) -> Pairs:
    """Read a list of pairs.

    A list of one set is divided into ten folds in file order, so that the protocol of View 2
    applies to it, too.

    Raises:
        InputError: the file cannot be read, or a line does not follow the format; the message
            names the line.

    """
    try:
        lines = lines_of(read_text(path).rstrip())
    except InputError as error:
        raise InputError(f"{error}, or give LFW's pairs.txt with --pairs") from error
    sets, count = _header(path, lines)
    if len(lines) - 1 != 2 * sets * count:
        raise InputError(
            f"{path}: line 1 promises {2 * sets * count} pairs, {len(lines) - 1} follow; "
            "get the whole file again"
        )
    same = np.tile(np.repeat([True, False], count), sets)
    pairs = [
        _pair(f"{path} line {number}", line, is_same)
        for number, (line, is_same) in enumerate(zip(lines[1:], same, strict=True), start=2)
    ]
    places: dict[str, int] = {}
    mentions: list[int] = []
    for number, pair in enumerate(pairs, start=2):
        for photo in pair:
            if places.setdefault(photo, len(places)) == len(mentions):
                mentions.append(number)
    rows = np.array([[places[first], places[second]] for first, second in pairs], np.int64)
    return Pairs(tuple(places), tuple(mentions), rows, same, _folds(sets, count))


def read_people_names(path: Path, folds: Collection[int] = ()) -> frozenset[str]:
    """Folder names of the people of a list of pairs, or of a list such as ``peopleDevTest.txt``.

    Args:
        path: The list; one of people has lines of the form ``NAME 4``, and counts between them.
        folds: The folds of a list of pairs, from 1; empty for all.

    Raises:
        InputError: the file is no such list, or has no such fold.

    """
    lines = [line.split() for line in lines_of(read_text(path).rstrip())]
    of_people = all(len(line) < 3 and line and line[-1].isdecimal() for line in lines)
    if not of_people:
        pairs = read_pairs(path)
        return (pairs.of_folds(folds) if folds else pairs).people
    if folds:
        raise InputError(f"{path}: a list of people has no folds of pairs; give it without folds")
    return frozenset(line[0] for line in lines if len(line) == 2 and not line[0].isdecimal())


def find_photos(pairs: Pairs, folder: Path) -> list[Path]:
    """The file of each photo: in ``folder``, or in the folder ``images`` in it.

    Raises:
        InputError: the folder or a photo is missing; the message names the line that mentions
            the photo.

    """
    root = people_folder(folder)
    paths = [root / photo for photo in pairs.photos]
    for path, line in zip(paths, pairs.lines, strict=True):
        if not is_file(path):
            raise InputError(
                f"{path}: no such photo, but line {line} of the pairs asks for it; "
                "give the folder that holds NAME/NAME_0001.jpg"
            )
    return paths


def people_folder(folder: Path) -> Path:
    """The folder of people: ``images`` in ``folder`` if it exists, else ``folder``.

    Raises:
        InputError: there is no such folder.

    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the one that holds NAME/NAME_0001.jpg")
    return folder / "images" if (folder / "images").is_dir() else folder


def _header(path: Path, lines: list[str]) -> tuple[int, int]:
    """Number of sets, and of pairs of each kind per set."""
    fields = lines[0].split() if lines else []
    if len(fields) not in (1, 2) or not all(f.isdecimal() and f.strip("0") for f in fields):
        raise InputError(
            f"{path} line 1: the file must begin with the number of folds and of pairs, "
            "as in '10 300', or of pairs alone, as in '1100'; is it LFW's pairs.txt?"
        )
    sets, count = (read_whole(field, f"{path} line 1") for field in (["1", *fields])[-2:])
    if sets == 1 and count == 1:
        raise InputError(f"{path} line 1: one pair of each kind is too few for two folds")
    return sets, count


def _pair(place: str, line: str, same: bool) -> tuple[str, str]:
    """The two photos of a line: ``NAME 1 2``, or ``NAME 1 OTHER 2`` for different people."""
    fields = line.split()
    if same and len(fields) == 3:
        fields.insert(2, fields[0])
    elif same or len(fields) != 4:
        form = "NAME 1 2" if same else "NAME 1 OTHER 2"
        raise InputError(
            f"{place}: {shown(line)} is not of the form {form!r}; compare it with the original file"
        )
    name, number, other, other_number = fields
    if not (number.isdecimal() and other_number.isdecimal()):
        raise InputError(f"{place}: {shown(line)} has a photo number that is not a number")
    first = _photo(name, read_whole(number, place))
    second = _photo(other, read_whole(other_number, place))
    if first == second or (not same and name == other):
        what = "photo" if same else "person"
        raise InputError(f"{place}: {shown(line)} names one {what} twice; a pair needs two")
    return first, second


def _photo(name: str, number: int) -> str:
    return f"{name}/{name}_{number:04d}.jpg"


def _folds(sets: int, count: int) -> NDArray[np.int64]:
    if sets > 1:
        return np.repeat(np.arange(sets), 2 * count)
    return np.tile(np.arange(count) * min(_DEALT, count) // count, 2)
