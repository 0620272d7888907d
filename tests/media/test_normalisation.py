from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.media.colours import BT709, ColourTags
from closeup.media.normalisation import shown_size
from closeup.media.planes import Planes
from closeup.media.video_reader import open_video
from tests.filming import Picture, film, number_in, numbered

BITSTREAM = {"bf": "0", "g": "5"}


def with_pixels(path: Path, aspect: Fraction) -> Path:
    """A video of a disc that is round where its pixels have the given aspect."""
    parameters = f"sar={aspect.numerator}\\:{aspect.denominator}"
    pictures = [disc(180, 144, float(aspect))] * 3
    return film(path, pictures, options={"x264-params": parameters})


def disc(width: int, height: int, aspect: float) -> Picture:
    """A bright disc that is round where pixels have the given aspect."""
    y, x = np.mgrid[:height, :width]
    inside = ((x - width / 2) * aspect) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2
    return np.repeat(np.where(inside, 220, 40)[..., None], 3, axis=2).astype(np.uint8)


def extent(luma: NDArray[np.uint8]) -> tuple[int, int]:
    bright = luma > 130
    return int(bright.any(axis=0).sum()), int(bright.any(axis=1).sum())


@pytest.mark.parametrize("aspect", [Fraction(64, 45), Fraction(8, 9), Fraction(4, 3), Fraction(1)])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_oblong_pixels_become_square(tmp_path: Path, aspect: Fraction, name: str) -> None:
    with open_video(with_pixels(tmp_path / name, aspect)) as video:
        assert video.size == shown_size(180, 144, aspect)
        assert float(Fraction(*video.size)) == pytest.approx(float(aspect * 180 / 144), rel=0.02)
        frame = next(iter(video))
        for picture in (frame.gray(), frame.planes.y, frame.rgb()[..., 0]):
            across, down = extent(picture)
            assert across == pytest.approx(down, abs=3)


def test_absurd_pixels_count_as_square(tmp_path: Path) -> None:
    with open_video(with_pixels(tmp_path / "a.mkv", Fraction(20))) as video:
        assert video.size == Size(180, 144)


@given(
    width=st.integers(2, 4000),
    height=st.integers(2, 4000),
    aspect=st.fractions(Fraction(1, 4), Fraction(4), max_denominator=200),
)
def test_square_pixels_keep_the_shape_and_lose_no_line(
    width: int, height: int, aspect: Fraction
) -> None:
    size = shown_size(width, height, aspect)
    assert size.width >= width
    assert size.height >= height
    assert abs(size.width / size.height / (width * aspect / height) - 1) < 2 / min(width, height)


def of_sizes(path: Path, sizes: list[tuple[int, int]], codec: str) -> Path:
    """Pictures of several sizes in one stream, three of each, as in a call or a turned phone."""
    suffix = {"libx264": ".ts", "libvpx": ".ivf", "libx265": ".ts"}[codec]
    parts = []
    for number, size in enumerate(sizes):
        options = {**BITSTREAM, "b": "2000000", "x265-params": "log-level=none"}
        pictures = [numbered(3 * number + i, *size) for i in range(3)]
        stamps = [3 * number + i for i in range(3)]
        part = path.with_name(f"part{number}{suffix}")
        parts.append(film(part, pictures, codec=codec, stamps=stamps, options=options))
    if suffix == ".ts":
        path.write_bytes(b"".join(part.read_bytes() for part in parts))
        return path
    return _joined_in(path, parts)


def _joined_in(path: Path, parts: list[Path]) -> Path:
    with av.open(str(path), "w") as output:
        with av.open(str(parts[0])) as first:
            stream = output.add_stream_from_template(first.streams.video[0])
        for number, part in enumerate(parts):
            with av.open(str(part)) as source:
                for i, packet in enumerate(p for p in source.demux(video=0) if p.size):
                    packet.pts = packet.dts = 40 * (3 * number + i)
                    packet.time_base, packet.stream = Fraction(1, 1000), stream
                    output.mux(packet)
    return path


