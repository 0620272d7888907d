"""Pictures as they are shown: turned once, cropped exactly, and only those of the folder."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image, ImageOps

from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.labelling.shown_pictures import EncodedPicture, FolderPictures, encoded
from closeup.store.label_records import StoredItem

WIDTH, HEIGHT = 40, 30
ACROSS, DOWN = 4.0, 3.0
"""Grey levels a pixel."""


def item(path: str, number: int = 1) -> StoredItem:
    return StoredItem(number, path, None, None, 0)


def decoded(shown: EncodedPicture) -> RGBImage:
    image = cv2.imdecode(np.frombuffer(shown.content, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(image, np.uint8)[..., ::-1]


class Slope:
    """A picture that grows brighter across and down, so that its levels tell the place."""

    def read(self, _item: StoredItem) -> RGBImage:
        y, x = np.mgrid[:HEIGHT, :WIDTH]
        levels = np.round(ACROSS * x + DOWN * y).astype(np.uint8)
        return np.dstack([levels] * 3)

    def is_there(self, item: StoredItem) -> bool:
        return item.frame is None


@given(st.floats(2, 15), st.floats(2, 12), st.floats(4, 20), st.floats(4, 14), st.integers(20, 300))
def test_a_crop_shows_each_place_where_it_is(
    x: float, y: float, w: float, h: float, width: int
) -> None:
    """The mean over a crop is exact to a fraction of a pixel, whatever its edges."""
    shown = decoded(encoded(Slope(), item("a.png"), (x, y, x + w, y + h), width))[..., 0]
    scale = width / w
    assert shown.shape[1] == width
    assert abs(shown.shape[0] - max(1, h * scale)) < 0.5 + 1e-6  # a half goes either way
    rows, columns = (np.arange(size) for size in shown.shape)
    expected = (
        ACROSS * (x + (columns + 0.5) / scale)[None, :] + DOWN * (y + (rows + 0.5) / scale)[:, None]
    )
    assert abs((shown - expected).mean()) < 0.25 * DOWN  # levels: a twelfth of a pixel and less
    assert abs(shown - expected).max() < 2 * ACROSS


def test_what_lies_outside_of_the_picture_is_grey() -> None:
    shown = decoded(encoded(Slope(), item("a.png"), (-100.5, -100.5, -60.5, -70.5)))
    assert shown.shape == (30, 40, 3)
    assert abs(shown.astype(int) - 128).max() <= 1


def test_a_picture_is_made_smaller_and_never_larger() -> None:
    assert decoded(encoded(Slope(), item("a.png"), width=20)).shape == (15, 20, 3)
    assert decoded(encoded(Slope(), item("a.png"), width=1)).shape == (1, 1, 3)
    assert decoded(encoded(Slope(), item("a.png"), width=4000)).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_once(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(Slope().read(item(""))).save(tmp_path / "a.jpg", exif=exif, quality=98)
    whole = encoded(FolderPictures(tmp_path), item("a.jpg"))
    assert whole.content == (tmp_path / "a.jpg").read_bytes()
    seen = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(whole.content))))
    height, width = seen.shape[:2]
    edges = (-0.5, -0.5, width - 0.5, height - 0.5)
    for shown in (
        FolderPictures(tmp_path).read(item("a.jpg")),
        decoded(encoded(FolderPictures(tmp_path), item("a.jpg"), edges)),
    ):
        assert abs(shown.astype(int) - seen).mean() < 2


@pytest.mark.parametrize("suffix", ["png", "tiff", "bmp", "webp"])
def test_any_kind_of_picture_can_be_shown(suffix: str, tmp_path: Path) -> None:
    pixels = Slope().read(item(""))
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}", lossless=True)
    shown = encoded(FolderPictures(tmp_path), item(f"a.{suffix}"))
    assert shown.media_type in {"image/png", "image/jpeg"}
    assert abs(decoded(shown).astype(int) - pixels).mean() < 2


@pytest.mark.parametrize("path", ["../secret.png", "link.png", "a/../../secret.png", "ABSOLUTE"])
def test_nothing_outside_of_the_folder_is_shown(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "a").mkdir(parents=True)
    secret = tmp_path / "secret.png"
    Image.new("RGB", (4, 4)).save(secret)
    (folder / "link.png").symlink_to(secret)
    path = str(secret) if path == "ABSOLUTE" else path
    for crop in (None, (0.0, 0.0, 2.0, 2.0)):
        with pytest.raises(ImageError, match=r"leads out of .*; move it there") as told:
            encoded(FolderPictures(folder), item(path), crop)
        assert told.value.kind == "outside"


@pytest.mark.parametrize("path", ["none.png", "a", "", "a\0.png", "x" * 5000])
def test_a_file_that_is_gone_is_named(path: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(ImageError, match="is gone since it was added; put it back, or skip it"):
        encoded(FolderPictures(tmp_path), item(path))


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(ImageError, match=r"a\.png"):
        encoded(FolderPictures(tmp_path), item("a.png"), width=10)


def test_a_picture_is_read_once_as_long_as_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        Image.new("RGB", (10, 10), (number, 0, 0)).save(tmp_path / f"{number}.png")
    pictures = FolderPictures(tmp_path)
    monkeypatch.setattr("closeup.labelling.shown_pictures._KEPT", 10 * 10 * 3 * 2)
    items = [item(f"{number}.png", number) for number in range(4)]
    first, second, _ = (pictures.read(one) for one in items[:3])
    assert pictures.read(items[1]) is second
    assert pictures.read(items[0]) is not first
    assert [pictures.read(one)[0, 0, 0] for one in items] == [0, 1, 2, 3]
