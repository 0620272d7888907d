"""Synthetic trajectories of one face on a stage, with a detector's errors."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from closeup.geometry import Size, boxes_around, clipped
from closeup.tracks import PositionSource, Trajectory

STAGE = Size(1920, 1080)
"""Size of the video of the trajectories, in pixels."""


class Motion(StrEnum):
    """How the member moves."""

    STAND = "stand"
    """Nearly still: the weight shifts from one foot to the other."""
    WALK = "walk"
    """A smooth random walk, towards and away from the camera."""
    DANCE = "dance"
    """The walk with a bounce on every beat and a sway on every other."""
    JERK = "jerk"
    """Abrupt starts, stops and turns at random times."""


def made_trajectory(
    motion: Motion, times: NDArray[np.float64], seed: int, *, face: float = 80.0, noise: float = 2.0
) -> Trajectory:
    """Return the trajectory of a member who is found in every frame.

    Args:
        motion: How the member moves.
        times: (n,) seconds, increasing.
        seed: Seed of motion and noise; the noise does not change the motion under it.
        face: Typical height of the face box in pixels.
        noise: Standard deviation in pixels of the box's centre and sides, independent per frame.

    """
    rng = np.random.default_rng(seed)
    centres, heights = _motion(motion, times, rng, face)
    sides = np.column_stack([0.78 * heights, heights])
    centres = centres + rng.normal(0, 1, centres.shape) * noise
    half = np.maximum(sides + rng.normal(0, 1, sides.shape) * noise, 4) / 2
    boxes = clipped(boxes_around(centres, half), STAGE)
    count = len(times)
    return Trajectory(
        "made",
        boxes,
        np.full(count, PositionSource.DETECTED, np.uint8),
        np.ones(count, np.float32),
        np.zeros(count, np.int64),
    )


def _motion(
    motion: Motion, times: NDArray[np.float64], rng: np.random.Generator, face: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the true centres (n, 2) and heights (n,) of the face, in pixels."""
    still = np.array([STAGE.width / 2, 0.4 * STAGE.height])
    if motion is Motion.STAND:
        swing = 0.15 * face * np.sin(times * 1.1 + rng.uniform(0, 6))
        return still + np.column_stack([swing, 0 * swing]), np.full(len(times), face)
    if motion is Motion.JERK:
        return _jerky(times, rng), np.full(len(times), face)
    centres = still + _wander(times, rng) * [500, 60]
    heights = face * np.exp(0.25 * _wander(times, rng)[:, 0])
    if motion is Motion.DANCE:
        beat = 2 * np.pi * times * rng.uniform(1.7, 2.1)
        bounce = -0.25 * heights * np.abs(np.sin(beat / 2))
        centres = centres + np.column_stack([0.3 * heights * np.sin(beat / 4), bounce])
    return centres, heights


def _wander(times: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return two smooth random curves in about -1..1 that turn every few seconds; (n, 2)."""
    speeds = rng.uniform(0.3, 1.0, (3, 1, 2))
    phases = rng.uniform(0, 2 * np.pi, (3, 1, 2))
    return np.asarray(np.sin(speeds * times[:, None] + phases).mean(axis=0) * 1.5)


def _jerky(times: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return pauses and runs of about 0.5 s, mirrored at the stage's edges; (n, 2)."""
    steps = np.gradient(times) if len(times) > 1 else np.zeros(1)
    changes = rng.random(len(times)) < 2 * steps
    number = np.cumsum(changes)
    speeds = rng.normal(0, [350, 120], (number[-1] + 1, 2)) * (
        rng.random((number[-1] + 1, 1)) < 0.6
    )
    places = np.array(STAGE) / 2 + np.cumsum(speeds[number] * steps[:, None], axis=0)
    room = np.array(STAGE) - 300.0
    folded = np.abs((places - 150) % (2 * room) - room)
    return np.asarray(gaussian_filter1d(room - folded + 150, 1, axis=0))
