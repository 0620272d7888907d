"""From observations to identities, trajectories and camera paths.

This step reads no video: it is quick enough to be repeated after every correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from closeup.camera_path import CameraPath
from closeup.executors.threads import ordered_map
from closeup.fancam.analysis import Analysis
from closeup.fancam.camera.body import seen_soles
from closeup.fancam.camera.plan import plan_camera
from closeup.fancam.corrections import Corrections
from closeup.fancam.fill import fill_gaps
from closeup.fancam.gap_filling import with_hidden
from closeup.fancam.identity_assignment import IdentityAssignment, Timeline, assign_members
from closeup.fancam.member_detections import MemberDetections
from closeup.fancam.member_tracks import trajectories
from closeup.fancam.options import FancamOptions
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.gallery import Gallery
from closeup.media.shots import find_cuts
from closeup.progress import Progress
from closeup.tracking.tracklets import build_tracklets
from closeup.tracks import Tracklet, Trajectory

_LONGEST_GAP = Fraction(1, 2)
"""Seconds for which a head may be lost within one tracklet."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """All decisions about a video.

    Attributes:
        names: Names of the members.
        size: Size of the stage video's frames in pixels.
        seconds: (n,) float64, time of each frame in seconds from the first one.
        cuts: Index of the first frame of every shot but the first.
        tracklets: Tracklets of the whole video, in the order of their ids.
        assignment: Identity assignment of the tracklets.
        trajectories: One trajectory a member, in the order of ``names``.
        paths: One camera path a member, in the same order.
        corrections: The corrections that were followed.

    """

    names: tuple[str, ...]
    size: Size
    seconds: NDArray[np.float64]
    cuts: Sequence[int]
    tracklets: Sequence[Tracklet]
    assignment: IdentityAssignment
    trajectories: Sequence[Trajectory]
    paths: Sequence[CameraPath]
    corrections: Corrections


def solve(
    analysis: Analysis,
    gallery: Gallery,
    corrections: Corrections,
    options: FancamOptions,
    progress: Progress,
    sight: MemberDetections | None = None,
    persons: MemberDetections | None = None,
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

    Raises:
        CorrectionsError: a correction names a tracklet or a member that does not exist, or a
            box outside the picture, or two of them contradict each other.

    """
    names, count = gallery.names, len(analysis.pts)
    seconds = analysis.seconds - analysis.seconds[0]
    progress.begin("identifying", None)
    cuts = find_cuts(_reported(analysis.thumbnails(), progress), analysis.rate)
    gap = max(1, round(_LONGEST_GAP * analysis.rate))
    tracklets = build_tracklets(analysis.evidence, cuts, count, gallery.calibration.split, gap)
    progress.advance(0)
    for line in corrections.check_crops(seconds, analysis.size):
        progress.say(line)
    timeline = Timeline(seconds, cuts, analysis.size)
    assignment = assign_members(
        tracklets, gallery, corrections, timeline, appearance=options.appearance
    )
    known = trajectories(names, tracklets, assignment, timeline)
    if sight:
        known = with_hidden(known, tracklets, assignment, sight, cuts)
    found = [fill_gaps(trajectory, seconds, cuts, options.max_gap) for trajectory in known]
    progress.begin("planning the cameras", count * len(names))

    def plan(trajectory: Trajectory) -> CameraPath:
        crops = corrections.crops_of(trajectory.name, names)
        soles = seen_soles(trajectory, persons, analysis.size) if persons else None
        return plan_camera(trajectory, seconds, cuts, analysis.size, options, crops, soles)

    paths = []
    for path in ordered_map(plan, found):  # the solver releases the interpreter's lock
        paths.append(path)
        progress.advance(count)
    return Solution(
        names, analysis.size, seconds, cuts, tracklets, assignment, found, paths, corrections
    )


def _reported(thumbnails: Iterable[RGBImage], progress: Progress) -> Iterator[RGBImage]:
    for thumbnail in thumbnails:
        progress.advance(0)
        yield thumbnail
