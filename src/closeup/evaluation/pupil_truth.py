"""Photos with hand-set pupils, for the evaluation of methods."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.folders import named_file
from closeup.formats.csv_labels import read_labels
from closeup.frames import RGBImage
from closeup.labels import EYES, FaceLabel
from closeup.media.images import read_image

_NAMED = 3
"""Number of photos that a message names; the others are counted."""
_LONGEST = 100
"""Characters of a name that a message shows."""


@dataclass(frozen=True, slots=True, eq=False)
class PupilTruth:
    """True pupils of n faces.

    Attributes:
        names: Name of each face's photo, as in the table.
        paths: File of each face's photo.
        centres: (n, 2, 2) float64, x and y in the photo's pixels, the subject's right eye first.
        unlabelled: Number of rows of the table without two eyes, which are left out.

    """

    names: tuple[str, ...]
    paths: tuple[Path, ...]
    centres: NDArray[np.float64]
    unlabelled: int = 0

    def __len__(self) -> int:
        return len(self.names)

    def first(self, count: int | None) -> PupilTruth:
        """The first ``count`` faces; None: all."""
        part = slice(count)
        return PupilTruth(self.names[part], self.paths[part], self.centres[part], self.unlabelled)

    def image(self, index: int) -> RGBImage:
        """The photo of a face; RGB uint8 (H, W, 3).

        Raises:
            ImageError: it cannot be read.
            InputError: a pupil lies outside the photo, so the labels belong to a photo of
                another size.

        """
        image = read_image(self.paths[index])
        height, width = image.shape[:2]
        eyes = self.centres[index]
        if (eyes < -0.5).any() or (eyes > np.array([width, height]) - 0.5).any():
            raise InputError(
                f"{self.names[index]}: an eye of the truth lies at "
                f"{_place(eyes, width, height)}, but the photo has {width}x{height} pixels; "
                "this is the truth of photos of another size"
            )
        return image


def read_pupil_truth(table: Path, folder: Path) -> PupilTruth:
    """Read hand-set pupils and find their photos.

    Args:
        table: CSV with the columns ``image``, ``right_eye_x``, ``right_eye_y``, ``left_eye_x``
            and ``left_eye_y``; other columns are ignored.
        folder: The folder that the photos' names are relative to.

    Raises:
        InputError: the table cannot be read or lacks these columns, both eyes of a face
            coincide, most right eyes lie right of the left ones, or a photo is missing.

    """
    labels = read_labels(table)
    missing = [name for name in EYES if not any(name in label.points for label in labels)]
    if missing:
        columns = ", ".join(f"{name}_{axis}" for name in missing for axis in "xy")
        raise InputError(
            f"{table}: no column {columns} with a number in it; "
            "name the columns of the eyes so (right is the subject's right)"
        )
    seen = [label for label in labels if all(name in label.points for name in EYES)]
    if not seen:
        raise InputError(f"{table}: no face has both eyes; label both")
    centres = np.array([[label.points[name] for name in EYES] for label in seen], np.float64)
    _check_apart(table, seen, centres)
    _check_sides(table, centres)
    return PupilTruth(
        tuple(label.image for label in seen),
        _photos(folder, [label.image for label in seen]),
        centres,
        len(labels) - len(seen),
    )


def _check_apart(table: Path, labels: list[FaceLabel], centres: NDArray[np.float64]) -> None:
    apart = np.linalg.norm(centres[:, 1] - centres[:, 0], axis=1)
    for label, distance in zip(labels, apart, strict=True):
        if distance < 1:
            raise InputError(
                f"{table}: the eyes of {label.image} are {distance:.2f} pixels apart, "
                "which is no face; correct it"
            )


def _check_sides(table: Path, centres: NDArray[np.float64]) -> None:
    """Faces may be upside down, but not most of them."""
    swapped = int((centres[:, 0, 0] > centres[:, 1, 0]).sum())
    if 2 * swapped > len(centres):
        raise InputError(
            f"{table}: in {swapped} of {len(centres)} faces the right eye lies right of the left "
            "one; right is the subject's right, left in the picture: exchange the columns"
        )


def _photos(folder: Path, names: list[str]) -> tuple[Path, ...]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of photos; check the name")
    found = [named_file(folder, name) for name in names]
    missing = [name for name, path in zip(names, found, strict=True) if path is None]
    if missing:
        more = len(missing) - _NAMED
        named = ", ".join(name[:_LONGEST] for name in missing[:_NAMED]) + (
            f" and {more} more" if more > 0 else ""
        )
        raise InputError(
            f"{folder}: {len(missing)} of {len(names)} photos of the truth are not there: "
            f"{named}; name the folder that their names begin in"
        )
    return tuple(path for path in found if path is not None)


def _place(eyes: NDArray[np.float64], width: int, height: int) -> str:
    outside = (eyes < -0.5).any(axis=1) | (eyes > np.array([width, height]) - 0.5).any(axis=1)
    x, y = eyes[outside][0]
    return f"({x:.1f}, {y:.1f})"
