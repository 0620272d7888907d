"""What ``closeup fancam --self-train`` brings: members found, and never anybody else.

Scenes with known truth (see :mod:`benchmarks.scenes`), faces by YuNet, with and without clothes,
each without and with a detector of the members that the video itself teaches.

- ``idf1``: of the positions, as in :mod:`benchmarks.scenes`.
- ``found_s``: seconds in which a member is found, of the ``visible_s`` in which at least half of
  the head is to be seen, whatever side it shows; all members together.
- ``hidden_found``: share of the frames in which a head is to be seen but not its face.
- ``wrong_boxes``: positions of a member that lie on somebody else.
- ``minutes``: what self-training takes beyond the first pass: labels, training, second pass.

    python -m benchmarks.self_training [--scenes NAME…]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recording import known_scenes, save, settings, show
from closeup.fancam.options import FancamOptions
from closeup.pipeline.fancams import make_fancams
from closeup.testing import read_truth, score, write_members, write_scene
from closeup.testing.identity_metrics import overlaps
from closeup.testing.scene import Scene
from closeup.testing.scoring import SAME
from closeup.testing.truth import Truth
from closeup.tracks import Trajectory


def main() -> None:
    """Measure, print a table and write the JSON."""
    scenes = known_scenes(3)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", nargs="+", choices=list(scenes), default=list(scenes))
    chosen = parser.parse_args().scenes
    rows = [row for name in chosen for row in play(name, scenes[name])]
    save("self_training", {"rows": rows})
    show("Self-training on scenes with truth", rows)


def play(name: str, scene: Scene) -> list[dict[str, Any]]:
    """Do the main job on one scene in all four ways."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        stage, members = Path(folder) / "stage.mp4", Path(folder) / "members"
        write_scene(scene, stage)
        write_members(scene, members)
        truth = read_truth(stage)
        for clothes in (True, False):
            out = Path(folder) / f"clothes {clothes}"
            for taught in (False, True):
                options = FancamOptions(
                    detector="yunet-n", video=False, appearance=clothes, self_train=taught
                )
                start = time.monotonic()
                made = make_fancams(stage, members, out, options, settings=settings())
                minutes = (time.monotonic() - start) / 60 if taught else None
                rows.append(
                    {
                        "scene": name,
                        "clothes": clothes,
                        "self_trained": taught,
                        **figures(made.solution.trajectories, truth),
                        "minutes": minutes and round(minutes, 1),
                    }
                )
    return rows


def figures(trajectories: Sequence[Trajectory], truth: Truth) -> dict[str, Any]:
    """Of one run."""
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
