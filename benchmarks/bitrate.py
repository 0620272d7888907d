"""Size and quality of close-ups, compared with those of plain x264 settings.

The pictures of several close-ups of 606x1080 are drawn once and kept. Both settings encode the
same pictures one after the other, with one thread each: ``plain`` is x264's preset ``veryfast`` at
crf 21 without a limit, as the fancams were encoded before; ``closeup`` are their settings now. SSIM
is measured on all planes against the exact pictures before encoding, and is also given in decibels
of its distance from 1. ``bits`` and ``time`` are ratios of closeup to plain. ``equal`` is the ratio
of bits at equal SSIM, without the limit of the bit rate: plain is encoded at two factors, and the
logarithm of its bits is interpolated.

The stages: a drawn scene in full HD, bodies in their own size (``whole``) and busts enlarged
(``bust``); a detailed, noisy picture under a moving camera (``noisy``); a real clip, enlarged
(``clip``), and a real video of two people, forwards and backwards until it is long enough
(``people``), whose plain rate is that of the hardest stages.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np

from benchmarks.framing import stage
from benchmarks.recording import save, shared_data, show
from benchmarks.rendering import film_stage
from closeup.camera_path import CameraPath, View
from closeup.fancam.rendering.close_up import CloseUp
from closeup.fancam.rendering.render import CRF, PRESET, largest_rate
from closeup.geometry import Size
from closeup.media.colours import BT709
from closeup.media.mp4_writer import LOOKAHEAD, VideoFormat
from closeup.media.planes import Planes
from closeup.media.video_reader import open_video
from closeup.synthesis.writing import write_scene

SIZE = Size(606, 1080)
RATE = Fraction(30)
PLAIN = (21.0, 24.0)
"""Factors of the plain settings: the one that was used, and a second one to interpolate."""

Pictures = list[av.VideoFrame]


def main() -> None:
    """Measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=90)
    parser.add_argument("--stage", type=Path, help="a drawn scene in full HD; drawn if missing")
    options = parser.parse_args()
    rows = []
    with TemporaryDirectory() as folder:
        for name, pictures in stages(Path(folder), options.frames, options.stage):
            rows.append({"stage": name, "frames": len(pictures), **measure(pictures, Path(folder))})
    save("bitrate", {"preset": PRESET, "crf": CRF, "plain_crf": PLAIN[0], "rows": rows})
    show(f"Close-ups of {SIZE}, {PRESET}, crf {CRF:g}", rows)


def stages(folder: Path, frames: int, drawn: Path | None) -> Iterator[tuple[str, Pictures]]:
    """Yield the pictures of each close-up by name."""
    if drawn is None:
        drawn = folder / "drawn.mp4"
        write_scene(replace(stage(), size=Size(1920, 1080)), drawn)
    yield "whole", pictures_of(drawn, frames, 0, (0.3, 0.5, 1.0))
    yield "bust", pictures_of(drawn, frames, 130, (0.2, 0.55, 0.5))
    yield "noisy", pictures_of(film_stage(folder / "noisy.mp4", frames), frames, 0, (0.5, 0.5, 1.0))
    real = {
        "clip": shared_data() / "clips" / "jimin_stage" / "stage.mp4",
        "people": shared_data() / "video" / "two_people_outdoors.mp4",
    }
    for name, path in real.items():
        if path.exists():
            yield name, pictures_of(path, frames, 0, (0.5, 0.5, 1.0))


