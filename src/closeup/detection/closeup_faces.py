"""Networks of ``closeup train faces``, the package's own among them, for faces of any size.

They learn from faces of up to some 250 pixels, so they search a pyramid of scales. A second network
scores the candidates of the package's own again.
"""

from __future__ import annotations

from closeup.detection.rescoring import FaceRescorer, RescoringDetector
from closeup.detection.scale_pyramid import ScalePyramid
from closeup.detection.yolo import YoloDetector
from closeup.detection.yolo_file import read_yolo_file
from closeup.protocols import FaceDetector

NAME = "closeup@3"
"""Distinguishes analyses by this detector from those with earlier weights of its networks."""

SCORE_THRESHOLD = 0.5
CANDIDATES_FROM = 0.25
"""Score of the first network from which the second one looks again."""
_LONGEST_SIDE = 1280
"""Longest side in pixels; larger pictures are scaled down to it, as for YuNet."""
_LARGEST, _SMALLEST = 190, 90
"""Face heights in pixels: few faces of the network's training are larger than the first; a
quarter of a height below the second is too small for certainty."""


_AUTHOR = "closeup"
"""What the metadata of a file of ``closeup train`` name as its author."""


def closeup_detector(
    model: bytes,
    rescorer: bytes,
    *,
    score_threshold: float = SCORE_THRESHOLD,
    longest_side: int = _LONGEST_SIDE,
    threads: int | None = None,
) -> FaceDetector:
    """Open the detector called ``closeup``.

    Args:
        model: The bytes of a network of ``closeup train faces``.
        rescorer: The bytes of a network of ``closeup train rescorer``.
        score_threshold: Faces with lower scores are dropped.
        longest_side: Pictures with a longer side are scaled down to this many pixels.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelError: a file is not such a network.

    """
    candidates = candidate_detector(
        model,
        score_threshold=min(score_threshold, CANDIDATES_FROM),
        longest_side=longest_side,
        threads=threads,
    )
    second = FaceRescorer(rescorer, "closeup-rescorer", threads=threads)
    return RescoringDetector(candidates, second, name=NAME, score_threshold=score_threshold)


def candidate_detector(
    model: bytes,
    *,
    score_threshold: float = CANDIDATES_FROM,
    longest_side: int = _LONGEST_SIDE,
    threads: int | None = None,
) -> ScalePyramid:
    """Open the first network of ``closeup`` alone.

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
        "closeup-faces",
        name="closeup-candidates",
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
