from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.geometry import Box
from closeup.synthesis.cutout import FACE_HEIGHT
from closeup.testing import (
    WARDROBE,
    Look,
    Portrait,
    Sprite,
    cut_out,
    eileen_collins,
    figure,
    grace_hopper,
    portrait,
)


def part(sprite: Sprite, box: Box) -> RGBImage:
    rows, columns = slice(round(box.y1), round(box.y2)), slice(round(box.x1), round(box.x2))
    return np.asarray(sprite.pixels[rows, columns], np.uint8)


@pytest.fixture(scope="module", params=["collins", "hopper", "lfw"])
def photo(request: pytest.FixtureRequest) -> Portrait:
    if request.param == "collins":
        return eileen_collins()
    if request.param == "hopper":
        return grace_hopper()
    data: Path = request.getfixturevalue("shared_data")
    bgr = cv2.imread(str(data / "lfw/images/Colin_Powell/Colin_Powell_0002.jpg"))
    assert bgr is not None
    return portrait(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8))


def test_the_face_is_kept_and_the_corners_are_not(photo: Portrait) -> None:
    sprite = cut_out(photo.image, photo.face)
    assert sprite.face.height == pytest.approx(FACE_HEIGHT, rel=0.01)
    inner = Box(
        sprite.face.x1 + sprite.face.width / 4,
        sprite.face.y1 + sprite.face.height / 3,
        sprite.face.x2 - sprite.face.width / 4,
        sprite.face.y2 - sprite.face.height / 6,
    )
    assert (part(sprite, inner)[..., 3] == 255).all()
    assert sprite.pixels[:20, :20, 3].max() == 0
    assert sprite.pixels[:20, -20:, 3].max() == 0
    covered = (sprite.pixels[..., 3] > 127).mean()
    assert 0.1 < covered < 0.75


def test_the_pixels_of_the_face_are_the_photo_s(photo: Portrait) -> None:
    sprite = cut_out(photo.image, photo.face)
    rows = slice(round(photo.face.y1), round(photo.face.y2))
    columns = slice(round(photo.face.x1), round(photo.face.x2))
    middle = part(sprite, sprite.face)
    original = cv2.resize(photo.image[rows, columns], middle.shape[1::-1])
    # the box's upper corners may be background, which the cut-out leaves away
    opaque = middle[..., 3] == 255
    difference = middle[..., :3][opaque].astype(float) - original[opaque]
    assert np.abs(difference).mean() < 8


def test_edges_are_soft() -> None:
    alpha = cut_out(eileen_collins().image, eileen_collins().face).pixels[..., 3]
    assert ((alpha > 20) & (alpha < 235)).sum() > 300


def test_cutting_twice_gives_the_same(photo: Portrait) -> None:
    cv2.setRNGSeed(1)
    first = cut_out(photo.image, photo.face)
    cv2.setRNGSeed(2)
    np.testing.assert_array_equal(first.pixels, cut_out(photo.image, photo.face).pixels)


def test_a_tiny_face_is_refused() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    with pytest.raises(ImageError, match="the face is 12 px high"):
        cut_out(image, Box(40, 40, 50, 52))


def test_every_look_hides_the_face_or_not() -> None:
    photo = eileen_collins()
    head = cut_out(photo.image, photo.face)
    front = figure(head, WARDROBE[0], Look.FRONT)
    shown = part(front, front.face)[20:-10, 20:-20].astype(float)
    for look in (Look.BACK, Look.HAND, Look.HAIR):
        hidden = figure(head, WARDROBE[0], look)
        assert hidden.face == front.face
        difference = np.abs(part(hidden, hidden.face)[20:-10, 20:-20] - shown)
        assert (difference[..., :3].max(axis=2) > 12).mean() > 0.8


def test_clothes_are_the_costume_s_and_stay_when_the_photo_changes() -> None:
    photos = eileen_collins(), grace_hopper()
    chests = []
    for photo in photos:
        dressed = figure(cut_out(photo.image, photo.face), WARDROBE[2])
        x, y = dressed.face.centre
        chests.append(part(dressed, Box(x - 80, y + 200, x + 80, y + 320))[..., :3])
    mean = [chest.reshape(-1, 3).mean(axis=0) for chest in chests]
    assert mean[0] == pytest.approx(mean[1], abs=4)
