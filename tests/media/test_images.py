from __future__ import annotations

import errno
import os
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from closeup.errors import ImageError, OutputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import (
    encode_jpeg,
    read_image,
    read_reduced,
    read_size,
    write_image,
)
from tests.real_photos import astronaut

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
    assert read_size(path) == Size.of(COLOUR)
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
    (tmp_path / "link.png").symlink_to("nowhere.png")
    with pytest.raises(ImageError, match=r"link\.png is a link to nothing; take it away"):
        read_image(tmp_path / "link.png")


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


def test_every_way_to_write_inks_in_a_jpeg(tmp_path: Path) -> None:
    """Adobe's programs store inks inverted, with (YCCK) or without (CMYK) a colour transform."""
    inks = np.dstack([255 - COLOUR, np.zeros_like(RAMP)])
    plain = tmp_path / "cmyk.jpg"
    Image.frombytes("CMYK", (64, 48), inks.tobytes()).save(plain, quality=100, subsampling=0)
    assert close(read_image(plain), COLOUR)
    luma = Image.fromarray(255 - COLOUR).convert("YCbCr")
    # Pillow inverts what it stores: the file holds the YCbCr of the inks, and no black.
    stored = 255 - np.dstack([np.asarray(luma), np.full_like(RAMP, 255)])
    Image.frombytes("CMYK", (64, 48), stored.tobytes()).save(plain, quality=100, subsampling=0)
    content = plain.read_bytes()
    marker = content.index(b"Adobe")
    transformed = content[: marker + 11] + b"\2" + content[marker + 12 :]
    (tmp_path / "ycck.jpg").write_bytes(transformed)
    assert close(read_image(tmp_path / "ycck.jpg"), COLOUR)
    other = cv2.imread(str(tmp_path / "ycck.jpg"))  # OpenCV reads it independently
    assert other is not None
    assert close(np.asarray(other[..., ::-1], np.uint8), COLOUR)


@pytest.mark.parametrize("suffix", ["jfif", "jpe", "JPG", "mpo"])
def test_a_jpeg_under_its_other_names(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(encode_jpeg(COLOUR, 95))
    assert close(read_image(path), COLOUR)


def test_two_pictures_in_one_jpeg_give_the_first(tmp_path: Path) -> None:
    second = Image.fromarray(255 - COLOUR)
    Image.fromarray(COLOUR).save(
        tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second], quality=95
    )
    assert close(read_image(tmp_path / "a.jpg"), COLOUR)


@pytest.mark.parametrize("where", ["attribute", "element"])
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_xmp_turns_a_picture_without_exif(tmp_path: Path, suffix: str, where: str) -> None:
    tag = {
        "attribute": b'<x tiff:Orientation="6"/>',
        "element": b"<tiff:Orientation>6</tiff:Orientation>",
    }[where]
    options: dict[str, Any] = {"quality": 95} if suffix == "jpg" else {"lossless": True}
    if suffix == "png":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", tag.decode())
        options["pnginfo"] = info
    else:
        options["xmp"] = tag
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(COLOUR)))
    assert close(read_image(saved(tmp_path / f"a.{suffix}", stored, **options)), COLOUR)


def test_exif_that_imagemagick_writes_into_a_png(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    info = PngInfo()
    content = exif.tobytes()
    info.add_text("Raw profile type exif", f"\nexif\n{len(content):8}\n{content.hex()}\n")
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(COLOUR)))
    assert np.array_equal(read_image(saved(tmp_path / "a.png", stored, pnginfo=info)), COLOUR)


