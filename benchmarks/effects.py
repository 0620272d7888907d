"""Effects in videos and photos: speed beside bare decoding and encoding, tremble and delay.

*Video*: a portrait moves in 1280x720 at 30 frames/s. ``closeup effect`` runs as a process on two
processors; before each run another process decodes and encodes the same file with PyAV and the
same settings. ``rate`` is frames a second, ``ratio`` compares both, with the time to start.

*Drawing*: milliseconds for one face whose eyes are 100 pixels apart, of the effect alone.

*Camera*: a source gives frames of 1280x720 at 30 a second by the clock, as a camera does, and the
newest one is drawn. ``drawn`` of 150 frames; ``waiting`` is the time from the arrival of a frame
until its drawing begins, in frames of the source (median, largest), which is what comes on top of
``drawing``, the time of finding and drawing.

*Photo*: seconds for a photo of 12 megapixels, without the time to start.

*Steadiness*: a portrait with the noise of a camera and of JPEG stands still, or is moved by known
amounts. ``tremble`` is the largest distance of a drawn pupil from its mean place over two seconds
of a still face, ``behind`` the largest distance from its true place, less the mean one, of a face
that moves by up to ``speed`` pixels a frame. *published* has the settings of MediaPipe's filters
for landmarks and irises, without optical flow; *none* does not smooth. A picture of the
documentation shows both for a grid of settings, with and without flow. On the webcam video, whose
true places are unknown, ``tremble`` is the mean third difference of the pupils over that of white
noise of 1 pixel.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import av
import cv2
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from benchmarks.effects_gallery import hat, parts, portraits
from benchmarks.recording import ROOT, save, shared_data, show
from benchmarks.timed_camera import TimedCamera
from closeup.effects.catalogue import EFFECTS, open_effect
from closeup.effects.options import EffectOptions
from closeup.effects.steady_faces import Steadiness, SteadyFaces
from closeup.effects.sticker import Sticker, StickerPlacement
from closeup.effects.triggers import TriggerKind
from closeup.faces import Faces
from closeup.fancam.rendering.render import CRF, PRESET
from closeup.frames import ArrayFrame, GrayImage, RGBImage
from closeup.geometry import Size
from closeup.media.video_reader import open_video
from closeup.pipeline.effects.camera import CameraEffects
from closeup.protocols import Effect
from closeup.timecode import Timecode

_SECONDS, _RATE = 10, 30
_SIZE = Size(1280, 720)
_RUNS = 3
_PROCESSORS = 2
_EYES_APART = 100.0
_ARRIVING = 150
"""Frames that the source gives in the place of a camera."""
CURVE = ROOT / "docs" / "images" / "effects_steadiness.png"

_BARE = """
import sys, av
from fractions import Fraction
source, target = sys.argv[1:3]
with av.open(source) as before, av.open(target, "w") as after:
    read = before.streams.video[0]
    read.thread_type = "AUTO"
    out = after.add_stream("libx264", rate=30, options={"preset": sys.argv[3], "crf": sys.argv[4]})
    out.width, out.height, out.pix_fmt = read.width, read.height, "yuv420p"
    for frame in before.decode(read):
        after.mux(out.encode(frame))
    after.mux(out.encode(None))
"""


def main() -> None:
    """Measure, print the tables and write the JSON."""
    if hasattr(os, "sched_setaffinity"):  # the processes that are started inherit it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_PROCESSORS])
    tables = {
        "video": videos(),
        "drawing": drawings(),
        "camera": cameras(),
        "photo": photos(),
        "steadiness": [*composed(), *webcam()],
    }
    draw_curve(curve())
    for title, rows in tables.items():
        show(title.capitalize(), rows)
    save("effects", tables)


def videos() -> list[dict[str, Any]]:
    """Frames a second of some effects on a video."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        video = Path(name) / "face.mp4"
        film(video)
        for effect in ("startled", "glare", "googly", "blur-faces"):
            bare, own = [], []
            for _ in range(_RUNS):
                bare.append(
                    seconds_of("-c", _BARE, video, video.with_name("b.mp4"), PRESET, str(CRF))
                )
                out = video.with_name("out.mp4")
                options = ("--trigger", "always", "--detector", "closeup")
                own.append(
                    seconds_of("-m", "closeup", "effect", effect, video, "--out", out, *options)
                )
            count = _SECONDS * _RATE
            rows.append(
                {
                    "effect": effect,
                    "rate": round(count / median(own), 1),
                    "bare_rate": round(count / median(bare), 1),
                    "ratio": round(median(bare) / median(own), 3),
                }
            )
    return rows


