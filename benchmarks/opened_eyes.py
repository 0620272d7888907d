"""Videos of real eyes whose lids are opened by a known share, by warping their own pixels.

The upper lid is pushed together below the brow, the lower one above the cheek; the eyeball that
they uncover is completed from its visible part, as for the effect ``glare``. Nothing else changes.

Videos are a man in front of his webcam, the clips of real footage, and photos of LFW that are
swayed a little, with the noise of a camera.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.effects_gallery import parts
from benchmarks.pupils import part
from benchmarks.recording import shared_data
from closeup.effects.eye_opening import EyeOpening, Values
from closeup.effects.eyeball import Eyeball
from closeup.effects.face_shapes import face_shapes
from closeup.effects.frontal_view import FrontalView
from closeup.effects.warping import Part
from closeup.faces import Faces
from closeup.frames import ArrayFrame, RGBImage
from closeup.media.video_reader import open_video
from closeup.timecode import Timecode

_UPPER, _LOWER = 0.75, 0.25
"""Shares of the opening at the upper and at the lower lid."""
_SKIN = 0.18
"""Height of the skin that is pushed together, in eye distances."""
_SOFT, _SOFT_PIXELS = 0.016, 0.5
"""Width of the transition between a lid and the eyeball, in eye distances, and least in pixels."""
_LASTS, _BEFORE, _EVERY = 0.5, 1.0, 8.0
"""Seconds for which eyes are opened, for which a face is seen before, and between two openings."""
_LEAST_APART, _MOST_TURNED, _CERTAIN = 14.0, np.radians(25), 0.5
"""Pixels between the eyes, turn of the head and confidence of eyes that are opened."""
_USUAL = 0.9
"""Least openness of eyes that are opened, over its median."""
_FRAMES, _RATE, _SWAY, _NOISE = 54, 30, 5.0, 3.0
"""Frames of a swayed photo, their rate, amplitude in pixels, and standard deviation of noise."""

Seen = list[Faces]
"""The steadied faces of each frame of a video."""


class Opening(NamedTuple):
    """The eyes of a face are opened from a first frame to the one before ``end``."""

    face: int
    first: int
    end: int


def frames_of(name: str) -> Iterator[ArrayFrame]:
    """Yield the frames of a clip, of the webcam's video, or of a photo as ``train 17``."""
    table, _, number = name.partition(" ")
    if number:
        yield from swayed(part(table, 1).image(int(number)))
        return
    clip = shared_data() / "clips" / name / "stage.mp4"
    path = clip if clip.is_file() else shared_data() / "video" / f"{name}.avi"
    with open_video(Path(path)) as video:
        for frame in video.frames():
            yield ArrayFrame(frame.index, frame.timecode, frame.rgb())


