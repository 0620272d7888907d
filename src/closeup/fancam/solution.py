"""From observations to identities, trajectories and camera paths.

This step reads no video: it is quick enough to be repeated after every correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from closeup.camera_path import CameraPath
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.executors.threads import ordered_map
from closeup.fancam.analysis import Analysis
from closeup.fancam.camera.body import seen_soles
from closeup.fancam.camera.plan import plan_camera
from closeup.fancam.corrections import Corrections
from closeup.fancam.embedding_adaptation import EmbeddingAdaptation, adapt_embedding
from closeup.fancam.fill import fill_gaps
from closeup.fancam.gap_filling import with_hidden
from closeup.fancam.identity_assignment import IdentityAssignment, Timeline, assign_members
from closeup.fancam.member_detections import MemberDetections
from closeup.fancam.member_tracks import trajectories
from closeup.fancam.options import FancamOptions
from closeup.fancam.visibility import SeenFaces, seen_only
from closeup.frames import RGBImage
from closeup.geometry import Box, Size, centres_of
from closeup.identity.gallery import Gallery
from closeup.media.bars import active_areas
from closeup.media.shots import Shots, StructureShotDetector, find_shots
from closeup.progress import Progress
from closeup.protocols import ShotDetector
from closeup.tracking.tracklets import Evidence, build_tracklets
from closeup.tracks import Tracklet, Trajectory

_LONGEST_GAP = Fraction(1, 2)
"""Seconds for which a head may be lost within one tracklet."""
_INSIDE = 0.5
"""Minimum share of a head's frames in one shot in which its centre is between the bars."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """All decisions about a video.

    Attributes:
        names: Names of the members.
        size: Size of the stage video's frames in pixels.
        seconds: (n,) float64, time of each frame in seconds from the first one.
        cuts: Index of the first frame of every shot but the first.
        areas: The part of the picture without bars, one box a shot.
        tracklets: Tracklets of the whole video, in the order of their ids.
        assignment: Identity assignment of the tracklets.
        trajectories: One trajectory a member, in the order of ``names``; a member who is hidden for
            a moment has no position.
        paths: One camera path a member, in the same order; they go on in such a moment.
        corrections: The corrections that were followed.
        adaptation: How the embedding was adapted to the video; None if the options do not ask for
            it.

    """

    names: tuple[str, ...]
    size: Size
    seconds: NDArray[np.float64]
    cuts: Sequence[int]
    areas: Sequence[Box]
    tracklets: Sequence[Tracklet]
    assignment: IdentityAssignment
    trajectories: Sequence[Trajectory]
    paths: Sequence[CameraPath]
    corrections: Corrections
    adaptation: EmbeddingAdaptation | None = None


def solve(
    analysis: Analysis,
    gallery: Gallery,
    corrections: Corrections,
    options: FancamOptions,
    progress: Progress,
    sight: MemberDetections | None = None,
    persons: MemberDetections | None = None,
    shot_detector: ShotDetector | None = None,
) -> Solution:
    """Find shots, tracklets, identities, trajectories and camera paths.

    Args:
        analysis: Observations of the video.
        gallery: The members.
        corrections: Corrections by a person.
        options: Choices for the videos.
        progress: Receives two stages.
        sight: Boxes found by a detector of the members; None without one.
        persons: Boxes found by a detector of persons; None without one.
        shot_detector: Finds the cuts; None for Closeup's own.

    Raises:
        CorrectionsError: a correction names a tracklet or a member that does not exist, or a
            box outside the picture, or two of them contradict each other.

    """
    names, count = gallery.names, len(analysis.pts)
    seconds = analysis.seconds - analysis.seconds[0]
    progress.begin("identifying", None)
    shots = cuts, areas = _shots(analysis, shot_detector or StructureShotDetector(), progress)
    tracklets = _tracklets(analysis, shots, gallery.calibration)
    progress.advance(0)
    for line in corrections.check_crops(seconds, analysis.size):
        progress.say(line)
    timeline = Timeline(seconds, cuts, analysis.size)
    adaptation = _adaptation(tracklets, gallery, progress) if options.adapt else None
    assignment = _assignment(tracklets, gallery, adaptation, corrections, timeline, options)
    known = trajectories(names, tracklets, assignment, timeline)
    if sight:
        known = with_hidden(known, tracklets, assignment, sight, cuts)
    found = _visible(known, tracklets, assignment, timeline, options.max_gap)
    progress.begin("planning the cameras", count * len(names))

    def plan(trajectory: Trajectory) -> CameraPath:
        crops = corrections.crops_of(trajectory.name, names)
        soles = seen_soles(trajectory, persons, analysis.size) if persons else None
        return plan_camera(trajectory, seconds, cuts, analysis.size, options, crops, soles, areas)

    # The camera goes on where the member is hidden for a short time.
    bridged = [fill_gaps(own, seconds, cuts, options.max_gap) for own in known]
    paths = []
    for path in ordered_map(plan, bridged):  # the solver releases the interpreter's lock
        paths.append(path)
        progress.advance(count)
    return Solution(
        names, analysis.size, seconds, cuts, areas, tracklets, assignment, found, paths,
        corrections, adaptation,
    )  # fmt: skip


def _adaptation(
    tracklets: Sequence[Tracklet], gallery: Gallery, progress: Progress
) -> EmbeddingAdaptation:
    """The embedding adapted to the video, as one line says."""
    adaptation = adapt_embedding(tracklets, gallery)
    progress.say(adaptation.line)
    return adaptation


def _assignment(
    tracklets: Sequence[Tracklet],
    gallery: Gallery,
    adaptation: EmbeddingAdaptation | None,
    corrections: Corrections,
    timeline: Timeline,
    options: FancamOptions,
) -> IdentityAssignment:
    """The members of the tracklets, as far as the risk allows to name them."""
    if adaptation is not None:
        tracklets, gallery = adaptation.of_tracklets(tracklets), adaptation.of_gallery(gallery)
    found = assign_members(tracklets, gallery, corrections, timeline, appearance=options.appearance)
    return found.within(options.risk)


def _visible(
    known: Sequence[Trajectory],
    tracklets: Sequence[Tracklet],
    assignment: IdentityAssignment,
    timeline: Timeline,
    max_gap: float,
) -> list[Trajectory]:
    """Trajectories with short gaps filled, except where the head cannot be seen."""
    faces = SeenFaces(tracklets)
    filled = [
        fill_gaps(own, timeline.seconds, timeline.cuts, max_gap, plausible=True) for own in known
    ]
    return [
        seen_only(own, member, faces, assignment, timeline.size)
        for member, own in enumerate(filled)
    ]


def _shots(analysis: Analysis, detector: ShotDetector, progress: Progress) -> Shots:
    """The shots by a detector, which runs once for an analysis: its cuts are kept there."""
    borders, cuts = analysis.borders(), analysis.store.cuts(detector.name)
    if cuts is not None:
        return Shots(cuts, active_areas(borders, cuts))
    shots = find_shots(
        lambda: _reported(analysis.thumbnails(), progress), borders, analysis.rate, detector
    )
    analysis.store.keep_cuts(detector.name, shots.cuts)
    return shots


def _tracklets(
    analysis: Analysis, shots: Shots, calibration: EmbeddingCalibration
) -> list[Tracklet]:
    """The tracklets of the heads between the bars of each shot."""
    evidence = between_bars(analysis.evidence, *shots)
    gap = max(1, round(_LONGEST_GAP * analysis.rate))
    return build_tracklets(evidence, shots.cuts, len(analysis.pts), calibration.split, gap)


def between_bars(evidence: Evidence, cuts: Sequence[int], areas: Sequence[Box]) -> Evidence:
    """The evidence without heads that are in a bar for most of a shot, as in a logo there."""
    rows = evidence.observations
    shot = np.searchsorted(np.asarray(cuts, np.int64), rows["frame"], side="right")
    edges = np.array([astuple(area) for area in areas])[shot]
    centres = centres_of(rows["box"])
    inside = np.all((centres >= edges[:, :2]) & (centres <= edges[:, 2:]), axis=1)
    _, group = np.unique(np.column_stack([rows["head"], shot]), axis=0, return_inverse=True)
    group = group.reshape(-1)
    share = np.bincount(group, inside) / np.maximum(np.bincount(group), 1)
    return replace(evidence, observations=rows[share[group] >= _INSIDE])


def _reported(thumbnails: Iterable[RGBImage], progress: Progress) -> Iterator[RGBImage]:
    """The same thumbnails; the user may cancel at each."""
    for thumbnail in thumbnails:
        progress.advance(0)
        yield thumbnail
