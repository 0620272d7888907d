"""Pictures keep what their files hold, outside the pixels that are changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from closeup.errors import ImageError, OutputError
from closeup.media.whole_images import WholeImage

RNG = np.random.default_rng(0)
DOT = (slice(4, 8), slice(6, 12))


def with_dot(whole: WholeImage, colour: tuple[int, int, int] = (200, 30, 40)) -> WholeImage:
    drawn = whole.rgb.copy()
    drawn[DOT] = colour
    return whole.changed(drawn)


def outside(samples: NDArray[Any]) -> NDArray[Any]:
    mask = np.ones(samples.shape[:2], bool)
    mask[DOT] = False
    return np.asarray(samples[mask])


def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path) -> None:
    deep = RNG.integers(0, 65536, (20, 30, 3)).astype(np.uint16)
    for suffix in (".png", ".tif"):
        cv2.imwrite(str(tmp_path / f"a{suffix}"), deep)
        with_dot(WholeImage.read(tmp_path / f"a{suffix}")).write(tmp_path / f"b{suffix}")
        after = cv2.imread(str(tmp_path / f"b{suffix}"), cv2.IMREAD_UNCHANGED)
        assert after is not None
        assert after.dtype == np.uint16
        np.testing.assert_array_equal(outside(after), outside(deep))
        np.testing.assert_array_equal(after[5, 7], np.array([40, 30, 200]) * 257)


def test_transparency_stays(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 256, (20, 30, 4)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    with_dot(WholeImage.read(tmp_path / "a.png")).write(tmp_path / "b.png")
    after = np.asarray(Image.open(tmp_path / "b.png"))
    np.testing.assert_array_equal(outside(after), outside(pixels))
    assert after[5, 7].tolist() == [200, 30, 40, 255]


@pytest.mark.parametrize("deep", [False, True])
def test_a_grey_picture_stays_grey_until_a_colour_is_drawn(deep: bool, tmp_path: Path) -> None:
    kind = np.dtype(np.uint16 if deep else np.uint8)
    grey = np.asarray(RNG.integers(0, 65535 if deep else 255, (20, 30)), kind)
    cv2.imwrite(str(tmp_path / "a.png"), grey)
    whole = WholeImage.read(tmp_path / "a.png")
    with_dot(whole, (90, 90, 90)).write(tmp_path / "b.png")
    after = cv2.imread(str(tmp_path / "b.png"), cv2.IMREAD_UNCHANGED)
    assert after is not None
    assert (after.ndim, after.dtype) == (2, kind)
    np.testing.assert_array_equal(outside(after), outside(grey))
    with_dot(whole).write(tmp_path / "c.png")
    coloured = cv2.imread(str(tmp_path / "c.png"), cv2.IMREAD_UNCHANGED)
    assert coloured is not None
    assert coloured.ndim == 3
    np.testing.assert_array_equal(outside(coloured)[:, 1], outside(grey))


def test_the_orientation_is_applied_once(tmp_path: Path) -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:10] = 255
    picture = Image.fromarray(pixels)
    exif = picture.getexif()
    exif[274], exif[271] = 6, "Maker"
    picture.save(tmp_path / "a.jpg", exif=exif, quality=100)
    whole = WholeImage.read(tmp_path / "a.jpg")
    assert whole.rgb.shape == (30, 20, 3)
    whole.write(tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as after:
        assert after.size == (20, 30)
        assert after.getexif()[274] == 1
        assert after.getexif()[271] == "Maker"


def test_the_colour_profile_stays(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png", icc_profile=profile)
    with_dot(WholeImage.read(tmp_path / "a.png")).write(tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as after:
        assert after.info["icc_profile"] == profile


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_it_is_rotated_clockwise(degrees: int, tmp_path: Path) -> None:
    pixels = RNG.integers(0, 256, (20, 30, 4)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    whole = WholeImage.read(tmp_path / "a.png").rotated(degrees)
    np.testing.assert_array_equal(whole.samples, np.rot90(pixels, -degrees // 90))


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tif", ".JPEG"])
def test_other_formats_are_written(suffix: str, tmp_path: Path) -> None:
    pixels = np.full((20, 30, 4), 120, np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    WholeImage.read(tmp_path / "a.png").write(tmp_path / f"b{suffix}")
    with Image.open(tmp_path / f"b{suffix}") as after:
        assert after.size == (30, 20)


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    whole = WholeImage(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 3), np.uint8), {})
    with pytest.raises(OutputError, match=r"a.gif: pictures are written as .png, .jpg"):
        whole.write(tmp_path / "a.gif")


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"a.png is not a picture"):
        WholeImage.read(tmp_path / "a.png")
