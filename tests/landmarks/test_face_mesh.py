"""Networks with known outputs are written here; the contract tests the real one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import ModelCorruptError
from closeup.faces import Faces
from closeup.landmarks.face_mesh import FaceMesh
from closeup.models.catalog import find
from tests.constant_tflite import constant_tflite
from tests.real_photos import astronaut

BLACK = np.zeros((300, 400, 3), np.uint8)


def points() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Points around the middle of the picture: a box of 128 pixels, eyes level."""
    drawn = np.random.default_rng(0).uniform(50, 140, (468, 3))
    drawn[0], drawn[1] = (32, 32, 0), (160, 160, 0)
    drawn[33], drawn[263] = (70, 80, 0), (120, 80, 0)
    return drawn


def test_points_are_in_the_pixels_of_the_picture() -> None:
    """The second pass sees one and a half times the box of the first one's points."""
    mesh = FaceMesh(constant_tflite(192, [points(), [5]]))
    faces = Faces.of([[100, 60, 228, 188]], [1])
    (found,) = mesh.find(BLACK, faces)
    # 192 pixels show one and a half times 128; the middle of both passes is at 95½, and the
    # points' is at 96.
    np.testing.assert_allclose(found, points()[:, :2] + np.array([164, 124]) - 95, atol=1e-3)
    assert (mesh.count, mesh.scheme, mesh.name) == (468, "mediapipe-468", "mediapipe-468")


def test_a_turned_head_is_seen_upright(all_models: Path) -> None:
    mesh = FaceMesh((all_models / find("mediapipe-468").file).read_bytes())
    face = Faces.of([[170, 60, 270, 170]], [1])
    expected = mesh.find(astronaut(), face)[0]
    turned = np.ascontiguousarray(np.rot90(astronaut(), -1))
    x1, y1, x2, y2 = face.boxes[0]
    there = replace(Faces.of([[511 - y2, x1, 511 - y1, x2]], [1]), rolls=np.array([90], np.float32))
    found = mesh.find(turned, there)[0]
    back = np.stack([found[:, 1], 511 - found[:, 0]], axis=1)
    assert np.linalg.norm(back - expected, axis=1).max() < 2


def test_what_is_no_network() -> None:
    with pytest.raises(ModelCorruptError, match="closeup models fetch mediapipe-468"):
        FaceMesh(b"rubbish")
