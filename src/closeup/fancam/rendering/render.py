"""Rendering every video in one pass over the stage video."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

from closeup.errors import VideoError
from closeup.fancam.rendering.encoder_threads import EncoderThread
from closeup.fancam.rendering.picture import FrameRenderer
from closeup.fancam.rendering.timed_frames import timed_frames
from closeup.files.atomic import replacing
from closeup.files.folders import refuse_replacing
from closeup.geometry import Size
from closeup.media.audio_track import AudioTrack, opened_audio
from closeup.media.mp4_writer import Mp4Writer, VideoFormat
from closeup.media.video_reader import VideoReader, open_video
from closeup.progress import Progress, Silent
from closeup.timecode import Timecode

PRESET = "veryfast"
"""The best trade-off of x264's presets for close-ups. For a stage video at crf 21 and 606x1080,
superfast takes 5.9 ms of CPU time a frame for 1.5 Mbit/s, veryfast 7.7 ms for 0.8 Mbit/s, and
faster, at equal size, 12.6 ms for 1 dB more."""

CRF = 22.0
"""Lower than x264's default of 23: the stage video has lost detail in an earlier encoding
already, and a close-up enlarges it."""

_USUAL_RATE = 1.7e6
_USUAL_PIXELS = 606 * 1080 * 30
"""Bits and pixels a second of a close-up of a full-HD video: about 13 MB a minute. Only pictures
with much noise or motion need more at :data:`CRF`."""

_GROWTH = 0.75
"""Exponent of the bit rate's growth with the pixels: details of larger pictures are smoother."""


def largest_rate(size: Size, rate: Fraction) -> int:
    """Largest bit rate in bits a second of a video of ``size`` with ``rate`` frames a second."""
    pixels = float(size.width * size.height * rate)
    return max(1, round(_USUAL_RATE * math.pow(pixels / _USUAL_PIXELS, _GROWTH)))


@dataclass(frozen=True, slots=True, eq=False)
class RenderJob:
    """One video to make: its renderer and its file."""

    picture: FrameRenderer
    output: Path


def render(
    video: Path,
    jobs: Sequence[RenderJob],
    *,
    start: Timecode | None = None,
    end: Timecode | None = None,
    rotate: int = 0,
    expected_frames: int,
    preset: str = PRESET,
    crf: float = CRF,
    progress: Progress | None = None,
) -> None:
    """Decode ``video`` once and write all ``jobs`` from it, as MP4 (H.264, faststart).

    Every video keeps the time stamps of the source, counted from the first frame, its
    colours and its sound, which is copied packet by packet. Frames that a renderer does not
    show are left out together with their sound. An output is written whole or not at all.

    Args:
        video: The stage video.
        jobs: Videos to make; a job that shows no frame is left out and reported to ``progress``.
        start: First moment on the video stream's clock; None for its beginning.
        end: Moment to stop before; None for the end.
        rotate: Rotation of the stage video in degrees clockwise; see
            :func:`closeup.media.video_reader.open_video`.
        expected_frames: Number of frames in this range; exactly this number is rendered.
        preset: x264's preset.
        crf: x264's constant rate factor; lower values give better quality and larger files. The
            bit rate is limited by :func:`largest_rate`.
        progress: Receives a report for every frame; silent by default.

    Raises:
        VideoError: the video cannot be read, or ends before ``expected_frames``.
        OutputError: an output cannot be written, or would replace the stage video.
        ValueError: a job is for another number of frames or has an odd size, or two jobs
            have the same output.

    """
    progress = progress or Silent()
    jobs = _checked(video, jobs, expected_frames, progress)
    progress.begin("Rendering", expected_frames)
    with ExitStack() as stack:
        reader = stack.enter_context(open_video(video, rotate))
        sound = stack.enter_context(opened_audio(video, progress))
        encoders = _open_encoders(stack, jobs, reader, sound, preset, crf)
        count = 0
        frames = islice(reader.frames(start, end), expected_frames)
        for timed in timed_frames(frames, sound):
            for encoder in encoders:
                encoder.put(timed)
            count += 1
            progress.advance()
        if count < expected_frames:
            reason = reader.ended_early or "the video has changed since it was analysed"
            raise VideoError(
                f"{video}: only {count} of {expected_frames} frames can be decoded ({reason})"
            )
        for encoder in encoders:
            encoder.put(None)
        for encoder in encoders:
            encoder.finish()


def _checked(
    video: Path, jobs: Sequence[RenderJob], expected_frames: int, progress: Progress
) -> list[RenderJob]:
    outputs = [job.output.resolve() for job in jobs]
    if len(set(outputs)) < len(outputs):
        raise ValueError("two jobs have the same output")
    for job in jobs:
        refuse_replacing(job.output, {video.resolve()})
    kept = []
    for job in jobs:
        if len(job.picture) != expected_frames:
            raise ValueError(
                f"{job.output.name} is for {len(job.picture)} frames, expected {expected_frames}"
            )
        if any(map(job.picture.shows, range(expected_frames))):
            kept.append(job)
        else:
            progress.say(f"{job.output.name} would show no frame and is not made")
    return kept


def _open_encoders(
    stack: ExitStack,
    jobs: Sequence[RenderJob],
    reader: VideoReader,
    sound: AudioTrack | None,
    preset: str,
    crf: float,
) -> list[EncoderThread]:
    """Start one encoder a job; leaving ``stack`` after an error stops them all."""
    threads = stack.enter_context(ThreadPoolExecutor(max(1, len(jobs))))
    encoders = []
    for job in jobs:
        video = VideoFormat(
            size=job.picture.size,
            time_base=reader.time_base,
            rate=reader.rate,
            colours=reader.colours,
            preset=preset,
            crf=crf,
            threads=encoder_threads(len(jobs)),
            max_rate=largest_rate(job.picture.size, reader.rate),
        )
        temporary = stack.enter_context(replacing(job.output))
        writer = Mp4Writer(temporary, job.output, video, sound)
        encoders.append(EncoderThread(job.picture, writer, threads))
        stack.callback(encoders[-1].abandon)
        encoders[-1].start()
    return encoders


def encoder_threads(encoders: int) -> int:
    """Number of x264 threads for each of ``encoders`` parallel encoders."""
    return max(1, -(-(os.cpu_count() or 1) // max(1, encoders)))
