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
        score_threshold: Faces below are dropped; by default what Ultralytics takes.
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
        """See :meth:`closeup.protocols.FaceDetector.detect`; one picture a run."""
        if not image.size:
            return Faces.none()
        size = Size.of(image)
        found = self._network.find(image, [self._wanted], self._score_threshold, self._overlap)
        landmarks = found.points if self._network.file.points == _LANDMARKS else None
        return best_first(found.boxes, found.scores, size, landmarks, WIDER_FACE_SQUARING)
