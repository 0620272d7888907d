"""Networks of ``closeup train faces``, the package's own among them, for faces of any size.

They learn from faces of up to some 250 pixels, so they search a pyramid of scales.
"""

from __future__ import annotations

from closeup.detection.scale_pyramid import ScalePyramid
from closeup.detection.yolo import YoloDetector
from closeup.detection.yolo_file import read_yolo_file
from closeup.protocols import FaceDetector

NAME = "closeup"

_SCORE_THRESHOLD = 0.5
_LONGEST_SIDE = 1280
"""Longest side in pixels; larger pictures are scaled down to it, as for YuNet."""
_LARGEST, _SMALLEST = 190, 90
"""Face heights in pixels: few faces of the network's training are larger than the first; a
quarter of a height below the second is too small for certainty."""


_AUTHOR = "closeup"
"""What the metadata of a file of ``closeup train`` name as its author."""


def closeup_detector(
    model: bytes,
    *,
    score_threshold: float = _SCORE_THRESHOLD,
    longest_side: int = _LONGEST_SIDE,
    threads: int | None = None,
) -> ScalePyramid:
    """Open the detector called ``closeup``.

    Args:
        model: The bytes of a network of ``closeup train faces``.
        score_threshold: Faces with lower scores are dropped.
        longest_side: Pictures with a longer side are scaled down to this many pixels.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelError: the file is not such a network.

    """
    look = YoloDetector(
        model,
        NAME,
        name=NAME,
        own_size=longest_side,
        score_threshold=score_threshold,
        threads=threads,
    )
    return _pyramid(look, longest_side)


def file_detector(model: bytes, file: str, *, threads: int | None = None) -> FaceDetector:
    """Open a YOLO file for faces; one of ``closeup train faces`` searches a pyramid of scales.

    Args:
        model: The bytes of the ONNX file.
        file: Its name, as for :class:`closeup.detection.yolo.YoloDetector`.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelError: the file is not such a network, or its layout is ambiguous.

    """
    description = read_yolo_file(model, file)
    if description.author != _AUTHOR or description.size:
        return YoloDetector(model, file, threads=threads)
    side = description.longest_side
    look = YoloDetector(model, file, own_size=side, threads=threads)
    return _pyramid(look, side, enlarged=True)


def _pyramid(look: YoloDetector, longest_side: int, *, enlarged: bool = False) -> ScalePyramid:
    return ScalePyramid(
        look,
        largest=_LARGEST,
        smallest=_SMALLEST,
        single=_LARGEST,
        longest_side=longest_side,
        enlarged=enlarged,
    )
