from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import av
import numpy as np
import pytest

from closeup.camera_path import CameraPath, View
from closeup.errors import OutputError, VideoError
from closeup.fancam.options import FancamOptions
from closeup.fancam.rendering.close_up import CloseUp
from closeup.fancam.rendering.encoder_threads import EncoderThread
from closeup.fancam.rendering.grid import FancamGrid
from closeup.fancam.rendering.overlay import Preview
from closeup.fancam.rendering.picture import FrameRenderer
from closeup.fancam.rendering.render import RenderJob, largest_rate, render
from closeup.geometry import Size
from closeup.media.colours import BT709
from closeup.media.mp4_writer import VideoFormat
from closeup.media.video_reader import open_video
from closeup.progress import Silent
from closeup.tracks import PositionSource, Trajectory
from tests.filming import film, number_in, numbered
from tests.hearing import delay, heard

FRAMES = 50
SOURCE = Size(192, 108)


def stage(path: Path, frames: int = FRAMES, **options: Any) -> Path:
    pictures = [numbered(i % 64, *SOURCE) for i in range(frames)]
    return film(path, pictures, **options)


def whole_view(frames: int = FRAMES, size: Size = SOURCE) -> CameraPath:
    """A path that shows the whole picture in every frame, so that its number can be read."""
    windows = np.tile([95.5, 53.5, 108.0], (frames, 1))
    return CameraPath(size, windows, np.full(frames, View.CLOSE, np.uint8))


def seen(path: Path) -> tuple[list[int], list[Fraction]]:
    with open_video(path) as video:
        frames = list(video.frames())
        assert video.ended_early is None
    return [number_in(f.rgb()) for f in frames], [f.timecode.seconds for f in frames]


@dataclass
class Listener(Silent):
    said: list[str]
    frames: int = 0

    def advance(self, frames: int = 1) -> None:
        self.frames += frames

    def say(self, message: str) -> None:
        self.said.append(message)


