"""Speed and memory of collecting frames of a 1080p video, as a ratio to decoding it.

The video is a stage of four members, 20 s long and, for two of the ways, ten times as long. Each
run is a process of its own from its start to its end; before each run another process only decodes
the same video with PyAV, with as many threads as FFmpeg likes. ``ratio`` compares the frames a
second of both, ``cpu_ratio`` the frames a second of processor time. Processes are bound to two
processors.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.analysis_speed import DECODE, repeated, timed
from benchmarks.recording import save, shared_data, show
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.testing import write_scene

_COLLECT = """
import json, resource, sys
from closeup import CollectOptions, FaceRequirements, collect_video
collected = collect_video([sys.argv[1]], sys.argv[2], {options}, detector="yunet-n")
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({{
    "pictures": collected.document["pictures"],
    "cpu": usage.ru_utime + usage.ru_stime,
    "peak_mib": usage.ru_maxrss / 1024,
}}))
"""
WAYS = {
    "every 15th": "CollectOptions(every=15)",
    "one of each shot": "CollectOptions(of_shots=1)",
    "every 15th with a face": "CollectOptions(every=15, faces=FaceRequirements())",
    "the 50 of these that differ most": (
        "CollectOptions(every=15, faces=FaceRequirements(), diverse=50)"
    ),
}
LONG = ("every 15th", "the 50 of these that differ most")
SECONDS, RUNS, PROCESSORS = 20.0, 3, 2


def main() -> None:
    """Measure, print a table and write the JSON."""
    if hasattr(os, "sched_setaffinity"):  # the processes that are started inherit it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])
    with tempfile.TemporaryDirectory() as name:
        short = Path(name) / "short.mp4"
        photos = shared_data() / "lfw" / "images"
        write_scene(lfw_scene(photos, width=1920, height=1080, seconds=SECONDS), short)
        rows = [{"video": "20 s", **row} for row in measured(short, RUNS, WAYS)]
        long = repeated(short, 10)
        rows += [{"video": "200 s", **row} for row in measured(long, 1, LONG)]
    show("Collecting from 1920x1080 at 25 frames/s", rows)
    save("collecting", {"rows": rows})


def measured(video: Path, runs: int, ways: Iterable[str]) -> list[dict[str, Any]]:
    """Return a row for each way, with medians over processes that take turns."""
    return [
        {"way": way, **compared(video, _COLLECT.format(options=WAYS[way]), runs)} for way in ways
    ]


def compared(video: Path, script: str, runs: int) -> dict[str, Any]:
    """Return one row."""
    decoded, collected = [], []
    for _ in range(runs):
        decoded.append(timed(DECODE, video))
        with tempfile.TemporaryDirectory() as out:
            collected.append(timed(script, video, Path(out)))
    times = {
        key: [median(run[key] for run in side) for side in (decoded, collected)]
        for key in ("seconds", "cpu")
    }
    return {
        "pictures": int(collected[0]["pictures"]),
        "frames_per_second": round(decoded[0]["frames"] / times["seconds"][1], 1),
        "ratio": round(times["seconds"][0] / times["seconds"][1], 3),
        "cpu_ratio": round(times["cpu"][0] / times["cpu"][1], 3),
        "peak_mib": round(max(run["peak_mib"] for run in collected)),
    }


if __name__ == "__main__":
    main()
