"""Fancams of scenes with known truth: members found, and confusions between people.

The demo scene and scenes of four members and one non-member from Labeled Faces in the Wild, with
YuNet and with the detectors available without downloads, with and without clothes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import av

from benchmarks.recording import known_scenes, save, settings, show
from closeup.fancam.options import FancamOptions
from closeup.open_models import Models
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.synthesis.scene import Scene
from closeup.testing import read_truth, score, write_members, write_scene
from closeup.testing.scoring import SceneScore

WAYS = (("yunet-n", True), ("yunet-n", False), ("closeup", True), ("mmod", True))
"""Detector, and whether clothes are used. Without YuNet, ``closeup`` is the default, or MMOD if
``Settings.commercial`` is set."""


def main() -> None:
    """Measure, print a table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="LFW scenes to play")
    parser.add_argument("--embedder", default="dlib-128", help="an ONNX file; writes nothing")
    arguments = parser.parse_args()
    embedder: str = arguments.embedder
    rows = [
        row
        for name, scene in known_scenes(arguments.seeds).items()
        for row in play(name, scene, embedder)
    ]
    if embedder == "dlib-128":
        save("scenes", {"rows": rows})
    show("Scenes with truth", rows)


def play(name: str, scene: Scene, embedder: str) -> list[dict[str, Any]]:
    """Write one scene and make its fancams with every configuration."""
    with tempfile.TemporaryDirectory() as folder:
        stage, members = Path(folder) / "stage.mp4", Path(folder) / "members"
        write_scene(scene, stage)
        write_members(scene, members)
        return [
            {
                "scene": name,
                "detector": detector,
                "clothes": clothes,
                **figures(stage, members, detector, embedder, clothes=clothes),
            }
            for detector, clothes in WAYS
        ]


def figures(
    stage: Path, members: Path, detector: str, embedder: str, *, clothes: bool
) -> dict[str, Any]:
    """Make the fancams once and compare them with the truth."""
    options = FancamOptions(appearance=clothes, video=clothes)
    out = stage.parent / f"{detector} {clothes}"
    made = make_fancams(
        stage, members, out, options,
        detector=detector, embedder=embedder, models=Models(settings()),
    )  # fmt: skip
    names = made.solution.names
    found = score(
        made.solution.trajectories,
        read_truth(stage),
        dict(zip(names, made.solution.paths, strict=True)),
        {name: count_frames(made.videos[name]) for name in names if name in made.videos},
    )
    return summary(found)


def summary(found: SceneScore) -> dict[str, Any]:
    """Return the figures of a table row."""
    visible = sum(member.visible for member in found.members)
    close = sum(member.inside_close for member in found.members)
    wide = sum(member.inside_wide for member in found.members)
    return {
        "idf1": round(found.identity.idf1, 4),
        "named_f1": round(found.identity.named_f1, 4),
        "hota": round(found.identity.hota, 4),
        "visible_frames": visible,
        "inside": round((close + wide) / visible, 4),
        "inside_close": round(close / visible, 4),
        "wrong_boxes": sum(member.wrong_boxes for member in found.members),
        "wrong_crops": sum(member.wrong_crops for member in found.members),
        "every_frame": all(member.frames == found.frames for member in found.members),
    }


def count_frames(video: Path) -> int:
    """Return the actual number of frames in a video file."""
    with av.open(str(video)) as container:
        return sum(1 for _ in container.decode(video=0))


if __name__ == "__main__":
    main()
