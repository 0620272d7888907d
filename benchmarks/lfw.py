"""Time from file to vector for all of LFW, and the verification accuracy of the vectors.

Every photo is read, searched for faces, and the central face aligned and embedded together with
its mirror image, on all processors. The same vectors are then evaluated by the protocol of View 2
(``docs/evaluation.md``). ``--photos 1500`` times a part, without the protocol, and writes nothing.
If the machine is busy, use the processor seconds: half of them is the time on two free
processors. The milliseconds of each step are medians on one thread.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import Cohort
from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.lfw_pairs import find_photos, read_pairs
from closeup.evaluation.lfw_report import verification_record
from closeup.evaluation.photo_vectors import PhotoEmbedder, PhotoVectors, nearest_the_middle
from closeup.geometry import Size
from closeup.identity.description import mirrored_mean
from closeup.media.images import read_image
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent

REQUIRED_SECONDS = 120
"""Time limit for all 13,233 photos on two processors."""
BATCH = 16


def main() -> None:
    """Measure, print tables, and write the JSON unless only a part was timed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, help="time this many photos only")
    count: int | None = parser.parse_args().photos
    lfw = shared_data() / "lfw"
    paths = sorted((lfw / "images").glob("*/*.jpg"))[:count]
    here = settings()
    detector = open_detector(settings=here, progress=Silent(), threads=1)
    reader = PhotoEmbedder(detector, open_embedder(settings=here, threads=1))
    steps = time_steps(reader, paths[: 10 * BATCH])
    start, processor = time.perf_counter(), time.process_time()
    vectors = reader.read(paths, Silent())
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    speed = {
        "photos": len(paths),
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "milliseconds_a_photo": round(seconds / len(paths) * 1000, 2),
        "required_seconds": None if count else REQUIRED_SECONDS,
    }
    show("LFW, from file to vector", [speed])
    show("Milliseconds a photo on one thread", [steps])
    if count is None:
        rows = [
            measured(lfw, paths, vectors, mirrored, distance, reader.cohort)
            for mirrored in (True, False)
            for distance in Distance
        ]
        save("lfw", {**speed, "steps_ms": steps, "missed_faces": vectors.missed, "view_2": rows})
        show("View 2", rows)


def time_steps(reader: PhotoEmbedder, paths: list[Path]) -> dict[str, float]:
    """Return median milliseconds per step, photo by photo; embedding in batches."""
    times: dict[str, list[float]] = {"read": [], "detect": [], "align": [], "embed_both": []}
    chips = []

    def lap(step: str, start: float, photos: int = 1) -> float:
        now = time.perf_counter()
        times[step].append((now - start) * 1000 / photos)
        return now

    for path in paths:
        start = time.perf_counter()
        image = read_image(path)
        start = lap("read", start)
        found = reader.detector.detect(image)
        start = lap("detect", start)
        face = nearest_the_middle(found, Size.of(image))
        chips += reader.embedder.chips(image, face)
        lap("align", start)
    for first in range(0, len(chips), BATCH):
        batch = chips[first : first + BATCH]
        start = time.perf_counter()
        mirrored_mean(reader.embedder, batch)
        lap("embed_both", start, len(batch))
    return {step: round(statistics.median(values), 2) for step, values in times.items()}


def measured(
    lfw: Path,
    paths: list[Path],
    vectors: PhotoVectors,
    mirrored: bool,
    distance: Distance,
    cohort: Cohort | None,
) -> dict[str, Any]:
    """Run the protocol on the photos of View 2."""
    pairs = read_pairs(lfw / "pairs.txt")
    places = {path: place for place, path in enumerate(paths)}
    rows = np.array([places[path] for path in find_photos(pairs, lfw)])
    chosen = (vectors.joined() if mirrored else vectors.plain)[rows]
    distances = pair_distances(chosen, pairs.rows, distance, cohort)
    record = verification_record(distances, pairs)
    del record["fold_accuracies"]
    low, high = (round(end, 4) for end in record.pop("val_interval"))
    return {
        "mirrored": mirrored,
        "distance": str(distance),
        **{name: round(value, 5) for name, value in record.items()},
        "val_low": low,
        "val_high": high,
    }


if __name__ == "__main__":
    main()
