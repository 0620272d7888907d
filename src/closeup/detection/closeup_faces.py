"""Our own face detector, as it is used: two looks of a network that knows small faces best."""

from __future__ import annotations

from closeup.detection.two_looks import TwoLooks
from closeup.detection.yolo import YoloDetector

NAME = "closeup"

_SCORE_THRESHOLD = 0.5
_LONGEST_SIDE = 1280
"""Pixels; larger pictures are made so large, as for YuNet."""
_LARGEST, _SMALLEST = 190, 90
"""Heights of faces in pixels: of those that the network has learnt from few are larger than the
first; of those lower than the second, a quarter is too little to be sure of."""


def closeup_detector(
    model: bytes,
    *,
    score_threshold: float = _SCORE_THRESHOLD,
    longest_side: int = _LONGEST_SIDE,
    threads: int | None = None,
) -> TwoLooks:
    """The detector called ``closeup``.

    Args:
        model: The bytes of what ``closeup train faces`` made.
        score_threshold: Faces below are dropped.
        longest_side: Larger pictures are scaled down to so many pixels.
        threads: Threads inside one operator, by default one a processor.

    Raises:
        ModelError: the file is no such network.

    """
    looks = YoloDetector(
        model,
        NAME,
        name=NAME,
        own_size=longest_side,
        score_threshold=score_threshold,
        threads=threads,
    )
    return TwoLooks(looks, largest=_LARGEST, smallest=_SMALLEST)
