"""Tracks the faces of a video and steadies them, so that effects neither tremble nor lag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from closeup.effects.face_motion import face_motion
from closeup.effects.openness import log_odds, openness_of
from closeup.errors import ShapeError
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import GrayImage
from closeup.geometry import sides_of
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.one_euro import OneEuroFilter
from closeup.pupils.smoothed_gaze import LEAST_CUTOFF, SPEED_CUTOFF
from closeup.tracking.association import associate

_MEMORY = 0.5
"""Seconds for which a face that is not found keeps its number."""
_CLOSED = 0.1
"""Openness below which an eye counts as closed."""
_OPENNESS = 3.0, 3.0
"""Cutoffs of the log-odds of the openness: hertz, and hertz per change of 1 a second."""
_HIDDEN = "not seen in this frame"


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Settings of the 1 € filters, whose speeds are in face sizes a second, and of the fading.

    Attributes:
        points: Least cutoff in hertz, and hertz per unit of speed, of boxes and feature points.
        pupils: The same of pupils, relative to the corners of their eyes.
        fade: Seconds in which an effect fades in or out when an eye appears or disappears.

    """

    points: tuple[float, float] = (0.1, 1.5)
    pupils: tuple[float, float] = (0.1, 4.0)
    fade: float = 0.15


class SteadyFaces:
    """Gives the faces of one video numbers, smooths their places, and fades their eyes.

    A face is assigned to the earlier face whose box it overlaps most. Boxes, points and pupils pass
    1 € filters (:class:`closeup.pupils.one_euro.OneEuroFilter`). An eye that is closed, hidden or
    lost keeps its last place while its opacity falls to 0, and fades in when it comes back.

    Args:
        settings: Settings of the filters.
        flow: Whether optical flow measures the motion of faces; the filters then smooth only what
            differs from it.

    """

    def __init__(self, settings: Steadiness | None = None, *, flow: bool = True) -> None:
        self._settings, self._flow = settings or Steadiness(), flow
        self._tracks: list[_Track] = []
        self._gray: GrayImage | None = None
        self._now = -np.inf
        self._next = 0

    def step(self, gray: GrayImage, faces: Faces, seconds: float) -> Faces:
        """The steadied faces of the next frame, and those that still fade out.

        Args:
            gray: (H, W) luma of the frame.
            faces: n faces of it, with ``points`` of a scheme that
                :class:`closeup.pupils.eye_frame.EyeFrame` knows, and with ``eyes``.
            seconds: Time of the frame. A time that is not later resets all faces.

        Returns:
            Faces with ``ids``, ``seconds`` and the opacity of the eyes; those of ``faces`` come
            first, in their order.

        Raises:
            ShapeError: the faces have no points or no eyes.

        """
        passed = seconds - self._now
        if passed <= 0:
            self._tracks, passed = [], np.inf
        self._now = seconds
        known = [track for track in self._tracks if seconds - track.seen <= _MEMORY]
        for track in known if self._flow else ():
            track.carry(self._gray, gray)
        self._gray = gray
        found = self._assigned(known, faces)
        for track, face in zip(found, faces, strict=True):
            track.follow(face, seconds, passed, self._settings, flow=self._flow)
        lost = [track for track in known if track not in found]
        for track in lost:
            track.fade(np.zeros(2), passed, self._settings)
        self._tracks = found + lost
        return _joined([*found, *(track for track in lost if track.opacity.any())], seconds)

    def _assigned(self, known: list[_Track], faces: Faces) -> list[_Track]:
        """The track of each face, new ones for those that overlap none."""
        before = np.array([track.box for track in known], np.float32).reshape(-1, 4)
        alike = np.ones((len(before), len(faces)), np.float32)
        pairs = associate(before, faces.boxes, alike, np.zeros(len(before), np.float32))
        owners = {new: known[old] for old, new in pairs}
        tracks = []
        for row, face in enumerate(faces):
            if row not in owners:
                owners[row] = _Track(self._next, face, self._settings)
                self._next += 1
            tracks.append(owners[row])
        return tracks


