"""Faces pasted over each other: what is labelled, and where."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.datasets.scenes.canvas import Canvas, Content
from closeup.faces import Faces
from closeup.geometry import Box
from closeup.synthesis.sprites import Sprite, premultiplied

SIDE = 60
FACE = np.array([[15, 10, 45, 50]], np.float32)
POINTS = np.array([[[24, 24], [36, 24], [30, 31], [25, 39], [35, 39]]], np.float32)
FACES = Faces(FACE, np.ones(1, np.float32), POINTS)
GREEN = (0, 255, 0)


def card(colour: tuple[int, int, int] = GREEN, *, oval: bool = False) -> Sprite:
    """An opaque square, or only the ellipse of its face."""
    rgb = np.full((SIDE, SIDE, 3), colour, np.uint8)
    alpha = np.full((SIDE, SIDE), 255, np.uint8)
    if oval:
        rows, columns = np.mgrid[:SIDE, :SIDE]
        alpha[((columns - 30) / 15) ** 2 + ((rows - 30) / 20) ** 2 > 1] = 0
    x1, y1, x2, y2 = FACE[0].tolist()
    return Sprite(premultiplied(rgb, alpha), Box(x1, y1, x2, y2))


def empty() -> Canvas:
    return Canvas(np.zeros((200, 240, 3), np.uint8))


def put(canvas: Canvas, x: float, y: float, height: float = 40, *, face: bool = True) -> bool:
    sprite = card() if face else card((0, 0, 255))
    matrix = sprite.placed(x, y, height)
    return canvas.paste(sprite, matrix, FACES if face else None)


def test_a_face_is_labelled_where_it_is() -> None:
    canvas = empty()
    assert put(canvas, 100, 90, height=80)
    labels = canvas.labels()
    assert labels.boxes[0] == pytest.approx([70, 50, 130, 130])
    assert labels.points[0, :, :2] == pytest.approx((POINTS[0] - 30) * 2 + [100, 90])
    assert (labels.points[0, :, 2] == 2).all()


@given(
    tilt=st.floats(-np.pi, np.pi),
    stretch=st.floats(0.7, 1.1),
    mirrored=st.booleans(),
    height=st.floats(30, 90),
)
def test_the_box_is_around_the_turned_face(
    tilt: float, stretch: float, mirrored: bool, height: float
) -> None:
    canvas, sprite = empty(), card(oval=True)
    matrix = sprite.placed(120, 100, height, -stretch if mirrored else stretch, tilt)
    assert canvas.paste(sprite, matrix, FACES)
    labels = canvas.labels()
    rows, columns = np.nonzero(canvas.image[..., 1] > 127)
    seen = [columns.min(), rows.min(), columns.max(), rows.max()]
    assert labels.boxes[0] == pytest.approx(seen, abs=2)
    expected = POINTS[0].astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]
    order = [1, 0, 2, 4, 3] if mirrored else [0, 1, 2, 3, 4]
    assert labels.points[0, :, :2] == pytest.approx(expected[order], abs=1e-3)


def test_half_a_face_is_labelled_with_its_hidden_points() -> None:
    canvas = empty()
    put(canvas, 100, 90, height=40)
    assert put(canvas, 100 + 30, 90, face=False)  # over the right half
    (box,), (points,) = canvas.labels().boxes, canvas.labels().points
    assert box == pytest.approx([85, 70, 115, 110])
    assert points[:, 2].tolist() == [2, 1, 1, 2, 1]


def test_nothing_may_leave_a_doubtful_face() -> None:
    canvas = empty()
    put(canvas, 100, 90)
    before = canvas.image.copy()
    assert not put(canvas, 100 + 22, 90, face=False)  # a quarter would be left
    assert (canvas.image == before).all()
    assert len(canvas.labels()) == 1
    assert put(canvas, 100, 90, face=False)  # nothing is left
    assert not len(canvas.labels())
    assert len(canvas.all_boxes) == 1


def test_a_face_at_the_edge_is_cut_off() -> None:
    canvas = empty()
    assert put(canvas, 2, 100)
    labels = canvas.labels()
    assert labels.boxes[0] == pytest.approx([-0.5, 80, 17, 120])
    assert labels.points[0, :, 2].tolist() == [0, 2, 2, 0, 2]
    assert not put(canvas, 240 + 8, 100)  # a quarter would be in the picture
    assert not put(canvas, 400, 100)


def test_content_follows_what_is_pasted() -> None:
    canvas = Canvas(np.zeros((200, 240, 3), np.uint8), Content.EMPTIED)
    assert canvas.content(np.array([10, 10, 60, 60])) is Content.EMPTIED
    sprite = card()
    canvas.paste(sprite, sprite.placed(100, 90, 40), content=Content.PHOTO)
    assert canvas.content(np.array([80, 70, 120, 110])) is Content.PHOTO
    assert canvas.content(np.array([-20, -20, 60, 60])) is Content.EMPTIED
