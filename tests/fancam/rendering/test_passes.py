from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from closeup.fancam.rendering.passes import (
    MEMORY,
    decoded_bytes,
    encoder_bytes,
    passes,
    return_freed_memory,
)
from closeup.fancam.rendering.picture import FrameRenderer
from closeup.fancam.rendering.render import RenderJob
from closeup.geometry import Size

SIZES = st.builds(Size, st.integers(16, 3840), st.integers(16, 3840))


@dataclass(frozen=True)
class Blank:
    """A renderer of which only the size matters."""

    size: Size

    def __len__(self) -> int:
        return 1

    shows = draw = NotImplemented


def jobs(*sizes: Size) -> list[RenderJob]:
    pictures: list[FrameRenderer] = [Blank(size) for size in sizes]
    return [RenderJob(p, Path(f"{number}.mp4")) for number, p in enumerate(pictures)]


@given(st.lists(SIZES, max_size=20), SIZES)
def test_every_video_is_in_one_pass_and_passes_fit_into_the_memory(
    sizes: list[Size], source: Size
) -> None:
    given_jobs = jobs(*sizes)
    groups = passes(given_jobs, source)
    assert [job for group in groups for job in group] == given_jobs
    for group in groups:
        needed = decoded_bytes(source) + sum(encoder_bytes(job.picture.size) for job in group)
        assert len(group) == 1 or needed <= MEMORY
    for group, after in pairwise(groups):
        both = sum(encoder_bytes(job.picture.size) for job in (*group, after[0]))
        assert decoded_bytes(source) + both > MEMORY, "a pass is as large as the memory allows"


@pytest.mark.parametrize(
    ("source", "size", "members", "groups"),
    [
        (Size(1280, 720), Size(404, 720), 9, 1),
        (Size(1920, 1080), Size(606, 1080), 4, 1),
        (Size(1920, 1080), Size(606, 1080), 9, 2),
        (Size(2160, 3840), Size(1080, 1920), 2, 1),
        (Size(2160, 3840), Size(1080, 1920), 9, 5),
        (Size(2160, 3840), Size(2160, 3840), 2, 2),
    ],
)
def test_the_usual_videos(source: Size, size: Size, members: int, groups: int) -> None:
    assert len(passes(jobs(*[size] * members), source)) == groups


def test_nothing_to_do() -> None:
    assert passes([], Size(10, 10)) == []
    return_freed_memory()


@pytest.mark.serial
@pytest.mark.parametrize("size", [Size(404, 720), Size(1080, 1920)])
def test_an_encoder_takes_no_more_memory_than_expected(size: Size, tmp_path: Path) -> None:
    code = f"""
        from fractions import Fraction
        from pathlib import Path
        import numpy as np
        from closeup.fancam.rendering.render import CRF, PRESET, largest_rate
        from closeup.geometry import Size
        from closeup.media.colours import ColourTags
        from closeup.media.mp4_writer import Mp4Writer, VideoFormat

        def resident():
            status = Path("/proc/self/status").read_text().split()
            return int(status[status.index("VmRSS:") + 1])

        video = VideoFormat(
            Size(*{tuple(size)}), Fraction(1, 25), Fraction(25), ColourTags(1, 1, 1, 1),
            PRESET, CRF, 1, largest_rate(Size(*{tuple(size)}), Fraction(25)),
        )
        def writer(number):
            path = Path({str(tmp_path)!r}) / f"{{number}}.mp4"
            return Mp4Writer(path, path, video, None)

        noise = np.random.default_rng(0).integers(16, 235, (video.size.height, 4096), np.uint8)
        def encode(writers, frames):
            for pts in frames:
                for own in writers:
                    canvas = own.canvas()
                    canvas.y[:] = noise[:, pts : pts + video.size.width]
                    canvas.u[:], canvas.v[:] = 128, 128
                    own.write_canvas(pts, 1)

        first, more = [writer(0)], [writer(1), writer(2), writer(3)]
        encode(first, range(40))
        before = resident()
        encode(more, range(40))
        print((resident() - before) * 1024 // len(more))
        """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) < encoder_bytes(size)
