"""What a good/bad network says of labels, as the labelling tools show it beside the picture."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation
from closeup.drawing.activation_maps import scale_bar, with_activation_map
from closeup.drawing.crosses import draw_cross
from closeup.drawing.marks import PLAIN
from closeup.errors import ImageError, ModelError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.label_crops import LabelCropper, LabelCrops, label_crop
from closeup.labelling.shown_pictures import PictureReader
from closeup.store.label_records import StoredItem, StoredLabel

if TYPE_CHECKING:  # a front end without a network begins without onnxruntime
    from closeup.labelling.quality_network import LabelQualityNetwork

WIDTH = 268
"""Width of a drawn crop in pixels."""
_BAR = 10
"""Height of the colour scale below it."""
FULL = 0.25
"""What a cell of the map in full colour adds to the logit, or takes from it, all by itself; the
same for all labels and networks, so that maps can be compared."""
_KEPT = 400
"""Judged labels that stay in memory, about 170 KB each."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownMap:
    """A judged label, ready to be shown.

    Attributes:
        bad: Probability that the label is wrong.
        picture: The crop that the network read, enlarged, with its map and the label over it and
            the colour scale below; RGB uint8 of shape (H, WIDTH, 3).

    """

    bad: float
    picture: RGBImage


class LabelMaps:
    """Judges labels and draws where the network looks; any thread may call it.

    Results are kept by the label's revision, so that a label that was moved is judged again.

    Args:
        network: The network.
        reader: Reads the pictures; its other users are not kept waiting.

    """

    def __init__(self, network: LabelQualityNetwork, reader: PictureReader) -> None:
        self._network = network
        self._reader = reader
        self._kept: OrderedDict[int, ShownMap | None] = OrderedDict()
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, "judging")
        self._coming: dict[int, Future[ShownMap | None]] = {}

    def of(self, item: StoredItem, label: StoredLabel) -> ShownMap | None:
        """Judge a label of a picture; None if it has no point and no box.

        Raises:
            ImageError: the picture cannot be read.
            ModelError: the network does not give what it promises.

        """
        with self._lock:
            if label.revision in self._kept:
                self._kept.move_to_end(label.revision)
                return self._kept[label.revision]
        made = self._judged(item, label.annotation)
        with self._lock:
            self._kept[label.revision] = made
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def prepare(self, labels: Iterable[tuple[StoredItem, StoredLabel]]) -> None:
        """Judge labels in a thread, the first one first; others that still wait are dropped.

        Only one thread may call it.
        """
        wanted = {label.revision: (item, label) for item, label in labels}
        for number in [number for number in self._coming if number not in wanted]:
            self._coming.pop(number).cancel()
        for number, pair in wanted.items():
            if number not in self._coming:
                self._coming[number] = self._pool.submit(self.of, *pair)

    def known(self, label: StoredLabel) -> ShownMap | None:
        """A label that was judged already; None if not, or if it cannot be."""
        future = self._coming.get(label.revision)
        if future is not None and future.done() and not future.cancelled():
            failed = isinstance(future.exception(), ImageError | ModelError)
            return None if failed else future.result()
        with self._lock:
            return self._kept.get(label.revision)

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(cancel_futures=True)

    def _judged(self, item: StoredItem, annotation: Annotation) -> ShownMap | None:
        image, cropper = self._reader.read(item), self._network.cropper
        crop = label_crop(image, annotation, cropper)
        if crop is None:
            return None
        quality = self._network.assess(crop[None])
        picture = drawn_map(crop, quality.maps[0])
        _draw_label(picture, annotation, Size.of(image), cropper)
        bar = scale_bar(Size(WIDTH, _BAR))
        return ShownMap(float(quality.bad[0]), np.vstack([picture, bar]))


def drawn_map(crop: LabelCrops, values: NDArray[np.float64]) -> RGBImage:
    """A crop as a picture :data:`WIDTH` pixels wide, with its map over it.

    Args:
        crop: (H, W, 4), what the network read; its mark is not drawn.
        values: (h, w), the class activation map, whose mean is the logit but for a constant.

    """
    height = max(1, round(WIDTH * crop.shape[0] / crop.shape[1]))
    large = cv2.resize(crop[..., :3], (WIDTH, height), interpolation=cv2.INTER_CUBIC)
    return with_activation_map(np.asarray(large, np.uint8), values, FULL * values.size)


def _draw_label(
    picture: RGBImage, annotation: Annotation, size: Size, cropper: LabelCropper
) -> None:
    """Draw the points or the box that the network judges over the enlarged crop."""
    place = cropper.place(size, annotation)
    if place is None:
        return
    scale = WIDTH / cropper.size.width

    def on_picture(x: float, y: float) -> NDArray[np.float64]:
        return np.asarray((place.apply(np.array([x, y])) + 0.5) * scale - 0.5, np.float64)

    points = cropper.marked(annotation)
    for point in points:
        draw_cross(picture, on_picture(point.x, point.y), 7, PLAIN)
    if annotation.box is not None and not points:
        x1, y1, x2, y2 = annotation.box
        corners = np.rint([on_picture(x1, y1), on_picture(x2, y2)]).astype(int)
        cv2.rectangle(picture, corners[0].tolist(), corners[1].tolist(), PLAIN, 1, cv2.LINE_AA)
