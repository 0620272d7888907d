"""What in a solution may be wrong, most doubtful first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.stretches import runs, shots
from closeup.fancam.reporting.doubt import Doubt, crop_fix
from closeup.fancam.reporting.doubtful_tracklets import doubtful_tracklets
from closeup.fancam.solution import Solution
from closeup.identity.gallery import Gallery
from closeup.tracks import Source

_ALIKE, _NOWHERE, _ONE_PHOTO, _CARRIED = 1.0, 0.9, 0.5, 0.5
"""How much each kind deserves a look; for a long time without a face it is the limit."""

_LONG = 2.0
"""Seconds without a face in sight after which a position may have drifted."""


def find_doubts(
    solution: Solution,
    gallery: Gallery,
    rejected: Mapping[str, int],
    edges: NDArray[np.float64],
) -> list[Doubt]:
    """All doubts about members, tracklets and places, the greatest first.

    Args:
        solution: Who is where.
        gallery: The members that it was solved for.
        rejected: Number of photos that were left out, by member.
        edges: (n + 1,) seconds at which the n frames begin, and the last one ends.

    """
    found = [
        *_members(solution, gallery, rejected, float(edges[-1])),
        *doubtful_tracklets(solution, edges),
        *_carried(solution, edges),
    ]
    return sorted(found, key=lambda doubt: -doubt.doubt)


def _members(
    solution: Solution, gallery: Gallery, rejected: Mapping[str, int], end: float
) -> Iterator[Doubt]:
    for a, b in gallery.same_people():
        why = f"{a} and {b} look like the same person; check their photos."
        yield Doubt(0, end, _ALIKE, why, members=(a, b))
    for trajectory, photos in zip(solution.trajectories, gallery.photos, strict=True):
        name = trajectory.name
        if not trajectory.present.any():
            why = f"{name} was found nowhere in the video; check the photos."
            yield Doubt(0, end, _NOWHERE, why, members=(name,))
        if photos == 1 and rejected.get(name):
            why = f"All photos of {name} but one were left out; add sharp ones of this face alone."
            yield Doubt(0, end, _ONE_PHOTO, why, members=(name,))


def _carried(solution: Solution, edges: NDArray[np.float64]) -> Iterator[Doubt]:
    """Long stretches in which a member's place is known only from flow, clothes or a line."""
    for trajectory, path in zip(solution.trajectories, solution.paths, strict=True):
        name, boxes = trajectory.name, path.boxes()
        unseen = trajectory.present & (trajectory.sources != Source.DETECTED)
        for shot in shots(len(trajectory), solution.cuts):
            for run in runs(unseen, shot):
                start, end = float(edges[run.start]), float(edges[run.stop])
                if end - start < _LONG:
                    continue
                middle = (run.start + run.stop) // 2
                tracklet = int(trajectory.tracklets[middle])
                yield Doubt(
                    start,
                    end,
                    _CARRIED * (1 - math.exp((start - end) / (2 * _LONG))),
                    f"{name} is followed for {end - start:.1f} s without a face in sight; "
                    "the crop may have drifted.",
                    None if tracklet < 0 else tracklet,
                    (name,),
                    (crop_fix(name, start, end, boxes[middle], solution.size),),
                )
