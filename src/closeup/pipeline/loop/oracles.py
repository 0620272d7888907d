"""Oracles answer from a table of the truth; here that of pupils."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.errors import InputError
from closeup.formats.csv_labels import read_labels
from closeup.labels import EYES
from closeup.pipeline.loop.loop_options import OracleOptions
from closeup.pipeline.loop.pupils.eye_labels import POINT
from closeup.store.label_records import StoredItem, StoredLabel

_TOLERANCE = 0.05
"""Usual distance from the truth, in eye distances, up to which a label is called true."""
_OWN = 0.35
"""Eye distances from the middle of a crop within which a true pupil is that of its eye."""


def rng_of(*names: object) -> np.random.Generator:
    """A source of chance that depends on names alone, so that answers can be repeated."""
    digest = hashlib.sha256("\0".join(map(str, names)).encode("utf-8", "surrogateescape")).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def sometimes_wrong(verdict: LabelVerdict, wrong: float, *names: object) -> LabelVerdict:
    """The verdict, or for a share of the names its opposite; unsure stays unsure."""
    if verdict is LabelVerdict.UNSURE or rng_of("verdict", *names).random() >= wrong:
        return verdict
    return LabelVerdict.FALSE if verdict is LabelVerdict.TRUE else LabelVerdict.TRUE


class PupilOracle:
    """Answers for the crops of an eye data set; see :class:`~.loop_kind.Oracle`.

    Args:
        eyes: The data set.
        options: The table of the truth, in pixels of the pictures, and its noise.
        seed: Determines the noise.

    Raises:
        InputError: the table cannot be read, has no eyes, or is of other pictures.

    """

    def __init__(self, eyes: EyeStore, options: OracleOptions, seed: int = 0) -> None:
        self._options, self._seed = options, seed
        self._tolerance = _TOLERANCE if options.tolerance is None else options.tolerance
        self._unit = eyes.size.width / eyes.width
        known = _eyes_by_picture(options.truth)
        rows = eyes.labels()
        places = {row.crop: _place_in_crop(row, known.get(row.image, []), eyes) for row in rows}
        self._truth = {crop: place for crop, place in places.items() if place is not None}
        if not self._truth:
            raise InputError(
                f"{options.truth}: none of its eyes is in the pictures of {eyes.folder}; "
                "its column image must name them as they are below the folder of pictures"
            )

    def __len__(self) -> int:
        """The number of eyes whose truth is known."""
        return len(self._truth)

    def place(self, crop: str) -> tuple[float, float]:
        """The true pupil of a crop by its name, in its pixels; NaN if it is not known."""
        x, y = self._truth.get(crop, np.full(2, np.nan)).tolist()
        return x, y

    def verdict(self, item: StoredItem, label: StoredLabel) -> LabelVerdict:
        """See :meth:`closeup.pipeline.loop.loop_kind.Oracle.verdict`."""
        truth = self._truth.get(item.path)
        point = label.annotation.points.get(POINT)
        if truth is None or point is None:
            return LabelVerdict.UNSURE
        off = np.hypot(point.x - truth[0], point.y - truth[1]) / self._unit
        near = LabelVerdict.TRUE if off <= self._tolerance else LabelVerdict.FALSE
        return sometimes_wrong(near, self._options.wrong, self._seed, item.path, label.object)

    def labels(self, item: StoredItem) -> Mapping[str, Annotation]:
        """See :meth:`closeup.pipeline.loop.loop_kind.Oracle.labels`."""
        truth = self._truth.get(item.path)
        if truth is None:
            return {}
        noise = rng_of("point", self._seed, item.path).normal(0, self._options.noise, 2)
        x, y = (truth + noise * self._unit).tolist()
        return {POINT: Annotation(points={POINT: KeyPoint(x, y)}, origin=Origin.PERSON)}


def _eyes_by_picture(table: Path) -> dict[str, list[Mapping[str, NDArray[np.float64]]]]:
    found: dict[str, list[Mapping[str, NDArray[np.float64]]]] = {}
    for label in read_labels(table):
        eyes = {name: np.array(label.points[name]) for name in EYES if name in label.points}
        if eyes:
            found.setdefault(label.image, []).append(eyes)
    if not found:
        raise InputError(
            f"{table}: no row has an eye; name the columns {EYES[0]}_x, {EYES[0]}_y and so on"
        )
    return found


def _place_in_crop(
    row: EyeRow, faces: list[Mapping[str, NDArray[np.float64]]], eyes: EyeStore
) -> NDArray[np.float64] | None:
    """The true pupil (2,) of a crop in its pixels; None if no face of the picture has it there."""
    size = np.array(eyes.size)
    for face in faces:
        place = face.get(f"{row.side}_eye")
        if place is None:
            continue
        place = row.similarity.apply(place)
        if row.side == "left":
            place[0] = eyes.size.width - 1 - place[0]
        if np.linalg.norm(place - (size - 1) / 2) <= _OWN * eyes.size.width / eyes.width:
            return np.asarray(place)
    return None
