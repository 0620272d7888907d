"""HEIF and AVIF files as phones write them; the tests make them with ``tests/heif_files.py``."""

from __future__ import annotations

import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from numpy.typing import NDArray
from PIL import Image

from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.media.images import read_image
from closeup.media.pictures import SourceKind, open_pictures
from tests.heif_files import (
    AVIF_BRANDS,
    BRANDS,
    Item,
    box,
    exif,
    extent,
    heif,
    mirrored,
    picture,
    tiled,
    transparency,
    turned,
    write_heif,
)

RAMP = np.linspace(0, 255, 64 * 96).reshape(64, 96).astype(np.uint8)
COLOUR = np.dstack([RAMP, RAMP[::-1], np.full_like(RAMP, 90)])
LARGE = np.tile(COLOUR, (3, 3, 1))[:150, :250]


def same(shown: RGBImage, wanted: NDArray[np.uint8], tolerance: int = 3) -> bool:
    if wanted.ndim == 2:
        wanted = np.repeat(wanted[..., None], 3, axis=2)
    return (
        shown.shape == wanted.shape and int(np.abs(shown.astype(int) - wanted).max()) <= tolerance
    )


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("pixels", [COLOUR, RAMP], ids=["colour", "grey"])
def test_a_picture_of_any_depth(tmp_path: Path, pixels: NDArray[np.uint8], bits: int) -> None:
    assert same(read_image(write_heif(tmp_path / "a.heic", [picture(pixels, bits=bits)])), pixels)


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("tiles", [False, True], ids=["whole", "tiles"])
def test_a_turn_is_applied_once(tmp_path: Path, quarters: int, tiles: bool) -> None:
    """Phones write a turn twice: as the picture's property, and as EXIF's orientation."""
    orientation = {0: 1, 1: 8, 2: 3, 3: 6}[quarters]
    items = tiled(LARGE, 64, turned(quarters)) if tiles else [picture(COLOUR, turned(quarters))]
    path = write_heif(tmp_path / "a.heic", [*items, exif(orientation)])
    assert same(read_image(path), np.rot90(LARGE if tiles else COLOUR, quarters))


@pytest.mark.parametrize("left_right", [False, True])
def test_a_mirrored_picture(tmp_path: Path, left_right: bool) -> None:
    path = write_heif(tmp_path / "a.heic", [picture(COLOUR, turned(1), mirrored(left_right))])
    assert same(read_image(path), np.flip(np.rot90(COLOUR), int(left_right)))


def test_exif_alone_turns_no_heif(tmp_path: Path) -> None:
    """ISO/IEC 23008-12: the properties of the picture count, not EXIF's orientation."""
    assert same(read_image(write_heif(tmp_path / "a.heic", [picture(COLOUR), exif(6)])), COLOUR)


def test_tiles_reach_over_the_edges(tmp_path: Path) -> None:
    assert same(read_image(write_heif(tmp_path / "a.heic", tiled(LARGE, 64))), LARGE)


def test_transparent_pixels_lie_over_mid_grey(tmp_path: Path) -> None:
    alpha = np.where(np.arange(96) < 48, np.uint8(0), np.uint8(255)) * np.ones((64, 1), np.uint8)
    shown = read_image(write_heif(tmp_path / "a.heic", [picture(COLOUR), transparency(alpha)]))
    assert same(shown[:, 48:], COLOUR[:, 48:])
    assert np.all(shown[:, :48] == 128)


def test_the_primary_picture_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(heif([picture(COLOUR[::-1].copy()), picture(COLOUR)], primary=2))
    assert same(read_image(path), COLOUR)


