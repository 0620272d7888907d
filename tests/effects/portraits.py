"""Portraits whose faces are described once for all tests of effects."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from closeup.eyes import Eyes
from closeup.faces import Faces, PointScheme
from closeup.frames import RGBImage
from closeup.pupils.with_eyes import with_eyes
from closeup.settings import Settings
from tests.kept_models import kept
from tests.real_photos import astronaut, hopper

PORTRAITS = {"astronaut": astronaut, "hopper": hopper}


@cache
def _described(name: str, models: Path) -> tuple[RGBImage, Faces]:
    image = PORTRAITS[name]()
    opened = kept(Settings(models, Path("no such folder")))
    faces = opened.detector("yunet-n").detect(image)[np.array([0])]
    points = opened.landmarker("dlib-5-points")
    return image, with_eyes(image, faces, opened.pupil_finder("network"), points)


def described(name: str, models: Path) -> tuple[RGBImage, Faces]:
    """A portrait, and its face with points and eyes."""
    image, faces = _described(name, models)
    return image.copy(), faces


def in_video(faces: Faces, seconds: float, opacity: float = 1.0) -> Faces:
    """The faces as those of one frame of a video."""
    assert faces.eyes is not None
    shown = np.full((len(faces), 2), opacity, np.float32)
    return faces.with_columns(
        eyes=replace(faces.eyes, opacity=shown),
        ids=np.arange(len(faces), dtype=np.int64),
        seconds=seconds,
    )


def drawn_face() -> Faces:
    """A face of 100 pixels between the eyes, known by dlib's five points, that looks ahead."""
    points = np.array([[170, 60], [130, 60], [30, 60], [70, 60], [100, 110]], np.float32)
    centres = np.array([[[49, 57], [151, 57]]], np.float32)
    known = np.ones((1, 2), np.float32)
    landmarks = np.array([[[50, 60], [150, 60], [100, 100], [70, 150], [130, 150]]], np.float32)
    return Faces.of([[0, 0, 200, 200]], [1]).with_columns(
        points=points[None],
        scheme=PointScheme.DLIB_5,
        landmarks=landmarks,
        eyes=Eyes(centres, known, known, (("", ""),)),
    )


def moved(faces: Faces, offset: tuple[float, float], scale: float = 1.0) -> Faces:
    """The faces scaled around the origin, then moved."""
    shift = np.array(offset, np.float32)
    factor = np.float32(scale)
    assert faces.points is not None
    assert faces.eyes is not None
    assert faces.landmarks is not None
    return faces.with_columns(
        boxes=faces.boxes * factor + np.tile(shift, 2),
        points=faces.points * factor + shift,
        landmarks=faces.landmarks * factor + shift,
        eyes=replace(faces.eyes, centres=faces.eyes.centres * factor + shift),
    )
