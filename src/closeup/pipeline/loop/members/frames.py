"""The frames of a loop on member boxes: collected once, and split into stretches of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.documents import read_document, write_document
from closeup.files.folders import is_folder
from closeup.media.images import write_image
from closeup.media.video_reader import open_video
from closeup.progress import Progress
from closeup.store.label_records import StoredItem

FRAMES = "frames"
"""Folder of the frames of a video, below the project."""

DOCUMENT = "frames.json"
"""File beside the folder of frames, which is written after the last one: what they are from."""

_QUALITY = 95
_STRETCH = 8
"""Fewest frames of a stretch on average, of which the two at its ends may be unused."""
_MOST_STRETCHES = 20


@dataclass(frozen=True, slots=True)
class FrameSplit:
    """What each frame of a loop is for.

    Attributes:
        learnt: Numbers of the items that labels are learnt from, in the order of time.
        held_out: Numbers of the items that models are measured on: whole stretches of time.

    The frames beside a held-out stretch, which look like those in it, are in neither.

    """

    learnt: tuple[int, ...]
    held_out: tuple[int, ...]


def collect_frames(source: Path, project: Path, every: int, progress: Progress) -> Path:
    """Write every ``every``-th frame of a video as a picture, unless it was done before.

    Frame 120 becomes ``frames/000120.jpg``. Pictures that an interrupted call wrote are kept.

    Args:
        source: The video, or a folder of frames, which is used where it is.
        project: Folder of the loop.
        every: Step between two frames.
        progress: Receives one stage.

    Returns:
        The folder of the frames.

    Raises:
        InputError: the project has frames of another video, or with another step.
        VideoError: the video cannot be read.
        OutputError: a picture cannot be written.

    """
    if is_folder(source):
        return source
    folder, document = project / FRAMES, project / DOCUMENT
    described = {"video": source.name, "every": every}
    if document.exists():
        before = read_document(document, dict, "delete the project, and begin it again")
        if before != described:
            raise InputError(
                f"{project} has every {before.get('every')}. frame of {before.get('video')}, not "
                f"every {every}. of {source.name}; choose another folder for the loop"
            )
        return folder
    _write_frames(source, folder, every, progress)
    write_document(document, described)
    return folder


def _write_frames(source: Path, folder: Path, every: int, progress: Progress) -> None:
    with open_video(source) as video:
        progress.begin("collecting frames", None)
        for frame in video.frames():
            path = folder / f"{frame.index:06d}.jpg"
            if frame.index % every == 0 and not path.exists():
                write_image(path, frame.rgb(), _QUALITY)
            progress.advance()


def frame_of(item: StoredItem) -> int | None:
    """Number of the frame that an item shows: its own, or that in the picture's name.

    None for a picture whose name is no number.
    """
    stem = Path(item.path).stem
    return int(stem) if item.frame is None and stem.isdecimal() else item.frame


def split_frames(items: Sequence[StoredItem], held_out: float) -> FrameSplit:
    """Split frames into those to learn from and those to measure on, in stretches of time.

    Args:
        items: The frames in the order of time, the same ones at each call.
        held_out: Share of the stretches to measure on.

    Raises:
        InputError: there are too few frames for two stretches.

    """
    if len(items) < 2 * _STRETCH:
        raise InputError(
            f"a loop on a stage needs {2 * _STRETCH} frames or more, and there are {len(items)}; "
            "take more frames of the video with a smaller --every"
        )
    apart = stretches(len(items), min(_MOST_STRETCHES, len(items) // _STRETCH), held_out)
    beside = np.zeros_like(apart)
    beside[1:] |= apart[:-1]
    beside[:-1] |= apart[1:]
    numbers = np.array([item.id for item in items])
    return FrameSplit(
        tuple(numbers[~apart & ~beside].tolist()),
        tuple(numbers[apart].tolist()),
    )


def stretches(count: int, parts: int, share: float) -> NDArray[np.bool_]:
    """Choose whole stretches of a sequence, evenly spread.

    Args:
        count: Length of the sequence, at least ``parts``.
        parts: Number of stretches, at least 2.
        share: Share of the stretches to choose; at least one is, and at most all but one.

    Returns:
        (count,) bool.

    """
    chosen = min(max(1, round(share * parts)), parts - 1)
    numbers = ((np.arange(chosen) + 0.5) * parts / chosen).astype(np.int64)
    return np.isin(np.arange(count) * parts // count, numbers)
