from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError, OutputError
from closeup.frames import RGBImage
from closeup.media.images import encode_jpeg, read_image, write_image

RAMP = np.linspace(0, 255, 64 * 48).reshape(48, 64).astype(np.uint8)
COLOUR = np.dstack([RAMP, RAMP[::-1], np.full_like(RAMP, 90)])


def saved(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def close(a: RGBImage, b: RGBImage, tolerance: float = 6) -> bool:
    return a.shape == b.shape and float(np.abs(a.astype(float) - b).mean()) < tolerance


def test_rgb_survives(tmp_path: Path) -> None:
    image = read_image(saved(tmp_path / "a.png", Image.fromarray(COLOUR)))
    assert image.dtype == np.uint8
    assert np.array_equal(image, COLOUR)
    image[0, 0] = 1  # the caller may write to it


@pytest.mark.parametrize("tag", range(1, 9))
def test_the_exif_tag_turns_the_picture(tmp_path: Path, tag: int) -> None:
    transposed = tag >= 5
    stored = {
        1: COLOUR, 2: COLOUR[:, ::-1], 3: COLOUR[::-1, ::-1], 4: COLOUR[::-1],
        5: COLOUR.swapaxes(0, 1), 6: np.rot90(COLOUR), 7: np.rot90(COLOUR, 2).swapaxes(0, 1),
        8: np.rot90(COLOUR, -1),
    }[tag]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = tag
    path = saved(tmp_path / "a.png", Image.fromarray(np.ascontiguousarray(stored)), exif=exif)
    assert np.array_equal(read_image(path), COLOUR)
    assert (stored.shape[0] == 64) == transposed


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1", "YCbCr"])
def test_other_colour_modes_look_the_same(tmp_path: Path, mode: str) -> None:
    white = Image.new("RGB", (40, 30), (255, 255, 255)).convert(mode)
    suffix = "jpg" if mode in ("CMYK", "YCbCr") else "png"
    image = read_image(saved(tmp_path / f"a.{suffix}", white))
    assert image.shape == (30, 40, 3)
    assert image.min() >= 250


def test_sixteen_bits_are_scaled(tmp_path: Path) -> None:
    deep = (RAMP.astype(np.uint16) << 8) | RAMP
    image = read_image(saved(tmp_path / "a.png", Image.fromarray(deep)))
    assert np.array_equal(image, np.repeat(RAMP[..., None], 3, axis=2))


def test_floats_go_from_zero_to_one(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tiff", Image.fromarray(RAMP.astype(np.float32) / 255))
    assert np.array_equal(read_image(path)[..., 1], RAMP)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_pixels_lie_over_mid_grey(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (20, 20), (255, 255, 255, 255))
    image.paste((0, 0, 0, 0), (0, 0, 10, 20))
    suffix = "webp" if mode == "RGBA" else "png"
    if mode == "PA":
        path = tmp_path / "a.gif"
        image.convert("P").save(path, transparency=image.convert("P").getpixel((0, 0)))
    else:
        path = saved(tmp_path / f"a.{suffix}", image.convert(mode), lossless=True)
    pixels = read_image(path)
    assert np.all(pixels[:, :10] == 128)
    assert np.all(pixels[:, 10:] == 255)


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    path = saved(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert tuple(read_image(path)[5, 5]) == (255, 0, 0)


def test_what_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    whole = saved(tmp_path / "a.png", Image.fromarray(COLOUR)).read_bytes()
    noise = np.random.default_rng(0).integers(0, 255, (99, 99, 3), np.uint8)
    photo = saved(tmp_path / "a.jpg", Image.fromarray(noise)).read_bytes()
    huge = Image.new("1", (20_000, 20_000))
    cases = {
        "missing.png": (None, "no such file"),
        "empty.png": (b"", "not a picture"),
        "text.jpg": (b"hello", "not a picture"),
        "cut.png": (whole[: len(whole) // 2], "damaged"),
        "cut.jpg": (photo[: len(photo) // 2], "damaged"),
        "header.png": (whole[:20], "damaged|not a picture"),
        "huge.png": (saved(tmp_path / "h.png", huge).read_bytes(), "100 Mpixel"),
    }
    for name, (content, reason) in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ImageError, match=reason) as caught:
            read_image(path)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
    with pytest.raises(ImageError, match="folder"):
        read_image(tmp_path)


def test_jpeg_bytes_hold_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "t.jpg"
    path.write_bytes(encode_jpeg(COLOUR, 95))
    assert close(read_image(path), COLOUR)
    assert len(encode_jpeg(COLOUR, 30)) < len(encode_jpeg(COLOUR, 95))
    with pytest.raises(ValueError, match="quality"):
        encode_jpeg(COLOUR, 0)
    with pytest.raises(ValueError, match="shape"):
        encode_jpeg(np.zeros((0, 3, 3), np.uint8))


def test_a_picture_is_written_by_its_suffix(tmp_path: Path) -> None:
    write_image(tmp_path / "new" / "a.png", COLOUR)
    write_image(tmp_path / "grey.png", RAMP)
    write_image(tmp_path / "a.jpg", COLOUR, 95)
    assert np.array_equal(read_image(tmp_path / "new" / "a.png"), COLOUR)
    assert np.array_equal(read_image(tmp_path / "grey.png")[..., 1], RAMP)
    assert (tmp_path / "a.jpg").read_bytes() == encode_jpeg(COLOUR, 95)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="choose another folder"):
        write_image(tmp_path / "file" / "a.jpg", COLOUR)


def test_real_photos(shared_data: Path) -> None:
    photos = sorted((shared_data / "stage" / "members").rglob("*.[jp][pn]*"))
    assert photos
    for path in photos:
        image = read_image(path)
        assert image.ndim == 3
        assert image.std() > 5
