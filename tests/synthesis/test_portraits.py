from __future__ import annotations

import numpy as np
import pytest

from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.geometry import Box
from closeup.testing import Portrait, eileen_collins, face_boxes, grace_hopper, portrait, variants


def test_the_box_reaches_from_the_hairline_to_the_chin() -> None:
    face = eileen_collins().face
    # read off the picture: eyes at y 112, mouth at 147, chin at 172, cheeks at 182 and 266
    assert 45 < face.y1 < 85
    assert 165 < face.y2 < 185
    assert 160 < face.x1 < 190
    assert 258 < face.x2 < 285


def test_grace_hopper_has_a_large_face() -> None:
    face = grace_hopper().face
    assert 200 < face.height < 300
    assert 230 < face.centre[0] < 300


def test_the_largest_face_comes_first() -> None:
    head = eileen_collins().image[20:220, 120:340]
    both = np.full((200, 340, 3), 128, np.uint8)
    both[:, :220] = head
    both[40:140, 225:335] = head[::2, ::2]
    heights = [box.height for box in face_boxes(both, upsample=1)]
    assert len(heights) == 2
    assert heights[0] > 1.5 * heights[1]


def test_a_portrait_without_a_face_is_refused() -> None:
    with pytest.raises(ImageError, match="no face found in the 200x120 portrait"):
        portrait(np.full((120, 200, 3), 90, np.uint8))


@pytest.mark.parametrize(
    "image",
    [np.zeros((50, 50), np.uint8), np.zeros((50, 50, 3), np.float32)],
    ids=["grey", "float"],
)
def test_only_rgb_uint8_is_a_portrait(image: RGBImage) -> None:
    with pytest.raises(ImageError, match="give RGB uint8"):
        Portrait(image, Box(10, 10, 30, 30))


@pytest.mark.parametrize("box", [Box(60, 10, 90, 40), Box(10, 10, 10, 30), Box(30, 10, 20, 30)])
def test_the_face_must_be_in_the_picture(box: Box) -> None:
    with pytest.raises(ImageError, match="is not inside the 50x50 portrait"):
        Portrait(np.zeros((50, 50, 3), np.uint8), box)


def test_variants_are_different_pictures_of_one_face() -> None:
    photos = variants(eileen_collins())
    assert len(photos) >= 3
    assert len({photo.tobytes() for photo in photos}) == len(photos)
    assert all(face_boxes(photo) for photo in photos)
