"""Videos whose header or clock is wrong, from the file to the members."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from closeup import Fancams, make_fancams
from closeup.media.video_reader import open_video
from closeup.settings import Settings
from tests.kept_models import kept
from tests.pipeline.running import Listener
from tests.small_stage import FRAMES, RATE


def restamped(source: Path, path: Path, rate: int, jitter: int, break_after: int = 1 << 30) -> Path:
    """The same pictures in MKV with times in milliseconds, which jitter, and a stated rate.

    From the picture ``break_after`` on the clock is an hour ahead.
    """
    rng = np.random.default_rng(7)
    with open_video(source) as video, av.open(str(path), "w") as output:
        stream = output.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *video.size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for frame in video:
            picture = av.VideoFrame.from_ndarray(frame.rgb(), "rgb24").reformat(format="yuv420p")
            shift = int(rng.integers(-jitter, jitter + 1)) if frame.index else 0
            late = 3_600_000 if frame.index >= break_after else 0
            picture.pts = round(1000 * frame.index / RATE) + shift + late
            picture.time_base = Fraction(1, 1000)
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    return path


def made(video: Path, members: Path, out: Path, settings: Settings) -> tuple[Fancams, Listener]:
    listener = Listener()
    models = kept(settings)
    return make_fancams(video, members, out, models=models, progress=listener), listener


@pytest.mark.parametrize("stated", [RATE, 1000])
def test_members_are_found_as_at_a_constant_rate(
    finished: Fancams, small_stage: Path, settings: Settings, tmp_path: Path, stated: int
) -> None:
    video = restamped(small_stage, tmp_path / "v.mkv", stated, jitter=0 if stated == RATE else 16)
    result, _ = made(video, small_stage.parent / "members", tmp_path / "out", settings)
    assert result.report["video"]["rate"] == pytest.approx(RATE, rel=0.01)
    assert result.solution.cuts == finished.solution.cuts
    pairs = zip(result.solution.trajectories, finished.solution.trajectories, strict=True)
    for own, usual in pairs:
        both = own.present & usual.present
        assert both.sum() >= 0.95 * max(own.present.sum(), usual.present.sum())
        assert np.abs(own.boxes[both] - usual.boxes[both]).max() < 12


def test_a_clock_that_jumps_an_hour_is_mended_and_reported(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    video = restamped(small_stage, tmp_path / "v.mkv", RATE, 0, break_after=FRAMES // 2)
    members = small_stage.parent / "members"
    result, listener = made(video, members, tmp_path / "out", settings)
    assert result.report["video"]["seconds"] == pytest.approx(FRAMES / RATE, abs=0.1)
    (line,) = [line for line in listener.lines if "clock jumps" in line]
    assert result.report["video"]["mended"] == [line]
    assert "clock jumps" in result.page.read_text()
    _, again = made(video, members, tmp_path / "out", settings)
    assert line in again.lines