def with_damaged_exif(path: Path) -> Path:
    """A JPEG whose EXIF data hold an orientation, and a tag that points beyond their end."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a long description"
    content = exif.tobytes()
    place = content.index(b"\x01\x0e") if content[6:8] == b"MM" else content.index(b"\x0e\x01")
    broken = content[: place + 8] + b"\xff\xff\xff\x7f" + content[place + 12 :]
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(COLOUR)))
    stored.save(path, exif=broken, quality=95)
    return path


def test_damaged_exif_is_no_reason_to_refuse_a_picture_or_to_warn(tmp_path: Path) -> None:
    path = with_damaged_exif(tmp_path / "a.jpg")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert close(read_image(path), COLOUR)


def test_a_large_picture_does_not_warn(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("1", (9_500, 9_500), 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_image(path).shape == (9_500, 9_500, 3)


def test_filters_of_warnings_stay_as_they_are_in_all_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [
        with_damaged_exif(tmp_path / "a.jpg"),
        saved(tmp_path / "b.png", Image.new("P", (9, 9))),
    ]
    (tmp_path / "c.tif").write_bytes(b"II*\0\x08\0\0\0\xff\xff")
    caught: list[Exception] = []

    def read(number: int) -> None:
        try:
            read_image([*paths, tmp_path / "c.tif"][number % 3])
        except ImageError:
            pass
        except Exception as error:  # noqa: BLE001 - a thread's error must not be lost
            caught.append(error)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before, same_list = list(warnings.filters), warnings.filters
        monkeypatch.setattr(warnings, "catch_warnings", None)  # it changes all threads
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(read, range(96)))
        monkeypatch.undo()
        assert warnings.filters is same_list
        assert list(warnings.filters) == before
    assert not caught


def test_what_may_not_be_read_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(COLOUR))

    def refused(self: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ImageError, match=r"a\.png cannot be read: Permission denied"):
        read_image(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(ImageError, match=r"a\.jpg is no ordinary file"):
        read_image(tmp_path / "a.jpg")


@cache
def whole_file(suffix: str) -> bytes:
    exif, file = Image.Exif(), BytesIO()
    exif[0x0112] = 6
    small = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8))
    options: dict[str, Any] = {} if suffix in ("gif", "bmp") else {"exif": exif}
    small.save(file, {"jpg": "jpeg"}.get(suffix, suffix), **options)
    return file.getvalue()


SUFFIXES = ["jpg", "png", "webp", "gif", "bmp", "avif"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_changed_or_cut_file_is_read_or_refused(
    tmp_path: Path, suffix: str, part: float, change: int, cut: bool
) -> None:
    content = bytearray(whole_file(suffix))
    place = int(part * len(content))
    content[place] ^= change
    (tmp_path / "a").write_bytes(content[:place] if cut else content)
    try:
        shown = read_image(tmp_path / "a")
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either end is right
    else:
        assert shown.ndim == 3


def test_errors_have_a_kind_to_count_them_by(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    whole = saved(tmp_path / "a.png", Image.fromarray(COLOUR)).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    huge = saved(tmp_path / "huge.png", Image.new("1", (20_000, 20_000)))
    kinds = {"empty.png": "without a picture", "cut.png": "damaged", huge.name: "too large"}
    for name, kind in {**kinds, "none.png": "missing"}.items():
        with pytest.raises(ImageError) as caught:
            read_image(tmp_path / name)
        assert caught.value.kind == kind
        assert pickle.loads(pickle.dumps(caught.value)).kind == kind  # noqa: S301


def test_a_size_is_read_without_the_pixels(tmp_path: Path) -> None:
    for suffix in ("jpg", "png", "webp", "bmp", "tif", "gif", "avif"):
        assert read_size(saved(tmp_path / f"a.{suffix}", Image.fromarray(COLOUR))) == Size(64, 48)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes((tmp_path / "a.jpg").read_bytes()[:700])
    assert read_size(cut) == Size(64, 48)
    (tmp_path / "b.jpg").write_bytes(b"hello")
    with pytest.raises(ImageError, match="is not a picture"):
        read_size(tmp_path / "b.jpg")
    with pytest.raises(ImageError, match="no such file"):
        read_size(tmp_path / "c.jpg")


@pytest.mark.parametrize("quality", [20, 50, 75, 92])
def test_a_jpeg_is_reduced_while_it_is_decoded(quality: int, tmp_path: Path) -> None:
    photo = astronaut()
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode_jpeg(photo, quality))
    reduced = read_reduced(path, 100)
    assert (reduced.size, reduced.jpeg_quality) == (Size.of(photo), quality)
    assert 100 <= min(reduced.image.shape[:2]) < 200
    expected = cv2.resize(photo, Size.of(reduced.image), interpolation=cv2.INTER_AREA)
    assert np.abs(reduced.image.astype(float) - expected).mean() < 6


def test_other_pictures_are_reduced_afterwards(tmp_path: Path) -> None:
    photo = astronaut()[:300, :200]
    write_image(tmp_path / "photo.png", photo)
    reduced = read_reduced(tmp_path / "photo.png", 64)
    assert (reduced.size, reduced.jpeg_quality) == (Size(200, 300), None)
    assert reduced.image.shape == (100, 66, 3)
    whole = read_reduced(tmp_path / "photo.png", 1000)
    np.testing.assert_array_equal(whole.image, photo)


def test_a_reduced_picture_is_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    Image.fromarray(astronaut()[:256]).save(path, exif=exif, quality=95)
    reduced = read_reduced(path, 64)
    assert reduced.size == Size(256, 512) == read_size(path)
    whole = read_image(path)
    expected = cv2.resize(whole, Size.of(reduced.image), interpolation=cv2.INTER_AREA)
    assert np.abs(reduced.image.astype(float) - expected).mean() < 6


def test_what_is_no_picture_is_not_reduced(tmp_path: Path) -> None:
    (tmp_path / "page.jpg").write_bytes(b"<html>")
    with pytest.raises(ImageError, match="is not a picture"):
        read_reduced(tmp_path / "page.jpg", 64)
