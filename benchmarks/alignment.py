"""Compares landmarkers for face alignment, and locates dlib's five points in the ArcFace template.

The photos are from LFW, with hand-set eye centres, nose tips and mouth corners. The template's
points for dlib are medians over one half of the people (``eyes/truth_train.csv``); the errors are
measured on the others (``eyes/truth_validation.csv``).

- ``arcface112 px``: mean distance of the template's five points from their positions by the
  hand-set points, in pixels of the chip of 112×112; median and 95th percentile.
- ``from yunet px``: the same distance from the positions by YuNet's points.
- ``eyes``: the larger of the two eyes' errors over the eye distance, median.
- ``degrees``: error of the angle of the line between the eyes, median.

    python -m benchmarks.alignment [--every N]
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import save, settings, shared_data, show
from closeup.geometry import centres_of
from closeup.landmarks.five_points import five_points
from closeup.landmarks.templates import ARCFACE_POINTS, arcface
from closeup.media.images import read_image
from closeup.opening import open_detector, open_landmarker
from closeup.progress import Silent

Points = NDArray[np.floating]
PARTS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")


class Face(NamedTuple):
    """Points of one face from each landmarker and from the labels."""

    truth: Points
    yunet: Points
    five: Points
    sixty_eight: Points


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=2, help="use every Nth photo only")
    every: int = parser.parse_args().every
    train, others = (faces_of(f"truth_{name}.csv", every) for name in ("train", "validation"))
    anchors = np.median([arcface(face.truth).apply(face.five) for face in train], axis=0)
    print("dlib's five points in the template:", anchors.round(1).tolist())
    sources = {
        "yunet's points": [face.yunet for face in others],
        "dlib's 5 points": list(five_points(np.array([face.five for face in others]))),
        "dlib's 68 points": list(five_points(np.array([face.sixty_eight for face in others]))),
    }
    rows = [{"points": name, **errors(found, others)} for name, found in sources.items()]
    show(f"alignment of {len(others)} faces", rows)
    save(
        "alignment",
        {"anchors": anchors.round(2).tolist(), "measured on": len(train), "errors": rows,
         "faces": len(others)},
    )  # fmt: skip


def faces_of(table: str, every: int) -> list[Face]:
    """Return the faces of one table that YuNet finds, with all points."""
    here = settings()
    detector = open_detector("yunet-n", settings=here, progress=Silent())
    five, sixty_eight = (open_landmarker(f"dlib-{k}-points", settings=here) for k in (5, 68))
    with (shared_data() / "eyes" / table).open(newline="") as file:
        rows = list(csv.DictReader(file))[::every]
    found = []
    for row in rows:
        image = read_image(shared_data() / "lfw" / "images" / Path(row["image"]))
        truth = np.array([[float(row[f"{part}_{axis}"]) for axis in "xy"] for part in PARTS])
        faces = detector.detect(image)
        centres = centres_of(faces.boxes)
        face = faces[np.linalg.norm(centres - truth.mean(axis=0), axis=1).argsort()[:1]]
        if face.landmarks is not None and len(face):
            points = (landmarker.find(image, face)[0] for landmarker in (five, sixty_eight))
            found.append(Face(truth, face.landmarks[0], *points))
    return found


def errors(found: list[Points], faces: list[Face]) -> dict[str, float]:
    """Compare the alignment by ``found`` with those by the hand-set points and by YuNet's."""
    pairs = list(zip(found, faces, strict=True))
    by_hand = [apart(points, face.truth) for points, face in pairs]
    by_yunet = [apart(points, face.yunet) for points, face in pairs]
    eyes = [eye_error(points, face.truth) for points, face in pairs]
    angles = [abs((angle(p) - angle(f.truth) + 180) % 360 - 180) for p, f in pairs]
    return {
        "arcface112_px": round(float(np.median(by_hand)), 2),
        "p95_px": round(float(np.percentile(by_hand, 95)), 2),
        "from_yunet_px": round(float(np.median(by_yunet)), 2),
        "from_yunet_p95_px": round(float(np.percentile(by_yunet, 95)), 2),
        "eyes": round(float(np.median(eyes)), 3),
        "degrees": round(float(np.median(angles)), 2),
    }


def apart(points: Points, reference: Points) -> float:
    """Return the mean distance of the template's points between two alignments, in chip pixels."""
    there = arcface(reference).inverse().then(arcface(points)).apply(ARCFACE_POINTS)
    return float(np.linalg.norm(there - ARCFACE_POINTS, axis=1).mean())


def eye_error(points: Points, truth: Points) -> float:
    """Return the larger of the two eyes' errors over the true eye distance."""
    off = np.linalg.norm(points[:2] - truth[:2], axis=1).max()
    return float(off / np.linalg.norm(truth[1] - truth[0]))


def angle(points: Points) -> float:
    """Return the angle of the line from the right eye to the left one, in degrees."""
    x, y = points[1] - points[0]
    return float(np.degrees(np.arctan2(y, x)))


if __name__ == "__main__":
    main()
