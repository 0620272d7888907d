"""Speed of dlib's networks in onnxruntime, compared with dlib itself.

Both read the same pixels and take turns, so that a busy machine slows both down.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import cv2
import dlib
import numpy as np
from skimage import data

from benchmarks.recording import save, settings, show
from closeup.detection.mmod import MmodDetector
from closeup.frames import RGBImage
from closeup.identity.embedding import DlibEmbedder
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.models.dlib_weights import read_network
from closeup.models.files import locate
from closeup.settings import Settings

REQUIRED = {"embedding, one face": 12, "embedding, batch of 8": 20, "MMOD, 640x360": 15}

Work = Callable[[], object]


def main() -> None:
    """Measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    here = settings()
    rows = [
        measure(name, ours, theirs, faces, rounds)
        for name, ours, theirs, faces in [*embeddings(here), mmod(here)]
    ]
    save("dlib_networks", {"rows": rows})
    show("dlib's networks, milliseconds a face or picture", rows)


def embeddings(here: Settings) -> list[tuple[str, Work, Work, int]]:
    """Embed one face, and eight at a time; times are per face."""
    path = locate("dlib-128", here)
    landmarker = DlibLandmarker(locate("dlib-5-points", here))
    ours = DlibEmbedder(read_network(path.read_bytes(), str(path)), landmarker)
    theirs = dlib.face_recognition_model_v1(str(path))
    one = face_chips(1)
    eight = face_chips(8)
    return [
        (
            "embedding, one face",
            lambda: ours.embed(one),
            lambda: theirs.compute_face_descriptor(one[0]),
            1,
        ),
        (
            "embedding, batch of 8",
            lambda: ours.embed(eight),
            lambda: theirs.compute_face_descriptor(eight),
            8,
        ),
    ]


def face_chips(count: int) -> list[RGBImage]:
    """Return the same portrait in different light; each (150, 150, 3)."""
    chip = cv2.resize(data.astronaut()[30:230, 120:320], (150, 150))
    return [np.asarray(cv2.convertScaleAbs(chip, alpha=1 - i / 20), np.uint8) for i in range(count)]


def mmod(here: Settings) -> tuple[str, Work, Work, int]:
    """Detect in one picture of the size of a small video."""
    path = locate("mmod", here)
    ours = MmodDetector(read_network(path.read_bytes(), str(path)))
    theirs = dlib.cnn_face_detection_model_v1(str(path))
    image = np.asarray(cv2.resize(data.astronaut(), (640, 360)), np.uint8)
    return "MMOD, 640x360", lambda: ours.detect(image), lambda: theirs(image, 0), 1


def measure(name: str, ours: Work, theirs: Work, faces: int, rounds: int) -> dict[str, object]:
    """Return the medians over alternating rounds, after a warm-up of each."""
    ours(), theirs()
    times: dict[str, list[float]] = {"closeup": [], "dlib": []}
    for _ in range(rounds):
        for side, work in (("closeup", ours), ("dlib", theirs)):
            start = time.perf_counter()
            work()
            times[side].append((time.perf_counter() - start) * 1000 / faces)
    medians = {side: statistics.median(values) for side, values in times.items()}
    return {
        "name": name,
        "closeup_ms": round(medians["closeup"], 2),
        "dlib_ms": round(medians["dlib"], 1),
        "times_faster": round(medians["dlib"] / medians["closeup"], 1),
        "required": REQUIRED[name],
    }


if __name__ == "__main__":
    main()
