"""From judged labels of a store to samples of the good/bad network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.label_crops import EyeCropper, LabelCropper, ObjectCropper
from closeup.labelling.shown_pictures import PictureReader
from closeup.landmarks.warping import warped
from closeup.pipeline.labelling.picture_readers import EyeCropPictures
from closeup.pipeline.loop.quality.verdicts import JudgedLabel
from closeup.pipeline.training.coarse_to_fine_faces import person
from closeup.progress import Progress
from closeup.similarity import Similarity
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore

if TYPE_CHECKING:
    from closeup.training.label_quality.samples import QualitySamples, QualityView

_STRETCH = 50
"""Frames of a video that stay together, since neighbouring ones are nearly the same picture."""


@dataclass(frozen=True, slots=True, eq=False)
class CutLabels:
    """Samples, and which labels they are.

    Attributes:
        samples: The samples.
        labels: Their labels, in the same order.
        gone: Number of labels whose picture is gone or damaged.
        empty: Number of labels without a point and a box, such as masks.

    """

    samples: QualitySamples
    labels: Sequence[JudgedLabel]
    gone: int
    empty: int


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """A label and its surroundings; coordinates are pixels from the middle."""

    pixels: RGBImage
    points: NDArray[np.float32]
    box: NDArray[np.float32]


def picture_width(reader: PictureReader) -> float | None:
    """Width of the pictures in eye distances, if they are those of an eye data set; else None."""
    return reader.width if isinstance(reader, EyeCropPictures) else None


def cut_labels(
    store: LabelStore,
    reader: PictureReader,
    labels: Sequence[JudgedLabel],
    view: QualityView,
    progress: Progress,
) -> CutLabels:
    """Cut out judged labels with a margin.

    Args:
        store: The store.
        reader: Reads its pictures.
        labels: The labels.
        view: What the network is to see of them.
        progress: Receives one step for each label.

    """
    items = {item.id: item for item in store.items(sorted({one.item for one in labels}))}
    groups = _groups([items[one.item] for one in labels], reader)
    cut: list[_Cut] = []
    rows: list[int] = []
    gone = empty = 0
    progress.begin("cutting out labels", len(labels))
    for row, label in enumerate(labels):
        progress.advance()
        try:
            own = _cut(reader.read(items[label.item]), label, view, picture_width(reader))
        except ImageError:
            gone += 1
            continue
        if own is None:
            empty += 1
            continue
        cut.append(own)
        rows.append(row)
    kept = [labels[row] for row in rows]
    return CutLabels(_samples(cut, kept, groups[rows], view), kept, gone, empty)


def _cut(
    image: RGBImage, label: JudgedLabel, view: QualityView, width: float | None
) -> _Cut | None:
    """The label in the place that the cropper of the network gives it; None if it has none."""
    cropper: LabelCropper = (
        ObjectCropper(view.size, view.width)
        if width is None
        else EyeCropper(view.size, view.width, width)
    )
    place = cropper.place(Size.of(image), label.annotation)
    if place is None:
        return None
    middle = (np.array(view.size) - 1) / 2
    margin = (np.array(view.stored) - np.array(view.size)) / 2
    wider = Similarity(place.matrix + np.column_stack([np.zeros((2, 2)), margin]))
    points = np.array([(p.x, p.y) for p in cropper.marked(label.annotation)]).reshape(-1, 2)
    box = label.annotation.box or (np.nan,) * 4
    return _Cut(
        warped(image, wider, view.stored, fill=None),
        (place.apply(points) - middle).astype(np.float32),
        (place.apply(np.array(box).reshape(2, 2)) - middle).astype(np.float32).reshape(4),
    )


def _samples(
    cut: Sequence[_Cut],
    labels: Sequence[JudgedLabel],
    groups: NDArray[np.int64],
    view: QualityView,
) -> QualitySamples:
    from closeup.training.label_quality.samples import QualitySamples

    most = max([1, *(len(own.points) for own in cut)])
    points = np.full((len(cut), most, 2), np.nan, np.float32)
    for row, own in enumerate(cut):
        points[row, : len(own.points)] = own.points
    size = view.stored
    return QualitySamples(
        pixels=np.array([own.pixels for own in cut], np.uint8).reshape(
            len(cut), size.height, size.width, 3
        ),
        points=points,
        boxes=np.array([own.box for own in cut], np.float32).reshape(-1, 4),
        bad=np.array([label.bad for label in labels], np.bool_),
        weight=np.ones(len(cut), np.float32),
        groups=groups,
        view=view,
    )


def _groups(items: Sequence[StoredItem], reader: PictureReader) -> NDArray[np.int64]:
    """(n,) number of each item's group: its person, its picture, or a part of a video."""
    pictures = [
        reader.photo(item) if isinstance(reader, EyeCropPictures) else item.path for item in items
    ]
    people = [person(picture) for picture in pictures]
    parts = [0 if item.frame is None else item.frame // _STRETCH for item in items]
    # Pictures in one folder are not taken for those of one person.
    names = list(zip(people if len(set(people)) > 1 else pictures, parts, strict=True))
    known = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([known[name] for name in names], np.int64)
