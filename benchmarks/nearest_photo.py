"""The usual way to name faces in a video: every frame by itself, and the nearest photo's name.

It stands for what scripts around a face embedding do: detect the faces of a frame, compare each
with all photos, and give it the name of the nearest one if the distance is below 0.6, dlib's
recommendation. A member has one position a frame, the nearest face. Some scripts then interpolate
gaps and average positions over time, which :func:`smoothed` does.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import areas
from closeup.identity.description import describe
from closeup.identity.enrolment import find_photos
from closeup.media.images import read_image
from closeup.media.video_reader import open_video
from closeup.protocols import Embedder, FaceDetector
from closeup.tracks import PositionSource, Trajectory

NEAR = 0.6
"""Largest distance between two photos of one person, as dlib recommends."""

_LONGEST_GAP = 1.0
"""Longest gap that is interpolated, in seconds."""

_AVERAGED = 0.4
"""Length of the moving average of positions, in seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameFaces:
    """The faces of a video, every frame searched by itself.

    Attributes:
        count: Number of frames of the video.
        frames: (n,) int64, index of the frame of each face.
        boxes: (n, 4) float32, xyxy in pixels.
        embeddings: (n, d) float32; d is 0 without an embedder.

    """

    count: int
    frames: NDArray[np.int64]
    boxes: NDArray[np.float32]
    embeddings: NDArray[np.float32]


class Frames(NamedTuple):
    """The frames of a video that are searched.

    Attributes:
        video: The video.
        every: Distance between two searched frames; 1 searches all.

    """

    video: Path
    every: int = 1


def faces_of_frames(
    wanted: Frames, detector: FaceDetector, embedder: Embedder | None, kept: Path | None = None
) -> FrameFaces:
    """Search frames of a video one by one.

    Args:
        wanted: The frames.
        detector: Finds the faces.
        embedder: Describes them; None for boxes alone.
        kept: File (``.npz``) of an earlier search of the same video, which is read instead, or
            written if it is missing or of another file, detector or embedder; None keeps nothing.

    """
    stat = wanted.video.stat()
    parts = detector.name, None if embedder is None else embedder.name
    key = json.dumps([wanted.video.name, stat.st_size, stat.st_mtime_ns, wanted.every, *parts])
    found = None if kept is None else _kept(kept, key)
    if found is None:
        found = _searched(wanted, detector, embedder)
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            columns = {name: getattr(found, name) for name in FrameFaces.__slots__}
            np.savez(kept, key=np.array(key), **columns)
    return found


def _kept(path: Path, key: str) -> FrameFaces | None:
    try:
        with np.load(path) as kept:
            if kept["key"].item() != key:
                return None
            count = int(kept["count"])
            return FrameFaces(count, kept["frames"], kept["boxes"], kept["embeddings"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _searched(wanted: Frames, detector: FaceDetector, embedder: Embedder | None) -> FrameFaces:
    dimensions = 0 if embedder is None else embedder.dimensions
    frames, boxes, vectors, count = [0][:0], [np.empty((0, 4), np.float32)], [], 0
    vectors.append(np.empty((0, dimensions), np.float32))
    with open_video(wanted.video) as reader:
        for frame in reader:
            count += 1
            if frame.index % wanted.every:
                continue
            image = frame.rgb()
            faces = detector.detect(image)
            frames += [frame.index] * len(faces)
            boxes.append(faces.boxes)
            if embedder is not None and len(faces):
                described = describe(image, faces, embedder)
                assert described.embeddings is not None  # described always sets it
                vectors.append(described.embeddings)
    embeddings = np.concatenate(vectors) if embedder else np.empty((len(frames), 0), np.float32)
    return FrameFaces(count, np.array(frames, np.int64), np.concatenate(boxes), embeddings)


def photo_vectors(
    members: Path, detector: FaceDetector, embedder: Embedder
) -> dict[str, NDArray[np.float32]]:
    """Embed the largest face of each photo that shows one; name → (photos, d)."""
    vectors: dict[str, list[NDArray[np.float32]]] = {}
    for name, photos in find_photos(members).items():
        for photo in photos:
            image = read_image(photo)
            faces = detector.detect(image)
            if len(faces):
                largest = faces[np.array([areas(faces.boxes).argmax()])]
                described = describe(image, largest, embedder)
                assert described.embeddings is not None  # described always sets it
                vectors.setdefault(name, []).append(described.embeddings[0])
    return {name: np.stack(own) for name, own in vectors.items()}


def nearest_photo(faces: FrameFaces, photos: Mapping[str, NDArray[np.float32]]) -> list[Trajectory]:
    """Name each face by the nearest photo; one trajectory a member, of confidence 1."""
    names = tuple(photos)
    distances = np.stack(
        [
            np.linalg.norm(faces.embeddings[:, None] - own[None], axis=2).min(axis=1, initial=9.0)
            for own in photos.values()
        ],
        axis=1,
    )
    best, nearest = distances.argmin(axis=1), distances.min(axis=1)
    return [_of_member(name, faces, nearest, best == i) for i, name in enumerate(names)]


def _of_member(
    name: str, faces: FrameFaces, nearest: NDArray[np.floating], own: NDArray[np.bool_]
) -> Trajectory:
    boxes = np.full((faces.count, 4), np.nan, np.float32)
    rows = np.flatnonzero(own & (nearest < NEAR))
    rows = rows[np.argsort(-nearest[rows], kind="stable")]  # the nearest is written last
    for row in rows:
        boxes[faces.frames[row]] = faces.boxes[row]
    return _trajectory(name, boxes, np.isfinite(boxes[:, 0]))


def smoothed(trajectory: Trajectory, rate: float) -> Trajectory:
    """Interpolate gaps of up to a second, then take a moving average; cuts are not known."""
    known = np.flatnonzero(trajectory.present)
    if not len(known):
        return trajectory
    frames = np.arange(len(trajectory))
    filled = np.stack(
        [np.interp(frames, known, edge) for edge in trajectory.boxes[known].T], axis=1
    )
    following = np.searchsorted(known, frames).clip(max=len(known) - 1)
    before = known[(np.searchsorted(known, frames, side="right") - 1).clip(min=0)]
    inside = (frames >= known[0]) & (frames <= known[-1])
    there = inside & (known[following] - before <= max(1, _LONGEST_GAP * rate))
    length = max(1, round(_AVERAGED * rate)) | 1
    window = np.ones(length)
    weight = np.convolve(there, window, "same")
    sums = [np.convolve(np.where(there, edge, 0), window, "same") for edge in filled.T]
    mean = np.stack(sums, axis=1) / np.maximum(weight, 1)[:, None]
    return _trajectory(trajectory.name, np.where(there[:, None], mean, np.nan), there)


def _trajectory(name: str, boxes: NDArray[np.floating], present: NDArray[np.bool_]) -> Trajectory:
    sources = np.where(present, PositionSource.DETECTED, PositionSource.ABSENT)
    return Trajectory(
        name,
        np.asarray(boxes, np.float32),
        sources.astype(np.uint8),
        present.astype(np.float32),
        np.full(len(boxes), -1, np.int64),
    )
