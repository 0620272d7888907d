"""Writes scenes as files: the video with sound, its truth, and the members' photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from closeup.errors import InputError, OutputError
from closeup.files.atomic import replacing
from closeup.frames import RGBImage
from closeup.synthesis.rendering import render, truth_frame
from closeup.synthesis.scene import Scene
from closeup.synthesis.truth import record

_SAMPLES = 1024
"""Number of samples in an AAC frame."""


def write_scene(
    scene: Scene, path: Path | str, *, on_frame: Callable[[], object] | None = None
) -> Path:
    """Write the scene as MP4 (H.264 and AAC), and its truth beside it.

    Args:
        scene: The scene to render.
        path: Ends in ``.mp4``; the truth is ``NAME.truth.csv`` and ``NAME.truth.json``.
        on_frame: Called after every frame, for a progress bar; None calls nothing.

    Returns:
        The path of the video.

    Raises:
        InputError: ``path`` has another suffix.
        ImageError: a portrait's face cannot be cut out.
        OutputError: the folder cannot be written.

    """
    path = Path(path)
    if path.suffix.lower() != ".mp4":
        raise InputError(f"cannot write a scene to {path}: not an MP4; give a name in .mp4")
    truth = truth_frame(scene)
    with replacing(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        video, audio = _streams(container, scene)
        sound = _sound(scene)
        for index, (picture, rows) in enumerate(render(scene)):
            record(truth, rows)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, 1 / scene.rate
            container.mux(video.encode(frame))
            _mux_until(container, audio, sound, (index + 1) / scene.rate)
            if on_frame is not None:
                on_frame()
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
        truth.write(path)  # before the video, which marks the scene as complete
    return path


def _streams(container: OutputContainer, scene: Scene) -> tuple[VideoStream, AudioStream]:
    video = container.add_stream("libx264", rate=scene.rate)
    video.width, video.height = scene.size
    video.pix_fmt = "yuv420p"
    video.codec_context.time_base = 1 / scene.rate
    video.options = {"preset": "veryfast", "crf": str(scene.capture.crf)}
    return video, container.add_stream("aac", rate=RATE, layout="mono")


def _sound(scene: Scene) -> Iterator[av.AudioFrame]:
    """Return the tone in frames of AAC's length; the last is shorter."""
    total = round(scene.frame_count / scene.rate * RATE)
    for first in range(0, total, _SAMPLES):
        samples = tone(first, min(_SAMPLES, total - first))
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, first, Fraction(1, RATE)
        yield frame


def _mux_until(
    container: OutputContainer,
    stream: AudioStream,
    sound: Iterator[av.AudioFrame],
    seconds: Fraction,
) -> None:
    """Encode sound up to a time, so that both streams are interleaved in the file."""
    for frame in sound:
        container.mux(stream.encode(frame))
        if frame.pts is not None and Fraction(frame.pts + frame.samples, RATE) >= seconds:
            return


def write_members(scene: Scene, folder: Path | str) -> Path:
    """Write every member's enrolment photos as ``folder/NAME/01.jpg`` and so on.

    Returns:
        The path of the folder.

    Raises:
        InputError: a member has no photo, or a name that cannot be a folder's.
        OutputError: the folder cannot be written.

    """
    folder = Path(folder)
    for performer in scene.performers:
        if not performer.member:
            continue
        name = performer.name
        if not performer.enrolment:
            raise InputError(f"{name} has no photo to enrol; set the performer's enrolment")
        if Path(name).name != name or name in {"", ".", ".."}:
            raise InputError(f"{name!r} cannot name a folder; choose a name without / and dots")
        for number, photo in enumerate(performer.enrolment, 1):
            _write_photo(folder / name / f"{number:02d}.jpg", photo)
    return folder


def _write_photo(path: Path, photo: RGBImage) -> None:
    bgr = cv2.cvtColor(photo, cv2.COLOR_RGB2BGR)
    written, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 95])
    if not written:
        raise OutputError(f"cannot encode {path} as JPEG; give RGB uint8 of shape (H, W, 3)")
    with replacing(path) as temporary:
        temporary.write_bytes(np.asarray(data).tobytes())


RATE = 48_000
"""Samples per second."""

_NOTES = (220.0, 277.18, 329.63, 440.0, 329.63, 277.18, 246.94, 329.63)
"""A sequence of tones in A major, in hertz."""

_NOTE = RATE // 4


def tone(first: int, count: int) -> NDArray[np.float32]:
    """Return the samples ``first`` to ``first + count``; mono, -1..1, shape (count,).

    Every sample depends on its index alone, so that any part can be generated separately.
    """
    sample = np.arange(first, first + count)
    note, since = sample // _NOTE, (sample % _NOTE) / RATE
    pitch = np.array(_NOTES)[note % len(_NOTES)]
    fade = np.exp(-6 * since) * np.minimum(since * 200, 1)
    sound = np.sin(2 * np.pi * pitch * since) + 0.3 * np.sin(4 * np.pi * pitch * since)
    return np.asarray(0.3 * fade * sound, np.float32)