def swayed(photo: RGBImage) -> Iterator[ArrayFrame]:
    """Yield a photo as a video of 1.8 seconds."""
    rng, size = np.random.default_rng(0), photo.shape[1::-1]
    for number in range(_FRAMES):
        turns = 2 * np.pi * number / _RATE * np.array([0.7, 1.1])
        matrix = np.column_stack([np.eye(2), _SWAY * np.sin(turns)])
        moved = cv2.warpAffine(photo, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        noisy = np.clip(moved + rng.normal(0, _NOISE, moved.shape), 0, 255)
        yield ArrayFrame(number, Timecode(number, Fraction(1, _RATE)), noisy.astype(np.uint8))


def seen_in(frames: Iterator[ArrayFrame]) -> Seen:
    """Find the faces of frames, as effects do."""
    following = parts().following()
    return [following.find(frame, frame.pixels) for frame in frames]


def with_openings(name: str, seen: Seen, where: list[Opening], share: float) -> Seen:
    """Find the faces of a video again, with some eyes opened."""
    return seen_in(
        ArrayFrame(frame.index, frame.timecode, changed(frame, seen[frame.index], where, share))
        for frame in frames_of(name)
    )


def changed(frame: ArrayFrame, faces: Faces, where: list[Opening], share: float) -> RGBImage:
    """A frame with some eyes opened, half in the first frame of an opening."""
    image = frame.pixels
    for opening in where:
        if opening.first <= frame.index < opening.end:
            row = row_of(faces, opening.face)
            assert row is not None
            whole = frame.index > opening.first
            image = opened(image, faces, row, share if whole else share / 2)
    return image


def row_of(faces: Faces, face: int) -> int | None:
    """Row of the face with an id; None if it is not in the frame."""
    rows = [] if faces.ids is None else np.flatnonzero(faces.ids == face).tolist()
    return rows[0] if rows else None


def openings(seen: Seen) -> list[Opening]:
    """Where the eyes of a video are opened."""
    rate = (len(seen) - 1) / (float(seen[-1].seconds or 0) - float(seen[0].seconds or 0))
    before, lasts, every = (round(rate * seconds) for seconds in (_BEFORE, _LASTS, _EVERY))
    able = [fit(faces, usual_openness(seen)) for faces in seen]
    found: list[Opening] = []
    since: dict[int, int] = {}
    last: dict[int, int] = {}
    for frame, faces in enumerate(seen[:-lasts]):
        ids = [] if faces.ids is None else faces.ids.tolist()
        since = {face: since.get(face, frame) for face in ids}
        for face, first in since.items():
            rested = frame >= max(first + before, last.get(face, -every) + every)
            if rested and all(face in able[i] for i in range(frame, frame + lasts)):
                found.append(Opening(face, frame, frame + lasts))
                last[face] = frame
    return found


def usual_openness(seen: Seen) -> dict[int, float]:
    """The median openness of both eyes of each face."""
    values: dict[int, list[float]] = {}
    for faces in seen:
        if faces.ids is not None and faces.eyes is not None:
            means = faces.eyes.openness.mean(axis=1).tolist()
            for face, openness in zip(faces.ids.tolist(), means, strict=True):
                values.setdefault(face, []).append(0.0 if np.isnan(openness) else openness)
    return {face: float(np.median(known)) for face, known in values.items()}


def fit(faces: Faces, usual: dict[int, float]) -> set[int]:
    """The faces whose eyes may be opened in a frame: visible, and as open as usual."""
    found = set()
    for face in face_shapes(faces):
        assert faces.ids is not None
        assert faces.eyes is not None
        number = int(faces.ids[face.row])
        usually = faces.eyes.openness[face.row].mean() >= _USUAL * usual[number]
        certain = (faces.eyes.confidence[face.row] >= _CERTAIN).all()
        if usually and certain and face.unit >= _LEAST_APART and abs(face.yaw) <= _MOST_TURNED:
            found.add(number)
    return found


def opened(image: RGBImage, faces: Faces, row: int, share: float) -> RGBImage:
    """The picture with the eyes of one face opened.

    Args:
        image: RGB uint8 of shape (H, W, 3).
        faces: Its faces, with ``points`` and ``eyes``.
        row: The face.
        share: By which the distance of the lids grows; 0.5 for one and a half times as far.

    """
    drawn = image.copy()
    for face in face_shapes(faces):
        for eye in face.eyes if face.row == row else ():
            _open(drawn, EyeOpening.of(face, eye), share)
    return drawn


def _open(drawn: RGBImage, eye: EyeOpening, share: float) -> None:
    """Open one eye of a picture, which is changed."""
    area = Part.around(drawn, eye.middle, 0.3 * eye.scale)
    if area.empty:
        return
    view, soft = FrontalView.of(eye), max(_SOFT, _SOFT_PIXELS / eye.scale)
    source = view.read(drawn)
    ball = Eyeball.completed(view, source, eye, soft).colours
    top, bottom = eye.lids(view.x)
    height = np.maximum(bottom - top, 0)
    upper, lower = top - _UPPER * share * height, bottom + _LOWER * share * height
    lids = _pushed(view.y, top, upper) - _pushed(-view.y, -bottom, -lower)
    skin = view.sampled(source, view.x, view.y + lids)
    inside = np.where(height > 0, np.minimum(view.y - upper, lower - view.y) / soft, 0)
    whole = skin + np.clip(inside, 0, 1)[..., None] * (ball - skin)
    target = drawn[area.rows, area.columns]
    result = np.rint(target + view.returned(whole - source, area))
    target[:] = np.clip(result, 0, 255).astype(np.uint8)


def _pushed(down: Values, edge: Values, moved: Values) -> Values:
    """What is added to ``down`` for the sources of a lid whose edge moves up; 0 elsewhere.

    The skin is pushed together between its fixed upper end and its edge.
    """
    end = edge - _SKIN
    share = (down - end) / np.maximum(moved - end, 1e-9)
    on_lid = (share > 0) & (down < edge) & (moved < edge)
    return np.where(on_lid, end + np.minimum(share, 1) * (edge - end) - down, 0)
