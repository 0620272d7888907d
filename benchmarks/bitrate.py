"""Size and quality of close-ups, compared with those of plain x264 settings.

The pictures of several close-ups of 606x1080 are drawn once and kept; all settings encode the same
pictures one after the other, with one thread each. ``plain`` is x264's preset ``veryfast`` at crf
21 without a limit, as the fancams were encoded before; ``closeup`` are their settings now, ``free``
the same without the limit of the bit rate. SSIM is measured on all planes against the exact
pictures before encoding, and is also given in decibels of its distance from 1. ``mb`` are five such
close-ups of 24 seconds, if they went on as in these frames: the limit acts over two seconds, so the
first of them may be larger.

Two settings say what more time or another codec would bring: ``slower`` is x264's preset
``medium``, tuned for SSIM, and ``av1`` is SVT-AV1's preset 10. ``bits`` and ``time`` are ratios to
plain. ``equal`` is the ratio of bits at equal SSIM: plain is encoded at several factors, and the
logarithm of its bits is interpolated.

Drawn stages: a scene in full HD, bodies in their own size (``whole``) and busts enlarged
(``bust``); a detailed, noisy picture under a moving camera (``noisy``). Real ones: clips of stages
and films, enlarged to the height of the close-up, letterbox bars left out; a video of two people is
played forwards and backwards until it is long enough.

    python -m benchmarks.bitrate [--frames N] [--stage FILE]
"""

from __future__ import annotations

import argparse
import math
import os
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
PLAIN = (21.0, 18.0, 24.0, 28.0, 33.0)
"""Factors of the plain settings: the one that was used, and others to interpolate."""

SECONDS, CLOSE_UPS = 24, 5

SLOWER = {"preset": "medium", "tune": "ssim", "crf": "22"}
AV1 = {"preset": "10", "crf": "33", "svtav1-params": "lp=1"}

REAL = {
    "jimin": ("clips/jimin_stage/stage.mp4", 0, 1.0),
    "bts, press": ("clips/bts_montage/stage.mp4", 0, 1.0),
    "bts, stage": ("clips/bts_montage/stage.mp4", 400, 1.0),
    "avengers": ("clips/avengers_film/stage.mp4", 100, 0.72),
    "herapheri": ("clips/herapheri_film/stage.mp4", 60, 0.74),
    "performance": ("stage/performance.mp4", 150, 1.0),
    "people": ("video/two_people_outdoors.mp4", 0, 1.0),
}
"""File, first frame, and share of the height between the letterbox bars."""

Pictures = list[av.VideoFrame]


def main() -> None:
    """Measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=90)
    parser.add_argument("--stage", type=Path, help="a drawn scene in full HD; drawn if missing")
    options = parser.parse_args()
    os.environ.setdefault("SVT_LOG", "1")  # errors only
    rows = []
    with TemporaryDirectory() as folder:
        for kind, name, pictures in stages(Path(folder), options.frames, options.stage):
            measured = measure(pictures, Path(folder))
            rows += [{"kind": kind, "stage": name, **row} for row in measured]
    means = list(averages(rows))
    save("bitrate", {"preset": PRESET, "crf": CRF, "plain_crf": PLAIN[0],
                     "frames": options.frames, "means": means, "rows": rows})  # fmt: skip
    show(f"Close-ups of {SIZE}, {PRESET}, crf {CRF:g}", rows)
    show("Geometric means of the ratios, and means of the rest", means)


def stages(folder: Path, frames: int, drawn: Path | None) -> Iterator[tuple[str, str, Pictures]]:
    """Yield the kind, name and pictures of each close-up."""
    if drawn is None:
        drawn = folder / "drawn.mp4"
        write_scene(replace(stage(), size=Size(1920, 1080)), drawn)
    noisy = film_stage(folder / "noisy.mp4", frames)
    yield "drawn", "whole", pictures_of(drawn, frames, 0, (0.3, 0.5, 1.0))
    yield "drawn", "bust", pictures_of(drawn, frames, 130, (0.2, 0.55, 0.5))
    yield "drawn", "noisy", pictures_of(noisy, frames, 0, (0.5, 0.5, 1.0))
    for name, (path, first, height) in REAL.items():
        yield "real", name, pictures_of(shared_data() / path, frames, first, (0.5, 0.5, height))


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


def measure(pictures: Pictures, folder: Path) -> Iterator[dict[str, Any]]:
    """Encode the pictures with each setting, and compare each with plain."""
    ours = VideoFormat(SIZE, 1 / RATE, RATE, BT709, PRESET, CRF, 1, largest_rate(SIZE, RATE))
    path = folder / "out.mp4"
    plain = [encoded(pictures, path, plain_options(crf)) for crf in PLAIN]
    others = {
        "closeup": encoded(pictures, path, ours.x264_options),
        "free": encoded(pictures, path, replace(ours, max_rate=None).x264_options),
        "slower": encoded(pictures, path, SLOWER),
        "av1": encoded(pictures, path, AV1, "libsvtav1"),
    }
    for name, found in [("plain", plain[0]), *others.items()]:
        yield {
            "setting": name,
            "kbit": round(found["bits"] / 1000),
            "mb": round(found["bits"] * SECONDS * CLOSE_UPS / 8e6, 1),
            "ssim": round(found["ssim"], 4),
            "db": round(found["db"], 2),
            "bits": round(found["bits"] / plain[0]["bits"], 3),
            "equal": round(found["bits"] / bits_at(found["db"], plain), 3),
            "time": round(found["seconds"] / plain[0]["seconds"], 2),
        }


def bits_at(quality: float, curve: list[dict[str, float]]) -> float:
    """Bits a second at which some encodings have an SSIM in decibels, interpolated."""
    known = sorted(curve, key=lambda found: found["db"])
    logarithms = np.log([found["bits"] for found in known])
    return math.exp(np.interp(quality, [found["db"] for found in known], logarithms))


def averages(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the means over the stages of each kind."""
    for kind, setting in dict.fromkeys((row["kind"], row["setting"]) for row in rows):
        own = [row for row in rows if (row["kind"], row["setting"]) == (kind, setting)]
        ratios = {
            key: round(math.exp(np.mean([math.log(row[key]) for row in own])), 3)
            for key in ("bits", "equal", "time")
        }
        mb, db = (round(float(np.mean([row[key] for row in own])), 2) for key in ("mb", "db"))
        yield {"kind": kind, "setting": setting, "mb": mb, "db": db, **ratios}


def plain_options(crf: float) -> dict[str, str]:
    """Return the settings that the fancams are compared with."""
    return {"preset": "veryfast", "crf": str(crf), "rc-lookahead": str(LOOKAHEAD)}


def encoded(
    pictures: Pictures, path: Path, options: dict[str, str], codec: str = "libx264"
) -> dict[str, float]:
    """Encode the pictures; the bits a second, the SSIM, and the processor time of the process."""
    begin = time.process_time()
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=RATE, options=options)
        assert isinstance(stream, av.VideoStream)
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
