"""Any YOLO network for faces, in the ONNX files that Ultralytics exports."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.detection.best_first import best_first
from closeup.detection.letterbox import Letterbox, largest_inside
from closeup.detection.suppression import best_of_overlapping
from closeup.detection.wider_face import WIDER_FACE_SQUARING
from closeup.detection.yolo_file import read_yolo_file
from closeup.detection.yolo_output import Layout, decoded, face_class, tell_layout
from closeup.errors import ModelCorruptError, ModelError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.models.sessions import UNSUITED, Network

_GREY = (114, 114, 114)
_LANDMARKS = 5
_DIGITS = 8


class YoloDetector:
    """Finds faces with a YOLO file of your own: v5, v8, v11 and what is laid out like them.

    The file's metadata say what its numbers mean. The class called "face" counts, else the only
    one. Five key points are taken for landmarks in the order of :data:`closeup.faces.Landmarks`,
    which is that of WIDER FACE's points: the subject's right eye (left in the picture) first;
    another number of points is left aside. The picture keeps its shape, on grey; where the file
    leaves the size of its input free, the longer side is what it was exported for. Scores are
    in 0..1. What boxes cover depends on the training; they are taken for WIDER FACE's.

    Args:
        model: The bytes of the ONNX file.
        file: Its name, for messages; the detector's name is this and the first digits of the
            file's SHA-256, since another file of that name is another detector.
        least_score: Faces below are dropped; by default what Ultralytics takes.
        overlap: Of two boxes with this intersection over union the surer stays.
        own_size: Longer side in pixels up to which pictures keep the size that they have, instead
            of that which the file was exported for; larger ones are made so large.
        name: Instead of the file's name and digest.
        threads: Threads inside one operator, by default one a processor.

    Raises:
        ModelError: the file is not such a network, its layout cannot be told, or it has several
            classes of which none is called "face".

    """

    reliable_height = 32

    def __init__(
        self,
        model: bytes,
        file: str,
        *,
        least_score: float = 0.25,
        overlap: float = 0.45,
        own_size: int | None = None,
        name: str = "",
        threads: int | None = None,
    ) -> None:
        digest = hashlib.sha256(model).hexdigest()[:_DIGITS]
        self.name = name or f"{Path(file).name}@{digest}"
        self._file = read_yolo_file(model, file)
        self._wanted = face_class(self._file, file)
        self._least_score = least_score
        self._overlap = overlap
        self._own_size = own_size
        try:
            self._network = Network(model, file, threads)
            self._layout = self._tried(file)
        except (ModelCorruptError, *UNSUITED) as error:
            raise ModelError(f"onnxruntime cannot run {file}; export it again") from error

    def detect(self, images: Sequence[RGBImage]) -> list[Faces]:
        """See :meth:`closeup.protocols.FaceDetector.detect`; one picture a run."""
        return [self._detect(image) for image in images]

    def _detect(self, image: RGBImage) -> Faces:
        if not image.size:
            return Faces.none()
        size = Size(image.shape[1], image.shape[0])
        letterbox = self._letterbox(size)
        output = self._run(letterbox.drawn(image, _GREY))
        found = decoded(output, self._layout, self._file, self._wanted, self._least_score)
        kept = best_of_overlapping(found.boxes, found.scores, self._overlap)
        # Ultralytics' zero is the edge of the first pixel, ours its centre.
        boxes = letterbox.boxes_to_picture(found.boxes[kept] - 0.5)
        points = letterbox.to_picture(found.points[kept] - 0.5)
        landmarks = points if self._file.points == _LANDMARKS else None
        return best_first(boxes, found.scores[kept], size, landmarks, WIDER_FACE_SQUARING)

    def _tried(self, file: str) -> Layout:
        """The layout of what the network makes of a grey picture."""
        side = self._file.longest_side
        canvas = self._canvas(Size(side, side))
        picture = np.full((canvas.height, canvas.width, 3), _GREY, np.uint8)
        return tell_layout(self._run(picture), canvas, self._file, file)

    def _letterbox(self, picture: Size) -> Letterbox:
        """Where a picture lies on the network's input."""
        if not self._own_size or self._file.size:
            return Letterbox.centred(picture, self._canvas(picture))
        inner = picture.fitted(self._own_size)
        return Letterbox(picture, inner, self._whole_strides(inner))

    def _canvas(self, picture: Size) -> Size:
        """The input's size for a picture: whole strides around it where the file leaves it free."""
        if self._file.size:
            return self._file.size
        side = self._file.longest_side
        return self._whole_strides(largest_inside(picture, Size(side, side)))

    def _whole_strides(self, inner: Size) -> Size:
        stride = self._file.stride
        return Size(*(-(-length // stride) * stride for length in inner))

    def _run(self, canvas: RGBImage) -> NDArray[np.floating]:
        blob = np.asarray(cv2.dnn.blobFromImage(canvas, 1 / 255), self._file.dtype)
        return next(iter(self._network.run(**{self._file.input: blob}).values()))
