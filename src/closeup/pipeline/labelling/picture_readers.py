"""Readers of pictures that are no files of their own: frames of a video, crops of eyes."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.errors import ImageError, InputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.frame_times import NumberedFrames
from closeup.pipeline.labelling.method_origins import origin_of
from closeup.store.label_records import StoredItem

_PARTS = 8
"""Files of crops that stay in memory; one has some hundred crops."""


class VideoFrames:
    """Reads frames of a video; see :class:`closeup.labelling.shown_pictures.PictureReader`.

    Args:
        path: The video.

    Raises:
        VideoError: the file is not a video that can be read.

    """

    def __init__(self, path: Path) -> None:
        self._frames = NumberedFrames(path)
        self._path = path

    def read(self, item: StoredItem) -> RGBImage:
        """See :meth:`closeup.labelling.shown_pictures.PictureReader.read`."""
        if not self.is_there(item) or item.frame is None:
            raise ImageError(f"{item.path} is no frame of {self._path}; skip it", "missing")
        return self._frames.read(item.frame)

    def is_there(self, item: StoredItem) -> bool:
        """See :meth:`closeup.labelling.shown_pictures.PictureReader.is_there`."""
        has_number = item.frame is not None and 0 <= item.frame < len(self._frames)
        return has_number and item.path == self._path.name

    def pictures(self, every: int) -> Iterator[AnnotatedPicture]:
        """Every ``every``-th frame, without labels."""
        for number in range(0, len(self._frames), every):
            yield AnnotatedPicture(self._path.name, number, self._frames.size)


class EyeCropPictures:
    """Reads the crops of an eye data set; an item's path is ``PART/PLACE``, as in ``labels.csv``.

    Args:
        store: The data set.

    """

    def __init__(self, store: EyeStore) -> None:
        self._store = store
        self._rows = {row.crop: row for row in store.labels()}
        self._parts: dict[str, dict[str, NDArray[np.uint8]]] = {}
        self._lock = Lock()

    @property
    def width(self) -> float:
        """Width of the crops, in eye distances."""
        return self._store.width

    @property
    def methods(self) -> set[str]:
        """Names of the methods that made the set's own labels."""
        return {row.method for row in self._rows.values()}

    def read(self, item: StoredItem) -> RGBImage:
        """See :meth:`closeup.labelling.shown_pictures.PictureReader.read`."""
        part = item.path.partition("/")[0]
        with self._lock:
            if part not in self._parts:
                while len(self._parts) >= _PARTS:
                    self._parts.pop(next(iter(self._parts)))
                self._parts[part] = self._part(part)
            crop = self._parts[part].get(item.path)
        if crop is None:
            raise ImageError(
                f"{self._store.folder} has no crop {item.path} any more; skip it", "missing"
            )
        return crop

    def is_there(self, item: StoredItem) -> bool:
        """See :meth:`closeup.labelling.shown_pictures.PictureReader.is_there`."""
        return item.path in self._rows

    def photo(self, item: StoredItem) -> str:
        """Path of the photo that a crop was cut from; empty if the set has no such crop."""
        row = self._rows.get(item.path)
        return "" if row is None else row.image

    def pictures(self) -> Iterator[AnnotatedPicture]:
        """All crops with the labels of ``labels.csv``; their key is the method's name."""
        size = self._store.size
        version = self._store.made_by
        for row in self._rows.values():
            about = {"image": row.image, "frame": row.frame, "face": row.face, "side": row.side}
            label = _label_of(row, size, version)
            yield AnnotatedPicture(row.crop, None, size, (label,), {"eyes": about})

    def _part(self, part: str) -> dict[str, NDArray[np.uint8]]:
        rows = [row for name, row in self._rows.items() if name.partition("/")[0] == part]
        try:
            crops = self._store.crops(rows)
        except InputError as error:
            raise ImageError(str(error), "damaged") from None
        return {row.crop: crop for row, crop in zip(rows, crops, strict=True)}


def _label_of(row: EyeRow, size: Size, version: str) -> Annotation:
    """The label of an eye, with the names of points that the task ``eye`` has.

    Crops of left eyes are mirrored, so the corner at the left is the person's right one in all.
    """
    places = {
        "right_corner": (row.left_corner_x, row.left_corner_y),
        "pupil": (row.x, row.y),
        "left_corner": (row.right_corner_x, row.right_corner_y),
    }
    points = {
        name: KeyPoint(x * size.width - 0.5, y * size.height - 0.5)
        for name, (x, y) in places.items()
        if not (isnan(x) or isnan(y))
    }
    return Annotation(
        points=points,
        key=row.method or "label",
        origin=origin_of(row.method),
        method=row.method,
        version=version,
        score=None if isnan(row.confidence) else row.confidence,
    )
