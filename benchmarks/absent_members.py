"""Photos of people who are not in the video: nobody may be named.

Each real clip (``real_clips.py``) is solved with the members of every other clip that shares no
person with it, and each composed scene (``hard_scenes.py``, seeds 12 and 13) with the photos of
five other people of the same sex and age group, as similar as members of one group are.

- ``folders``: folders of members that were tried, each by itself;
- ``members``, ``persons``: members in them, and persons in the video;
- ``shown``: percent of the frames in which any of these members is shown, mean of the folders;
- ``most shown``: the same for the worst folder;
- ``withheld``: percent of the frames in which somebody is probably one of them, but not surely
  enough to be shown.

All folders of a clip share one analysis. ``--keep FOLDER`` keeps scenes and analyses; ``--clip``
(a clip, or a kind of scene with its seed, as ``"practice 10"``) and ``--detector`` measure a part
and write nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.footage_runs import (
    Clip,
    Run,
    arguments,
    fancam,
    parsed,
    percent,
    runs,
    show_tables,
    workplace,
)
from benchmarks.hard_scenes import SEEDS, pool, scene_of
from benchmarks.real_clips import real_clips
from benchmarks.recording import save, settings, shared_data
from closeup.fancam.assign import NOBODY
from closeup.fancam.solution import Solution
from closeup.media.images import encode_jpeg
from closeup.open_models import Models
from closeup.protocols import FaceDetector
from closeup.testing.footage import FootageKind, cast_size, people_of
from closeup.tracks import Trajectory

OTHERS = 5
"""People whose photos are given for a composed scene that does not show them."""

SHARED = (
    {"jimin_stage", "bts_montage"},
    {"intel_stage", "intel_walk3"},
)
"""Clips of the same people."""


class Absent(NamedTuple):
    """A clip with folders of people who are not in it."""

    clip: Clip
    folders: Sequence[Path]


def main() -> None:
    """Measure, print the table and write the JSON."""
    parser = arguments(__doc__)
    parser.add_argument("--clip", action="append", help="by default all clips and scenes")
    wanted = parsed(parser, "absent_members")
    with workplace(wanted.keep) as folder:
        rows = [
            row
            for absent in (*of_clips(), *of_scenes(wanted.clip, folder))
            if not wanted.clip or absent.clip.name in wanted.clip
            for run in runs([absent.clip], wanted.detector, folder)
            for row in [row_of(run, absent.folders)]
        ]
    show_tables({"absent": rows})
    if not (wanted.clip or wanted.detector):
        save("absent_members", {"absent": rows})


def of_clips() -> Iterator[Absent]:
    """Yield the real clips, each with the members of the clips of other people."""
    clips = real_clips()
    for clip in clips:
        same = {clip.name}.union(*(names for names in SHARED if clip.name in names))
        others = {other.members: None for other in clips if other.name not in same}
        yield Absent(clip, list(others))


def of_scenes(names: Sequence[str] | None, folder: Path) -> Iterator[Absent]:
    """Yield the composed scenes, written into the folder unless they are there."""
    detector = Models(settings()).detector("closeup")
    for kind in FootageKind:
        for seed in SEEDS:
            place = folder / f"{kind} {seed}"
            if names and place.name not in names:
                continue
            clip = scene_of(kind, seed, place, detector)
            yield Absent(clip, [others_of(kind, seed, place / "absent", detector)])


def others_of(kind: FootageKind, seed: int, folder: Path, detector: FaceDetector) -> Path:
    """Write photos of people whom a scene does not show, of the same sex and age group."""
    cast = cast_size(kind)
    photos = shared_data() / "lfw" / "images"
    people = people_of(photos, pool(seed), detector, cast + OTHERS, seed)
    for name in list(people)[cast:]:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number, photo in enumerate(people[name].enrolled):
            (folder / name / f"{number}.jpg").write_bytes(encode_jpeg(photo.image, 95))
    return folder


def row_of(run: Run, folders: Sequence[Path]) -> dict[str, Any]:
    """Return the row of a clip and a detector."""
    found = [solved(run, folder) for folder in folders]
    shown = [float(anybody(own.trajectories).mean()) for own in found]
    return {
        "clip": run.clip.name,
        "detector": run.detector,
        "folders": len(folders),
        "members": sum(len(own.names) for own in found),
        "persons": len(found[0].assignment.persons),
        "shown": percent(float(np.mean(shown))),
        "most_shown": percent(max(shown)),
        "withheld": percent(float(np.mean([withheld(own) for own in found]))),
    }


def solved(run: Run, members: Path) -> Solution:
    """Return the solution of a clip with other members."""
    return fancam(run._replace(clip=run.clip._replace(members=members))).solution


def anybody(trajectories: Sequence[Trajectory]) -> NDArray[np.bool_]:
    """Return the frames in which any member is shown; (n,) bool."""
    return np.asarray(np.any([own.present for own in trajectories], axis=0))


def withheld(solution: Solution) -> float:
    """Return the share of the frames in which somebody is withheld."""
    frames = np.zeros(len(solution.seconds), bool)
    for row in np.flatnonzero(solution.assignment.withheld != NOBODY).tolist():
        frames[solution.tracklets[row].frames] = True
    return float(frames.mean())


if __name__ == "__main__":
    main()
