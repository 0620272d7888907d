"""Adapters for the trackers of the package ``trackers``, with results in our format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import supervision as sv
from numpy.typing import NDArray
from trackers import BoTSORTTracker, ByteTrackTracker, OCSORTTracker

from benchmarks.recording import Stopwatch
from closeup.frames import RGBImage
from closeup.media.video_reader import VideoReader
from closeup.tracking.clothes import BINS
from closeup.tracking.tracklets import Evidence
from closeup.tracks import PositionSource, Tracklet


class Sight(NamedTuple):
    """A detection in a frame."""

    frame: int
    head: int
    box: NDArray[np.float32]


class Follower:
    """One tracker of the package, with the detections of each of its tracks.

    Args:
        tracker: Tracker created by the package.
        pictures: Whether it uses the pictures, too.

    """

    def __init__(self, tracker: Any, *, pictures: bool = False) -> None:
        self._tracker, self._pictures = tracker, pictures
        self._watch = Stopwatch()
        self._update = self._watch.around(tracker.update)
        self._shot = 0
        self._paths: dict[tuple[int, int], list[Sight]] = defaultdict(list)
        self._newborn: list[tuple[Any, Sight]] = []

    @property
    def seconds(self) -> float:
        """Processor time used so far, in seconds."""
        return self._watch.seconds

    def cut(self) -> None:
        """Start a new shot."""
        self._tracker.reset()
        self._shot += 1
        self._newborn = []

    def look(self, faces: NDArray[np.void], frame: int, picture: RGBImage) -> None:
        """Process the faces of the next key frame, rows of OBSERVATION."""
        before = {id(track): track for track in self._tracker.tracks}
        given = sv.Detections(
            xyxy=faces["box"], confidence=faces["score"], data={"place": np.arange(len(faces))}
        )
        bgr = np.ascontiguousarray(picture[..., ::-1]) if self._pictures else None
        found = self._update(given, bgr)
        sights = [Sight(frame, int(row["head"]), row["box"]) for row in faces]
        numbers = found.tracker_id if sights else ()
        for number, place in zip(numbers, found.data.get("place", ()), strict=True):
            if number >= 0:
                self._paths[self._shot, int(number)].append(sights[place])
        self._newborn += [
            (track, min(sights, key=lambda sight: _apart(sight, track)))
            for track in self._tracker.tracks
            if id(track) not in before and track.tracker_id < 0
        ]
        self._number_newborn()

    def _number_newborn(self) -> None:
        """Assign the first detection, which has no number, to tracks that are numbered by now."""
        for track, sight in self._newborn:
            if track.tracker_id >= 0:
                self._paths[self._shot, track.tracker_id].insert(0, sight)
        self._newborn = [entry for entry in self._newborn if entry[0].tracker_id < 0]

    def tracklets(self, seen: Evidence) -> list[Tracklet]:
        """Return the tracks, with the embeddings and clothes of their detections."""
        paths = sorted(self._paths.values(), key=lambda path: path[0].frame)
        return [_tracklet(number, path, seen) for number, path in enumerate(paths)]


def follow(
    video: VideoReader, seen: Evidence, cuts: Sequence[int], every: int
) -> dict[str, Follower]:
    """Run the package's trackers on the detections of every ``every``-th frame."""
    rate = float(video.rate) / every
    followers = {
        "ByteTrack": Follower(ByteTrackTracker(frame_rate=rate)),
        "OC-SORT": Follower(OCSORTTracker(frame_rate=rate)),
        "BoT-SORT": Follower(BoTSORTTracker(frame_rate=rate), pictures=True),
        "BoT-SORT, still camera": Follower(BoTSORTTracker(frame_rate=rate, enable_cmc=False)),
    }
    faces = seen.observations[seen.observations["source"] == PositionSource.DETECTED]
    for frame in video.frames():
        for follower in followers.values() if frame.index in cuts else ():
            follower.cut()
        here = faces[faces["frame"] == frame.index]
        if frame.index % every == 0 or len(here):
            picture = frame.rgb()
            for follower in followers.values():
                follower.look(here, frame.index, picture)
    return followers


def _apart(sight: Sight, track: Any) -> float:
    return float(np.abs(sight.box - track.get_state_bbox()).sum())


def _tracklet(number: int, path: list[Sight], seen: Evidence) -> Tracklet:
    """Return one track without gaps: boxes are interpolated between detections."""
    known = [sight.frame for sight in path]
    frames = np.arange(known[0], known[-1] + 1)
    corners = np.array([sight.box for sight in path]).T
    boxes = np.stack([np.interp(frames, known, corner) for corner in corners], axis=1)
    detected = np.isin(frames, known)
    faces = _of(path, seen.embedded)
    clothes = np.concatenate(list(seen.clothes))
    worn = clothes["histogram"][_of(path, clothes)]
    worn = worn[worn.any(axis=1)]
    return Tracklet(
        id=number,
        head=number,
        frames=frames,
        boxes=boxes.astype(np.float32),
        sources=np.where(detected, PositionSource.DETECTED, PositionSource.INTERPOLATED).astype(
            np.uint8
        ),
        scores=detected.astype(np.float32),
        embeddings=seen.embeddings[faces],
        embedded_frames=seen.embedded["frame"][faces],
        weights=seen.embedded["weight"][faces],
        appearance=worn.mean(axis=0) if len(worn) else np.zeros(BINS, np.float32),
    )


def _of(path: list[Sight], table: NDArray[np.void]) -> NDArray[np.int64]:
    """Return the rows of a table of frames and heads that are detections of this track."""
    own = {(sight.frame, sight.head) for sight in path}
    return np.array(
        [i for i, row in enumerate(table) if (int(row["frame"]), int(row["head"])) in own], np.int64
    )
