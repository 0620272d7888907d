"""Finds and identifies members in one step: a YOLO file whose classes are a stage's members."""

from __future__ import annotations

from closeup.detection.candidates import best_detections_first
from closeup.detection.yolo_network import YoloNetwork
from closeup.detections import Detections
from closeup.errors import ModelError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.models.files import name_of_file
from closeup.protocols import MemberDetector


class YoloMemberDetector(MemberDetector):
    """Finds members with a network of ``closeup train members``, or any file in YOLO's layout.

    Args:
        model: The bytes of the ONNX file.
        file: Its name, for messages.
        score_threshold: Boxes with lower scores are dropped.
        overlap: Intersection over union from which the less certain of two boxes of one member is
            dropped.
        threads: Threads inside one operator; one per processor by default.

    Attributes:
        name: The file's name and digits that distinguish it from others of the same name.
        names: Names of the classes, in the order of their numbers.

    Raises:
        ModelError: the file is not such a network, its layout is ambiguous, or it does not
            name its classes.

    """

    def __init__(
        self,
        model: bytes,
        file: str,
        *,
        score_threshold: float = 0.25,
        overlap: float = 0.6,
        threads: int | None = None,
    ) -> None:
        self.name = name_of_file(model, file)
        self._network = YoloNetwork(model, file, threads=threads)
        classes = self._network.file.classes
        if not classes or sorted(classes) != list(range(len(classes))):
            raise ModelError(
                f"{file} does not name its classes; export it again, or train one with: "
                "closeup train members"
            )
        self.names = tuple(classes[number] for number in range(len(classes)))
        self._score_threshold, self._overlap = score_threshold, overlap

    def detect(self, image: RGBImage) -> Detections:
        """See :meth:`closeup.protocols.MemberDetector.detect`."""
        numbers = range(len(self.names))
        found = self._network.find(image, numbers, self._score_threshold, self._overlap)
        return best_detections_first(found, Size.of(image))
