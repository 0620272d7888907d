"""Who is where in one look: a YOLO file whose classes are the members of a stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.detection.yolo_network import YoloNetwork
from closeup.errors import ModelError
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, areas, clipped
from closeup.models.files import name_of_file


class MemberBoxes(NamedTuple):
    """The members in one picture, the surest first.

    Attributes:
        boxes: (n, 4) float32 xyxy in the picture's pixels, cut at its edges.
        members: (n,) int64, places in :attr:`MemberDetector.names`.
        scores: (n,) float32 in 0..1.

    """

    boxes: Boxes
    members: NDArray[np.int64]
    scores: NDArray[np.float32]


class MemberDetector:
    """Finds members with what ``closeup train members`` made, or any file laid out as YOLO's.

    Args:
        model: The bytes of the ONNX file.
        file: Its name, for messages.
        least_score: Boxes below are dropped.
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
        least_score: float = 0.25,
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
        self._least_score, self._overlap = least_score, overlap

    def detect(self, images: Sequence[RGBImage]) -> list[MemberBoxes]:
        """The members in each picture.

        Args:
            images: RGB uint8 arrays of shape (H, W, 3); sizes may differ.

        """
        return [self._detect(image) for image in images]

    def _detect(self, image: RGBImage) -> MemberBoxes:
        numbers = range(len(self.names))
        found = self._network.find(image, numbers, self._least_score, self._overlap)
        boxes = clipped(
            np.concatenate([own.boxes for own in found]), Size(image.shape[1], image.shape[0])
        )
        scores = np.concatenate([own.scores for own in found])
        members = np.repeat(np.array(numbers, np.int64), [len(own.boxes) for own in found])
        order = np.argsort(-scores, kind="stable")
        order = order[areas(boxes)[order] > 0]
        return MemberBoxes(boxes[order], members[order], scores[order])
