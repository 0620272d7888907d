"""Quality of head tracking inside a shot, compared with the package ``trackers``.

On scenes with known truth our tracker runs as in ``closeup fancam`` (on every fifth frame, with
and without clothes) and on every frame. ByteTrack, OC-SORT and BoT-SORT (with its compensation
for a moving camera, and without) get exactly the detections of ours. They have the
package's default parameters and restart at every cut; the first detection of a track, which
they leave unnumbered, is added to it, and boxes are interpolated between its detections.

A track has a number, not a name, and the truth is one identity for each person in each shot.
``mixed`` counts the tracks that lie at least once on another person than the one they lie on
most, ``wrong`` the frames in which they do; ``switches`` are changes of track on one person
(CLEAR's IDSW). A position on a track's own person counts neither way while that person is hidden.
Then identity assignment names the tracks of each tracker, by our embeddings and clothing evidence
for these detections: ``named F1`` is the F1 score of the members' positions, ``strangers`` the
frames in which a member's position is on another person. Time is processor time of
association alone, over all frames of the video, also if only every fifth is used;
ours includes the optical flow through all frames and the colours of the clothes.

How to read it: IDF1 and AssA favour trackers that join most. Ours does not: it ends a track in
doubt, because face evidence can rejoin two tracks of one person, but nothing splits a mixed track.
So the choice is based on ``mixed``, ``wrong`` and the named columns, and on every fifth frame,
where motion at constant speed predicts little: there ByteTrack has the best IDF1 and only ours
mixes no people. On every frame, as they are designed for, ByteTrack and BoT-SORT without
compensation are as good as ours or better, and faster, but then five times as many frames are
searched for faces.

All this is valid for stages like these: synthetic, at most five people, and a static camera in
each shot, which is unsuitable for BoT-SORT's compensation: it takes the dancers' motion for the
camera's. Ours was developed on such scenes, the others have parameters for pedestrians.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import cv2
import numpy as np
from numpy.typing import NDArray
from trackers.eval import compute_clear_metrics, compute_hota_metrics, compute_identity_metrics

from benchmarks.followers import follow
from benchmarks.recording import Stopwatch, known_scenes, save, settings, show
from closeup.fancam import analysis, frame_preparation
from closeup.fancam.analysis_store import AnalysisStore
from closeup.fancam.corrections import Corrections
from closeup.fancam.fill import fill_gaps
from closeup.fancam.identity_assignment import Timeline, assign_members
from closeup.fancam.member_tracks import trajectories
from closeup.fancam.options import FancamOptions
from closeup.identity.gallery import Gallery
from closeup.media.shots import find_cuts
from closeup.media.video_reader import open_video
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.testing import Truth, read_truth, score, write_members, write_scene
from closeup.testing.identity_metrics import overlaps
from closeup.testing.scoring import SAME
from closeup.tracking.clothes import colour_bins
from closeup.tracking.head_tracker import HeadTracker
from closeup.tracking.tracklets import Evidence, build_tracklets
from closeup.tracks import Tracklet


class TimedTracker(HeadTracker):
    """Our tracker, with the time of each of its calls added to a stopwatch."""

    def __init__(self, watch: Stopwatch, *, appearance: bool) -> None:
        super().__init__(appearance=appearance)
        self.step = watch.around(super().step)  # type: ignore[method-assign]
        self.correct = watch.around(super().correct)  # type: ignore[method-assign]


class Networks(NamedTuple):
    """The networks for detection and embedding of faces."""

    detector: FaceDetector
    embedder: Embedder


class Stage(NamedTuple):
    """A video, its truth, and the members to be found in it."""

    video: Path
    truth: Truth
    gallery: Gallery


class Result(NamedTuple):
    """Tracks of a video by one tracker, and its processor seconds."""

    tracklets: list[Tracklet]
    seconds: float


class Seen(NamedTuple):
    """Detections of the analysis, every few frames, and our tracker's result."""

    result: Result
    evidence: Evidence
    cuts: Sequence[int]
    every: int


