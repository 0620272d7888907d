"""Imports videos of one eye with a pupil per frame, as in LPW; frames become pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.executors.threads import ordered_map
from closeup.files.folders import files_below
from closeup.files.text import lines_of, read_number, read_text, shown
from closeup.labels import FaceLabel
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.images import write_image
from closeup.media.video_reader import VideoReader, open_video
from closeup.pipeline.datasets.labelled_folders import by_path
from closeup.progress import Progress

_VIDEOS = frozenset({".avi", ".mkv", ".mov", ".mp4"})


def lpw(folder: Path, images: Path, every: int, progress: Progress) -> list[FaceLabel]:
    """Write every ``every``-th frame of each video that has a ``.txt`` beside it, as PNG files.

    Args:
        folder: Searched through its sub-folders, as ``1/1.avi`` with ``1/1.txt``.
        images: Folder for ``1/1-000000.png`` … named by the frame's number.
        every: Step between written frames.
        progress: Receives one stage, and a message for videos without points and for points
            outside their picture, which are left out.

    Returns:
        A label with the point ``pupil`` for each picture.

    Raises:
        InputError: there is no such video, two have the same name, one is damaged, or the
            numbers of frames and points differ.
        OutputError: a picture cannot be written.

    """
    pupils = {}
    texts = by_path(files_below(folder, {".txt"}))
    for stem, path in by_path(files_below(folder, _VIDEOS)).items():
        if stem in texts:
            pupils[path] = read_pupils(texts[stem])
        else:
            progress.say(f"{path}: no {path.with_suffix('.txt').name} beside it; it is left out")
    if not pupils:
        raise InputError(f"{folder}: no video with points in it or below it, as 1.avi with 1.txt")
    progress.begin("cutting videos", sum(map(len, pupils.values())))
    labels = []
    for path, points in pupils.items():
        stem = path.relative_to(folder).with_suffix("").as_posix()
        labels += list(_frames(path, points, images / stem, stem, every, progress))
    return labels


def _frames(
    path: Path,
    points: NDArray[np.float64],
    target: Path,
    stem: str,
    every: int,
    progress: Progress,
) -> Iterator[FaceLabel]:
    outside = 0
    with open_video(path) as video:
        wanted = _wanted(video, points, every, progress)
        for index in ordered_map(lambda frame: _save(frame, target), wanted):
            x, y = (float(value) for value in points[index])
            if -0.5 <= x < video.size.width - 0.5 and -0.5 <= y < video.size.height - 0.5:
                yield FaceLabel(f"{stem}-{index:06d}.png", None, {"pupil": (x, y)})
            else:
                outside += 1
    if outside:
        progress.say(f"{path}: {outside} points outside their picture; they are left out")


def _wanted(
    video: VideoReader, points: NDArray[np.float64], every: int, progress: Progress
) -> Iterator[DecodedFrame]:
    count = 0
    for frame in video.frames():
        progress.advance()
        count += 1
        if frame.index < len(points) and frame.index % every == 0:
            yield frame
    if count != len(points):
        reason = f" ({video.ended_early})" if video.ended_early else ""
        raise InputError(
            f"{video.path}: {count} frames, but {len(points)} points{reason}; "
            "get both files again or take them away"
        )


def _save(frame: DecodedFrame, target: Path) -> int:
    pixels = frame.rgb()
    if (pixels == pixels[..., :1]).all():  # near infrared is grey: one channel suffices
        pixels = pixels[..., 0]
    write_image(target.with_name(f"{target.name}-{frame.index:06d}.png"), pixels)
    return frame.index


def read_pupils(path: Path) -> NDArray[np.float64]:
    """The pupil's centre in each frame; shape (n, 2), x and y in the video's pixels.

    Raises:
        InputError: the file cannot be read, is empty, or has a line that is not two numbers.

    """
    points = []
    for number, line in enumerate(lines_of(read_text(path).rstrip()), 1):
        words = line.split()
        if len(words) != 2:
            raise InputError(
                f"{path}, line {number}: {shown(line)} is not an x and a y; correct it"
            )
        points.append([read_number(word, f"{path}, line {number}") for word in words])
    if not points:
        raise InputError(f"{path}: no point in it; it needs a line for each frame")
    return np.array(points, np.float64)
