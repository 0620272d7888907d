from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.effects.sticker import Anchor, Sticker, StickerPlacement, read_sticker
from closeup.errors import InputError
from tests.effects.portraits import described

GREEN = (0, 255, 0)


def square(side: int = 40) -> np.ndarray:
    return np.full((side, side, 4), (*GREEN, 255), np.uint8)


@pytest.mark.parametrize(
    ("anchor", "place"),
    [("eyes", (224, 101)), ("nose", (224, 134)), ("mouth", (225, 147)), ("head", (224, 77))],
)
def test_it_lies_where_it_is_anchored(
    anchor: str, place: tuple[int, int], shared_models: Path
) -> None:
    image, faces = described("astronaut", shared_models)
    drawn = Sticker(square(), StickerPlacement(Anchor(anchor), width=0.4))(image, faces)
    rows, columns = np.nonzero((drawn == GREEN).all(axis=-1))
    assert np.mean(columns) == pytest.approx(place[0], abs=6)
    assert np.mean(rows) == pytest.approx(place[1], abs=6)
    assert np.ptp(columns) + 1 == pytest.approx(0.4 * 43.5, abs=3)


def test_each_eye_gets_a_copy(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    drawn = Sticker(square(), StickerPlacement(Anchor.EACH_EYE, width=0.3))(image, faces)
    green = (drawn == GREEN).all(axis=-1)
    for x, y in ((203, 101), (246, 103)):
        assert green[y, x]
    assert not green[101, 224]


def test_offsets_and_rotation_are_those_of_the_face(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    bar = np.full((10, 80, 4), (*GREEN, 255), np.uint8)
    lying = Sticker(bar, StickerPlacement(width=1.0, down=-1.0))(image, faces)
    standing = Sticker(bar, StickerPlacement(width=1.0, down=-1.0, rotate=90))(image, faces)
    extents = []
    for drawn in (lying, standing):
        rows, columns = np.nonzero((drawn == GREEN).all(axis=-1))
        assert np.mean(rows) == pytest.approx(101 - 43, abs=6)
        extents.append((np.ptp(columns), np.ptp(rows)))
    assert extents[0][0] > 3 * extents[0][1]
    assert extents[1][1] > 3 * extents[1][0]


def test_a_placement_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hat.json"
    path.write_text(json.dumps({"anchor": "head", "width": 2, "down": -0.4}))
    assert StickerPlacement.read(path) == StickerPlacement(Anchor.HEAD, 2.0, down=-0.4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[1]", "holds no object"),
        ('{"anchor": "ear"}', "anchor 'ear' is none of eyes, each-eye, nose"),
        ('{"size": 2}', "'size' is no field of a sticker; there are across, anchor"),
        ('{"width": "2"}', "width is '2'; give a number"),
        ('{"width": 0}', "width is 0; give a number above 0"),
        ('{"rotate": true}', "rotate is True; give a number"),
        ('{"down": NaN}', "down is nan; give a number"),
    ],
)
def test_a_broken_placement_is_refused_with_file_and_field(
    text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "hat.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as refused:
        StickerPlacement.read(path)
    assert str(path) in str(refused.value)


def test_a_picture_without_transparency_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "flat.png")
    with pytest.raises(InputError, match=r"flat.png has no transparency"):
        read_sticker(tmp_path / "flat.png")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_a_damaged_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=r"a.png cannot be read as a picture"):
        read_sticker(tmp_path / "a.png")


def test_a_palette_with_a_transparent_colour_will_do(tmp_path: Path) -> None:
    picture = Image.new("P", (8, 8), 0)
    picture.save(tmp_path / "a.gif", transparency=0)
    assert read_sticker(tmp_path / "a.gif").shape == (8, 8, 4)