def main() -> None:
    """Measure, print a table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="LFW scenes besides the demo scene")
    parser.add_argument("--detector", default="yunet-n")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)  # otherwise the processor time of one thread would be incomplete
    here = settings()
    networks = Networks(
        open_detector(arguments.detector, settings=here, progress=Silent(), threads=1),
        open_embedder(settings=here, threads=1),
    )
    rows = []
    for name, scene in known_scenes(arguments.seeds).items():
        with tempfile.TemporaryDirectory() as folder:
            video, members = Path(folder) / "stage.mp4", Path(folder) / "members"
            write_scene(scene, video)
            write_members(scene, members)
            gallery = Gallery.enrol(members, *networks)
            stage = Stage(video, read_truth(video), gallery)
            rows += [{"scene": name, **row} for row in compare(stage, networks)]
    total = over_scenes(rows)
    save("tracking", {"detector": arguments.detector, "all": total, "rows": rows})
    show(f"Tracks inside shots, faces found by {arguments.detector}", rows)
    show("All scenes: means of scores and times, sums of counts", total)


def compare(stage: Stage, networks: Networks) -> list[dict[str, Any]]:
    """Return a row for every tracker on one stage."""
    rows = []
    for options in (FancamOptions(appearance=False), FancamOptions(), FancamOptions(every=1)):
        seen = watch_stage(stage, networks, options)
        results = {"closeup" if options.appearance else "closeup, no clothes": seen.result}
        if options.appearance:
            results |= rivals(stage, seen)
        rows += [
            {
                "every": seen.every,
                "tracker": name,
                **tracks_row(result.tracklets, stage.truth),
                **named_row(result.tracklets, stage, seen.cuts, options),
                "ms_a_frame": round(1000 * result.seconds / len(stage.truth), 2),
            }
            for name, result in results.items()
        ]
    return rows


def watch_stage(stage: Stage, networks: Networks, options: FancamOptions) -> Seen:
    """Analyse the stage as ``closeup fancam`` does."""
    watch = Stopwatch()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_video(stage.video) as video,
        mock.patch.object(frame_preparation, "colour_bins", watch.around(colour_bins)),
    ):
        store = AnalysisStore(Path(folder), {})
        tracker = TimedTracker(watch, appearance=options.appearance)
        found = analysis.analyse(video, *networks, tracker, store, options, Silent())
        cuts = find_cuts(found.thumbnails(), found.rate)
    split = stage.gallery.calibration.split
    tracklets = watch.around(build_tracklets)(found.evidence, cuts, len(found.pts), split)
    every = analysis.key_distance(found.rate, options)
    return Seen(Result(tracklets, watch.seconds), found.evidence, cuts, every)


def rivals(stage: Stage, seen: Seen) -> dict[str, Result]:
    """Run the package's trackers on the same faces in the same frames."""
    with open_video(stage.video) as video:
        followers = follow(video, seen.evidence, seen.cuts, seen.every)
    return {
        name: Result(follower.tracklets(seen.evidence), follower.seconds)
        for name, follower in followers.items()
    }


def tracks_row(tracklets: list[Tracklet], truth: Truth) -> dict[str, Any]:
    """Compare unnamed tracks with the truth."""
    places = np.full((len(tracklets), len(truth), 4), np.nan, np.float32)
    for boxes, tracklet in zip(places, tracklets, strict=True):
        boxes[tracklet.frames] = tracklet.boxes
    given = ~np.isnan(places[..., 0])
    shares = np.stack([overlaps(boxes, truth) for boxes in places])
    rows, owners = np.arange(len(shares)), (shares >= SAME).sum(axis=1).argmax(axis=1)
    own = shares[rows, :, owners] >= SAME
    elsewhere = shares * truth.visible >= SAME
    elsewhere[rows, :, owners] = False
    wrong = given & ~own & elsewhere.any(axis=2)
    return {
        **metrics(shares, given & (truth.visible[:, owners].T | ~own), truth),
        "tracks": len(tracklets),
        "mixed": int(wrong.any(axis=1).sum()),
        "wrong": int(wrong.sum()),
    }


def metrics(
    shares: NDArray[np.float32], counted: NDArray[np.bool_], truth: Truth
) -> dict[str, Any]:
    """Compute IDF1, HOTA and CLEAR with the package.

    Args:
        shares: (tracks, frames, people) intersection over union.
        counted: (tracks, frames) bool, whether a position counts.
        truth: Truth of the scene.

    """
    shots = np.searchsorted(truth.cuts, np.arange(len(truth)), side="right")
    people = [np.flatnonzero(row) for row in truth.visible]
    real = [shot * len(truth.names) + row for shot, row in zip(shots, people, strict=True)]
    given = [np.flatnonzero(column) for column in counted.T]
    pairs = [
        shares[rows, frame][:, columns].T.astype(np.float64)
        for frame, (columns, rows) in enumerate(zip(people, given, strict=True))
    ]
    paired = compute_identity_metrics(real, given, pairs, threshold=SAME)
    accuracy = compute_hota_metrics(real, given, pairs)
    clear = compute_clear_metrics(real, given, pairs, threshold=SAME)
    return {
        "IDF1": round(float(paired["IDF1"]), 4),
        "HOTA": round(float(accuracy["HOTA"]), 4),
        "AssA": round(float(accuracy["AssA"]), 4),
        "switches": int(clear["IDSW"]),
    }


def named_row(
    tracklets: list[Tracklet], stage: Stage, cuts: Sequence[int], options: FancamOptions
) -> dict[str, Any]:
    """Name the tracks by identity assignment, and compare the members with the truth."""
    truth, gallery = stage.truth, stage.gallery
    seconds = np.arange(len(truth)) / float(truth.rate)
    timeline = Timeline(seconds, cuts, truth.size)
    cast = assign_members(
        tracklets, gallery, Corrections(), timeline, appearance=options.appearance
    )
    found = score(
        (
            fill_gaps(trajectory, seconds, cuts, options.max_gap)
            for trajectory in trajectories(gallery.names, tracklets, cast, timeline)
        ),
        truth,
    )
    return {
        "named_F1": round(found.identity.named_f1, 4),
        "strangers": sum(member.wrong_boxes for member in found.members),
    }


def over_scenes(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per tracker: sums of whole numbers, means of the others."""
    groups: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["every"], row["tracker"]].append(row)
    return [
        {
            "every": every,
            "tracker": tracker,
            **{
                name: sum(row[name] for row in group)
                if isinstance(value, int)
                else round(float(np.mean([row[name] for row in group])), 4)
                for name, value in group[0].items()
                if name not in {"scene", "every", "tracker"}
            },
        }
        for (every, tracker), group in groups.items()
    ]


if __name__ == "__main__":
    main()
