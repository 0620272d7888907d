"""Effect of ``closeup fancam --self-train`` on members found and on confusions.

Scenes with known truth (see :mod:`benchmarks.scenes`), faces by YuNet, with clothing evidence, each
without and with a detector of the members trained on the video itself. In "lfw 0, turned
away" every member's back is to the camera for the last two thirds of each shot, four seconds:
longer than tracking by clothes alone lasts.

- ``idf1``: IDF1 of the positions, as in :mod:`benchmarks.scenes`.
- ``found_s``: seconds in which a member is found, of the ``visible_s`` in which at least half of
  the head is visible, from any side; summed over all members.
- ``hidden_found``: share found of the frames in which a head is visible but not its face.
- ``wrong_boxes``: positions of a member on another person.
- ``minutes``: duration of the training.

    python -m benchmarks.self_training [--scenes NAME…] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.detector_figures import draw_seconds
from benchmarks.recording import known_scenes, publish, settings, show
from closeup.fancam.options import FancamOptions
from closeup.open_models import Models
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.pipeline.fancams.member_search import DETECTOR, SELF_TRAINING, TRAINED
from closeup.synthesis.figures import Look
from closeup.synthesis.motion import Act, Passage
from closeup.synthesis.scene import Scene
from closeup.synthesis.truth import Truth
from closeup.testing import read_truth, score, write_members, write_scene
from closeup.testing.identity_metrics import overlaps
from closeup.testing.scoring import SAME
from closeup.tracks import Trajectory


def main() -> None:
    """Measure, print a table and write the JSON."""
    scenes = known_scenes(1)
    scenes["lfw 0, turned away"] = turned_away(scenes["lfw 0"])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", nargs="+", choices=list(scenes), default=list(scenes))
    parser.add_argument("--folder", type=Path, help="keep all of it here, or go on from there")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as unkept:
        folder = wanted.folder or Path(unkept)
        rows = [row for name in wanted.scenes for row in play(scenes[name], folder / name, name)]
    show("Self-training on scenes with truth", rows)
    results = publish("self-training", SELF_TRAINING.training.seed, {"rows": rows})
    draw_seconds(results / "seconds.png", rows)


def turned_away(scene: Scene) -> Scene:
    """Return the scene with faces visible in the first third of each shot only."""
    members = {own.name for own in scene.performers if own.member}

    def shown(act: Act, seconds: float) -> Act:
        away = Passage(Look.BACK, seconds / 3, seconds)
        return replace(act, passages=(away,)) if act.performer in members else act

    shots = [
        replace(shot, acts=tuple(shown(act, shot.seconds) for act in shot.acts))
        for shot in scene.shots
    ]
    return replace(scene, shots=tuple(shots))


def play(scene: Scene, folder: Path, name: str) -> list[dict[str, Any]]:
    """Make the fancams of one scene with both configurations."""
    stage, members = folder / "stage.mp4", folder / "members"
    if not members.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_scene(scene, stage)
        write_members(scene, members)
    truth = read_truth(stage)
    rows = []
    out = folder / "fancams"
    for taught in (False, True):
        options = FancamOptions(video=False, self_train=taught)
        made = make_fancams(
            stage, members, out, options, detector="yunet-n", models=Models(settings())
        )
        rows.append(
            {
                "scene": name,
                "self_trained": taught,
                **figures(made.solution.trajectories, truth),
                "minutes": minutes(out / TRAINED) if taught else None,
            }
        )
    return rows


def minutes(folder: Path) -> float:
    """Return the duration of the training in a folder, in minutes."""
    document = (folder / DETECTOR).with_suffix(".json")
    seconds = float(json.loads(document.read_text())["seconds"])
    return round(seconds / 60, 1)


def figures(trajectories: Sequence[Trajectory], truth: Truth) -> dict[str, Any]:
    """Return the figures of one run."""
    found = score(trajectories, truth)
    hidden = hits = 0
    for trajectory in trajectories:
        own = truth.person(trajectory.name)
        behind = truth.visible[:, own] & ~truth.face_visible[:, own]
        on_self = overlaps(trajectory.boxes, truth)[:, own] >= SAME
        hidden += int(behind.sum())
        hits += int(np.count_nonzero(behind & on_self))
    rate = float(truth.rate)
    return {
        "idf1": round(found.identity.idf1, 4),
        "visible_s": round(sum(member.visible for member in found.members) / rate, 1),
        "found_s": round(sum(member.found for member in found.members) / rate, 1),
        "hidden_found": round(hits / max(hidden, 1), 3),
        "wrong_boxes": sum(member.wrong_boxes for member in found.members),
    }


if __name__ == "__main__":
    main()
