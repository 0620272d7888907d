"""SFace's 128-D face embedding, run by onnxruntime.

Zhong et al., "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition", 2021.
Alignment and input are those of OpenCV's ``modules/objdetect/src/face_recognize.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.landmarks.five_points import five_points
from closeup.landmarks.templates import ARCFACE_SIZE, arcface112
from closeup.landmarks.warping import warped
from closeup.models.sessions import Network
from closeup.protocols import Landmarker

_BATCH = 16
"""Chips in one run, where the file leaves their number free."""

_CHIP_SHAPE = (3, ARCFACE_SIZE.height, ARCFACE_SIZE.width)


class SFaceEmbedder:
    """The vectors of SFace, brought to unit length.

    By OpenCV's convention two faces are one person's when the cosine of their vectors is 0.363
    or more: when the Euclidean distance is 1.128 or less.

    Args:
        model: The bytes of ``face_recognition_sface_2021dec.onnx``, or of a network with the
            same input and output; its batch may be fixed at 1 or free.
        landmarker: Finds the points of faces whose detector gave none.
        threads: Threads inside one operator, by default one a processor.

    Raises:
        ModelCorruptError: the bytes are not such a network.

    """

    name = "sface"
    dimensions = 128

    def __init__(self, model: bytes, landmarker: Landmarker, threads: int | None = None) -> None:
        self._network = Network(model, self.name, threads)
        batch, *shape = self._network.inputs.get("data", (None,))
        if tuple(shape) != _CHIP_SHAPE or "fc1" not in self._network.outputs:
            raise ModelCorruptError(
                f"this network is not {self.name}: it reads {self._network.inputs} and gives "
                f"{self._network.outputs}; fetch it again: closeup models fetch {self.name}"
            )
        self._batch = batch if isinstance(batch, int) else _BATCH
        self._landmarker = landmarker

    def chips(self, image: RGBImage, faces: Faces) -> list[RGBImage]:
        """The face in the ArcFace template; each (112, 112, 3) RGB uint8.

        By the detector's own five points, as in OpenCV, else by dlib's.
        """
        points = faces.landmarks
        if points is None:
            points = five_points(self._landmarker.find(image, faces))
        return [warped(image, arcface112(face), ARCFACE_SIZE) for face in points]

    def embed(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        """One vector a chip; shape (n, 128) float32, of unit length.

        Args:
            chips: (112, 112, 3) RGB uint8 arrays, as :meth:`chips` gives them.

        """
        vectors = [np.empty((0, self.dimensions), np.float32)]
        for start in range(0, len(chips), self._batch):
            # RGB from 0 to 255: the network's first layers scale it.
            pixels = np.stack(chips[start : start + self._batch]).transpose(0, 3, 1, 2)
            vectors.append(self._network.run(data=pixels.astype(np.float32))["fc1"])
        joined = np.concatenate(vectors)
        lengths = np.linalg.norm(joined, axis=1, keepdims=True)
        return np.asarray(joined / np.maximum(lengths, np.finfo(np.float32).tiny))
