from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from closeup.errors import VideoError
from closeup.geometry import Size
from closeup.media.video_reader import VideoReader, open_video
from closeup.timecode import Timecode
from tests.filming import Picture, film, number_in, numbered


def pictures(count: int, width: int = 96, height: int = 64) -> list[Picture]:
    return [numbered(i, width, height) for i in range(count)]


def numbers(video: VideoReader, start: int | None = None, end: int | None = None) -> list[int]:
    def at(pts: int | None) -> Timecode | None:
        return None if pts is None else Timecode(pts, video.time_base)

    return [number_in(frame.rgb()) for frame in video.frames(at(start), at(end))]


def test_a_video_is_iterated_from_its_beginning_each_time(tmp_path: Path) -> None:
    with open_video(film(tmp_path / "a.mp4", pictures(5))) as video:
        for _ in range(2):
            assert [number_in(frame.rgb()) for frame in video] == list(range(5))


def test_every_frame_comes_in_order_with_its_exact_time(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", pictures(50), rate=Fraction(30000, 1001), sound="aac")
    with open_video(path) as video:
        frames = list(video.frames(first_index=7))
        assert [number_in(frame.rgb()) for frame in frames] == list(range(50))
        assert [frame.index for frame in frames] == list(range(7, 57))
        times = [frame.timecode.seconds for frame in frames]
        assert times == [Fraction(1001, 30000) * i for i in range(50)]
        assert video.size == Size(96, 64)
        assert video.rate == Fraction(30000, 1001)
        assert video.duration == 50 * Fraction(1001, 30000)
        assert (video.frame_estimate, video.has_audio) == (50, True)
        assert (video.ended_early, video.warnings) == (None, [])


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "options"),
    [
        ("b_frames.mp4", "libx264", "yuv420p", {"bf": "3", "g": "12"}),
        ("open_gop.mkv", "libx264", "yuv420p", {"bf": "3", "g": "12", "x264-params": "open-gop=1"}),
        ("stream.ts", "libx264", "yuv420p", {"bf": "2", "g": "12"}),
        ("old.mpg", "mpeg2video", "yuv420p", {"bf": "2", "g": "12", "b": "2000000"}),
        ("old.avi", "mpeg4", "yuv420p", {"bf": "2", "g": "12", "b": "2000000"}),
        ("web.webm", "libvpx", "yuv420p", {"g": "12", "b": "2000000", "deadline": "realtime"}),
        ("intra.mov", "mjpeg", "yuvj420p", {}),
        ("rgb.mkv", "ffv1", "bgr0", {}),
    ],
)
def test_ranges_are_exact_to_the_frame(
    tmp_path: Path, name: str, codec: str, pix_fmt: str, options: dict[str, str]
) -> None:
    path = film(tmp_path / name, pictures(50), codec=codec, pix_fmt=pix_fmt, options=options)
    with open_video(path) as video:
        stamps = [frame.timecode.pts for frame in video.frames()]
        assert numbers(video) == list(range(50))
        for first, last in [(0, 3), (11, 13), (12, 30), (23, 50), (37, 38), (49, 50)]:
            stop = stamps[last] if last < 50 else None
            assert numbers(video, stamps[first], stop) == list(range(first, last))
        assert numbers(video, stamps[10] + 1, stamps[12] + 1) == [11, 12]
        assert numbers(video, stamps[-1] + 1) == []
        assert not video.warnings


def test_variable_frame_rate_keeps_its_stamps(tmp_path: Path) -> None:
    stamps = [0, 7, 40, 41, 100, 160, 161, 400]
    path = film(tmp_path / "v.mkv", pictures(8), stamps=stamps, time_base=Fraction(1, 1000))
    with open_video(path) as video:
        assert [frame.timecode.pts for frame in video.frames()] == stamps
        assert numbers(video, 41, 161) == [3, 4, 5]


def test_a_stream_need_not_start_at_zero(tmp_path: Path) -> None:
    path = film(tmp_path / "s.ts", pictures(20), stamps=[90 + i for i in range(20)])
    with open_video(path) as video:
        assert video.start.seconds > 3
        first = next(iter(video.frames()))
        assert first.timecode == video.start
        assert numbers(video, video.start.pts) == list(range(20))


