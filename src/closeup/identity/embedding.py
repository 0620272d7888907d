"""dlib's 128-D face embedding, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.landmarks.alignment import face_chip
from closeup.models.dlib_onnx import CHIP_SIDE, embedding_onnx
from closeup.models.dlib_weights import DlibNetwork
from closeup.models.sessions import Network
from closeup.protocols import Landmarker

_BATCH = 16
"""Chips in one run: half the time a chip of single runs; larger batches gain nothing."""


class DlibEmbedder:
    """The vectors of dlib's ``face_recognition_model_v1``.

    They are not of unit length. By dlib's convention two faces are of one person if the
    Euclidean distance of their vectors is below 0.6.

    Args:
        network: Parameters read from ``dlib_face_recognition_resnet_model_v1.dat``.
        landmarker: Finds dlib's five points, by which the chips are aligned.
        threads: Threads inside one operator; by default one per processor.
        calibration: Meaning of its distances; None if it is not known.

    """

    name = "dlib-128"
    dimensions = 128

    def __init__(
        self,
        network: DlibNetwork,
        landmarker: Landmarker,
        threads: int | None = None,
        calibration: EmbeddingCalibration | None = None,
    ) -> None:
        self.calibration = calibration
        self._network = Network(embedding_onnx(network), self.name, threads)
        self._landmarker = landmarker

    def chips(self, image: RGBImage, faces: Faces) -> list[RGBImage]:
        """The aligned picture of each face; each (150, 150, 3) RGB uint8."""
        points = self._landmarker.find(image, faces)
        return [face_chip(image, five, CHIP_SIDE) for five in points]

    def embed(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        """One vector a chip; shape (n, 128) float32, not of unit length.

        Args:
            chips: (150, 150, 3) RGB uint8 arrays, as :meth:`chips` gives them.

        """
        vectors = [
            self._network.run(chips=np.stack(chips[start : start + _BATCH]))["embedding"]
            for start in range(0, len(chips), _BATCH)
        ]
        return np.concatenate([np.empty((0, self.dimensions), np.float32), *vectors])
