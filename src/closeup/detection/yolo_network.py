"""Runs a YOLO network in ONNX: returns the boxes of each class in the picture's own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from closeup.detection.letterbox import Letterbox, largest_inside
from closeup.detection.yolo_file import YoloFile, read_yolo_file
from closeup.detection.yolo_output import Layout, decoded, tell_layout
from closeup.detections import Detections
from closeup.errors import ModelCorruptError, ModelError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.models.network_input import planes
from closeup.models.sessions import UNSUITED, Network

_GREY = (114, 114, 114)


class YoloNetwork:
    """Opens a file in any of Ultralytics' layouts and runs it, one picture at a time.

    A picture keeps its aspect ratio, on grey; if the file's input size is free, the longer side
    is the size it was exported for.

    Attributes:
        file: Description of the file.

    Args:
        model: The bytes of the ONNX file.
        name: Its name, for messages.
        own_size: Longer side in pixels up to which pictures keep their own size, instead of the
            size that the file was exported for; larger ones are scaled down to it. None turns
            this off.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelError: the file is not such a network, or its layout is ambiguous.

    """

    def __init__(
        self, model: bytes, name: str, *, own_size: int | None = None, threads: int | None = None
    ) -> None:
        self.file: YoloFile = read_yolo_file(model, name)
        self._own_size = own_size
        try:
            self._network = Network(model, name, threads)
            self._layout = self._tried(name)
        except (ModelCorruptError, *UNSUITED) as error:
            raise ModelError(f"onnxruntime cannot run {name}; export it again") from error

    def find(
        self, image: RGBImage, wanted: Sequence[int], score_threshold: float, overlap: float
    ) -> Detections:
        """Return the objects of some classes, class by class, best score first in each.

        Boxes may extend beyond the picture. Points are (n, k, 2), where k may be 0.

        Args:
            image: (H, W, 3) RGB uint8, at least one pixel.
            wanted: Numbers of the classes.
            score_threshold: Boxes with a lower score are dropped.
            overlap: Intersection over union from which the less certain of two boxes of one class
                is dropped.

        """
        letterbox = self._letterbox(Size.of(image))
        output = self._run(letterbox.drawn(image, _GREY))
        found = Detections.joined(
            decoded(output, self._layout, self.file, number, score_threshold, overlap)
            for number in wanted
        )
        points = None if found.points is None else letterbox.to_picture(found.points)
        return replace(found, boxes=letterbox.boxes_to_picture(found.boxes), points=points)

    def _tried(self, name: str) -> Layout:
        """Return the output's layout, found by a run on a grey picture."""
        side = self.file.longest_side
        canvas = self._canvas(Size(side, side))
        picture = np.full((canvas.height, canvas.width, 3), _GREY, np.uint8)
        return tell_layout(self._run(picture), canvas, self.file, name)

    def _letterbox(self, picture: Size) -> Letterbox:
        """Return the position of a picture on the network's input."""
        if not self._own_size or self.file.size:
            return Letterbox.centred(picture, self._canvas(picture))
        inner = picture.fitted(self._own_size)
        return Letterbox(picture, inner, self._whole_strides(inner))

    def _canvas(self, picture: Size) -> Size:
        """Return the input's size for a picture: multiples of the stride if the size is free."""
        if self.file.size:
            return self.file.size
        side = self.file.longest_side
        return self._whole_strides(largest_inside(picture, Size(side, side)))

    def _whole_strides(self, inner: Size) -> Size:
        stride = self.file.stride
        return Size(*(-(-length // stride) * stride for length in inner))

    def _run(self, canvas: RGBImage) -> NDArray[np.floating]:
        blob = np.asarray(planes(canvas, 1 / 255), self.file.dtype)
        return next(iter(self._network.run(**{self.file.input: blob}).values()))
