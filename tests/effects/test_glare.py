from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.effects.eye_opening import MARGIN, MARGIN_PIXELS
from closeup.effects.face_shapes import face_shapes
from closeup.effects.glare import Direction, GlaringEyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.pupils.gaze import REACH, gaze
from closeup.settings import Settings
from tests.effects.portraits import described, drawn_face, in_video, moved
from tests.kept_models import kept


def measured(image: RGBImage, faces: Faces, models: Path) -> NDArray[np.float64]:
    """The gaze that Closeup measures, from the pupils that it finds in this picture."""
    finder = kept(Settings(models, Path("no such folder"))).pupil_finder("network")
    assert faces.points is not None
    return np.asarray(gaze(faces.points, finder.find(image, faces))[0])


def asked(effect: GlaringEyes, faces: Faces) -> NDArray[np.float64]:
    """The change of the gaze that the effect intends."""
    return np.asarray(
        np.mean([eye.offset for _, _, eye in effect.moved_eyes(faces)], axis=0) / REACH
    )


@pytest.mark.parametrize(
    ("direction", "axis", "sign"),
    [
        (Direction.LEFT, 0, -1),
        (Direction.RIGHT, 0, 1),
        (Direction.UP, 1, -1),
        (Direction.DOWN, 1, 1),
    ],
)
def test_the_measured_gaze_moves_in_the_direction(
    direction: Direction, axis: int, sign: int, shared_models: Path
) -> None:
    image, faces = described("astronaut", shared_models)
    before = measured(image, faces, shared_models)
    half, whole = (
        measured(GlaringEyes(direction, amount, 0.0)(image, faces), faces, shared_models)
        for amount in (0.5, 1.0)
    )
    assert sign * (half - before)[axis] > 0.05
    assert sign * (whole - half)[axis] > 0.02


def test_the_intended_shift_is_the_missing_part_of_the_gaze(shared_models: Path) -> None:
    _, faces = described("astronaut", shared_models)
    assert faces.eyes is not None
    assert faces.eyes.gaze is not None
    missing = -0.85 - faces.eyes.gaze[0, 0]
    for amount in (0.25, 0.5):
        effect = GlaringEyes(Direction.LEFT, amount)
        assert asked(effect, faces)[0] == pytest.approx(amount * missing, rel=0.05)


@pytest.mark.parametrize("narrowed", [0.0, 1.0])
@pytest.mark.parametrize("direction", list(Direction))
def test_nothing_is_changed_outside_the_eyes_and_lids(
    direction: Direction, narrowed: float, shared_models: Path
) -> None:
    for name in ("astronaut", "hopper"):
        image, faces = described(name, shared_models)
        drawn = GlaringEyes(direction, 1.0, narrowed)(image, faces)
        (face,) = face_shapes(faces)
        margin = max(MARGIN, MARGIN_PIXELS / face.unit)
        reach = (margin + 0.11 * narrowed) * 1.1 * face.unit + 0.1
        for row, column in np.argwhere((drawn != image).any(axis=-1)).tolist():
            lids = [eye.lids.astype(np.float32) for eye in face.eyes]
            far = [cv2.pointPolygonTest(own, (column, row), measureDist=True) for own in lids]
            assert max(far) > -reach


def test_the_iris_keeps_its_texture(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    effect = GlaringEyes(Direction.RIGHT, 0.6, 0.0)
    drawn = effect(image, faces)
    (face,) = face_shapes(faces)
    for _, side, change in effect.moved_eyes(faces):
        eye = (face.right, face.left)[side]
        assert eye is not None
        there = eye.pupil + change.eye.linear @ change.shift
        side_length = 2 * int(0.5 * eye.radius) + 1
        was, now = (
            cv2.getRectSubPix(one, (side_length, side_length), place.tolist()).astype(float)
            for one, place in ((image, eye.pupil), (drawn, there))
        )
        assert np.corrcoef(was.ravel(), now.ravel())[0, 1] > 0.95


def test_faces_without_eyes_or_points_are_left_alone(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    for less in (faces.with_columns(eyes=None), faces.with_columns(points=None, scheme=None)):
        np.testing.assert_array_equal(GlaringEyes()(image, less), image)


@given(
    st.floats(-100, 600), st.floats(-100, 600), st.floats(0.02, 3), st.sampled_from(list(Direction))
)
@settings(max_examples=30)
def test_eyes_at_any_place_of_any_size(
    x: float, y: float, scale: float, direction: Direction
) -> None:
    faces = moved(drawn_face(), (x, y), scale)
    image = np.full((160, 200, 3), 128, np.uint8)
    drawn = GlaringEyes(direction, 1.0)(image, faces)
    assert drawn.shape == image.shape
    assert np.abs(drawn.astype(int) - 128).max() <= 128 * 0.3


def test_without_an_amount_nothing_is_changed(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    np.testing.assert_array_equal(GlaringEyes(Direction.LEFT, 0.0)(image, faces), image)


def test_it_fades_out_in_a_blink(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    shown = in_video(faces, 0.0)
    assert shown.eyes is not None
    changes = []
    for openness in (0.1, 0.5, 0.9):
        eyes = replace(shown.eyes, openness=np.full((1, 2), openness, np.float32))
        drawn = GlaringEyes(Direction.LEFT)(image, shown.with_columns(eyes=eyes))
        changes.append(int(np.abs(drawn.astype(int) - image).sum()))
    assert changes[0] == 0
    assert changes[0] < changes[1] < changes[2]


def test_the_look_into_the_camera_corrects_a_shifted_gaze(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    aside = GlaringEyes(Direction.RIGHT, 0.35, 0.0)(image, faces)
    finder = kept(Settings(shared_models, Path("no such folder"))).pupil_finder("network")
    seen = faces.with_columns(eyes=finder.find(aside, faces))
    back = GlaringEyes(Direction.CAMERA, 1.0)(aside, seen)
    before, after = (measured(one, faces, shared_models)[0] for one in (aside, back))
    assert after < before - 0.05


def test_a_look_far_from_the_camera_is_left_alone(shared_models: Path) -> None:
    """25 degrees and more, where a correction would look uncanny."""
    _, faces = described("astronaut", shared_models)
    eyes, (face,) = faces.eyes, face_shapes(faces)
    assert eyes is not None
    shifts = []
    for aside in (0.02, 0.04, 0.1):
        centres = eyes.centres + (aside * face.unit * face.axes[:, 0]).astype(np.float32)
        looking = faces.with_columns(eyes=replace(eyes, centres=centres))
        shifts.append(abs(asked(GlaringEyes(Direction.CAMERA, 1.0), looking)[0]))
    assert shifts[2] == 0
    assert shifts[0] < shifts[1]