class _Track:
    """One face of a video.

    Attributes:
        id: Its number.
        row: Its last steadied row.
        seen: Time at which it was found last.
        opacity: (2,) of its eyes.

    """

    def __init__(self, number: int, face: Faces, settings: Steadiness) -> None:
        self.id, self.row, self.seen = number, face, -np.inf
        self.opacity = np.zeros(2)
        self._places = OneEuroFilter(*settings.points)
        self._pupils = [OneEuroFilter(*settings.pupils) for _ in range(2)]
        self._openness = [OneEuroFilter(*_OPENNESS) for _ in range(2)]
        self._gaze = OneEuroFilter(LEAST_CUTOFF, SPEED_CUTOFF)
        self._offsets = np.full((2, 2), np.nan)
        self._looks = np.full(2, np.nan)
        self._carried: NDArray[np.float64] | None = None

    @property
    def box(self) -> NDArray[np.float32]:
        """Its last box (4,), moved to the current frame."""
        return np.asarray(self.row.boxes[0], np.float32)

    def carry(self, before: GrayImage | None, after: GrayImage) -> None:
        """Move the row as optical flow has moved the face from one frame to the next."""
        motion = None if before is None else face_motion(before, after, self.box)
        if motion is None:
            return
        eyes, places = _eyes(self.row), motion.apply(_places(self.row))
        moved = replace(eyes, centres=motion.apply(eyes.centres).astype(np.float32))
        self.row = _placed(self.row, places.astype(np.float32)).with_columns(eyes=moved)
        self._carried = places

    def follow(
        self, face: Faces, seconds: float, passed: float, settings: Steadiness, *, flow: bool
    ) -> None:
        """Take the face of the next frame (one row) as seen ``passed`` seconds later."""
        self.seen = seconds
        size = float(sides_of(face.boxes[0]).mean())
        if flow and self._carried is None:  # after a cut, or too fast for the flow
            self._places = OneEuroFilter(*settings.points)
        places = self._places.filtered(_places(face), seconds, max(size, 1.0), self._carried)
        self._carried = None
        steady = _placed(face, places.astype(np.float32))
        self.row = steady.with_columns(eyes=self._steady_eyes(face, steady, seconds))
        eyes = _eyes(face)
        self.fade(eyes.found[0] & ~(eyes.openness[0] < _CLOSED), passed, settings)

    def fade(self, visible: NDArray[np.generic], passed: float, settings: Steadiness) -> None:
        """Move the opacity of both eyes (2,) towards 1 where they are visible, else towards 0."""
        step = min(1.0, passed / settings.fade) if np.isfinite(passed) else 0.0
        self.opacity = np.clip(self.opacity + np.where(visible, step, -step), 0, 1)

    def _steady_eyes(self, face: Faces, steady: Faces, seconds: float) -> Eyes:
        eyes = _eyes(face)
        frame = _frame(steady)
        middles = np.array([frame.right, frame.left])
        measured = frame.measured(eyes.centres[0] - middles)
        openness = log_odds(eyes.openness[0])
        for side in range(2):
            if eyes.found[0, side]:
                self._offsets[side] = self._pupils[side].filtered(measured[side], seconds)
            if np.isfinite(openness[side]):
                openness[side] = self._openness[side].filtered(openness[side], seconds)
        centres = middles + frame.moved(self._offsets)
        known = [bool(np.isfinite(centre).all()) for centre in centres]
        reasons = [
            "" if there else reason or _HIDDEN
            for there, reason in zip(known, eyes.reasons[0], strict=True)
        ]
        return replace(
            eyes,
            centres=centres[None].astype(np.float32),
            openness=openness_of(openness)[None].astype(np.float32),
            reasons=((reasons[0], reasons[1]),),
            gaze=self._steady_gaze(eyes, seconds),
        )

    def _steady_gaze(self, eyes: Eyes, seconds: float) -> NDArray[np.float64] | None:
        """The gaze (1, 2); the last one while it is unknown."""
        if eyes.gaze is None:
            return None
        if np.isfinite(eyes.gaze[0]).all():
            self._looks = self._gaze.filtered(eyes.gaze[0], seconds)
        return self._looks[None].copy()


def _eyes(face: Faces) -> Eyes:
    if face.eyes is None:
        raise ShapeError("faces are steadied with their eyes; find them first")
    return face.eyes


def _points(face: Faces) -> NDArray[np.float32]:
    if face.points is None:
        raise ShapeError("faces are steadied with their feature points; find them first")
    return np.asarray(face.points[0], np.float32)


def _frame(face: Faces) -> EyeFrame:
    return EyeFrame.of(_points(face))


def _places(face: Faces) -> NDArray[np.float64]:
    """All places of a face (k, 2): corners of the box, feature points, the detector's points."""
    parts = [face.boxes[0].reshape(2, 2), _points(face)]
    if face.landmarks is not None:
        parts.append(face.landmarks[0])
    return np.concatenate(parts).astype(np.float64)


def _placed(face: Faces, places: NDArray[np.float32]) -> Faces:
    """The face with other places; the inverse of :func:`_places`."""
    count = 2 + len(_points(face))
    moved = face.with_columns(boxes=places[:2].reshape(1, 4), points=places[None, 2:count])
    return moved if face.landmarks is None else moved.with_columns(landmarks=places[None, count:])


def _joined(tracks: Sequence[_Track], seconds: float) -> Faces:
    """The rows of tracks as the faces of one frame."""
    if not tracks:
        return Faces.none().with_columns(seconds=seconds)
    rows = [track.row for track in tracks]
    opacity = np.array([track.opacity for track in tracks], np.float32)
    eyes = Eyes.joined([_eyes(row) for row in rows])
    return Faces.joined(rows).with_columns(
        eyes=replace(eyes, opacity=opacity),
        ids=np.array([track.id for track in tracks], np.int64),
        seconds=seconds,
    )
