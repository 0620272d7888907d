"""Member detection by hair and clothes: a detector trained on automatic labels from faces.

Scenes of four members and one non-member from Labeled Faces in the Wild, with exact truth.
``closeup dataset members`` labels up to 300 frames of each by certain identities, and
a training as short as that of ``closeup fancam --self-train`` uses them. Measured on the
parts that were held out:

- ``auto``: mAP50 and mAP50-95 against the automatic labels, which lack members whose face is
  occluded for long.
- ``true``: the same against the truth: head and upper body of every member with at least half of
  the head visible, also from behind; less visible ones count neither way.
- ``minutes``: duration of the training.

    python -m benchmarks.members [--scenes N] [--epochs N] [--size N]
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import publish, settings, shared_data, show
from closeup.detection.yolo_members import YoloMemberDetector
from closeup.detections import Detections
from closeup.fancam.face_from_body import upper_bodies
from closeup.geometry import Size, areas
from closeup.labels import PictureLabels
from closeup.media.images import read_image
from closeup.metrics.average_precision import average_precision
from closeup.open_models import Models
from closeup.pipeline.fancams.member_pictures import MemberSet
from closeup.pipeline.fancams.member_search import SELF_TRAINING
from closeup.pipeline.fancams.member_set import build_member_set
from closeup.pipeline.training.detector_training import train_members
from closeup.progress import Silent
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.synthesis.truth import Truth
from closeup.testing import read_truth, write_members, write_scene

SCORE_THRESHOLD = 0.01
FIGURES = ("curves.png", "confusion.png")
"""Figures of the last training that are published; the others show people."""


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=SELF_TRAINING.training.epochs)
    parser.add_argument("--size", type=int, default=SELF_TRAINING.size)
    wanted = parser.parse_args()
    training = replace(SELF_TRAINING.training, epochs=wanted.epochs)
    options = replace(SELF_TRAINING, size=wanted.size, training=training)
    rows = []
    for seed in range(wanted.scenes):
        with tempfile.TemporaryDirectory() as folder:
            stage = Path(folder) / "stage.mp4"
            scene = lfw_scene(shared_data() / "lfw" / "images", seed)
            write_scene(scene, stage)
            write_members(scene, stage.parent / "members")
            made = build_member_set(
                stage, stage.parent / "members", stage.parent / "set",
                detector="yunet-n", models=Models(settings()),
            )  # fmt: skip
            model = stage.parent / "members.onnx"
            trained = train_members(made.data, model, options, progress=Silent())
            rows.append(row(seed, made, trained.document, model, read_truth(stage)))
            figures = {name: (trained.folder / name).read_bytes() for name in FIGURES}
    show("Members of a stage", rows)
    told = {"options": {"size": options.size, "epochs": wanted.epochs}, "rows": rows}
    results = publish("members", options.training.seed, told)
    for name, picture in figures.items():
        (results / name).write_bytes(picture)


def row(
    seed: int, made: MemberSet, document: dict[str, Any], model: Path, truth: Truth
) -> dict[str, Any]:
    """Return the results of one scene."""
    folder = made.data.parent / "images" / "val"
    detector = YoloMemberDetector(model.read_bytes(), model.name, score_threshold=SCORE_THRESHOLD)
    found, true = [], []
    for path in sorted(folder.glob("*.jpg")):
        image = read_image(path)
        seen = detector.detect(image)
        found.append(Detections(seen.boxes, seen.scores, seen.classes))
        size = Size.of(image)
        true.append(true_boxes(truth, int(path.stem), detector.names, size))
    against = average_precision(found, true, detector.names)
    worst = min(document["classes"].values(), key=lambda own: own["map50"])["map50"]
    return {
        "scene": f"lfw {seed}",
        "learnt": document["pictures"]["training"],
        "held_out": len(found),
        "auto_map50": round(document["figures"]["map50"], 3),
        "auto_map50_95": round(document["figures"]["map50_95"], 3),
        "auto_worst_member": round(worst, 3),
        "true_map50": round(against.map50, 3),
        "true_map50_95": round(against.map50_95, 3),
        "minutes": round(document["seconds"] / 60, 1),
    }


def true_boxes(truth: Truth, frame: int, names: tuple[str, ...], size: Size) -> PictureLabels:
    """Return the members in one frame, in pixels of a picture of that size."""
    scale = np.float32(size.width / truth.size.width)
    rows: NDArray[np.int64] = np.array([truth.person(name) for name in names])
    faces = (truth.boxes[frame, rows] + np.float32(0.5)) * scale - np.float32(0.5)
    there = np.flatnonzero(np.isfinite(faces[:, 0]))
    bodies = upper_bodies(faces[there], size)
    kept = areas(bodies) > 0
    there, bodies = there[kept], bodies[kept]
    return PictureLabels.of(bodies, there, ignored=~truth.visible[frame, rows[there]])


if __name__ == "__main__":
    main()
