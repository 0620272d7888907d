"""What every shot detector must do; TransNet V2 with random weights, and with its own.

Random weights find cuts anywhere: with them, only what holds for any answer is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.shots import StructureShotDetector, find_shots
from closeup.media.transnet import TransNetDetector
from closeup.parts import required
from closeup.protocols import ShotDetector
from tests.media.test_shots import borders_of, shown
from tests.random_transnet import random_transnet

RATE = Fraction(25)


def opened(name: str, request: pytest.FixtureRequest) -> ShotDetector:
    if name == "closeup":
        return StructureShotDetector()
    if name == "random transnet":
        return TransNetDetector(random_transnet(), threads=1)
    weights: Path = request.getfixturevalue("transnet_weights")
    return TransNetDetector(weights.read_bytes(), threads=1)


@pytest.fixture(scope="module", params=["closeup", "random transnet", "transnet"])
def detector(request: pytest.FixtureRequest) -> ShotDetector:
    return opened(request.param, request)


@pytest.fixture(scope="module", params=["closeup", "transnet"])
def trained(request: pytest.FixtureRequest) -> ShotDetector:
    return opened(request.param, request)


def scene(name: str, frames: int, seed: int = 0) -> list[RGBImage]:
    return shown(np.asarray(getattr(data, name)(), np.uint8), frames, seed=seed)


def noise(frames: int, size: Size, seed: int = 0) -> list[RGBImage]:
    rng = np.random.default_rng(seed)
    return list(rng.integers(0, 256, (frames, size.height, size.width, 3), np.uint8))


def assert_cuts(cuts: Sequence[int], frames: int) -> None:
    assert all(type(cut) is int and 0 < cut < frames for cut in cuts)
    assert all(before < after for before, after in pairwise(cuts))


def test_it_is_a_shot_detector(detector: ShotDetector) -> None:
    assert required(detector, ShotDetector) is detector
    assert detector.name


@pytest.mark.parametrize("frames", [0, 1, 2, 49, 51, 101, 160])
def test_cuts_are_increasing_frames_of_the_video(detector: ShotDetector, frames: int) -> None:
    cuts = detector.find(iter(noise(frames, Size(48, 27))), RATE)
    assert_cuts(cuts, frames)


@pytest.mark.parametrize("size", [Size(48, 85), Size(48, 9), Size(48, 36)])
def test_pictures_of_any_shape(detector: ShotDetector, size: Size) -> None:
    half = noise(1, size) * 30
    assert_cuts(detector.find(half + noise(1, size, seed=1) * 30, RATE), 60)


def test_it_depends_on_the_pictures_only(detector: ShotDetector) -> None:
    frames = scene("astronaut", 40) + scene("coffee", 40)
    read_only = [frame.copy() for frame in frames]
    for frame in read_only:
        frame.flags.writeable = False
    expected = detector.find(frames, RATE)
    assert detector.find((frame[:, :, ::-1][:, :, ::-1] for frame in read_only), RATE) == expected
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: detector.find(frames, RATE), range(3))) == [expected] * 3


def test_hard_cuts_are_found(trained: ShotDetector) -> None:
    frames = [*scene("astronaut", 60), *scene("coffee", 45), *scene("chelsea", 70)]
    assert trained.find(frames, RATE) == [60, 105]


def test_a_still_scene_has_none(trained: ShotDetector) -> None:
    assert trained.find(scene("astronaut", 130), RATE) == []


def test_a_dissolve_is_one_cut_near_its_middle(trained: ShotDetector) -> None:
    before, after = scene("astronaut", 60), scene("coffee", 60, seed=1)
    mixed = [cv2.addWeighted(before[40 + k], 1 - k / 11, after[k], k / 11, 0) for k in range(1, 11)]
    frames = [*before[:40], *(np.asarray(frame, np.uint8) for frame in mixed), *after[10:]]
    (cut,) = trained.find(frames, RATE)
    assert 40 <= cut <= 50


def test_cuts_are_found_between_bars(trained: ShotDetector) -> None:
    frames = [*scene("astronaut", 60), *scene("coffee", 45)]
    for frame in frames:
        frame[:6] = frame[21:] = 0
    assert find_shots(lambda: frames, borders_of(frames), RATE, trained).cuts == [60]