def seconds_of(*arguments: str | Path) -> float:
    """Return the time of a Python process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *map(str, arguments)], check=True, capture_output=True)
    return time.perf_counter() - start


def film(path: Path) -> None:
    """Write the video of a moving portrait."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        for frame in moving(_SECONDS * _RATE, swing(_SECONDS * _RATE, 200.0)):
            picture = av.VideoFrame.from_ndarray(frame.pixels, "rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


@cache
def base() -> RGBImage:
    """A portrait whose eyes are about 100 pixels apart, in the middle of 1280x720."""
    image = portraits()[0]
    faces = parts().find(image)
    assert faces.eyes is not None
    right, left = faces.eyes.centres[0].astype(np.float64)
    scale = _EYES_APART / float(np.linalg.norm(left - right))
    x, y = ((right + left) / 2).tolist()
    matrix = np.array([[scale, 0, 640 - scale * x], [0, scale, 320 - scale * y]])
    return warped(image, matrix)


def warped(image: RGBImage, matrix: NDArray[np.float64]) -> RGBImage:
    """The picture mapped by a matrix (2, 3), with its border repeated."""
    mapped = cv2.warpAffine(
        image, matrix, _SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(mapped, np.uint8)


def swing(count: int, reach: float) -> NDArray[np.float64]:
    """Offsets (n, 2) that swing to and fro by ``reach`` pixels."""
    times = np.arange(count) / _RATE
    across, down = np.sin(2 * np.pi * 0.7 * times), np.sin(2 * np.pi * 1.1 * times)
    return np.stack([reach * across, reach / 4 * down], axis=1)


def moving(count: int, offsets: NDArray[np.float64]) -> Iterator[ArrayFrame]:
    """Frames of the portrait moved by offsets (n, 2), with noise."""
    rng = np.random.default_rng(0)
    for number in range(count):
        x, y = offsets[number].tolist()
        picture = warped(base(), np.array([[1.0, 0, x], [0, 1.0, y]]))
        noisy = np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
        yield ArrayFrame(number, Timecode(number, Fraction(1, _RATE)), noisy)


def drawings() -> list[dict[str, Any]]:
    """Milliseconds a face of every effect."""
    image = base()
    faces = parts().find(image)
    return [
        {"effect": name, "ms_a_face": round(1000 * least(partial(fx, image, faces)), 2)}
        for name, fx in every().items()
    ]


def every() -> dict[str, Effect]:
    """All effects, and what only copies the picture."""
    options = EffectOptions(trigger=TriggerKind.ALWAYS)
    effects: dict[str, Effect] = {"copy alone": lambda image, _: image.copy()}
    for name in EFFECTS:
        sticker = name == "sticker"
        effects[name] = (
            Sticker(hat(), StickerPlacement()) if sticker else open_effect(name, options)
        )
    return effects


def least(work: Callable[[], object], runs: int = 15) -> float:
    """Return the least time of several runs in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def cameras() -> list[dict[str, Any]]:
    """Return how long frames of a camera wait, and how long they are drawn."""
    pictures = [frame.pixels for frame in moving(_RATE, swing(_RATE, 60.0))]
    rows = []
    for name in ("startled", "glare", "blur-faces"):
        effects = CameraEffects(parts(), {}, EffectOptions(), every()[name])
        waiting, drawing = TimedCamera(pictures, _RATE, _ARRIVING).run(effects).T
        rows.append(
            {
                "effect": name,
                "drawn": len(drawing) + 1,
                "waiting_frames": round(_RATE * float(np.median(waiting)), 2),
                "most_frames": round(_RATE * float(waiting.max()), 2),
                "drawing_ms": round(1000 * float(np.median(drawing)), 1),
            }
        )
    return rows


def photos() -> list[dict[str, Any]]:
    """Seconds for a photo of 12 megapixels."""
    large = np.asarray(cv2.resize(base(), (4608, 2592), interpolation=cv2.INTER_CUBIC), np.uint8)
    rows = []
    for name in ("startled", "glare", "bigger-eyes"):
        effect = every()[name]
        spent = least(partial(found_and_drawn, effect, large), runs=3)
        rows.append({"effect": name, "megapixels": 11.9, "seconds": round(spent, 2)})
    return rows


def found_and_drawn(effect: Effect, image: RGBImage) -> RGBImage:
    """Find the faces of a photo and draw an effect."""
    return effect(image, parts().find(image))


Described = list[tuple[GrayImage, Faces, float]]
"""Luma, faces with eyes, and time of each frame."""


def steadied(how: Steadiness, *, flow: bool) -> Callable[[Described], NDArray[np.float64]]:
    """What steadies the faces of frames and returns their pupils (n, 2, 2)."""

    def run(frames: Described) -> NDArray[np.float64]:
        steady = SteadyFaces(how, flow=flow)
        return pupils(steady.step(gray, faces, now) for gray, faces, now in frames)

    return run


def settings() -> dict[str, Callable[[Described], NDArray[np.float64]]]:
    """Ways to steady faces, by name; each returns the pupils (n, 2, 2)."""
    return {
        "Closeup": steadied(Steadiness(), flow=True),
        "Closeup without flow": steadied(Steadiness(), flow=False),
        "published, without flow": steadied(Steadiness((0.05, 80.0), (0.01, 10.0)), flow=False),
        "none": lambda frames: pupils(faces for _, faces, _ in frames),
    }


def pupils(every_face: Iterator[Faces] | Sequence[Faces]) -> NDArray[np.float64]:
    """The pupils (n, 2, 2) of the first face of each frame."""
    found = [faces.eyes.centres[0] for faces in every_face if faces.eyes is not None]
    return np.array(found, np.float64)


def described(frames: Iterator[ArrayFrame]) -> Described:
    """Find the faces of frames."""
    return [
        (frame.gray(), parts().find(frame.rgb()), float(frame.timecode.seconds)) for frame in frames
    ]


@cache
def shots() -> tuple[tuple[Described, NDArray[np.float64]], ...]:
    """A still and a moved portrait, each with its true offsets (n, 2)."""
    count = 2 * _RATE
    every_offset = (np.zeros((count, 2)), swing(count, 120.0))
    return tuple((described(moving(count, offsets)), offsets) for offsets in every_offset)


def figures(run: Callable[[Described], NDArray[np.float64]]) -> tuple[float, float]:
    """Tremble of the still portrait and delay of the moved one, in pixels."""
    trembling, behind = (spread(run(frames) - true[:, None]) for frames, true in shots())
    return trembling, behind


def curve() -> dict[str, NDArray[np.float64]]:
    """Tremble and delay (n, 2) of a grid of settings, with and without flow."""
    grid = [
        (least, speed) for least in (0.03, 0.1, 0.3, 1.0) for speed in (0.5, 1.5, 5.0, 20.0, 80.0)
    ]
    return {
        name: np.array([figures(steadied(Steadiness(one, one), flow=flow)) for one in grid])
        for name, flow in (("with optical flow", True), ("1 € filter alone", False))
    }


def draw_curve(curves: dict[str, NDArray[np.float64]]) -> None:
    """Draw tremble against delay, with the chosen settings."""
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for name, points in curves.items():
        axes.plot(*points.T, "o", label=name)
    chosen = settings()
    for name in ("Closeup", "published, without flow"):
        axes.plot(*figures(chosen[name]), "*", markersize=14, label=name)
    axes.set(xscale="log", yscale="log", xlabel="tremble of a still face, pixels")
    axes.set_ylabel("largest distance behind a moving face, pixels")
    axes.legend()
    figure.savefig(CURVE, dpi=110)
    plt.close(figure)


def composed() -> list[dict[str, Any]]:
    """Tremble and delay on a portrait with known motion."""
    speed = np.linalg.norm(np.diff(shots()[1][1], axis=0), axis=1).max()
    rows = []
    for name, run in settings().items():
        trembling, behind = figures(run)
        rows.append(
            {
                "video": "portrait",
                "filter": name,
                "tremble_px": round(trembling, 2),
                "behind_px": round(behind, 2),
                "behind_frames": round(behind / float(speed), 2),
            }
        )
    return rows


def spread(places: NDArray[np.float64]) -> float:
    """Largest distance of places (n, 2, 2) from their mean, after the first half second."""
    later = places[_RATE // 2 :]
    return float(np.linalg.norm(later - later.mean(axis=0), axis=-1).max())


def webcam() -> list[dict[str, Any]]:
    """Tremble on the webcam video."""
    path = shared_data() / "video" / "webcam_face.avi"
    with open_video(path) as video:
        frames = [
            (frame.gray(), parts().find(frame.rgb()), float(frame.timecode.seconds))
            for frame, _ in zip(video.frames(), range(300), strict=False)
        ]
    rows = []
    for name, run in settings().items():
        jerk = np.diff(run(frames), n=3, axis=0)
        trembling = float(np.sqrt((jerk**2).sum(axis=-1).mean() / 20))
        rows.append(
            {
                "video": path.name,
                "filter": name,
                "tremble_px": round(trembling, 3),
                "behind_px": None,
                "behind_frames": None,
            }
        )
    return rows


if __name__ == "__main__":
    main()
