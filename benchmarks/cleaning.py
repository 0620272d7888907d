"""Copies in a folder: how many are found, how many others are taken for copies, time and memory.

The pictures are LFW's 13,233 photos and copies that are made of them: equal files, files of 180
pixels, JPEG files of quality 20, and parts of three quarters of the width and height. *Found* is
the share of each kind that is taken out for the right original, *others* the number of photos that
nothing was made of that way and that are taken out all the same; LFW itself holds some photos
twice, under two names at times. Each run is a process of its own, with its peak memory.

``--folder`` keeps the pictures for the next run. The second table is of the comparison of hashes
alone, which grows with the square of the number of pictures; ``at 100,000`` is the whole run of
that many by both.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.recording import save, shared_data, show
from closeup.collection.duplicates import near_hashes
from closeup.collection.removals import Removal, read_removals, restore
from closeup.media.images import encode_jpeg, read_image

_CLEAN = """
import json, resource, sys, time
from pathlib import Path
from closeup import clean_pictures
start = time.perf_counter()
made = clean_pictures(Path(sys.argv[1]))
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "cpu": usage.ru_utime + usage.ru_stime,
    "peak_mib": usage.ru_maxrss / 1024,
}))
"""
COPIES, MANY = 6_767, 100_000
KINDS = ("equal", "smaller", "compressed", "part")
HASHES = (10_000, 20_000, 50_000, MANY)


def main() -> None:
    """Measure, print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep the pictures here")
    kept: Path | None = parser.parse_args().folder
    compared = list(hash_times())
    with tempfile.TemporaryDirectory() as temporary:
        folder = (kept or Path(temporary)) / "pictures"
        if not folder.exists():
            write_pictures(folder)
        run = cleaned(folder)
        found = list(recall(read_removals(folder)))
        restore(folder)
    per_picture = (run["seconds"] - compared[1]["seconds"]) / run["pictures"]
    run["at 100,000: minutes"] = round((per_picture * MANY + compared[-1]["seconds"]) / 60, 1)
    show("Cleaning a folder", [run])
    show("Copies", found)
    show("Comparing hashes", compared)
    save("cleaning", {"run": run, "copies": found, "hashes": compared})


def write_pictures(folder: Path) -> None:
    """Write LFW's photos, and copies of the first of them, a quarter of each kind."""
    source = shared_data() / "lfw" / "images"
    photos = sorted(source.rglob("*.jpg"))
    for photo in photos:
        target = folder / photo.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(photo, target)
    for number, photo in enumerate(photos[:COPIES]):
        kind = KINDS[number % len(KINDS)]
        target = folder / photo.relative_to(source).with_name(f"{kind} {photo.name}")
        target.write_bytes(copy_of(photo, kind))


def copy_of(photo: Path, kind: str) -> bytes:
    """Return the content of a copy."""
    image = read_image(photo)
    height, width = image.shape[:2]
    if kind == "equal":
        return photo.read_bytes()
    if kind == "compressed":
        return encode_jpeg(image, 20)
    if kind == "part":
        part = image[height // 8 : -(height // 8), width // 8 : -(width // 8)]
        return encode_jpeg(np.ascontiguousarray(part), 90)
    smaller = Image.fromarray(image).resize((180, 180), Image.Resampling.LANCZOS)
    return encode_jpeg(np.asarray(smaller), 90)


def cleaned(folder: Path) -> dict[str, Any]:
    """Return the figures of a run in a process of its own."""
    pictures = sum(1 for _ in folder.rglob("*.jpg"))
    ran = subprocess.run(
        [sys.executable, "-c", _CLEAN, str(folder)], check=True, stdout=subprocess.PIPE
    )
    figures: dict[str, float] = json.loads(ran.stdout)
    rounded = {name: round(value, 1) for name, value in figures.items()}
    return {"pictures": pictures, **rounded}


def recall(removals: list[Removal]) -> Iterator[dict[str, Any]]:
    """Yield the share of each kind that was found, and the number of other photos."""
    right: Counter[str] = Counter()
    others = 0
    for removal in removals:
        place = Path(removal.file)
        kind, _, name = place.name.partition(" ")
        if not name:
            others += 1
        elif Path(removal.kept).name.rpartition(" ")[2] == name:
            right[kind] += 1
    for number, kind in enumerate(KINDS):
        count = len(range(number, COPIES, len(KINDS)))
        yield {"copies": kind, "made": count, "found": round(100 * right[kind] / count, 1)}
    yield {"copies": "other photos", "made": None, "found": others}


def hash_times() -> Iterator[dict[str, float]]:
    """Yield the seconds that comparing so many random hashes takes."""
    random = np.random.default_rng(0)
    for count in HASHES:
        hashes = random.integers(0, 2**63, count, np.uint64)
        start = time.perf_counter()
        near_hashes(hashes, 6)
        yield {"pictures": count, "seconds": round(time.perf_counter() - start, 1)}


if __name__ == "__main__":
    main()
