"""Any YOLO network for faces, in the ONNX files that Ultralytics exports."""

from __future__ import annotations

from closeup.detection.candidates import WIDER_FACE_SQUARING, best_first
from closeup.detection.yolo_network import YoloNetwork
from closeup.detection.yolo_output import face_class
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.models.files import name_of_file
from closeup.protocols import FaceDetector

_LANDMARKS = 5


class YoloDetector(FaceDetector):
    """Finds faces with the user's own YOLO file: v5, v8, v11 or a compatible layout.

    The file's metadata describe its output. The class called "face" is used, else the only
    one. Five key points are read as landmarks in the order of :data:`closeup.faces.Landmarks`,
    which is that of WIDER FACE: the subject's right eye (left in the picture) first; another number
    of points is ignored. The picture keeps its aspect ratio, on grey; if the file's input size is
    free, the longer side is the size it was exported for. Scores are in 0..1. The extent of boxes
    depends on the training; they are assumed to be like WIDER FACE's.

    Args:
        model: The bytes of the ONNX file.
        file: Its name, for messages; the detector's name is this and the first digits of the
            file's SHA-256, which distinguish files of the same name.
        score_threshold: Faces with lower scores are dropped; Ultralytics' value by default.
        overlap: Intersection over union from which the less certain of two boxes is dropped.
        own_size: Longer side in pixels up to which pictures keep their own size, instead of the
            size that the file was exported for; larger ones are scaled down to it. None turns
            this off.
        name: Replaces the file's name and digest as the detector's name; unused if empty.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelError: the file is not such a network, its layout is ambiguous, or it has several
            classes and none is called "face".

    """

    reliable_height = 32

    def __init__(
        self,
        model: bytes,
        file: str,
        *,
        score_threshold: float = 0.25,
        overlap: float = 0.45,
        own_size: int | None = None,
        name: str = "",
        threads: int | None = None,
    ) -> None:
        self.name = name or name_of_file(model, file)
        self._network = YoloNetwork(model, file, own_size=own_size, threads=threads)
        self._wanted = face_class(self._network.file, file)
        self._score_threshold = score_threshold
        self._overlap = overlap

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`; one picture per run."""
        if not image.size:
            return Faces.none()
        size = Size.of(image)
        found = self._network.find(image, [self._wanted], self._score_threshold, self._overlap)
        landmarks = found.points if self._network.file.points == _LANDMARKS else None
        return best_first(found.boxes, found.scores, size, landmarks, WIDER_FACE_SQUARING)
