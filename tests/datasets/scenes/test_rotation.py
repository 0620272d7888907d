"""Heads that are turned by geometry alone."""

from __future__ import annotations

import numpy as np
import pytest

from closeup.datasets.scenes.heads import Photo
from closeup.datasets.scenes.photographed_profiles import eye_widths
from closeup.datasets.scenes.rotation import turned_aside
from closeup.faces import Faces
from tests.real_photos import astronaut

BOX = np.array([[178, 65, 269, 176]], np.float32)
POINTS = np.array([[[203, 104], [248, 104], [224, 128], [204, 143], [243, 144]]], np.float32)


@pytest.fixture(scope="module")
def photo() -> Photo:
    return Photo(astronaut(), Faces(BOX, np.ones(1, np.float32), POINTS))


def test_without_a_turn_the_face_stays_what_it_is(photo: Photo) -> None:
    turned = turned_aside(photo, 0)

    np.testing.assert_allclose(turned.points, POINTS[0], atol=0.1)
    face = (slice(90, 160), slice(195, 255))
    assert (turned.alpha[face] == 255).all()
    # The texture is stretched by a twentieth.
    assert np.abs(turned.image[face].astype(int) - photo.image[face]).mean() < 12


def test_the_farther_it_turns_the_nearer_are_the_eyes_and_the_farther_is_the_nose(
    photo: Photo,
) -> None:
    turns = [turned_aside(photo, float(np.radians(angle))) for angle in (0, 20, 40, 60, 80)]

    widths = [eye_widths(turned.points[None])[0] for turned in turns]
    assert (np.diff(widths) < 0).all()
    assert widths[-1] < 0.3 < widths[0]
    # A profile's nose stands out before everything else of it.
    right_end = [np.flatnonzero(turned.alpha[128])[-1] - turned.points[2, 0] for turned in turns]
    assert right_end[0] > 40
    assert right_end[-1] < 8
    for turned in turns:
        np.testing.assert_allclose(turned.points[:, 1], POINTS[0, :, 1])


def test_nothing_is_around_the_head_and_no_hole_in_it(photo: Photo) -> None:
    turned = turned_aside(photo, 0.9)

    assert turned.image.shape == photo.image.shape
    assert not turned.image[turned.alpha == 0].any()
    rows = np.flatnonzero(turned.alpha.any(axis=1))
    assert (np.diff(rows) == 1).all()
    for row in rows:
        assert (np.diff(np.flatnonzero(turned.alpha[row])) == 1).all()


@pytest.mark.parametrize("angle", [-0.1, np.pi / 2, 3.0, float("nan")])
def test_half_turns_and_turns_to_the_left_are_refused(photo: Photo, angle: float) -> None:
    with pytest.raises(ValueError, match="less than a quarter"):
        turned_aside(photo, angle)
