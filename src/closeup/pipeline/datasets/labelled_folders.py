"""Imports data sets whose labels lie beside the pictures: BioID, 300-W and LFW."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.folders import list_folder
from closeup.files.passed_over import PassedOver
from closeup.formats.bioid import read_eyes, read_points
from closeup.formats.pts import read_pts
from closeup.labels import FaceLabel, Point
from closeup.media.images import IMAGE_SUFFIXES
from closeup.progress import Progress

_NETPBM = frozenset({".pgm", ".ppm"})
_LFW_PHOTO = re.compile(r"(?P<name>.+)_\d{4}")
_POINTS_300W = 68
_FEW = 5


def tell_few(lines: Sequence[str], progress: Progress) -> None:
    """Report the first of many lines, and the number of the others."""
    for line in lines[:_FEW]:
        progress.say(line)
    if len(lines) > _FEW:
        progress.say(f"and {len(lines) - _FEW} more such lines")


def bioid(folder: Path, progress: Progress) -> list[FaceLabel]:
    """Pictures with an ``.eye`` file, ``.pts`` file or both, matched by name in any case.

    With both, the pupils are those of the ``.eye`` file, which other evaluations use.

    Raises:
        InputError: there is no picture with a label, two files share a name, or one is damaged.

    """
    pictures, eyes, points = map(_by_stem, _files(folder, progress, {".pgm"}, {".eye"}, {".pts"}))
    _tell_unpaired(pictures, {**points, **eyes}, progress)
    progress.begin("reading labels", len(pictures))
    labels = []
    for stem, picture in pictures.items():
        progress.advance()
        named: dict[str, Point] = {}
        if stem in points:
            numbered, named = read_points(points[stem])
            named |= _numbered(numbered)
        if stem in eyes:
            named |= read_eyes(eyes[stem])
        if named:
            labels.append(FaceLabel(picture.relative_to(folder).as_posix(), None, named))
    return _some(labels, folder, "BioID_0000.pgm with BioID_0000.eye")


def three_hundred_w(folder: Path, progress: Progress) -> list[FaceLabel]:
    """Pictures with a ``.pts`` file of 68 points beside them; their numbers become 0-based.

    300-W's points are "in the matlab convention of 1 being the first index", says
    https://ibug.doc.ic.ac.uk/resources/300-W/.

    Raises:
        InputError: there is no picture with a label, two pictures have the same name, or a file is
            damaged.

    """
    pictures, points = map(by_path, _files(folder, progress, IMAGE_SUFFIXES | _NETPBM, {".pts"}))
    _tell_unpaired(pictures, points, progress)
    progress.begin("reading labels", len(pictures))
    labels = []
    for stem, picture in pictures.items():
        progress.advance()
        if stem in points:
            named = _numbered(read_pts(points[stem], _POINTS_300W) - 1)
            labels.append(FaceLabel(picture.relative_to(folder).as_posix(), None, named))
    return _some(labels, folder, "a.jpg with a.pts")


def lfw(folder: Path, progress: Progress) -> list[FaceLabel]:
    """Photos ``NAME/NAME_0001.jpg``; other images are reported and left out.

    Raises:
        InputError: there is no such photo.

    """
    labels = []
    listing = list_folder(folder, IMAGE_SUFFIXES)
    passed = PassedOver(progress, listing.others)
    for path in listing.files:
        match = _LFW_PHOTO.fullmatch(path.stem)
        if match and match["name"] == path.parent.name:
            labels.append(FaceLabel(path.relative_to(folder).as_posix()))
        else:
            message = f"{path}: not called as LFW's NAME/NAME_0001.jpg; it is left out"
            passed.leave_out(message, "with other names")
    passed.say_sum()
    return _some(labels, folder, "NAME/NAME_0001.jpg")


def _files(folder: Path, progress: Progress, *kinds: Collection[str]) -> Iterator[list[Path]]:
    """The files of each kind of suffixes; the number of all others is reported."""
    listing = list_folder(folder, frozenset().union(*kinds))
    PassedOver(progress, listing.others).say_sum()
    for suffixes in kinds:
        yield [path for path in listing.files if path.suffix.lower() in suffixes]


def _numbered(points: NDArray[np.float64]) -> dict[str, Point]:
    return {f"p{i}": (float(x), float(y)) for i, (x, y) in enumerate(points)}


def _by_stem(paths: list[Path]) -> dict[str, Path]:
    """Files by lower-case name without folder: BioID's points are in another folder."""
    return _unique([(path.stem.lower(), path) for path in paths])


def by_path(paths: list[Path]) -> dict[str, Path]:
    """Files by their path without the suffix, which a label's file shares.

    Raises:
        InputError: two files have the same such path; of links to one file the first counts.

    """
    return _unique([(str(path.with_suffix("")), path) for path in paths])


def _unique(pairs: list[tuple[str, Path]]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for key, path in pairs:
        if key in found and _same_file(path, found[key]):
            continue
        if key in found:
            raise InputError(f"{path} and {found[key]} have one name; take one of them away")
        found[key] = path
    return found


def _same_file(path: Path, other: Path) -> bool:
    """Whether two paths are links to one file, or one is a link to the other."""
    try:
        return path.samefile(other)
    except OSError:  # a link to nothing
        return False


def _tell_unpaired(pictures: dict[str, Path], labels: dict[str, Path], progress: Progress) -> None:
    alone = [path for stem, path in labels.items() if stem not in pictures]
    tell_few([f"{path}: no picture of this name; it is left out" for path in alone], progress)
    without = len(pictures.keys() - labels.keys())
    if without:
        progress.say(f"{without} without a label among the pictures; left out")


def _some(labels: list[FaceLabel], folder: Path, wanted: str) -> list[FaceLabel]:
    if not labels:
        raise InputError(f"{folder}: nothing in it or below it is called as {wanted}")
    return labels
