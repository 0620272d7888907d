"""A stage of two members that is quick to analyse, and the members' photos."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from closeup.geometry import Size
from closeup.testing import (
    WARDROBE,
    Act,
    Key,
    Performer,
    Scene,
    Shot,
    eileen_collins,
    grace_hopper,
    write_members,
    write_scene,
)

EILEEN, GRACE = "Eileen", "Grace"
RATE = 12
FIRST, SECOND = 2.0, 1.5
"""Seconds of the two shots; in the second one Grace leaves."""
FRAMES = round((FIRST + SECOND) * RATE)
CUT = round(FIRST * RATE)
SIZE = Size(320, 180)


def write_stage(folder: Path, times: int = 1) -> Path:
    """Write the video, its truth, and ``members/`` beside it.

    Args:
        folder: Where to.
        times: How many times the two shots are shown.

    Returns:
        The video.

    """
    scene = small_scene(times)
    write_members(scene, folder / "members")
    return write_scene(scene, folder / "stage.mp4")


def small_scene(times: int) -> Scene:
    people = tuple(
        Performer(name, (photo,), WARDROBE[number], (photo.image,))
        for number, (name, photo) in enumerate(
            [(EILEEN, eileen_collins()), (GRACE, grace_hopper())]
        )
    )
    both = (
        Act(EILEEN, (Key(0, 0.25, 0.36, 0.3), Key(FIRST, 0.4, 0.36, 0.3))),
        Act(GRACE, (Key(0, 0.75, 0.38, 0.3), Key(FIRST, 0.65, 0.38, 0.3))),
    )
    leaving = (
        Act(EILEEN, (Key(0, 0.7, 0.4, 0.34),)),
        Act(GRACE, (Key(0, 0.3, 0.4, 0.32), Key(SECOND, -0.3, 0.4, 0.32))),
    )
    shots = (Shot(FIRST, both), Shot(SECOND, leaving, 1)) * times
    return Scene(people, shots, SIZE, Fraction(RATE))
