"""Sets of pictures with labelled boxes; only the labels are in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.geometry import Size
from closeup.labels import PictureLabels


@dataclass(frozen=True, slots=True, eq=False)
class DetectionSet:
    """n pictures with m labelled boxes.

    Attributes:
        names: Names of the classes, in the order of their numbers.
        flip: Index of the mirrored counterpart of each of the k points; empty if unknown: then
            pictures with points must not be mirrored.
        paths: The picture files.
        sizes: (n, 2) int64, width and height as displayed.
        digests: Hash of the pixels of each picture.
        owner: (m,) int64, index of the picture of each box, in ascending order.
        labels: Labels of all pictures, each in pixels of its picture.

    Raises:
        ValueError: the arrays do not describe the same pictures and boxes.

    """

    names: tuple[str, ...]
    flip: tuple[int, ...]
    paths: tuple[Path, ...]
    sizes: NDArray[np.int64]
    digests: tuple[str, ...]
    owner: NDArray[np.int64]
    labels: PictureLabels

    def __post_init__(self) -> None:
        count, boxes = len(self.paths), len(self.owner)
        if self.sizes.shape != (count, 2) or len(self.digests) != count:
            raise ValueError(f"sizes and digests must describe {count} pictures")
        if len(self.labels) != boxes:
            raise ValueError(f"labels must describe {boxes} boxes, not {len(self.labels)}")
        if (np.diff(self.owner) < 0).any():
            raise ValueError("the boxes must be in the order of their pictures")

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def points(self) -> int:
        """Number of key points of each box."""
        return int(self.labels.points.shape[1])

    def size(self, index: int) -> Size:
        """Width and height of one picture, in pixels."""
        width, height = self.sizes[index].tolist()
        return Size(width, height)

    def of(self, index: int) -> PictureLabels:
        """The labels of one picture."""
        first, end = np.searchsorted(self.owner, [index, index + 1])
        return self.labels[np.arange(first, end)]

    def chosen(self, rows: Sequence[int]) -> DetectionSet:
        """A selection of the pictures, in the order of ``rows``."""
        parts = [self.of(row) for row in rows]
        return DetectionSet(
            self.names,
            self.flip,
            tuple(self.paths[row] for row in rows),
            self.sizes[list(rows)],
            tuple(self.digests[row] for row in rows),
            np.repeat(np.arange(len(rows)), [len(part) for part in parts]),
            PictureLabels.joined([PictureLabels.none(self.points), *parts]),
        )

    def fingerprint(self) -> str:
        """Hash of pictures, labels and names, independent of the paths."""
        said = repr((self.names, self.flip, self.digests, self.sizes.tolist()))
        digest = hashlib.sha256(said.encode("utf-8", "surrogateescape"))
        for values in (self.owner, self.labels.boxes, self.labels.classes, self.labels.points):
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()[:16]

    @classmethod
    def joined(cls, sets: Sequence[DetectionSet]) -> DetectionSet:
        """Join one or more sets; a picture in several sets is taken from the first.

        Raises:
            InputError: the sets name their classes or points differently.

        """
        first = sets[0]
        for other in sets[1:]:
            _check_alike(first, other)
        sources = {
            digest: (samples, row)
            for samples in reversed(sets)
            for row, digest in reversed(list(enumerate(samples.digests)))
        }
        rows = [
            [row for row, digest in enumerate(own.digests) if sources[digest] == (own, row)]
            for own in sets
        ]
        parts = [own.chosen(kept) for own, kept in zip(sets, rows, strict=True)]
        starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
        return cls(
            first.names,
            first.flip,
            tuple(path for part in parts for path in part.paths),
            np.concatenate([part.sizes for part in parts]),
            tuple(digest for part in parts for digest in part.digests),
            np.concatenate([part.owner + start for part, start in zip(parts, starts, strict=True)]),
            PictureLabels.joined([part.labels for part in parts]),
        )


def _check_alike(first: DetectionSet, other: DetectionSet) -> None:
    """Raise InputError if the classes or key points of the sets differ."""
    if first.names != other.names:
        number = next(
            (i for i, (a, b) in enumerate(zip(first.names, other.names, strict=False)) if a != b),
            min(len(first.names), len(other.names)),
        )
        own, theirs = (
            repr(names[number]) if number < len(names) else "missing"
            for names in (first.names, other.names)
        )
        raise InputError(
            f"the classes of two sets differ: number {number} is {own} in the first and {theirs} "
            "in the other; give both the same names in the same order"
        )
    if (first.points, first.flip) != (other.points, other.flip):
        raise InputError(
            f"two sets have {first.points} and {other.points} key points, or mirror them "
            "differently; give both the same kpt_shape and flip_idx"
        )