def test_every_frame_and_its_sound_arrive_in_sync(tmp_path: Path) -> None:
    video = stage(tmp_path / "stage.mp4", sound="aac")
    output, listener = tmp_path / "out" / "Rosé & co.mp4", Listener([])
    render(
        video,
        [RenderJob(CloseUp(whole_view()), output)],
        expected_frames=FRAMES,
        progress=listener,
    )
    numbers, times = seen(output)
    assert numbers == list(range(FRAMES))
    assert times == [Fraction(i, 25) for i in range(FRAMES)]
    assert (listener.frames, listener.said) == (FRAMES, [])
    start, samples = heard(output)
    assert abs(delay(samples, start, 0)) < 0.002
    with open_video(output) as copy:
        assert copy.duration == 2
    with av.open(str(output)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
    assert output.read_bytes().index(b"moov") < output.read_bytes().index(b"mdat")
    assert [path.name for path in output.parent.iterdir()] == [output.name]


def test_sound_is_copied_bit_by_bit(tmp_path: Path) -> None:
    video, output = stage(tmp_path / "stage.mp4", sound="aac"), tmp_path / "o.mp4"
    render(video, [RenderJob(CloseUp(whole_view()), output)], expected_frames=FRAMES)
    with av.open(str(video)) as a, av.open(str(output)) as b:
        sources = [bytes(packet) for packet in a.demux(audio=0)]
        copies = [bytes(packet) for packet in b.demux(audio=0)]
    assert len(copies) > 80
    first = sources.index(copies[0])
    assert sources[first : first + len(copies)] == copies


@pytest.mark.parametrize(("first", "last"), [(10, 40), (1, 50), (37, 39)])
@pytest.mark.parametrize("name", ["stage.mp4", "stage.mkv", "stage.ts"])
def test_a_range_keeps_frames_and_sound_together(
    tmp_path: Path, name: str, first: int, last: int
) -> None:
    video, output = stage(tmp_path / name, sound="aac"), tmp_path / "o.mp4"
    with open_video(video) as reader:
        stamps = [frame.timecode for frame in reader.frames()]
    render(
        video,
        [RenderJob(CloseUp(whole_view(last - first)), output)],
        start=stamps[first],
        end=stamps[last] if last < FRAMES else None,
        expected_frames=last - first,
    )
    numbers, times = seen(output)
    assert numbers == list(range(first, last))
    assert times[0] == 0
    assert np.allclose([float(t) for t in times], np.arange(last - first) / 25, atol=1e-3)
    if last - first > 20:
        start, samples = heard(output)
        assert abs(start) < 0.03
        assert abs(delay(samples, start, first / 25)) < 0.004


def test_skipped_frames_take_their_sound_with_them(tmp_path: Path) -> None:
    video, output = stage(tmp_path / "stage.mp4", sound="aac"), tmp_path / "o.mp4"
    path = whole_view()
    path.views[5:20] = View.SKIP
    path.views[48:] = View.SKIP
    render(video, [RenderJob(CloseUp(path), output)], expected_frames=FRAMES)
    numbers, times = seen(output)
    assert numbers == [*range(5), *range(20, 48)]
    assert times == [Fraction(i, 25) for i in range(33)]
    start, samples = heard(output)
    assert abs(len(samples) / 48_000 - 33 / 25) < 0.05
    assert abs(delay(samples, start, 15 / 25)) < 0.03


def test_variable_rate_and_late_start_keep_their_stamps(tmp_path: Path) -> None:
    stamps = [1000, 1007, 1040, 1041, 1100, 1160, 1161, 1400]
    video = stage(tmp_path / "v.mkv", 8, stamps=stamps, time_base=Fraction(1, 1000))
    output = tmp_path / "o.mp4"
    render(video, [RenderJob(CloseUp(whole_view(8)), output)], expected_frames=8)
    numbers, times = seen(output)
    assert numbers == list(range(8))
    assert times == [Fraction(stamp - 1000, 1000) for stamp in stamps]


@pytest.mark.parametrize("colours", [(1, 1, 1, 1), (2, 6, 6, 6), (1, 9, 14, 9)])
def test_colour_tags_are_kept(tmp_path: Path, colours: tuple[int, int, int, int]) -> None:
    video, output = stage(tmp_path / "v.mp4", 3, colours=colours), tmp_path / "o.mp4"
    render(video, [RenderJob(CloseUp(whole_view(3)), output)], expected_frames=3)
    with open_video(video) as source, open_video(output) as copy:
        assert tuple(copy.colours) == tuple(source.colours) == colours


def test_all_kinds_of_pictures_come_from_one_pass(tmp_path: Path) -> None:
    video = stage(tmp_path / "stage.mp4")
    close = whole_view()
    close.windows[:, 2] = 60
    trajectory = Trajectory.absent("Rosé 로제", FRAMES)
    trajectory.boxes[:10] = [50, 30, 80, 60]
    trajectory.sources[:10] = PositionSource.DETECTED
    listener = Listener([])
    outputs = {name: tmp_path / f"{name}.mp4" for name in ("close", "grid", "preview", "none")}
    nothing = CameraPath(SOURCE, close.windows, np.full(FRAMES, View.SKIP, np.uint8))
    pictures: dict[str, FrameRenderer] = {
        "close": CloseUp(close),
        "grid": FancamGrid([close, whole_view()]),
        "preview": Preview([trajectory], SOURCE),
        "none": CloseUp(nothing),
    }
    jobs = [RenderJob(pictures[name], outputs[name]) for name in outputs]
    render(video, jobs, expected_frames=FRAMES, progress=listener)
    assert listener.frames == FRAMES
    assert len(listener.said) == 1
    assert not outputs["none"].exists()
    for name in ("close", "grid", "preview"):
        with open_video(outputs[name]) as result:
            assert result.size == pictures[name].size
            assert len(list(result.frames())) == FRAMES
    assert seen(outputs["preview"])[0] == list(range(FRAMES))


def test_real_performance(shared_data: Path, tmp_path: Path) -> None:
    video, output = shared_data / "stage" / "performance.mp4", tmp_path / "o.mp4"
    windows = np.tile([320.0, 180.0, 300.0], (275, 1))
    path = CameraPath(Size(202, 360), windows, np.full(275, View.CLOSE, np.uint8))
    render(video, [RenderJob(CloseUp(path), output)], expected_frames=275)
    with open_video(video) as source, open_video(output) as copy:
        offset = source.start.pts
        stamps = [frame.timecode.pts - offset for frame in source.frames()]
        assert [frame.timecode.pts for frame in copy.frames()] == stamps
        assert copy.duration == source.duration


def job(folder: Path, frames: int = FRAMES, size: Size = SOURCE) -> RenderJob:
    return RenderJob(CloseUp(whole_view(frames, size)), folder / "o.mp4")


def test_jobs_that_cannot_be_right_are_refused(tmp_path: Path) -> None:
    video = stage(tmp_path / "stage.mp4", 5)
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="even"):
        render(video, [job(out, 5, Size(191, 108))], expected_frames=5)
    with pytest.raises(ValueError, match="5 frames"):
        render(video, [job(out, 5)], expected_frames=6)
    with pytest.raises(ValueError, match="same output"):
        render(video, [job(out, 5), job(out, 5)], expected_frames=5)
    with pytest.raises(OutputError, match="replaced"):
        render(video, [RenderJob(CloseUp(whole_view(5)), video)], expected_frames=5)
    with pytest.raises(ValueError, match="preset"):
        render(video, [job(out, 5)], expected_frames=5, preset="quick")
    with pytest.raises(ValueError, match="crf"):
        render(video, [job(out, 5)], expected_frames=5, crf=60)
    assert not out.exists()


