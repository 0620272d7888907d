"""Time of rendering, compared with decoding and encoding alone.

Four members are rendered from a 1920x1080 video. For comparison, in the same run and taking
turns, plain PyAV decodes the video once and encodes four crops of the same size with the same
x264 settings: crops at whole pixels, which are slices of the planes (enlarged by OpenCV if
the window is smaller than the output), no sound, no index. Processor time is given too,
because it is more reliable than wall time on a busy machine. A window is the height of the
crop, in pixels of the stage.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from benchmarks.recording import save, show
from closeup.camera_path import CameraPath, View
from closeup.fancam.rendering.close_up import CloseUp
from closeup.fancam.rendering.render import CRF, PRESET, RenderJob, largest_rate, render
from closeup.geometry import Size
from closeup.media.colours import BT709
from closeup.media.mp4_writer import VideoFormat
from closeup.media.planes import Planes

STAGE = Size(1920, 1080)
MEMBERS = 4


def main() -> None:
    """Measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        video = film_stage(Path(folder) / "stage.mp4", options.frames)
        rows = [
            measure(video, size, height, options.frames, options.rounds)
            for size, height in [
                (Size(606, 1080), 1080.0),
                (Size(606, 1080), 400.0),
                (Size(200, 630), 630.0),
            ]
        ]
    save("rendering", {"preset": PRESET, "crf": CRF, "members": MEMBERS, "rows": rows})
    show(f"Rendering {MEMBERS} members, {PRESET}, crf {CRF:g}", rows)


def film_stage(path: Path, frames: int) -> Path:
    """Write a full-HD video of a detailed picture under a moving, noisy camera."""
    picture = cv2.resize(data.coffee(), (2100, 1180), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).integers(-6, 7, (1080, 1920, 1))
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "veryfast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = STAGE
        for i in range(frames):
            x, y = int(90 + 80 * np.sin(i / 20)), int(50 + 40 * np.cos(i / 17))
            part = picture[y : y + 1080, x : x + 1920].astype(np.int16)
            noisy = np.clip(part + np.roll(noise, i * 37, axis=1), 0, 255).astype(np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, "rgb24")))
        output.mux(stream.encode(None))
    return path


def centres(member: int, frames: int) -> NDArray[np.float64]:
    """Return a member's positions; every crop stays inside the stage."""
    return 960 + 330 * (member - 1.5) + 90 * np.sin(np.arange(frames) / 25 + member)


def measure(video: Path, size: Size, height: float, frames: int, rounds: int) -> dict[str, object]:
    """Alternate between both methods and compare the medians."""
    seconds: dict[str, list[tuple[float, float]]] = {"bare": [], "closeup": []}
    runs: dict[str, Callable[[Path], None]] = {
        "bare": lambda folder: bare(video, folder, size, height, frames),
        "closeup": lambda folder: ours(video, folder, size, height, frames),
    }
    for _ in range(rounds):
        for name, run in runs.items():
            with tempfile.TemporaryDirectory() as folder:
                begin = time.perf_counter(), time.process_time()
                run(Path(folder))
                seconds[name].append(
                    (time.perf_counter() - begin[0], time.process_time() - begin[1])
                )
    wall = {name: statistics.median(w for w, _ in times) for name, times in seconds.items()}
    cpu = {name: statistics.median(c for _, c in times) for name, times in seconds.items()}
    return {
        "size": str(size),
        "window": int(height),
        "bare_seconds": round(wall["bare"], 3),
        "closeup_seconds": round(wall["closeup"], 3),
        "ratio": round(wall["closeup"] / wall["bare"], 3),
        "cpu_ratio": round(cpu["closeup"] / cpu["bare"], 3),
        "fps": round(frames / wall["closeup"], 1),
    }


def ours(video: Path, folder: Path, size: Size, height: float, frames: int) -> None:
    """Render four members whose windows move by fractions of a pixel."""
    jobs = []
    for member in range(MEMBERS):
        x = centres(member, frames)
        windows = np.stack([x, np.full(frames, 539.5), np.full(frames, height)], axis=1)
        path = CameraPath(size, windows, np.full(frames, View.CLOSE, np.uint8))
        jobs.append(RenderJob(CloseUp(path), folder / f"{member}.mp4"))
    render(video, jobs, expected_frames=frames)


def bare(video: Path, folder: Path, size: Size, height: float, frames: int) -> None:
    """Decode once and encode four slices, with nothing else."""
    outputs, rate = [], Fraction(25)
    settings = VideoFormat(size, 1 / rate, rate, BT709, PRESET, CRF, 0, largest_rate(size, rate))
    for member in range(MEMBERS):
        container = av.open(str(folder / f"{member}.mp4"), "w")
        stream = container.add_stream("libx264", rate=25, options=settings.x264_options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.codec_context.gop_size = 50
        outputs.append((container, stream, centres(member, frames)))
    window = Size(int(height * size.width / size.height) // 2 * 2, int(height))
    top = (STAGE.height - window.height) // 4 * 2
    with av.open(str(video)) as source:
        source.streams.video[0].thread_type = "AUTO"
        for i, frame in enumerate(source.decode(video=0)):
            planes = Planes.of(frame)
            for container, stream, x in outputs:
                left = int(x[i] - window.width / 2) // 2 * 2
                picture = slice_of(planes.part(left, top, window), size)
                picture.pts, picture.time_base = i, Fraction(1, 25)
                container.mux(stream.encode(picture))
    for container, stream, _ in outputs:
        container.mux(stream.encode(None))
        container.close()


def slice_of(part: Planes, size: Size) -> av.VideoFrame:
    """Return the planes as a new picture, enlarged if they are smaller."""
    picture = av.VideoFrame(*size, "yuv420p")
    for target, pixels in zip(Planes.of(picture), part, strict=True):
        if pixels.shape == target.shape:
            target[:] = pixels
        else:
            cv2.resize(pixels, target.shape[::-1], target, interpolation=cv2.INTER_CUBIC)
    return picture


if __name__ == "__main__":
    main()
