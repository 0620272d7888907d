"""Who is where in one look: a YOLO file whose classes are the members of a stage."""

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
    """Finds members with what ``closeup train members`` made, or any file laid out as YOLO's.

    Args:
        model: The bytes of the ONNX file.
        file: Its name, for messages.
        score_threshold: Boxes below are dropped.
        overlap: Of two boxes of one member with this intersection over union the surer stays.
        threads: Threads inside one operator, by default one a processor.

    Attributes:
        name: The file's name, and what tells it from another of that name.
        names: Of the classes, in the order of their numbers.

    Raises:
        ModelError: the file is not such a network, its layout cannot be told, or it does not
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