@pytest.mark.parametrize("ticks", [25, 12800])
def test_noise_does_not_exceed_the_bit_rate(tmp_path: Path, ticks: int) -> None:
    noise, count = np.random.default_rng(0), 200
    pictures = [noise.integers(0, 255, (108, 192, 3), np.uint8) for _ in range(count)]
    pts = [frame * ticks // 25 for frame in range(count)]
    video = film(tmp_path / "stage.mp4", pictures, stamps=pts, time_base=Fraction(1, ticks))
    limited = tmp_path / "limited.mp4"
    render(video, [RenderJob(CloseUp(whole_view(count)), limited)], expected_frames=count)
    with av.open(str(limited)) as container:
        size = sum(packet.size for packet in container.demux(video=0))
    limit, buffer = largest_rate(SOURCE, Fraction(25)), 2
    assert 0.7 <= size * 8 / (limit * (count / 25 + buffer)) <= 1.05


def test_larger_videos_may_have_more_bits_but_fewer_a_pixel() -> None:
    small, large = Size(404, 720), Size(1080, 1920)
    rates = [largest_rate(size, Fraction(30)) for size in (small, large)]
    assert rates[0] < rates[1]
    assert rates[0] / (small.width * small.height) > rates[1] / (large.width * large.height)
    assert largest_rate(small, Fraction(60)) > rates[0]
    assert largest_rate(Size(16, 16), Fraction(1, 1000)) >= 1


def test_five_close_ups_of_24_seconds_have_at_most_30_megabytes() -> None:
    size = FancamOptions().output_size(Size(1920, 1080))
    pictures = largest_rate(size, Fraction(30)) * (24 + 2)
    sound = 128_000 * 24
    assert 5 * (pictures + sound) / 8 <= 30e6


@pytest.mark.parametrize("rate", [0, -1])
def test_a_bit_rate_is_positive(rate: int) -> None:
    with pytest.raises(ValueError, match=f"max_rate must be above 0 bits a second, got {rate}"):
        VideoFormat(SOURCE, Fraction(1, 25), Fraction(25), BT709, "veryfast", 22, 1, rate)


def test_a_video_that_ends_before_its_time_leaves_nothing(tmp_path: Path) -> None:
    video, out = stage(tmp_path / "stage.mp4", 5), tmp_path / "out"
    with pytest.raises(VideoError, match="only 5 of 6 frames"):
        render(video, [job(out, 6)], expected_frames=6)
    assert not list(out.iterdir())


def test_an_older_result_survives_a_failure(tmp_path: Path) -> None:
    video, out = stage(tmp_path / "stage.mp4", 5), tmp_path / "out"
    render(video, [job(out, 5)], expected_frames=5)
    before = (out / "o.mp4").read_bytes()
    with pytest.raises(VideoError):
        render(video, [job(out, 6)], expected_frames=6)
    assert (out / "o.mp4").read_bytes() == before


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    class Interrupted(Listener):
        def advance(self, frames: int = 1) -> None:
            super().advance(frames)
            if self.frames == 20:
                raise KeyboardInterrupt

    video, out = stage(tmp_path / "stage.mp4", sound="aac"), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        render(video, [job(out)], expected_frames=FRAMES, progress=Interrupted([]))
    assert not list(out.iterdir())


def rendered_elsewhere(video: Path, frames: int, prelude: str = "") -> CompletedProcess[str]:
    """Render in a process of its own, which prints its peak memory in KiB or the error."""
    code = f"""
        import resource, sys
        from pathlib import Path
        from tests.fancam.rendering.test_render import job
        from closeup.errors import OutputError
        from closeup.fancam.rendering.render import render
        {prelude}
        video = Path({str(video)!r})
        try:
            render(video, [job(video.parent / "out", {frames})], expected_frames={frames})
        except OutputError as error:
            print(error)
            sys.exit(2)
        # Not getrusage: a child inherits its parent's peak there.
        status = Path("/proc/self/status").read_text().split()
        print(status[status.index("VmHWM:") + 1])
        """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        check=False,
    )


@pytest.mark.serial
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 255, (108, 192, 3), np.uint8) for _ in range(30)]
    video = film(tmp_path / "stage.mp4", pictures)
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))"
    result = rendered_elsewhere(video, 30, limit)
    assert result.returncode == 2, result.stderr
    assert result.stderr == ""
    assert result.stdout.count("\n") == 1
    assert f"cannot write {tmp_path / 'out' / 'o.mp4'}: File too large" in result.stdout
    assert not list((tmp_path / "out").iterdir())


def test_an_interrupt_while_an_encoder_starts_ends_its_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = EncoderThread.start

    def start(self: EncoderThread) -> None:
        original(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(EncoderThread, "start", start)
    video, threads = stage(tmp_path / "stage.mp4", 5), set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        render(video, [job(tmp_path / "out", 5)], expected_frames=5)
    assert not set(threading.enumerate()) - threads
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.serial
def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    peaks = []
    for frames in (150, 1500):
        video = stage(tmp_path / f"{frames}.mp4", frames, sound="aac")
        result = rendered_elsewhere(video, frames)
        assert result.stderr == ""
        peaks.append(int(result.stdout))
    assert peaks[1] < peaks[0] + 10_000


def test_an_unwritable_folder_is_one_line(tmp_path: Path) -> None:
    video = stage(tmp_path / "stage.mp4", 5)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        render(video, [job(tmp_path / "file", 5)], expected_frames=5)
