from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.effects.face_shapes import FaceShape, almond, face_shapes
from closeup.faces import Faces, PointScheme
from closeup.settings import Settings
from tests.effects.portraits import described, in_video, moved
from tests.kept_models import kept
from tests.real_photos import astronaut


def shape_of(faces: Faces) -> FaceShape:
    (shape,) = face_shapes(faces)
    return shape


def test_a_frontal_face_is_measured(shared_models: Path) -> None:
    shape = shape_of(described("astronaut", shared_models)[1])
    right, left = shape.eyes
    assert np.linalg.norm(left.pupil - right.pupil) == pytest.approx(shape.unit, rel=0.08)
    assert abs(math.degrees(shape.yaw)) < 12
    assert abs(math.degrees(shape.roll)) < 8
    assert right.radius == pytest.approx(0.0925 * shape.unit)
    down = shape.axes[:, 1]
    assert 0.4 < (shape.nose - shape.centre) @ down / shape.unit < 0.9
    assert 0.8 < (shape.mouth - shape.centre) @ down / shape.unit < 1.3


def test_pupils_lie_between_the_lids(shared_models: Path) -> None:
    for name in ("astronaut", "hopper"):
        for eye in shape_of(described(name, shared_models)[1]).eyes:
            inside = points_inside(eye.lids, eye.pupil[None])
            assert inside.all()


def points_inside(contour: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Even-odd rule."""
    inside = np.zeros(len(points), bool)
    for a, b in zip(contour, np.roll(contour, -1, axis=0), strict=True):
        if a[1] == b[1]:
            continue
        crosses = (a[1] > points[:, 1]) != (b[1] > points[:, 1])
        at = a[0] + (points[:, 1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        inside ^= crosses & (points[:, 0] < at)
    return inside


@given(
    scale=st.floats(0.2, 5),
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
)
def test_the_shape_moves_and_grows_with_the_face(scale: float, x: float, y: float) -> None:
    faces = drawn_face()
    before, after = shape_of(faces), shape_of(moved(faces, (x, y), scale))
    assert after.unit == pytest.approx(scale * before.unit, rel=1e-3)
    assert after.yaw == pytest.approx(before.yaw, abs=1e-2)
    assert after.centre == pytest.approx(scale * before.centre + (x, y), abs=1e-2)
    for one, other in zip(before.eyes, after.eyes, strict=True):
        assert other.lids == pytest.approx(scale * one.lids + (x, y), abs=0.02)


def drawn_face(nose: float = 0.0) -> Faces:
    """A face of made-up points, whose nose is moved aside."""
    from closeup.eyes import Eyes

    points = np.array([[[90, 50], [74, 51], [30, 50], [46, 51], [60 + nose, 85]]], np.float32)
    landmarks = np.array([[[38, 50], [82, 50], [60 + nose, 78], [45, 100], [75, 100]]], np.float32)
    eyes = Eyes(
        np.array([[[38, 49], [82, 49]]], np.float32),
        np.full((1, 2), 0.8, np.float32),
        np.ones((1, 2), np.float32),
        (("", ""),),
    )
    faces = Faces.of([[10, 0, 110, 130]], [0.9], landmarks)
    return faces.with_columns(points=points, scheme=PointScheme.DLIB_5, eyes=eyes)


def test_a_nose_aside_is_a_turned_head() -> None:
    left, ahead, right = (shape_of(drawn_face(nose)).yaw for nose in (-12, 0, 12))
    assert ahead == pytest.approx(0, abs=1e-3)
    assert right == pytest.approx(-left)
    assert math.radians(20) < right < math.radians(60)


def test_the_nearer_eye_of_a_turned_head_is_larger() -> None:
    right, left = shape_of(drawn_face(12)).eyes
    sizes = [float(np.linalg.det(eye.plane)) for eye in (right, left)]
    assert sizes[0] > sizes[1]


@given(openness=st.floats(0, 1), angle=st.floats(-3, 3))
def test_the_contour_of_an_eye_closes_with_its_openness(openness: float, angle: float) -> None:
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners = np.array([[0.0, 0.0], [40.0, 0.0]]) @ turn.T
    lids = almond(corners, turn @ np.array([0.0, 1.0]), openness) @ turn
    assert lids[:, 0].min() == pytest.approx(0, abs=1e-6)
    assert lids[:, 0].max() == pytest.approx(40, abs=1e-6)
    height = np.ptp(lids[:, 1])
    assert height == pytest.approx(40 * (0.1 + 0.26 * openness), rel=0.03)
    half = len(lids) // 2
    assert (lids[1:half, 1] < 0).all()
    assert (lids[half + 1 :, 1] > 0).all()


def test_faces_without_eyes_or_points_have_no_shape(shared_models: Path) -> None:
    _, faces = described("astronaut", shared_models)
    for missing in ({"eyes": None}, {"points": None, "scheme": None}, {"scheme": "own"}):
        assert not list(face_shapes(faces.with_columns(**missing)))
    assert faces.points is not None
    flat = faces.with_columns(points=np.zeros_like(faces.points))
    assert not list(face_shapes(flat))


def test_an_eye_without_a_pupil_is_none(shared_models: Path) -> None:
    _, faces = described("astronaut", shared_models)
    assert faces.eyes is not None
    centres = faces.eyes.centres.copy()
    centres[0, 1] = np.nan
    eyes = replace(faces.eyes, centres=centres, reasons=(("", "closed"),))
    shape = shape_of(faces.with_columns(eyes=eyes))
    assert shape.left is None
    assert shape.right is not None
    assert shape.eyes == (shape.right,)


def test_opacity_is_that_of_the_eyes(shared_models: Path) -> None:
    _, faces = described("astronaut", shared_models)
    assert [eye.opacity for eye in shape_of(faces).eyes] == [1, 1]
    shown = shape_of(in_video(faces, 0.0, opacity=0.25))
    assert [eye.opacity for eye in shown.eyes] == [0.25, 0.25]


@pytest.mark.parametrize("scheme", ["dlib-68-points", "mediapipe-468"])
def test_lids_of_other_landmarkers_are_their_own_points_moved_to_the_pupil(
    scheme: str, all_models: Path
) -> None:
    image, faces = described("astronaut", all_models)
    landmarker = kept(Settings(all_models, Path("no such folder"))).landmarker(scheme)
    points = landmarker.find(astronaut(), faces)
    other = shape_of(faces.with_columns(points=points, scheme=landmarker.scheme))
    usual = shape_of(faces)
    for one, two in zip(usual.eyes, other.eyes, strict=True):
        assert np.abs(one.corners - two.corners).max() < 0.15 * usual.unit
        assert points_inside(two.lids, two.pupil[None]).all()
        offsets = two.lids[0] - points[0]
        moved = offsets[np.linalg.norm(offsets, axis=1).argmin()]
        assert np.linalg.norm(moved) < 0.031 * usual.unit
        far = np.linalg.norm(two.lids[:, None] - moved - points[0], axis=-1).min(axis=1)
        assert far.max() < 1e-3
    assert len(image)
