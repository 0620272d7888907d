"""A member who seems to be there twice: beside a mirror, or with a twin in the same clothes.

Composed dance practices of three members (``hard_scenes.py``: people, motion and room). With a
mirror on the right everybody has a reflection, as large as themselves or smaller; positions on
reflections count as ``nothing``. With a twin, who is not enrolled, it cannot be known which of the
two is the member: what is shown of this member alone is listed, and should be nothing. The twin
moves by itself, in step, or opposite, as a reflection would, an instant late.

The columns are those of ``real_clips``. Seeds below 10 are for tuning; by default seeds 10 and 11
are measured. ``--seed``, ``--scene`` and ``--detector`` write nothing. ``--keep FOLDER`` keeps
scenes and analyses.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.footage_runs import (
    Clip,
    arguments,
    fancam,
    markdown_tables,
    runs,
    score_row,
    show_tables,
    total,
    workplace,
)
from benchmarks.hard_scenes import SEEDS, pool
from benchmarks.recording import RESULTS, save, settings, shared_data
from closeup.open_models import Models
from closeup.synthesis.scene import Scene
from closeup.testing import read_truth, write_members, write_scene
from closeup.testing.footage import FootageKind, footage_scene, people_of
from closeup.testing.labelled_frames import LabelledFrames, LabelScore
from closeup.testing.mirrors import TWIN, TwinKind, with_mirror, with_twin

MEMBERS = 3

SCENES: Mapping[str, Callable[[Scene], Scene]] = {
    "mirror": with_mirror,
    "far mirror": partial(with_mirror, scale=0.75),
    **{f"twin {kind}": partial(with_twin, kind=kind) for kind in TwinKind},
}
"""Name of each kind of scene → what makes it of a dance practice."""


def main() -> None:
    """Measure, print the table and write the JSON."""
    parser = arguments(__doc__)
    parser.add_argument("--scene", action="append", choices=SCENES)
    parser.add_argument("--seed", action="append", type=int, help="by default 10 and 11")
    wanted = parser.parse_args()
    if wanted.table:
        print(markdown_tables(json.loads((RESULTS / "mirrors.json").read_text())))
        return
    with workplace(wanted.keep) as folder:
        clips = composed(wanted.scene or list(SCENES), wanted.seed or SEEDS, folder)
        rows = measured(clips, wanted.detector, folder)
    show_tables({"rows": rows})
    if not (wanted.seed or wanted.scene or wanted.detector):
        save("mirrors", {"rows": rows})


def composed(names: Sequence[str], seeds: Sequence[int], folder: Path) -> dict[str, list[Clip]]:
    """Return the clips of each kind of scene, written into the folder unless they are there."""
    detector = Models(settings()).detector("closeup")
    clips: dict[str, list[Clip]] = defaultdict(list)
    for seed in seeds:
        photos = shared_data() / "lfw" / "images"
        people = people_of(photos, pool(seed), detector, MEMBERS, seed)
        practice = footage_scene(FootageKind.PRACTICE, people, seed, members=MEMBERS)
        for name in names:
            video = folder / f"{name} {seed}" / "stage.mp4"
            if not video.exists():
                scene = SCENES[name](practice)
                write_members(scene, video.with_name("members"))
                write_scene(scene, video)
            labels = LabelledFrames.of(read_truth(video))
            clips[name].append(Clip(video.parent.name, video, video.with_name("members"), labels))
    return clips


def measured(
    clips: Mapping[str, Sequence[Clip]], detectors: Sequence[str] | None, folder: Path
) -> list[dict[str, Any]]:
    """Return a row for each detector and clip, and one for each detector and kind of scene."""
    rows = []
    for name, own in clips.items():
        scores: dict[str, list[LabelScore]] = defaultdict(list)
        for run in runs(own, detectors, folder):
            assert run.clip.labels is not None
            trajectories = fancam(run).solution.trajectories
            if name.startswith("twin"):
                twins = {
                    label.removesuffix("'s twin")
                    for label in read_truth(run.clip.video).names
                    if label.endswith("'s twin")
                }
                trajectories = [own for own in trajectories if own.name in twins]
            judged = run.clip.labels.judged(trajectories)
            score = LabelScore.of(judged, run.clip.labels.visible(t.name for t in trajectories))
            rows.append(score_row(run.clip.name, run.detector, "fancam", score))
            scores[run.detector].append(score)
        rows += [score_row(f"all: {name}", d, "fancam", total(s)) for d, s in scores.items()]
    return rows


def twin_of(clip: Clip) -> str:
    """Return the name of the member who has a twin."""
    (twin,) = (name for name in read_truth(clip.video).names if name.endswith(TWIN))
    return twin.removesuffix(TWIN)


if __name__ == "__main__":
    main()
