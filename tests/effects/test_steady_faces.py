"""Steadying, on portraits that are moved by known amounts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.effects.steady_faces import SteadyFaces
from closeup.errors import ShapeError
from closeup.faces import Faces
from closeup.frames import GrayImage
from tests.effects.portraits import described, moved

RATE = 30
NOISE = 0.4
"""Standard deviation of the added errors of all points, in pixels."""


@cache
def base(models: Path) -> tuple[GrayImage, Faces]:
    image, faces = described("astronaut", models)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8), faces


def shot(
    models: Path, offsets: NDArray[np.float64], seed: int = 0
) -> list[tuple[GrayImage, Faces, Faces]]:
    """Pictures moved by offsets, the faces with errors, and the true ones."""
    gray, faces = base(models)
    rng = np.random.default_rng(seed)
    frames = []
    for x, y in offsets.tolist():
        matrix = np.array([[1, 0, x], [0, 1, y]])
        picture = cv2.warpAffine(gray, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
        noisy = np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
        true = moved(faces, (x, y))
        frames.append((noisy, with_errors(true, rng), true))
    return frames


def with_errors(faces: Faces, rng: np.random.Generator) -> Faces:
    assert faces.points is not None
    assert faces.eyes is not None

    def erring(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return (values + rng.normal(0, NOISE, values.shape)).astype(np.float32)

    eyes = replace(faces.eyes, centres=erring(faces.eyes.centres))
    return faces.with_columns(boxes=erring(faces.boxes), points=erring(faces.points), eyes=eyes)


def errors(frames: list[tuple[GrayImage, Faces, Faces]]) -> NDArray[np.float64]:
    """Distance of each steadied pupil from the mean of its distances: what a viewer sees."""
    steady = SteadyFaces()
    away = []
    for number, (gray, faces, true) in enumerate(frames):
        shown = steady.step(gray, faces, number / RATE)
        assert shown.eyes is not None
        assert true.eyes is not None
        away.append((shown.eyes.centres - true.eyes.centres)[0])
    apart = np.array(away, np.float64) - np.mean(away[10:], axis=0)
    return np.asarray(np.linalg.norm(apart, axis=2), np.float64)


def test_a_still_face_hardly_trembles(shared_models: Path) -> None:
    seen = errors(shot(shared_models, np.zeros((60, 2))))
    assert seen[20:].max() < 0.3


def test_a_fast_face_is_followed_without_delay(shared_models: Path) -> None:
    times = np.arange(60) / RATE
    way = np.stack([60 * np.sin(2 * np.pi * 1.1 * times), 20 * np.cos(2 * np.pi * 0.7 * times)], 1)
    speed = np.linalg.norm(np.diff(way, axis=0), axis=1).max()
    seen = errors(shot(shared_models, way))
    assert speed > 10
    assert seen[20:].max() < 0.1 * speed


def test_after_a_jump_the_face_is_where_it_is_found(shared_models: Path) -> None:
    way = np.zeros((20, 2))
    way[10:] = (40, -20)
    steady = SteadyFaces()
    for number, (gray, faces, _) in enumerate(shot(shared_models, way)):
        shown = steady.step(gray, faces, number / RATE)
        assert shown.eyes is not None
        assert faces.eyes is not None
        if number == 10:
            away = np.abs(shown.eyes.centres - faces.eyes.centres)
            assert away.max() < 3 * NOISE


def test_numbers_stay_with_their_faces(shared_models: Path) -> None:
    gray, faces = base(shared_models)
    two = Faces.joined([faces, moved(faces, (200, 0))])
    steady = SteadyFaces()
    first = steady.step(gray, two, 0.0)
    other = steady.step(gray, two[np.array([1, 0])], 0.04)
    assert first.ids is not None
    assert other.ids is not None
    assert first.ids.tolist() == [0, 1]
    assert other.ids.tolist() == [1, 0]
    assert other.seconds == 0.04
    assert steady.step(gray, two, 0.0).ids is not None  # the video begins again


def test_eyes_fade_in_and_out_within_the_time(shared_models: Path) -> None:
    gray, faces = base(shared_models)
    steady = SteadyFaces()
    opacity = []
    for number in range(40):
        given = faces if number < 20 else Faces.none()
        shown = steady.step(gray, given, number / 100)
        eyes = shown.eyes
        opacity.append(0.0 if eyes is None else float(eyes.opacity[0, 0]))  # type: ignore[index]
    assert opacity[0] == 0
    assert opacity[15:20] == pytest.approx([1.0] * 5)
    assert opacity[20:36] == pytest.approx([1 - (i + 1) / 15 for i in range(15)] + [0], abs=1e-6)
    assert np.abs(np.diff(opacity)).max() <= 0.07


def test_a_closed_eye_fades_where_it_was(shared_models: Path) -> None:
    gray, faces = base(shared_models)
    assert faces.eyes is not None
    steady = SteadyFaces()
    for number in range(20):
        before = steady.step(gray, faces, number / 50)
    centres = np.full((1, 2, 2), np.nan, np.float32)
    closed = replace(faces.eyes, centres=centres, reasons=(("closed", "closed"),))
    after = steady.step(gray, faces.with_columns(eyes=closed), 0.42)
    assert before.eyes is not None
    assert after.eyes is not None
    assert after.eyes.opacity is not None
    assert np.abs(after.eyes.centres - before.eyes.centres).max() < 0.5
    assert (after.eyes.opacity < 1).all()
    assert (after.eyes.opacity > 0.5).all()


def test_faces_without_eyes_or_points_are_refused(shared_models: Path) -> None:
    gray, faces = base(shared_models)
    for missing in ({"eyes": None}, {"points": None}):
        with pytest.raises(ShapeError, match="find them first"):
            SteadyFaces().step(gray, faces.with_columns(**missing), 0.0)