def pictures_of(
    video: Path, frames: int, first: int, window: tuple[float, float, float]
) -> Pictures:
    """Draw a slowly moving close-up; its centre and height are shares of the stage's sides."""
    x, y, share = window
    with open_video(video) as reader:
        size = reader.size
        height = min(share * size.height, size.width / SIZE.width * SIZE.height)
        shown = list(islice(reader.frames(), first, first + frames))
        steps = 0.02 * size.width * np.sin(np.arange(first + len(shown)) / 20)
        rows = np.column_stack([x * size.width + steps, np.full_like(steps, y * size.height)])
        windows = np.column_stack([rows, np.full_like(steps, height)])
        close_up = CloseUp(CameraPath(SIZE, windows, np.full(len(windows), View.CLOSE, np.uint8)))
        pictures = []
        for frame in shown:
            pictures.append(av.VideoFrame(*SIZE, "yuv420p"))
            close_up.draw(frame, Planes.of(pictures[-1]))
    return list(islice(cycle([*pictures, *reversed(pictures)]), frames))


def measure(pictures: Pictures, folder: Path) -> dict[str, Any]:
    """Encode the pictures with each setting, and compare."""
    ours = VideoFormat(SIZE, 1 / RATE, RATE, BT709, PRESET, CRF, 1, largest_rate(SIZE, RATE))
    settings = {
        "closeup": ours.x264_options,
        "free": replace(ours, max_rate=None).x264_options,
        **{f"plain {crf:g}": plain_options(crf) for crf in PLAIN},
    }
    found = {name: encoded(pictures, folder / "out.mp4", own) for name, own in settings.items()}
    plain, other = (found[f"plain {crf:g}"] for crf in PLAIN)
    free, closeup = found["free"], found["closeup"]
    slope = math.log(plain["bits"] / other["bits"]) / (plain["db"] - other["db"])
    equal = plain["bits"] * math.exp(slope * (free["db"] - plain["db"]))
    return {
        "plain_kbit": round(plain["bits"] / 1000), "closeup_kbit": round(closeup["bits"] / 1000),
        "bits": round(closeup["bits"] / plain["bits"], 3), "equal": round(free["bits"] / equal, 3),
        "plain_ssim": round(plain["ssim"], 4), "closeup_ssim": round(closeup["ssim"], 4),
        "plain_db": round(plain["db"], 2), "closeup_db": round(closeup["db"], 2),
        "time": round(closeup["seconds"] / plain["seconds"], 3),
    }  # fmt: skip


def plain_options(crf: float) -> dict[str, str]:
    """Return the settings that the fancams are compared with."""
    return {"preset": "veryfast", "crf": str(crf), "rc-lookahead": str(LOOKAHEAD)}


def encoded(pictures: Pictures, path: Path, options: dict[str, str]) -> dict[str, float]:
    """Encode the pictures; the bits a second, the SSIM, and the processor time of this thread."""
    begin = time.process_time()
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height = SIZE
        stream.codec_context.gop_size, stream.codec_context.thread_count = 60, 1
        for number, picture in enumerate(pictures):
            picture.pts, picture.time_base = number, 1 / RATE
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    seconds = time.process_time() - begin
    ssim = similarity(pictures, path)
    bits = path.stat().st_size * 8 / len(pictures) * float(RATE)
    return {"bits": bits, "ssim": ssim, "db": -10 * math.log10(1 - ssim), "seconds": seconds}


def similarity(pictures: Pictures, path: Path) -> float:
    """Return the mean SSIM (Wang et al., 2004) of all planes, by FFmpeg's filter."""
    graph = av.filter.Graph()
    inputs = [
        graph.add_buffer(None, *SIZE, av.VideoFormat("yuv420p"), time_base=1 / RATE)
        for _ in range(2)
    ]
    ssim, sink = graph.add("ssim"), graph.add("buffersink")
    for number, source in enumerate(inputs):
        source.link_to(ssim, 0, number)
    ssim.link_to(sink)
    graph.configure()
    values = []
    with av.open(str(path)) as video:
        for number, (found, exact) in enumerate(zip(video.decode(video=0), pictures, strict=True)):
            for source, picture in zip(inputs, (found, exact), strict=True):
                picture.pts, picture.time_base = number, 1 / RATE
                source.push(picture)
            values.append(float(sink.pull().metadata["lavfi.ssim.All"]))
    return float(np.mean(values))


if __name__ == "__main__":
    main()
