"""SFace's 128-D face embedding, run by onnxruntime.

Zhong et al., "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition", 2021.
Alignment and input are those of OpenCV's ``modules/objdetect/src/face_recognize.cpp``.
"""

from __future__ import annotations

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.identity.onnx_embedder import ChipForm, OnnxEmbedder
from closeup.landmarks.templates import ARCFACE_SIZE
from closeup.models.files import damaged_model
from closeup.models.sessions import Network
from closeup.protocols import Landmarker

NAME = "sface"

_INPUT = (3, ARCFACE_SIZE.height, ARCFACE_SIZE.width)
_FORM = ChipForm(mean=(0, 0, 0), scale=(1, 1, 1))
"""RGB from 0 to 255: the network's first layers scale the pixels."""


class SFaceEmbedder(OnnxEmbedder):
    """The vectors of SFace, normalised to unit length.

    By OpenCV's convention two faces are of one person if the cosine of their vectors is at least
    0.363, that is, if their Euclidean distance is at most 1.128.

    Args:
        model: The bytes of ``face_recognition_sface_2021dec.onnx``, or of a network with the
            same input and output; its batch may be fixed or free.
        landmarker: Finds the points of faces whose detector gave none.
        threads: Threads inside one operator; by default one per processor.
        calibration: Meaning of its distances; None by default, as none comes with Closeup.

    Raises:
        ModelCorruptError: the bytes are not such a network.

    """

    def __init__(
        self,
        model: bytes,
        landmarker: Landmarker,
        threads: int | None = None,
        calibration: EmbeddingCalibration | None = None,
    ) -> None:
        network = Network(model, NAME, threads)
        if network.inputs.get("data", ())[1:] != _INPUT or network.outputs != ["fc1"]:
            problem = f"it reads {network.inputs} and gives {network.outputs}"
            raise damaged_model(f"this network is not {NAME}: {problem}", NAME)
        super().__init__(network, NAME, _FORM, landmarker, calibration)
