"""TIFF files of every kind of sample that tifffile, OpenCV and Pillow write."""

from __future__ import annotations

import io
import logging
import struct
import tracemalloc
import warnings
import zlib
from functools import cache
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings, strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from closeup.errors import ImageError
from closeup.media.exif import read_directory
from closeup.media.images import read_image

GREY = np.linspace(0, 1, 48 * 64).reshape(48, 64)
COLOUR = np.dstack([GREY, GREY[::-1], np.full_like(GREY, 0.35)])
TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8"]
_PHOTOMETRIC = 262


def stored(values: NDArray[np.float64], kind: str) -> NDArray[Any]:
    """Values from 0 to 1 as numbers of a type, whose largest one is white."""
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        return values.astype(dtype)
    return (values * np.iinfo(dtype).max).round().astype(dtype)


def same(path: Path, values: NDArray[np.float64], tolerance: int = 1) -> bool:
    shown = read_image(path)
    wanted = (values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)) * 255
    return shown.shape == wanted.shape and bool(np.abs(shown - wanted).max() <= tolerance)


@given(
    st.sampled_from(TYPES),
    st.sampled_from(["minisblack", "miniswhite", "rgb"]),
    st.sampled_from(["contig", "separate"]),
    st.sampled_from([None, "zlib", "lzma", "packbits"]),
    st.sampled_from(["<", ">"]),
    st.sampled_from([None, (16, 16), (32, 64)]),
    st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_samples_of_any_type_and_order(
    tmp_path: Path,
    kind: str,
    photometric: str,
    planes: str,
    compression: str | None,
    order: Literal["<", ">"],
    tile: tuple[int, int] | None,
    large: bool,
) -> None:
    if compression == "packbits":  # tifffile itself writes none; Pillow has it for 8 bits
        compression = None
    values = COLOUR if photometric == "rgb" else GREY
    samples = stored(1 - values if photometric == "miniswhite" else values, kind)
    options: dict[str, Any] = {}
    if photometric == "rgb":
        options["planarconfig"] = planes
        samples = np.moveaxis(samples, -1, 0).copy() if planes == "separate" else samples
    tifffile.imwrite(
        tmp_path / "a.tif", samples, photometric=photometric, compression=compression,
        byteorder=order, tile=tile, bigtiff=large, **options,
    )  # fmt: skip
    assert same(tmp_path / "a.tif", values, 2 if kind == "i1" else 1)


def with_photometric(path: Path, value: int) -> None:
    directory = read_directory(path.read_bytes())
    assert directory is not None
    path.write_bytes(directory.alone(directory.entries, {_PHOTOMETRIC: value}))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits", "raw"])
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_inverted_greys_packed_in_every_way(tmp_path: Path, kind: str, compression: str) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(stored(1 - GREY, kind)).save(path, compression=compression)
    with_photometric(path, 0)
    assert same(path, GREY)


@pytest.mark.parametrize("compression", ["raw", "group4", "tiff_lzw"])
def test_inverted_black_and_white(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(GREY > 0.5).save(path, compression=compression)
    right = read_image(path)
    assert np.array_equal(right[..., 0] > 0, GREY > 0.5)
    directory = read_directory(path.read_bytes())
    assert directory is not None
    with_photometric(path, 1 - (directory.number(_PHOTOMETRIC) or 0))
    assert np.array_equal(read_image(path), 255 - right)


@pytest.mark.parametrize("compression", [1, 5, 8, 32946])
@pytest.mark.parametrize("predictor", [1, 2])
@pytest.mark.parametrize("values", [GREY, COLOUR], ids=["grey", "colour"])
def test_sixteen_bits_packed_in_every_way(
    tmp_path: Path, values: NDArray[np.float64], predictor: int, compression: int
) -> None:
    """OpenCV packs by libtiff, as photo programs do."""
    samples = stored(values, "u2")
    bgr = samples if samples.ndim == 2 else np.ascontiguousarray(samples[..., ::-1])
    options = [cv2.IMWRITE_TIFF_COMPRESSION, compression, cv2.IMWRITE_TIFF_PREDICTOR, predictor]
    assert cv2.imwrite(str(tmp_path / "a.tif"), bgr, options)
    assert same(tmp_path / "a.tif", values)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_transparency(tmp_path: Path, kind: str) -> None:
    alpha = np.where(np.arange(64) < 32, 0.0, 1.0) * np.ones((48, 1))
    for name, values in (("rgb", COLOUR), ("minisblack", GREY)):
        samples = stored(np.dstack([values, alpha]), kind)
        tifffile.imwrite(
            tmp_path / "a.tif", samples, photometric=name, extrasamples=["unassalpha"],
            planarconfig="contig",
        )  # fmt: skip
        shown = read_image(tmp_path / "a.tif")
        assert np.all(shown[:, :32] == 128)
        wanted = values if values.ndim == 3 else values[..., None]
        assert np.abs(shown[:, 32:] - wanted[:, 32:] * 255).max() <= 1


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_inks(tmp_path: Path, kind: str) -> None:
    samples = stored(np.dstack([1 - COLOUR, np.zeros_like(GREY)]), kind)
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="separated")
    assert same(tmp_path / "a.tif", COLOUR, 2)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (GREY * 255, GREY),
        (GREY * 250, GREY * 250 / 255),
        (GREY * 65535, GREY),
        (GREY * 1.5, (GREY * 1.5).clip(0, 1)),
        (GREY * 0.5, GREY * 0.5),
        (GREY * 1.05 - 0.05, (GREY * 1.05 - 0.05).clip(0)),
        (GREY * 2 - 1, GREY),
        ((GREY * 2 - 1) * 127, (GREY * 2 - 1) * 127 / 255 / 2 + 0.5),
        (np.where(GREY < 0.5, np.nan, GREY), np.where(GREY < 0.5, 0, GREY)),
        (np.where(GREY < 0.5, np.inf, GREY), np.where(GREY < 0.5, 1, GREY)),
        (np.where(GREY < 0.5, -np.inf, GREY), np.where(GREY < 0.5, 0, GREY)),
    ],
    ids=["255", "250", "65535", "over", "half", "under", "signed", "centred", "nan", "inf", "-inf"],
)
@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_the_white_of_floats(
    tmp_path: Path, kind: str, values: NDArray[np.float64], shown: NDArray[np.float64]
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", values.astype(kind), photometric="minisblack")
    assert same(tmp_path / "a.tif", shown)


def test_lab(tmp_path: Path) -> None:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    values = COLOUR * 0.5 + 0.25  # without colours that Lab of 8 bits cannot hold
    plain = Image.fromarray((values * 255).round().astype(np.uint8))
    shown = ImageCms.profileToProfile(plain, srgb, lab, outputMode="LAB")
    assert shown is not None
    lightness, a, b = np.moveaxis(np.asarray(shown), -1, 0)
    shown.save(tmp_path / "a.tif")
    assert same(tmp_path / "a.tif", values, 8)
    wide = np.dstack([lightness.astype("u2") * 257, a.astype("u2") << 8, b.astype("u2") << 8])
    tifffile.imwrite(tmp_path / "b.tif", wide, photometric="cielab")
    offset = np.dstack([lightness, a ^ 128, b ^ 128])
    tifffile.imwrite(tmp_path / "c.tif", offset, photometric="icclab")
    for name in "bc":
        assert np.array_equal(read_image(tmp_path / f"{name}.tif"), read_image(tmp_path / "a.tif"))


def test_a_palette(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray((COLOUR * 255).round().astype(np.uint8)).quantize(256).save(path)
    assert np.abs(read_image(path) - COLOUR * 255).mean() < 8


def test_of_several_pages_the_first_that_is_no_thumbnail(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        small = stored(COLOUR[::4, ::4], "u1")
        file.write(small, photometric="rgb", subfiletype=1)
        file.write(stored(COLOUR, "u2"), photometric="rgb")
        file.write(stored(1 - COLOUR, "u2"), photometric="rgb")
    assert same(tmp_path / "a.tif", COLOUR)


@pytest.mark.parametrize("kind", ["u1", "u2"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation(tmp_path: Path, kind: str, orientation: int) -> None:
    samples = stored(COLOUR, kind)
    tag = (274, "H", 1, orientation, True)
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="rgb", extratags=[tag])
    tags = Image.Exif()
    tags[0x0112] = orientation
    Image.fromarray(stored(COLOUR, "u1")).save(tmp_path / "a.png", exif=tags)
    assert same(tmp_path / "a.tif", read_image(tmp_path / "a.png") / 255)


def test_what_is_not_read_is_one_clear_line(tmp_path: Path) -> None:
    sensor: dict[str, Any] = {"photometric": "cfa"}
    tifffile.imwrite(tmp_path / "raw.dng", stored(GREY, "u2"), **sensor)
    tifffile.imwrite(tmp_path / "cut.tif", stored(COLOUR, "u2"), photometric="rgb")
    whole = (tmp_path / "cut.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "begin.tif").write_bytes(whole[:100])
    options = [cv2.IMWRITE_TIFF_COMPRESSION, 5]
    assert cv2.imwrite(str(tmp_path / "packed.tif"), stored(COLOUR, "f4"), options)
    for name, reason in (
        ("raw.dng", "is a camera's raw file, which cannot be read; save it as JPEG or PNG"),
        ("cut.tif", "is damaged: failed to read"),
        ("begin.tif", "is damaged"),
        ("packed.tif", "is a TIFF file of float32 samples packed by lzw, which cannot be read"),
    ):
        with pytest.raises(ImageError, match=reason) as caught:
            read_image(tmp_path / name)
        assert "\n" not in str(caught.value)


def claiming(width: int, height: int, kind: str) -> bytes:
    """A file that claims a size, and holds nothing of it."""
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((8, 8, 3), kind), photometric="rgb")
    directory = read_directory(file.getvalue())
    assert directory is not None
    return directory.alone(directory.entries, {256: width, 257: height})


@pytest.mark.parametrize("kind", ["u1", "u2", "f8"])
def test_a_size_beyond_the_limit_is_refused_before_it_is_decoded(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.tif").write_bytes(claiming(30_000, 30_000, kind))
    with pytest.raises(ImageError, match="has more than 100 Mpixel; make it smaller"):
        read_image(tmp_path / "a.tif")


def test_a_strip_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """A hundred megabytes of zeros in a strip of eight kilobytes."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stored(GREY, "u2"), photometric="minisblack", compression="zlib")
    content = path.read_bytes()
    directory = read_directory(content)
    assert directory is not None
    bomb = zlib.compress(bytes(100_000_000))
    changed = bytearray(content)
    for tag, value in ((273, len(content)), (279, len(bomb))):
        place = content.index(directory.entries[tag])
        struct.pack_into("<HHII", changed, place, tag, 4, 1, value)
    path.write_bytes(bytes(changed) + bomb)
    tracemalloc.start()
    try:
        with pytest.raises(ImageError, match="is damaged: it stores more than its picture needs"):
            read_image(path)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@cache
def whole_file(kind: str, compression: str | None) -> bytes:
    random, file = np.random.default_rng(0).random((24, 32, 3)), io.BytesIO()
    tifffile.imwrite(file, stored(random, kind), photometric="rgb", compression=compression)
    return file.getvalue()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@given(st.integers(0, 600), st.integers(1, 255), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_changed_or_cut_file_is_read_or_refused(
    tmp_path: Path, kind: str, compression: str | None, place: int, change: int, cut: bool
) -> None:
    content = bytearray(whole_file(kind, compression))
    content[place] ^= change
    (tmp_path / "a.tif").write_bytes(content[: -place - 1] if cut else content)
    try:
        shown = read_image(tmp_path / "a.tif")
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either end is right
    else:
        assert shown.ndim == 3


def test_damaged_tags_that_pixels_do_not_need_are_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.tif"
    for kind in ("u1", "u2"):
        tifffile.imwrite(path, stored(COLOUR, kind), photometric="rgb")
        directory = read_directory(path.read_bytes())
        assert directory is not None
        odd = dict.fromkeys(directory.entries.keys() & {270, 282, 283, 296, 305, 306}, 60_000)
        assert len(odd) >= 3
        path.write_bytes(directory.alone(directory.entries, odd))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert same(path, COLOUR)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert capsys.readouterr().err == ""
