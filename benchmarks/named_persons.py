"""Fancams without photos: a fan names the persons of the video on the report's page.

On composed scenes (``hard_scenes.py``: practice and series, with the seeds for reported figures)
and on the real clips with labels (``real_clips.py``) the persons are found as by ``closeup fancam
--name-persons``. Every person who is seen for a tenth of the video is named as a fan would who
looks at its tile: by whoever most of its positions in labelled frames show, or nobody for people
who are not members and for what is no head. A name is not given twice to persons who are seen at
the same time, which the page refuses. Then the fancams are made

- ``photos``: from the members' folder alone, for comparison;
- ``named``: from the names alone;
- ``photos and named``: from both.

The columns are those of ``real_clips``; ``tiles`` is the number of lines in the corrections.
``--keep FOLDER`` keeps scenes and analyses; ``--seed`` and ``--kind`` measure other scenes and
write nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.footage_runs import (
    EMBEDDER,
    Run,
    parsed,
    runs,
    score_row,
    show_tables,
    total,
    workplace,
)
from benchmarks.hard_scenes import SEEDS, scene_arguments, scenes
from benchmarks.real_clips import real_clips
from benchmarks.recording import save
from closeup.fancam.options import FancamOptions
from closeup.geometry import Box
from closeup.pipeline.fancams.fancams import Fancams, make_fancams
from closeup.testing.footage import FootageKind
from closeup.testing.labelled_frames import REACH, LabelledFrames, LabelScore
from closeup.tracks import Tracklet, Trajectory

KINDS = (FootageKind.PRACTICE, FootageKind.SERIES)

_LASTING = 0.1
"""Share of the video from which a person is named."""


def main() -> None:
    """Measure, print tables and write the JSON."""
    wanted = parsed(scene_arguments(__doc__), "named_persons")
    with workplace(wanted.keep) as folder:
        clips = list(scenes(wanted.kind or KINDS, wanted.seed or SEEDS, folder))
        if not (wanted.kind or wanted.seed):
            clips += [clip for clip in real_clips() if clip.labels is not None]
        rows = measured(runs(clips, wanted.detector, folder))
    show_tables({"rows": rows})
    if not (wanted.kind or wanted.seed or wanted.detector):
        save("named_persons", {"rows": rows})


def measured(wanted: Sequence[Run]) -> list[dict[str, Any]]:
    """Return a row for each run and way, and one for each detector and way over all clips."""
    rows, scores = [], defaultdict(list)
    for run in wanted:
        for way, tiles, trajectories in ways(run):
            assert run.clip.labels is not None
            judged = run.clip.labels.judged(trajectories)
            score = LabelScore.of(judged, run.clip.labels.visible(own.name for own in trajectories))
            rows.append({**score_row(run.clip.name, run.detector, way, score), "tiles": tiles})
            scores[run.detector, way].append(score)
    for (detector, way), own in scores.items():
        rows.append({**score_row("all", detector, way, total(own)), "tiles": None})
    return rows


def ways(run: Run) -> Iterator[tuple[str, int, list[Trajectory]]]:
    """Yield each way with the number of lines and the members' trajectories."""
    assert run.clip.labels is not None
    fix = run.folder / f"named-{run.detector}.json"
    by_photos = list(made(run, photos=True, fix=None).solution.trajectories)
    yield "photos", 0, by_photos
    members = [own.name for own in by_photos]
    lines = named(made(run, photos=False, fix=None), run.clip.labels, members)
    fix.write_text(json.dumps({"persons": lines}))
    for way, photos in [("named", False), ("photos and named", True)]:
        found = {own.name: own for own in made(run, photos=photos, fix=fix).solution.trajectories}
        absent = {own.name: Trajectory.absent(own.name, len(own)) for own in by_photos}
        yield way, len(lines), [found.get(name, absent[name]) for name in members]


def made(run: Run, *, photos: bool, fix: Path | None) -> Fancams:
    """Return the fancams of a run without videos; all share one analysis."""
    return make_fancams(
        run.clip.video, run.clip.members if photos else None, run.folder / run.detector,
        FancamOptions(video=False), detector=run.detector, embedder=EMBEDDER, fix=fix,
        name_persons=not photos, models=run.models,
    )  # fmt: skip


def named(found: Fancams, labels: LabelledFrames, members: Sequence[str]) -> dict[str, str | None]:
    """Return the lines that a fan writes who names the lasting persons, the longest first."""
    lines: dict[str, str | None] = {}
    for row in found.report["persons"]:
        if row["seconds"] < _LASTING * found.report["video"]["seconds"]:
            continue
        shown = most_shown([found.solution.tracklets[t] for t in row["tracklets"]], labels)
        name = shown if shown in members else None
        at_once = [lines.get(str(other)) for other in row["conflicts"]]
        if not (name and name in at_once):
            lines[str(row["id"])] = name
    return lines


def most_shown(tracklets: Sequence[Tracklet], labels: LabelledFrames) -> str | None:
    """Return the name of the head that most labelled positions are on; None for no head."""
    votes: Counter[str | None] = Counter()
    for tracklet in tracklets:
        for frame, box in zip(tracklet.frames.tolist(), tracklet.boxes, strict=True):
            if frame in labels.heads:
                heads = {**labels.hidden.get(frame, {}), **labels.heads[frame]}
                votes[_nearest(heads, Box(*box.tolist()))] += 1
    return votes.most_common(1)[0][0] if votes else None


def _nearest(heads: Mapping[str, Box], position: Box) -> str | None:
    """The head whose middle is nearest to that of a position, if it is near."""
    found, least = None, REACH
    for name, head in heads.items():
        apart = np.abs(np.subtract(position.centre, head.centre)).max()
        if (away := float(apart) / max(head.width, head.height)) < least:
            found, least = name, away
    return found


if __name__ == "__main__":
    main()
