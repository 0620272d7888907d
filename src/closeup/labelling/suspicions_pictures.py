"""Checks that look at the pixels: twins with other labels, and empty masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import exp
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.label_distances import overlap, point_distance, unit_of
from closeup.labelling.shown_pictures import PictureReader
from closeup.labelling.suspicions import Suspicion, checked_labels
from closeup.media.images import read_image
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem, StoredLabel

_SIDE = 16
"""Pixels a side of the small pictures that are compared."""
_ALIKE = 0.985
"""Correlation of two small pictures from which they are twins."""
_LEAST_CONTRAST = 2.0
"""Standard deviation of grey levels below which a picture is too plain to be compared."""
_AT_ONCE = 2048
"""Pictures that are compared with all others at once."""
_DIFFERENT = 0.1
"""Units of a point's distance from which twins have different labels."""
_APART = 0.1
"""Intersection over union below which two boxes are of different objects."""
_AGREEING = 0.5
"""Intersection over union from which two boxes agree."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A picture that was looked at: its labels and its size in pixels."""

    item: StoredItem
    size: Size


class TwinsCheck:
    """Finds nearly the same picture twice with different labels.

    Pictures are compared as 16 × 16 grey values without brightness and contrast, each with each.

    Args:
        reader: Reads the pictures; those that cannot be read are passed over.

    """

    def __init__(self, reader: PictureReader) -> None:
        self._reader = reader
        self._seen: list[_Seen] = []
        self._small: list[NDArray[np.float32]] = []

    def look(self, item: StoredItem) -> Iterable[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.look`."""
        if item.labels:
            try:
                image = self._reader.read(item)
            except ImageError:
                return ()
            small = thumbnail(image)
            if small is not None:
                self._seen.append(_Seen(item, Size.of(image)))
                self._small.append(small)
        return ()

    def finish(self) -> Iterator[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.finish`."""
        vectors = np.array(self._small, np.float32).reshape(-1, _SIDE * _SIDE)
        for begin in range(0, len(vectors), _AT_ONCE):
            alike = vectors[begin : begin + _AT_ONCE] @ vectors[begin:].T
            for one, other in zip(*np.nonzero(alike >= _ALIKE), strict=True):
                pair = self._seen[begin + one], self._seen[begin + other]
                if one < other and not _of_one_video(*pair):
                    yield from _different(*pair)


def thumbnail(image: RGBImage) -> NDArray[np.float32] | None:
    """A picture as 256 grey values with mean 0 and length 1; None if it is too plain."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    if small.std() < _LEAST_CONTRAST:
        return None
    flat = (small - small.mean()).ravel()
    return np.asarray(flat / np.linalg.norm(flat), np.float32)


class EmptyMaskCheck:
    """Finds masks that are all zero, of another size than their picture, or gone.

    Args:
        folder: The folder of the masks.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def look(self, item: StoredItem) -> Iterator[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.look`."""
        for label in checked_labels(item):
            if label.annotation.mask is not None:
                fault = self._fault(label.annotation.mask, item.size)
                if fault:
                    yield Suspicion(Unit(item.id, label.object), "mask", 0.9, fault)

    def finish(self) -> Iterable[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.finish`."""
        return ()

    def _fault(self, name: str, size: Size | None) -> str:
        try:
            mask = read_image(self._folder / name)
        except ImageError as error:
            return f"its mask is {error.kind}"
        if size is not None and Size.of(mask) != size:
            return f"its mask is {Size.of(mask)}, the picture {size}"
        return "" if mask.any() else "its mask is all zero"


def _of_one_video(one: _Seen, other: _Seen) -> bool:
    """Whether two pictures are frames of a video, in which objects move."""
    return one.item.frame is not None and one.item.path == other.item.path


def _different(one: _Seen, other: _Seen) -> Iterator[Suspicion]:
    """What differs between the labels of two pictures that are nearly the same."""
    for own in one.item.labels:
        scaled = [
            (label, _scaled(label.annotation, other.size, one.size))
            for label in other.item.labels
            if _source(label) == _source(own)
        ]
        near = [
            (distance, label)
            for label, place in scaled
            if (distance := _distance(one.item, own.annotation, place)) is not None
        ]
        if near:
            distance, rival = min(near, key=lambda pair: pair[0])
            if own.annotation.box and distance > 1 - _APART:
                told = f"its twin {other.item.path} has no such label"
                yield Suspicion(Unit(one.item.id, own.object), "twins", 0.4, told)
                continue
            weight, reason = _difference(own.annotation, rival.annotation, distance)
            if weight:
                for item, label, twin in ((one, own, other), (other, rival, one)):
                    told = f"{reason} in its twin {twin.item.path}"
                    unit = Unit(item.item.id, label.object)
                    yield Suspicion(unit, "twins", weight, told)


def _difference(own: Annotation, rival: Annotation, distance: float) -> tuple[float, str]:
    """Weight and reason of a difference; 0 without one."""
    if own.name and rival.name and own.name != rival.name:
        return 0.8, f"{own.name!r} and {rival.name!r}"
    if {own.verdict, rival.verdict} == {LabelVerdict.TRUE, LabelVerdict.FALSE}:
        return (0.7, "true and false") if distance <= _DIFFERENT else (0.0, "")
    if distance > (_DIFFERENT if own.points else 1 - _AGREEING):
        return 1 - exp(-distance / (2 * _DIFFERENT)), f"{distance:.2f} of its size from the label"
    return 0.0, ""


def _source(label: StoredLabel) -> str:
    """What labels of one origin share: the method, or that they are by hand."""
    one = label.annotation
    return one.method if one.origin in (Origin.COARSE, Origin.MODEL) else ""


def _distance(item: StoredItem, own: Annotation, other: Annotation) -> float | None:
    """Distance in units of the first label; 1 − IoU of boxes; None if they have nothing alike."""
    distance = point_distance(own, other)
    if distance is not None:
        return distance / unit_of(item, own)
    if own.box is None or other.box is None:
        return None
    return 1 - overlap(own.box, other.box)


def _scaled(label: Annotation, size: Size, to: Size) -> Annotation:
    """A label of one picture in the pixels of its twin, which may have another size."""
    x, y = to.width / size.width, to.height / size.height
    points = {
        name: replace(point, x=(point.x + 0.5) * x - 0.5, y=(point.y + 0.5) * y - 0.5)
        for name, point in label.points.items()
    }
    box = label.box
    if box is not None:
        x1, y1, x2, y2 = ((edge + 0.5) * f - 0.5 for edge, f in zip(box, (x, y, x, y), strict=True))
        box = (x1, y1, x2, y2)
    return replace(label, points=points, box=box)
