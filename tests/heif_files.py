"""Writes HEIF files as phones do: tiles, turns, EXIF, transparency, 10 bits.

Boxes follow ISO/IEC 14496-12 (files) and 23008-12 (pictures); PyAV encodes the pictures. Every
value can be chosen, also wrong ones, so that damaged and dishonest files can be made.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

BRANDS = (b"heic", b"mif1", b"heic")
"""Main brand and compatible brands."""
ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"
AVIF_BRANDS = (b"avif", b"mif1", b"miaf", b"avif")
"""The same of AVIF files."""
_ESSENTIAL = {b"hvcC", b"av1C", b"irot", b"imir", b"clap"}


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a file; items are numbered from 1."""

    kind: bytes
    data: bytes
    properties: tuple[bytes, ...] = ()
    refers: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    hidden: bool = False


def box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I", len(content) + 8) + kind + content


def full_box(kind: bytes, version: int, flags: int, *contents: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *contents)


def encoded(pixels: NDArray[np.uint8], bits: int = 8) -> tuple[bytes, bytes]:
    """The configuration (``hvcC``) and the data of a lossless HEVC picture.

    Args:
        pixels: (H, W, 3) RGB or (H, W) grey; sides are multiples of 8 from 64 on.
        bits: 8 or 10.

    """
    colour = pixels.ndim == 3
    kind = ("yuv444p" if colour else "gray") + ("" if bits == 8 else f"{bits}le")
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24" if colour else "gray").reformat(
        format=kind, dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.JPEG
    )
    encoder = av.VideoCodecContext.create("libx265", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, kind
    encoder.time_base = Fraction(1)
    encoder.options = {"x265-params": "log-level=none:lossless=1:range=full:info=0:pools=none"}
    stream = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    units = [unit for unit in re.split(b"\0\0\0?\1", stream) if unit]
    heads = {number: [unit for unit in units if unit[0] >> 1 == number] for number in (32, 33, 34)}
    data = [unit for unit in units if unit[0] >> 1 < 32]
    return _configuration(heads, colour, bits), b"".join(map(_sized, data))


def _configuration(heads: dict[int, list[bytes]], colour: bool, bits: int) -> bytes:
    """Parameter sets by type, as ISO/IEC 14496-15 arranges them."""
    profile = heads[33][0].replace(b"\0\0\3", b"\0\0")[3:15]
    depths = bytes([0xFC | 3 * colour, 0xF8 | bits - 8, 0xF8 | bits - 8])
    fixed = b"\1" + profile + b"\xf0\0\xfc" + depths + b"\0\0\x0f" + bytes([len(heads)])
    arrays = [
        bytes([0x80 | number]) + struct.pack(">H", len(units)) + b"".join(
            struct.pack(">H", len(unit)) + unit for unit in units
        )
        for number, units in heads.items()
    ]  # fmt: skip
    return box(b"hvcC", fixed, *arrays)


def _sized(unit: bytes) -> bytes:
    return struct.pack(">I", len(unit)) + unit


def encoded_av1(pixels: NDArray[np.uint8]) -> tuple[bytes, bytes]:
    """The configuration (``av1C``) and the data of an AV1 picture, RGB (H, W, 3)."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "AVIF", quality=100, subsampling="4:4:4")
    content = file.getvalue()
    begin = content.index(b"av1C") - 4
    (size,) = struct.unpack_from(">I", content, begin)
    return content[begin : begin + size], content[content.index(b"mdat") + 4 :]


def extent(width: int, height: int) -> bytes:
    return full_box(b"ispe", 0, 0, struct.pack(">II", width, height))


def colours() -> bytes:
    """BT.709 primaries, sRGB curve, BT.601 matrix, full range."""
    return box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80))


def turned(quarters: int) -> bytes:
    """Shown after quarter turns against the clock."""
    return box(b"irot", bytes([quarters]))


def mirrored(left_right: bool) -> bytes:
    return box(b"imir", bytes([left_right]))


def picture(
    pixels: NDArray[np.uint8], *more: bytes, bits: int = 8, hidden: bool = False, av1: bool = False
) -> Item:
    height, width = pixels.shape[:2]
    configuration, data = encoded_av1(pixels) if av1 else encoded(pixels, bits)
    depth = full_box(b"pixi", 0, 0, bytes([3, bits, bits, bits]))
    grey = full_box(b"pixi", 0, 0, bytes([1, bits]))
    channels = depth if pixels.ndim == 3 else grey
    properties = (configuration, extent(width, height), colours(), channels, *more)
    return Item(b"av01" if av1 else b"hvc1", data, properties, hidden=hidden)


def tiled(
    pixels: NDArray[np.uint8],
    tile: int,
    *more: bytes,
    claim: tuple[int, int] | None = None,
    av1: bool = False,
) -> list[Item]:
    """A picture of square tiles, the last of which may reach over its edges; it is item 1."""
    height, width = pixels.shape[:2]
    rows, columns = -(-height // tile), -(-width // tile)
    padded = np.pad(
        pixels, ((0, rows * tile - height), (0, columns * tile - width), (0, 0)), mode="edge"
    )
    tiles = [
        picture(np.ascontiguousarray(part), hidden=True, av1=av1)
        for row in np.split(padded, rows)
        for part in np.split(row, columns, axis=1)
    ]
    claimed = claim or (width, height)
    data = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, *claimed)
    depth = full_box(b"pixi", 0, 0, bytes([3, 8, 8, 8]))
    numbers = tuple(range(2, len(tiles) + 2))
    grid = Item(b"grid", data, (extent(*claimed), colours(), depth, *more), {b"dimg": numbers})
    return [grid, *tiles]


def exif(orientation: int, of: int = 1) -> Item:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return Item(b"Exif", struct.pack(">I", 6) + tags.tobytes(), refers={b"cdsc": (of,)})


def transparency(alpha: NDArray[np.uint8], of: int = 1) -> Item:
    height, width = alpha.shape
    configuration, data = encoded(alpha)
    properties = (
        configuration,
        extent(width, height),
        full_box(b"pixi", 0, 0, bytes([1, 8])),
        full_box(b"auxC", 0, 0, ALPHA),
    )
    return Item(b"hvc1", data, properties, {b"auxl": (of,)}, hidden=True)


def heif(items: Sequence[Item], brands: Sequence[bytes] = BRANDS, primary: int = 1) -> bytes:
    """The content of a file."""
    head = box(b"ftyp", brands[0], struct.pack(">I", 0), *brands[1:])
    size = len(_meta(items, primary, 0))
    meta = _meta(items, primary, len(head) + size + 8)
    assert len(meta) == size
    return head + meta + box(b"mdat", *(item.data for item in items))


def write_heif(path: Path, items: Sequence[Item], brands: Sequence[bytes] = BRANDS) -> Path:
    path.write_bytes(heif(items, brands))
    return path


def _meta(items: Sequence[Item], primary: int, begin: int) -> bytes:
    infos, places = [], []
    for number, item in enumerate(items, 1):
        named = struct.pack(">HH4s", number, 0, item.kind) + b"\0"
        infos.append(full_box(b"infe", 2, int(item.hidden), named))
        places.append(struct.pack(">HHHII", number, 0, 1, begin, len(item.data)))
        begin += len(item.data)
    return full_box(
        b"meta", 0, 0,
        full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"pict"), b"\0"),
        full_box(b"pitm", 0, 0, struct.pack(">H", primary)),
        full_box(b"iloc", 0, 0, b"\x44\x00", struct.pack(">H", len(items)), *places),
        full_box(b"iinf", 0, 0, struct.pack(">H", len(items)), *infos),
        *_references(items),
        _properties(items),
    )  # fmt: skip


def _references(items: Sequence[Item]) -> list[bytes]:
    boxes = [
        box(kind, struct.pack(f">HH{len(others)}H", number, len(others), *others))
        for number, item in enumerate(items, 1)
        for kind, others in item.refers.items()
    ]
    return [full_box(b"iref", 0, 0, *boxes)] if boxes else []


def _properties(items: Sequence[Item]) -> bytes:
    kept = list(dict.fromkeys(one for item in items for one in item.properties))
    entries = []
    for number, item in enumerate(items, 1):
        links = [
            kept.index(one) + 1 | (0x80 if one[4:8] in _ESSENTIAL else 0) for one in item.properties
        ]
        entries.append(struct.pack(f">HB{len(links)}B", number, len(links), *links))
    table = full_box(b"ipma", 0, 0, struct.pack(">I", len(entries)), *entries)
    return box(b"iprp", box(b"ipco", *kept), table)