@pytest.mark.parametrize(
    ("codec", "name"),
    [("libx264", "a.ts"), ("libvpx", "a.webm"), ("libx265", "a.ts")],
)
@pytest.mark.parametrize(
    "sizes",
    [[(96, 64), (192, 128)], [(192, 128), (96, 64)], [(96, 64), (64, 96), (128, 192)]],
)
def test_a_size_that_changes_becomes_the_largest_with_its_shape(
    tmp_path: Path, codec: str, name: str, sizes: list[tuple[int, int]]
) -> None:
    path = of_sizes(tmp_path / name, sizes, codec)
    with open_video(path) as video:
        largest = Size(*max(sizes, key=lambda size: size[0] * size[1]))
        assert video.size == largest
        assert any(f"the largest, {largest}" in line for line in video.warnings)
        frames = list(video)
        assert len(frames) == 3 * len(sizes)
        for i, frame in enumerate(frames):
            picture, (width, height) = frame.rgb(), sizes[i // 3]
            assert Size.of(picture) == Size.of(frame.planes.y) == frame.size == largest
            scale = min(largest.width / width, largest.height / height)
            x, y = (largest.width - width * scale) / 2, (largest.height - height * scale) / 2
            inner = picture[
                round(y) : round(largest.height - y), round(x) : round(largest.width - x)
            ]
            assert number_in(inner) == i
            bars = picture.copy()
            bars[max(0, round(y) - 4) : round(largest.height - y) + 4,
                 max(0, round(x) - 4) : round(largest.width - x) + 4] = 0  # fmt: skip
            assert bars.max() < 12


PQ, HLG = (1, 9, 16, 9), (1, 9, 18, 9)


def in_nits(path: Path, nits: list[float], colours: tuple[int, int, int, int]) -> Path:
    """Grey columns of given luminances, 64 pixels each, in 10-bit HDR."""
    values = np.array(nits)
    if colours == PQ:  # SMPTE ST 2084, the inverse EOTF
        y = (values / 10_000) ** 0.1593017578125
        signal = ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375
    else:  # ITU-R BT.2100, the OETF of HLG, without the OOTF
        e = values / 1000
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        signal = np.where(e <= 1 / 12, np.sqrt(3 * e), a * np.log(np.maximum(12 * e - b, 1e-9)) + c)
    frame = av.VideoFrame(64 * len(nits), 64, "yuv420p10le")
    luma = np.repeat(np.round(64 + 876 * signal), 64).astype(np.uint16)
    grey = np.array([512], np.uint16)
    for plane, row in zip(frame.planes, (luma, grey, grey), strict=True):
        rows = np.frombuffer(cast("memoryview[int]", plane), np.uint16).reshape(plane.height, -1)
        rows[:, : plane.width] = row
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p10le"
        context = stream.codec_context
        context.color_range, context.color_primaries = colours[:2]
        context.color_trc, context.colorspace = colours[2:]
        for i in range(3):
            frame.pts, frame.time_base = i, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("colours", [PQ, HLG])
def test_high_dynamic_range_is_mapped_to_bt709(
    tmp_path: Path, colours: tuple[int, int, int, int]
) -> None:
    path = in_nits(tmp_path / "hdr.mp4", [0.05, 5, 50, 200, 600, 1000], colours)
    with open_video(path) as video:
        assert video.colours == BT709
        assert any("SDR" in line for line in video.warnings)
        frame = list(video)[1]
        assert frame.colours == BT709
        rgb = frame.rgb()[32, 32::64].astype(int)
        assert (np.ptp(rgb, axis=1) <= 3).all()  # grey stays grey
        grey = rgb.mean(axis=1)
        assert (np.diff(grey) > 8).all()  # highlights stay apart from white paper
        assert grey[0] < 8
        assert 110 < grey[3] < 225  # the white of paper, 203 nits in BT.2408
        assert grey[-1] > 200


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 720), BT709),
        ((608, 1080), BT709),
        ((640, 360), ColourTags(1, 6, 6, 5)),
        ((720, 576), ColourTags(1, 5, 6, 5)),
        ((720, 480), ColourTags(1, 6, 6, 5)),
    ],
)
def test_untagged_colours_are_those_that_players_assume(
    tmp_path: Path, size: tuple[int, int], expected: ColourTags
) -> None:
    with open_video(film(tmp_path / "a.mp4", [numbered(1, *size)] * 2)) as video:
        assert video.colours == expected
        assert next(iter(video)).colours == expected


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv420p10le"])
def test_untagged_hd_has_the_colours_of_bt709_in_every_format(tmp_path: Path, pix_fmt: str) -> None:
    red = np.full((720, 1280, 3), (200, 30, 40), np.uint8)
    source = tmp_path / "a.mkv"
    with av.open(str(source), "w") as output:
        stream = output.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, pix_fmt
        picture = av.VideoFrame.from_ndarray(red, "rgb24")
        converted = picture.reformat(format=pix_fmt, dst_colorspace="ITU709")
        converted.pts = 0
        output.mux(stream.encode(converted))
        output.mux(stream.encode(None))
    with open_video(source) as video:
        frame = next(iter(video))
        assert np.abs(frame.rgb().astype(int) - red).max() <= 3
        again = picture.reformat(format="yuv420p", dst_colorspace="ITU709")
        for plane, expected in zip(frame.planes, Planes.of(again), strict=True):
            assert abs(int(plane[100, 100]) - int(expected[100, 100])) <= 2