@pytest.mark.parametrize("rotation", [90, -90, 180, 0])
def test_rotation_is_applied_to_everything(tmp_path: Path, rotation: int) -> None:
    path = film(tmp_path / "r.mp4", pictures(3), rotation=rotation)
    turned = np.rot90(numbered(1, 96, 64), rotation // 90)
    with open_video(path) as video:
        frame = list(video.frames())[1]
        assert video.size == frame.size == Size.of(turned)
        for shown in (frame.rgb(), frame.gray(), frame.planes.y):
            assert shown.shape[:2] == turned.shape[:2]
            difference = np.abs(shown.astype(float).reshape(*shown.shape[:2], -1) - turned)
            assert np.median(difference) < 20
        assert frame.planes.u.shape == (turned.shape[0] // 2, turned.shape[1] // 2)
        half = Size(video.size.width // 2, video.size.height // 2)
        assert frame.rgb(half).shape == (half.height, half.width, 3)
        assert frame.gray(half).shape == (half.height, half.width)


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("size", [(48, 27), (100, 70), (200, 140), (333, 77)])
def test_a_smaller_picture_has_the_colours_of_the_whole(
    tmp_path: Path, size: tuple[int, int], rotation: int
) -> None:
    y, x = np.mgrid[:280, :400]
    picture = np.stack([x * 255 // 400, y * 255 // 280, 255 - x * 255 // 400], axis=-1)
    path = film(tmp_path / "c.mp4", [picture.astype(np.uint8)], rotation=rotation)
    smaller = Size(*size if not rotation else size[::-1])
    with open_video(path) as video:
        frame = next(iter(video))
        expected = cv2.resize(frame.rgb(), smaller, interpolation=cv2.INTER_AREA)
        shown = frame.rgb(smaller)
        assert np.abs(shown.astype(int) - expected).mean() < 3
        grey = np.abs(frame.gray(smaller) - expected @ [0.299, 0.587, 0.114])
        assert grey.mean() < 4


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
def test_mirrored_videos_are_shown_mirrored(tmp_path: Path, rotation: int) -> None:
    path = film(tmp_path / "m.mp4", pictures(1), rotation=rotation, mirrored=True)
    with open_video(path) as video:
        shown = next(iter(video.frames())).rgb().astype(float)
    turned = np.rot90(numbered(0, 96, 64), rotation // 90)
    assert np.median(np.abs(shown - turned[:, ::-1])) < 20


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("stated", [0, 90, 180, -90])
def test_a_rotation_by_the_user_is_added_to_the_files_own(
    tmp_path: Path, stated: int, mirrored: bool, rotate: int
) -> None:
    path = film(tmp_path / "m.mp4", pictures(2), rotation=stated, mirrored=mirrored)
    with open_video(path) as video:
        shown = [frame.rgb() for frame in video]
    with open_video(path, rotate) as video:
        turned = [frame.rgb() for frame in video]
        assert video.rotate == rotate
        assert video.size == Size.of(turned[0])
        assert next(iter(video)).planes.size == video.size
    for before, after in zip(shown, turned, strict=True):
        assert np.array_equal(after, np.rot90(before, -rotate // 90))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_oblong_pixels_are_square_before_they_are_rotated(tmp_path: Path, rotate: int) -> None:
    path = film(tmp_path / "a.mkv", pictures(1), options={"x264-params": "sar=4/3"})
    with open_video(path, rotate) as video:
        assert video.size == (Size(128, 64) if rotate % 180 == 0 else Size(64, 128))


def test_another_angle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rotate is 45; give 90, 180 or 270 degrees clockwise"):
        open_video(film(tmp_path / "a.mp4", pictures(1)), 45)


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "size"),
    [
        ("libx264", "yuv444p", (97, 65)),
        ("libx264", "yuv420p10le", (96, 64)),
        ("libx264", "yuv422p", (98, 63)),
        ("ffv1", "yuv420p", (97, 65)),
        ("ffv1", "gray", (97, 65)),
        ("ffv1", "bgr0", (97, 65)),
        ("mjpeg", "yuvj420p", (97, 65)),
    ],
)
def test_any_pixel_format_and_odd_size_looks_the_same(
    tmp_path: Path, codec: str, pix_fmt: str, size: tuple[int, int]
) -> None:
    original = pictures(2, *size)
    path = film(tmp_path / "p.mkv", original, codec=codec, pix_fmt=pix_fmt)
    with open_video(path) as video:
        assert video.size == Size(*size)
        frame = list(video.frames())[1]
        grey = original[1].mean(axis=2)
        assert np.median(np.abs(frame.rgb().astype(float) - original[1])) <= 4
        assert np.median(np.abs(frame.gray() - grey)) <= 4
        assert frame.gray(Size(48, 32)).shape == (32, 48)
        assert frame.planes.y.shape == grey.shape
        assert frame.planes.v.shape == (-(-size[1] // 2), -(-size[0] // 2))


def test_luma_is_a_view_of_the_decoders_memory(tmp_path: Path) -> None:
    with open_video(film(tmp_path / "a.mp4", pictures(2))) as video:
        frame = next(iter(video.frames()))
        assert not frame.planes.y.flags.owndata
        assert frame.planes is frame.planes


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_truncated_file_gives_what_it_has_and_says_where_it_ends(
    tmp_path: Path, kept: float
) -> None:
    options = {"movflags": "+faststart"}
    noise = np.random.default_rng(0)
    grain = [p + noise.integers(0, 20, p.shape, np.uint8) for p in pictures(50)]
    path = film(tmp_path / "t.mp4", grain, container_options=options, sound="aac")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with open_video(path) as video:
        found = numbers(video)
        # The very last may lean on pictures that are cut off.
        assert found[:-2] == list(range(len(found) - 2))
        assert 5 < len(found) < 50
        assert video.ended_early is not None
        assert f"{found[-1] / 25:.3f} s" in video.ended_early
        numbers(video, None, 2)
        assert video.ended_early is None


def test_damage_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    path = film(tmp_path / "d.ts", pictures(50), options={"g": "5", "bf": "0"})
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 600] = b"\xff" * 600
    path.write_bytes(content)
    with open_video(path) as video:
        stamps = [frame.timecode.pts for frame in video.frames()]
        assert 40 <= len(stamps) <= 50
        assert stamps == sorted(set(stamps))


def test_a_stream_without_any_time_counts_on_by_its_rate(tmp_path: Path) -> None:
    path = film(tmp_path / "raw.h264", pictures(30), rate=Fraction(25))
    with open_video(path) as video:
        times = [float(frame.timecode) for frame in video.frames()]
        assert len(times) == 30
        assert np.allclose(np.diff(times), 0.04)


def test_passes_do_not_disturb_each_other(tmp_path: Path) -> None:
    with open_video(film(tmp_path / "a.mp4", pictures(20))) as video:
        one, two = iter(video.frames()), iter(video.frames())
        assert [number_in(next(one).rgb()) for _ in range(5)] == [0, 1, 2, 3, 4]
        assert number_in(next(two).rgb()) == 0
        assert number_in(next(one).rgb()) == 5
    with pytest.raises(StopIteration):
        next(one)


@pytest.mark.parametrize(("name", "codec", "sound"), [
    ("longer.mkv", "libx264", "libopus"), ("longer.mp4", "libx264", "aac"),
    ("whole.wmv", "wmv2", "wmav2"), ("whole.avi", "mpeg4", "libmp3lame"),
    ("whole.flv", "libx264", "libmp3lame"), ("whole.webm", "libvpx", "libopus"),
    ("whole.ts", "libx264", "aac"), ("whole.mpg", "mpeg2video", "mp2"),
])  # fmt: skip
@pytest.mark.parametrize("seconds", [2, 4])
def test_a_whole_file_does_not_end_early(
    tmp_path: Path, name: str, codec: str, sound: str, seconds: int
) -> None:
    """The sound may be longer than the pictures, and headers round or count a pause."""
    options = {"b": "2000000"}
    path = film(
        tmp_path / name, pictures(50), codec=codec, sound=sound, options=options, sounding=seconds
    )
    with open_video(path) as video:
        assert numbers(video) == list(range(50))
        assert (video.ended_early, video.warnings) == (None, [])


def test_a_stream_that_begins_within_a_group_of_pictures_is_whole(tmp_path: Path) -> None:
    path = film(tmp_path / "a.ts", pictures(50), options={"g": "20", "bf": "2"})
    content = path.read_bytes()
    path.write_bytes(content[len(content) // 188 // 4 * 188 :])
    with open_video(path) as video:
        assert numbers(video) == list(range(20, 50))
        assert video.ended_early is None


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.flv"])
def test_formats_that_state_a_length_show_that_the_end_is_missing(
    tmp_path: Path, name: str
) -> None:
    grain = np.random.default_rng(0)
    noisy = [p + grain.integers(0, 20, p.shape, np.uint8) for p in pictures(50)]
    codec = "mpeg4" if name == "a.avi" else "libx264"
    path = film(tmp_path / name, noisy, codec=codec, options={"b": "2000000"})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with open_video(path) as video:
        assert len(numbers(video)) < 40
        assert video.ended_early is not None


@pytest.mark.parametrize("stated", [1000, 90_000])
def test_the_rate_is_that_of_the_time_stamps(tmp_path: Path, stated: int) -> None:
    stamps = [i * 40 for i in range(50)]
    path = film(
        tmp_path / "r.mkv", pictures(50), rate=Fraction(stated),
        stamps=stamps, time_base=Fraction(1, 1000),
    )  # fmt: skip
    with open_video(path) as video:
        assert video.rate == 25
        assert video.frame_estimate == 50
        assert float(video.duration) == pytest.approx(2, abs=0.05)


def bad_files(folder: Path) -> Iterator[tuple[Path, str]]:
    yield folder / "missing.mp4", "no such file"
    yield folder, "is a folder"
    empty = folder / "empty.mp4"
    empty.write_bytes(b"")
    yield empty, "cannot be opened"
    text = folder / "text.txt"
    text.write_text("This is not a video.\n" * 200)
    yield text, "text"
    noise = folder / "noise.mp4"
    noise.write_bytes(np.random.default_rng(1).bytes(5000))
    yield noise, "cannot be opened"
    headless = folder / "headless.mp4"
    headless.write_bytes(film(folder / "good.mp4", pictures(30)).read_bytes()[:1500])
    yield headless, "no video stream"
    broken = folder / "broken.mkv"
    good = film(folder / "good.mkv", pictures(3))
    with av.open(str(good)) as source, av.open(str(broken), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for pts in range(3):
            packet = av.Packet(bytes(200))
            packet.stream, packet.pts, packet.dts = stream, pts, pts
            packet.time_base = Fraction(1, 25)
            output.mux(packet)
    yield broken, "no frame can be decoded"


def test_what_is_not_a_video_is_one_clear_line_and_no_noise(tmp_path: Path) -> None:
    for path, reason in bad_files(tmp_path):
        with pytest.raises(VideoError, match=reason) as caught:
            open_video(path)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
        code = (
            "from pathlib import Path; from closeup.media.video_reader import open_video\n"
            "from closeup.errors import VideoError\n"
            f"try: open_video(Path({str(path)!r}))\n"
            "except VideoError: pass"
        )
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert result.stderr == b""


def test_sound_with_a_cover_picture_is_not_a_video(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    film(tmp_path / "v.mkv", pictures(5), sound="pcm_s16le")
    with av.open(str(tmp_path / "v.mkv")) as source, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    with pytest.raises(VideoError, match="no video stream"):
        open_video(path)


def test_real_videos(shared_data: Path) -> None:
    with open_video(shared_data / "stage" / "performance.mp4") as video:
        assert video.start == Timecode(10214, Fraction(1, 11988))
        frames = [frame.timecode.pts for frame in video.frames()]
        assert frames == list(range(10214, 10214 + 275 * 400, 400))
        later = Timecode(frames[200], video.time_base)
        assert [frame.timecode.pts for frame in video.frames(later)] == frames[200:]
        assert video.ended_early is None
