"""The sound of the stage in the results, whatever the file's codec, container and clock."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from closeup.camera_path import CameraPath, View
from closeup.fancam.rendering.close_up import CloseUp
from closeup.fancam.rendering.render import RenderJob, render
from closeup.geometry import Size
from closeup.media.video_reader import open_video
from closeup.progress import Silent
from tests.filming import film, number_in, numbered
from tests.hearing import delay, heard
from tests.several_streams import streams

FRAMES, SIZE = 50, Size(192, 108)


class Listener(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def stage(path: Path, codec: str = "libx264", sound: str | None = "aac", first: int = 0) -> Path:
    pictures = [numbered((first + i) % 64, *SIZE) for i in range(FRAMES)]
    return film(path, pictures, codec=codec, sound=sound, options={"b": "2000000", "bf": "0"})


def rendered(video: Path, out: Path) -> list[str]:
    """Render the whole picture into ``out``; returns what was said."""
    with open_video(video) as reader:
        count = sum(1 for _ in reader)
    windows = np.tile([95.5, 53.5, 108.0], (count, 1))
    path, listener = CameraPath(SIZE, windows, np.full(count, View.CLOSE, np.uint8)), Listener()
    render(video, [RenderJob(CloseUp(path), out)], expected_frames=count, progress=listener)
    return listener.said


def sound_codec(path: Path) -> str:
    with av.open(str(path)) as container:
        return container.streams.audio[0].codec_context.codec.canonical_name


# MP4 has one name for the sound of MPEG-1, so that FFmpeg reads MP2 as MP3; players take both.
COPIED = [
    ("a.avi", "mpeg4", "libmp3lame", "mp3"),
    ("a.mkv", "libx264", "libmp3lame", "mp3"),
    ("a.mp4", "libx264", "libmp3lame", "mp3"),
    ("a.flv", "libx264", "libmp3lame", "mp3"),
    ("a.ts", "libx264", "mp2", "mp3"),
    ("a.avi", "mpeg4", "mp2", "mp3"),
    ("a.mpg", "mpeg2video", "mp2", "mp3"),
    ("a.ts", "libx264", "ac3", "ac3"),
    ("a.mkv", "libx264", "eac3", "eac3"),
    ("a.ts", "libx264", "aac", "aac"),
    ("a.mkv", "libx264", "flac", "flac"),
    ("a.mkv", "libx264", "libopus", "opus"),
    ("a.webm", "libvpx", "libopus", "opus"),
    ("a.ts", "libx264", "libopus", "opus"),
    ("a.mov", "libx264", "alac", "alac"),
]
ENCODED = [
    ("a.webm", "libvpx", "vorbis", "aac"),
    ("a.mkv", "libx264", "vorbis", "aac"),
    ("a.mov", "libx264", "pcm_s16le", "aac"),
    ("a.mkv", "libx264", "pcm_s24le", "aac"),
    ("a.avi", "mpeg4", "pcm_alaw", "aac"),
    ("a.wmv", "wmv2", "wmav2", "aac"),
    ("a.avi", "mpeg4", "adpcm_ima_wav", "aac"),
]


@pytest.mark.parametrize(("name", "codec", "sound", "written"), COPIED + ENCODED)
def test_sound_is_copied_where_mp4_carries_it_else_encoded(
    tmp_path: Path, name: str, codec: str, sound: str, written: str
) -> None:
    video, out = stage(tmp_path / name, codec, sound), tmp_path / "o.mp4"
    assert rendered(video, out) == []
    assert sound_codec(out) == written
    start, samples = heard(out)
    assert len(samples) / 48_000 + start == pytest.approx(FRAMES / 25, abs=0.08)
    for at in (0.5, 1.7):
        assert abs(delay(samples, start, 0, at)) < 0.03


def joined(path: Path, parts: Sequence[Path]) -> Path:
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


@pytest.mark.parametrize("sound", ["aac", "mp2", "libopus"])
def test_joined_streams_keep_pictures_and_sound_in_step(tmp_path: Path, sound: str) -> None:
    parts = [stage(tmp_path / f"{i}.ts", sound=sound, first=i) for i in (0, 1)]
    video, out = joined(tmp_path / "joined.ts", parts), tmp_path / "o.mp4"
    rendered(video, out)
    with open_video(video) as reader:
        assert any("clock jumps" in line for line in reader.warnings)
    with open_video(out) as made:
        frames = [(number_in(f.rgb()), float(f.timecode)) for f in made]
    assert [number for number, _ in frames] == [*range(50), *range(1, 51)]
    begin, samples = heard(out)
    for at, second in ((1.0, 0.0), (3.2, frames[50][1])):
        assert abs(delay(samples, begin, -second, at)) < 0.04


def test_the_default_track_is_heard(tmp_path: Path) -> None:
    video = stage(tmp_path / "v.mkv", sound=None)
    first, second = stage(tmp_path / "1.mkv", sound="flac"), stage(tmp_path / "2.mkv", sound="aac")
    tracks = (video, "video", "default"), (first, "audio", "other"), (second, "audio", "default")
    assert rendered(streams(tmp_path / "b.mkv", *tracks), tmp_path / "o.mp4") == []
    assert sound_codec(tmp_path / "o.mp4") == "aac"


def test_a_track_that_cannot_be_decoded_gives_way_to_the_next(tmp_path: Path) -> None:
    video, good = stage(tmp_path / "v.mkv", sound="ac3"), stage(tmp_path / "g.mkv", sound="flac")
    tracks = (video, "video", "default"), (video, "audio", "spoilt"), (good, "audio", "other")
    (line,) = rendered(streams(tmp_path / "b.mkv", *tracks), tmp_path / "o.mp4")
    assert line == "track 1 of b.mkv cannot be decoded; the sound of track 2 is used"
    assert sound_codec(tmp_path / "o.mp4") == "flac"


def test_sound_that_cannot_be_decoded_at_all_is_one_line(tmp_path: Path) -> None:
    video = stage(tmp_path / "v.mkv", sound="ac3")
    tracks = (video, "video", "default"), (video, "audio", "spoilt")
    (line,) = rendered(streams(tmp_path / "b.mkv", *tracks), tmp_path / "o.mp4")
    assert line == "the sound of b.mkv cannot be decoded; the results are silent"
    with av.open(str(tmp_path / "o.mp4")) as made:
        assert not made.streams.audio


@pytest.mark.parametrize("sound", ["aac", "pcm_s16le"])
def test_a_break_in_the_sound_stays_a_break(tmp_path: Path, sound: str) -> None:
    video = stage(tmp_path / "v.mkv", sound=sound)
    broken = tmp_path / "b.mkv"
    with av.open(str(video)) as source, av.open(str(broken), "w") as output:
        targets = {s.index: output.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            is_lost = packet.stream.type == "audio" and 0.8 <= float(packet.pts or 0) / 1000 < 1.2
            if packet.size and not is_lost:
                packet.stream = targets[packet.stream_index]
                output.mux(packet)
    rendered(broken, tmp_path / "o.mp4")
    start, samples = heard(tmp_path / "o.mp4")
    assert np.abs(samples[int(0.95 * 48_000) : int(1.05 * 48_000)]).max() < 0.05
    for at in (0.4, 1.6):
        assert abs(delay(samples, start, 0, at)) < 0.03


@pytest.mark.parametrize("start", [-3, 3])
def test_a_file_that_starts_before_or_after_zero_is_in_step(tmp_path: Path, start: int) -> None:
    video, shifted = stage(tmp_path / "v.mkv"), tmp_path / "shifted.ts"
    with av.open(str(video)) as source:
        wrap = 2**33 / 90_000 if start < 0 else 0.0
        options = {"output_ts_offset": str(wrap + start)}
        with av.open(str(shifted), "w", format="mpegts", options=options) as output:
            targets = {s.index: output.add_stream_from_template(s) for s in source.streams}
            for packet in source.demux():
                if packet.size:
                    packet.stream = targets[packet.stream_index]
                    output.mux(packet)
    with open_video(shifted) as reader:
        assert float(reader.start) == pytest.approx(start, abs=1.5)
    rendered(shifted, tmp_path / "o.mp4")
    begin, samples = heard(tmp_path / "o.mp4")
    for at in (0.4, 1.6):
        assert abs(delay(samples, begin, 0, at)) < 0.03


def test_an_edit_list_keeps_its_delay(tmp_path: Path) -> None:
    """An MP4 whose sound begins later than its pictures states this in an edit list."""
    video, late = stage(tmp_path / "v.mkv"), tmp_path / "late.mp4"
    with av.open(str(video)) as source, av.open(str(late), "w") as output:
        targets = {s.index: output.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.size and packet.pts is not None:
                if packet.stream.type == "audio":
                    packet.pts, packet.dts = packet.pts + 300, (packet.dts or 0) + 300
                packet.stream = targets[packet.stream_index]
                output.mux(packet)
    rendered(late, tmp_path / "o.mp4")
    begin, samples = heard(tmp_path / "o.mp4")
    assert begin == pytest.approx(0.3, abs=0.03)
    assert abs(delay(samples, begin, -float(Fraction(3, 10)), 0.5)) < 0.03
