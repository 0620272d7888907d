from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import example, given, strategies as st
from PIL import Image

from closeup.media.exif import is_tiff, main_directory, orientation_of, read_directory


def tags(**others: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = others.pop("orientation", 6)
    exif[0x010F] = "a camera"
    return exif


def written(**options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((8, 9, 3), np.uint8), photometric="rgb", **options)
    return file.getvalue()


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("order", "<>")
def test_values_in_an_entry_and_beside_it(order: str, bigtiff: bool) -> None:
    directory = read_directory(written(byteorder=order, bigtiff=bigtiff))
    assert directory is not None
    assert (directory.order, directory.large, directory.following) == (order, bigtiff, 0)
    assert [directory.number(tag) for tag in (256, 257, 258, 277)] == [9, 8, 8, 3]
    assert directory.number(305) is None  # text
    assert directory.number(9999) is None
    assert directory.orientation == 1


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("order", "<>")
def test_a_directory_alone_holds_what_was_kept(order: str, bigtiff: bool) -> None:
    directory = read_directory(written(byteorder=order, bigtiff=bigtiff))
    assert directory is not None
    again = read_directory(directory.alone({256, 257, 258}, {257: 7}))
    assert again is not None
    assert set(again.entries) == {256, 257, 258}
    assert [again.number(tag) for tag in (256, 257, 258)] == [9, 7, 8]


def test_the_main_directory_is_no_thumbnail() -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for side, kind in ((4, 1), (8, 0), (9, 0)):
            writer.write(np.zeros((side, side), np.uint8), subfiletype=kind)
    directory = main_directory(file.getvalue())
    assert directory is not None
    assert directory.number(256) == 8


def test_directories_in_a_circle_end() -> None:
    content = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 254, 4, 1, 1, 8)
    directory = main_directory(content)
    assert directory is not None
    assert directory.is_reduced


@pytest.mark.parametrize("orientation", range(10))
def test_the_orientation_of_exif_data(orientation: int) -> None:
    valid = orientation if 1 <= orientation <= 8 else 1
    content = tags(orientation=orientation).tobytes()
    for exif in (content, content.removeprefix(b"Exif\0\0"), b"Exif\0\0" + content):
        assert orientation_of({"exif": exif}) == valid


def test_exif_counts_more_than_xmp() -> None:
    xmp = b'<x tiff:Orientation="3"/>'
    assert orientation_of({"exif": tags().tobytes(), "xmp": xmp}) == 6
    assert orientation_of({"exif": b"", "xmp": xmp}) == 3
    assert orientation_of({"XML:com.adobe.xmp": xmp.decode()}) == 3
    assert orientation_of({}) == 1
    assert orientation_of({"Raw profile type exif": "no hex\n\n\nxyz"}) == 1


@example(b"\0\0\0\0" + b"\x80" + bytes(7), b"MM\0+")
@example(bytes(12), b"MM\0+")
@given(st.binary(max_size=200), st.sampled_from([b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b""]))
def test_any_bytes_have_an_orientation(content: bytes, mark: bytes) -> None:
    assert is_tiff(mark) == bool(mark)
    assert 1 <= orientation_of({"exif": mark + content}) <= 8
    main_directory(mark + content)
