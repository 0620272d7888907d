"""The windows are compared with the whole video, extended at its ends and cut by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.media.transnet import TransNetDetector
from closeup.models.sessions import Network
from closeup.models.torch_weights import read_torch_weights
from closeup.models.transnet_onnx import transnet_onnx
from tests.random_transnet import random_transnet

RATE = Fraction(25)
RNG = np.random.default_rng(0)
VIDEO = RNG.integers(0, 256, (170, 27, 48, 3), dtype=np.uint8)
"""Of the network's size, so that nothing is resized."""


@pytest.fixture(scope="module")
def network() -> Network:
    tensors = read_torch_weights(random_transnet(), "transnetv2")
    return Network(transnet_onnx(tensors, "transnetv2"), "transnetv2", threads=1)


def histograms(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    edges = [np.arange(0, 257, 32)] * 3
    return np.array(
        [np.histogramdd(frame.reshape(-1, 3), edges)[0].ravel() for frame in frames], np.float32
    )


def probabilities(network: Network, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Middle halves of windows in steps of 50 frames, as the paper describes them."""
    after = 25 + (-len(frames)) % 50
    extended = np.concatenate([frames[:1].repeat(25, 0), frames, frames[-1:].repeat(after, 0)])
    middles = []
    for start in range(0, len(extended) - 99, 50):
        window = extended[start : start + 100]
        found = network.run(frames=window, colours=histograms(window))["cuts"]
        middles.append(found[25:75])
    return np.concatenate(middles)[: len(frames)]


@pytest.mark.parametrize("count", [1, 24, 50, 51, 75, 76, 100, 126, 170])
def test_every_frame_is_judged_once_in_the_middle_of_a_window(network: Network, count: int) -> None:
    frames = VIDEO[:count]
    expected = probabilities(network, frames)
    assert len(expected) == count
    threshold = float(np.median(expected))
    detector = TransNetDetector(random_transnet(), threshold=threshold, threads=1)
    cuts, peak = [], None
    for frame, probability in enumerate([*expected.tolist(), 0.0]):
        if probability > threshold:
            if peak is None or probability > expected[peak]:
                peak = frame
        elif peak is not None:
            cuts.append(peak + 1)
            peak = None
    assert detector.find(frames, RATE) == [cut for cut in cuts if cut < count]
    assert count < 50 or len(cuts) > 1


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ModelCorruptError, match="closeup models fetch transnetv2"):
        TransNetDetector(b"not a file of PyTorch")
