"""YuNet, a small network that finds faces of any size with five landmarks each.

Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023. Outputs are decoded as
in OpenCV's ``modules/objdetect/src/face_detect.cpp``.
"""

from __future__ import annotations

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from closeup.detection.candidates import WIDER_FACE_SQUARING, best_first, best_of_overlapping
from closeup.detection.letterbox import Letterbox
from closeup.detection.scale_pyramid import ScalePyramid
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, boxes_around
from closeup.models.files import damaged_model
from closeup.models.network_input import planes
from closeup.models.sessions import Network
from closeup.protocols import FaceDetector

_STRIDES = (8, 16, 32)
_OVERLAP = 0.3
_BLACK = (0, 0, 0)
_LONGEST_SIDE = 1280
SCORE_THRESHOLD = 0.6
_LARGEST, _SMALLEST, _SINGLE = 320, 240, 560
"""Face heights in pixels of one look. Faces of some 600 pixels and more are lost or split into
parts of 340 to 700; a quarter of the second height is found as reliably as larger faces. Pictures
up to the third height, such as most looks at a video, get a single look."""


def yunet_detector(
    model: bytes,
    name: str,
    *,
    score_threshold: float = SCORE_THRESHOLD,
    longest_side: int = _LONGEST_SIDE,
    threads: int | None = None,
) -> ScalePyramid:
    """Open YuNet for faces of any size, up to those that fill a large photo.

    Args:
        model: The bytes of any of YuNet's ONNX files.
        name: The file's name in the catalogue.
        score_threshold: Faces with lower scores are dropped.
        longest_side: Pictures with a longer side are scaled down to this many pixels.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelCorruptError: the bytes are not an ONNX network.

    """
    look = YuNetDetector(
        model, name, longest_side=None, score_threshold=score_threshold, threads=threads
    )
    return ScalePyramid(
        look,
        largest=_LARGEST,
        smallest=_SMALLEST,
        single=_SINGLE,
        longest_side=longest_side,
    )


class YuNetDetector(FaceDetector):
    """Finds faces from about 10 to 600 pixels in height (after scaling), up to the profile.

    Larger faces are lost or split; :func:`yunet_detector` finds them, too.

    A box covers the whole face from the hairline to the chin, cheek to cheek: its top is 1.1
    above the eyes, its bottom 0.75 below the mouth, its width 2.1 and its height 2.85 (medians
    on photos, in distances from eyes to mouth). Scores are in 0..1. The landmarks are in the
    order of :data:`closeup.faces.Landmarks`.

    Args:
        model: The bytes of any of YuNet's ONNX files; their fixed input size is made free.
        name: The file's name in the catalogue.
        longest_side: Larger pictures are scaled down to this many pixels; None never scales.
        score_threshold: Faces with lower scores are dropped.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelCorruptError: the bytes are not an ONNX network.

    """

    reliable_height = 32

    def __init__(
        self,
        model: bytes,
        name: str = "yunet-n",
        *,
        longest_side: int | None = _LONGEST_SIDE,
        score_threshold: float = SCORE_THRESHOLD,
        threads: int | None = None,
    ) -> None:
        self.name = name
        self._network = Network(_with_any_size(model, name), name, threads)
        self._longest_side = longest_side
        self._score_threshold = score_threshold

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`.

        One picture per run: batches of 2 to 8 were measured up to 20 % slower per picture on one
        and on two threads, because their layers no longer fit into the processor's cache.
        """
        if not image.size:
            return Faces.none()
        size = Size.of(image)
        inner = size.fitted(self._longest_side) if self._longest_side else size
        canvas = Size(*(-(-side // _STRIDES[-1]) * _STRIDES[-1] for side in inner))
        drawn = Letterbox(size, inner, canvas).drawn(image, _BLACK)
        blob = planes(drawn, bgr=True)
        outputs = {name: values[0] for name, values in self._network.run(input=blob).items()}
        faces = _decoded(outputs, blob.shape[3], self._score_threshold)
        faces = faces.scaled(size.width / inner.width, size.height / inner.height)
        return best_first(faces.boxes, faces.scores, size, faces.landmarks, WIDER_FACE_SQUARING)


def _with_any_size(model: bytes, name: str) -> bytes:
    """Return the network with free height and width; YuNet is fully convolutional."""
    try:
        network = onnx.load_from_string(model)
        dimensions = network.graph.input[0].type.tensor_type.shape.dim
    except (DecodeError, IndexError) as error:
        raise damaged_model(f"{name} is not an ONNX network", name) from error
    dimensions[2].dim_param, dimensions[3].dim_param = "height", "width"
    del network.graph.value_info[:]
    for output in network.graph.output:
        output.type.tensor_type.ClearField("shape")
    return bytes(network.SerializeToString())


def _decoded(
    outputs: dict[str, NDArray[np.float32]], input_width: int, score_threshold: float
) -> Faces:
    """Return the faces of one picture, in the pixels of the network's input."""
    boxes, scores, points = [], [], []
    for stride in _STRIDES:
        sure = np.clip(outputs[f"cls_{stride}"], 0, 1) * np.clip(outputs[f"obj_{stride}"], 0, 1)
        score = np.sqrt(sure[:, 0])
        cells = np.flatnonzero(score >= score_threshold)
        rows, columns = np.divmod(cells, input_width // stride)
        corner = np.stack([columns, rows], 1).astype(np.float32)
        box = outputs[f"bbox_{stride}"][cells]
        centre, half = (corner + box[:, :2]) * stride, np.exp(box[:, 2:]) * (stride / 2)
        boxes.append(boxes_around(centre, half))
        scores.append(score[cells])
        offsets = outputs[f"kps_{stride}"][cells].reshape(-1, 5, 2)
        points.append((offsets + corner[:, None]) * np.float32(stride))
    faces = Faces(
        np.concatenate(boxes).astype(np.float32),
        np.concatenate(scores),
        np.concatenate(points),
    )
    return faces[best_of_overlapping(faces.boxes, faces.scores, _OVERLAP)]
