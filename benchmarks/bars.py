"""Whether letterbox and pillarbox bars should be cropped before faces are detected.

Labelled frames of letterboxed films, and of clips between bars that are added here, are searched in
three ways: the ``whole`` picture; ``cropped``, the part between the bars at the same scale, as the
analysis does it; ``enlarged``, that part at the size of a video without bars. ``recall`` is the
share of the labelled heads with a face on them, ``extra`` the faces on no labelled head, in percent
of the heads. ``time`` is the processor time of the detector in one thread, as a multiple of that of
the whole picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from fractions import Fraction
from time import process_time
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.footage_runs import Clip
from benchmarks.real_clips import real_clips
from benchmarks.recording import save, settings, show
from closeup.fancam.frame_preparation import FLOW_SIDE, detection_size
from closeup.frames import ArrayFrame, RGBImage
from closeup.geometry import Boxes, Size, centres_of, sides_of
from closeup.media.bars import clear_part, frame_borders
from closeup.media.video_reader import open_video
from closeup.opening import open_detector
from closeup.protocols import FaceDetector
from closeup.testing.labelled_frames import REACH
from closeup.timecode import Timecode

DETECTORS = ("yunet-n", "closeup")
WAYS = ("whole", "cropped", "enlarged")

FILM, SCREEN = 2.39, 16 / 9
"""Width divided by height of a letterboxed film, and of the screen around a pillarboxed clip."""

ADDED = {"jimin_stage": "pillarbox", "intel_stage": "letterbox", "intel_walk3": "letterbox"}
"""Bars that are added to clips without any."""


class Example(NamedTuple):
    """A labelled frame.

    Attributes:
        picture: RGB uint8.
        heads: (n, 4) labelled heads.

    """

    picture: RGBImage
    heads: Boxes


def main() -> None:
    """Measure, print tables and write the JSON."""
    clips = {clip.name: clip for clip in real_clips() if clip.labels is not None}
    results: dict[str, Any] = {}
    for name in ("avengers_film", "herapheri_film", *ADDED):
        examples = list(labelled(clips[name]))
        for detector in DETECTORS:
            opened = open_detector(detector, settings=settings(), threads=1)
            rows = [measured(examples, opened, way) for way in WAYS]
            unit = rows[0]["time"]
            rows = [{**row, "time": round(row["time"] / unit, 2)} for row in rows]
            show(f"{name} with {detector}", rows)
            results[f"{name}, {detector}"] = rows
    save("bars", results)


def labelled(clip: Clip) -> Iterator[Example]:
    """The labelled frames of a clip, between bars."""
    assert clip.labels is not None
    bars = ADDED.get(clip.name)
    with open_video(clip.video) as video:
        for frame in video.frames():
            heads = clip.labels.heads.get(frame.index)
            if heads:
                boxes = np.array([astuple(box) for box in heads.values()], np.float32)
                example = Example(frame.rgb(), boxes)
                yield framed(example, bars) if bars else example


def framed(example: Example, bars: str) -> Example:
    """The same with black bars, which replace top and bottom of the scene in a letterbox."""
    picture, heads = example
    height, width = picture.shape[:2]
    if bars == "letterbox":
        high = round((height - width / FILM) / 2)
        black = picture.copy()
        black[:high] = black[height - high :] = 0
        y = centres_of(heads)[:, 1]
        return Example(black, heads[(y > high) & (y < height - high)])
    side = round((height * SCREEN - width) / 2)
    wide = cv2.copyMakeBorder(picture, 0, 0, side, side, cv2.BORDER_CONSTANT)
    return Example(np.asarray(wide, np.uint8), heads + np.array([side, 0, side, 0], np.float32))


def measured(examples: Sequence[Example], detector: FaceDetector, way: str) -> dict[str, Any]:
    """Recall, extra faces and processor time in one of the ways."""
    found = extra = 0
    seconds = 0.0
    for picture, heads in examples:
        part, scale, start = searched(picture, way)
        begun = process_time()
        faces = detector.detect(part)
        seconds += process_time() - begun
        on = on_heads((centres_of(faces.boxes) + 0.5) / scale - 0.5 + start, heads)
        found += int(on.any(axis=0).sum())
        extra += int((~on.any(axis=1)).sum())
    count = sum(len(heads) for _, heads in examples)
    return {
        "way": way, "heads": count, "recall": round(100 * found / count, 1),
        "extra": round(100 * extra / count, 1), "time": seconds,
    }  # fmt: skip


def searched(picture: RGBImage, way: str) -> tuple[RGBImage, float, NDArray[np.float64]]:
    """The picture to search, its scale, and the (x, y) in ``picture`` at which it begins."""
    size = Size.of(picture)
    scale, start = detection_size(size).width / size.width, np.zeros(2)
    if way != "whole":
        gray = ArrayFrame(0, Timecode(0, Fraction(1)), picture).gray(size.fitted(FLOW_SIDE))
        rows, columns = clear_part(frame_borders(gray), Size.of(gray), size)
        picture, start = picture[rows, columns], np.array([columns.start, rows.start], np.float64)
        if way == "enlarged":
            scale = detection_size(Size.of(picture)).width / picture.shape[1]
    inner = Size(round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, inner, interpolation=how), np.uint8), scale, start


def on_heads(centres: NDArray[np.float64], heads: Boxes) -> NDArray[np.bool_]:
    """Whether the centre of each face (n, 2) is on each head (m, 4); shape (n, m)."""
    reach = REACH * sides_of(heads).max(axis=1)
    near = np.abs(centres[:, None] - centres_of(heads)[None]) < reach[None, :, None]
    return np.asarray(near.all(axis=2))


if __name__ == "__main__":
    main()