def test_a_sequence_gives_its_first_picture(tmp_path: Path) -> None:
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx265", rate=5)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.options = {"x265-params": "log-level=none:pools=none"}
        for grey in (60, 120, 180):
            frame = np.full((64, 96, 3), grey, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    content = file.getvalue()
    head = int.from_bytes(content[:4], "big")
    kind = box(b"ftyp", b"hevc", b"\0" * 4, b"msf1", b"hevc")
    kind += b"\0" * (head - len(kind)) if head >= len(kind) else b""
    (tmp_path / "a.heics").write_bytes(kind[:3] + bytes([head]) + kind[4:] + content[head:])
    assert same(read_image(tmp_path / "a.heics"), np.full((64, 96), 60, np.uint8), 4)


@pytest.mark.parametrize("name", ["IMG_1.HEIC", "IMG_1.heif", "IMG_1.hif", "upload.tmp", "IMG_1"])
def test_it_is_a_picture_under_any_name(tmp_path: Path, name: str) -> None:
    """FFmpeg would take one tile of it for a video."""
    pictures = open_pictures(write_heif(tmp_path / name, tiled(LARGE, 64)))
    assert pictures.kind is SourceKind.IMAGE
    assert [one.read().shape for one in pictures] == [LARGE.shape]


def honest(size: tuple[int, int]) -> Item:
    whole = picture(COLOUR)
    configuration, _, *others = whole.properties
    return Item(whole.kind, whole.data, (configuration, extent(*size), *others))


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (tiled(LARGE, 64, claim=(60_000, 60_000)), "has more than 100 Mpixel"),
        (tiled(LARGE, 64, claim=(12_000, 12_000)), "has more than 100 Mpixel"),
        (tiled(LARGE, 64, claim=(300, 200)), "is damaged: .*not cover"),
        ([honest((20_000, 20_000))], "has more than 100 Mpixel"),
        ([honest((8, 8))], "is damaged: .*limit exceeded"),
        ([honest((0, 0))], "is damaged"),
        ([Item(b"hvc1", b"", picture(COLOUR).properties)], "is damaged"),
        ([Item(b"jpeg", b"\xff\xd8", (extent(96, 64),))], "is damaged"),
        ([exif(1)], "is damaged"),
    ],
    ids=str,
)
def test_a_false_claim_is_one_clear_line(tmp_path: Path, items: list[Item], reason: str) -> None:
    path = write_heif(tmp_path / "a.heic", items)
    with pytest.raises(ImageError, match=reason) as caught:
        read_image(path)
    assert "\n" not in str(caught.value)


WHOLE = heif([picture(COLOUR), exif(6)])


@example(WHOLE.index(b"Exif"), 0x80, False)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_changed_or_cut_file_is_read_or_refused(
    tmp_path: Path, place: int, change: int, cut: bool
) -> None:
    content = bytearray(WHOLE)
    content[place] ^= change
    (tmp_path / "a.heic").write_bytes(content[:place] if cut else content)
    try:
        shown = read_image(tmp_path / "a.heic")
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either end is right
    else:
        assert not cut
        assert shown.ndim == 3


def test_threads_and_processes_read_the_same(tmp_path: Path) -> None:
    paths = [write_heif(tmp_path / "a.heic", tiled(LARGE, 64, turned(1)))] * 24
    with ThreadPoolExecutor(8) as threads:
        assert all(same(shown, np.rot90(LARGE)) for shown in threads.map(read_image, paths))
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        assert all(same(shown, np.rot90(LARGE)) for shown in processes.map(read_image, paths[:4]))


@pytest.mark.parametrize(
    "damage", [b"", b"\0\0\0\6junk", b"\xff" * 40, b"\0\0\0\6Exif\0\0II*\0\xff"]
)
@pytest.mark.parametrize("av1", [False, True], ids=["heic", "avif"])
def test_damaged_exif_is_no_reason_to_refuse_a_picture(
    tmp_path: Path, av1: bool, damage: bytes
) -> None:
    items = [picture(COLOUR, turned(1), av1=av1), Item(b"Exif", damage, refers={b"cdsc": (1,)})]
    path = write_heif(tmp_path / "a", items, AVIF_BRANDS if av1 else BRANDS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(read_image(path), np.rot90(COLOUR), 12)


@pytest.mark.parametrize("brands", [AVIF_BRANDS, (b"mif1", b"mif1", b"avif")], ids=["avif", "mif1"])
@pytest.mark.parametrize("quarters", range(4))
def test_tiles_of_an_avif_file_are_turned_once(
    tmp_path: Path, quarters: int, brands: tuple[bytes, ...]
) -> None:
    orientation = {0: 1, 1: 8, 2: 3, 3: 6}[quarters]
    large = LARGE[:128, :192]
    items = [*tiled(large, 64, turned(quarters), av1=True), exif(orientation)]
    path = write_heif(tmp_path / "a.avif", items, brands)
    assert same(read_image(path), np.rot90(large, quarters), 12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_avif_file_is_turned_once(tmp_path: Path, orientation: int) -> None:
    """Pillow writes the turn as properties of the picture, as phones do."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "Phone"
    stored = Image.fromarray(LARGE)
    stored.save(tmp_path / "a.png", exif=tags)
    stored.save(tmp_path / "a.avif", exif=tags, quality=100, subsampling="4:4:4")
    assert same(read_image(tmp_path / "a.avif"), read_image(tmp_path / "a.png"), 6)
