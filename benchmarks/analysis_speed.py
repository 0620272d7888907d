"""Speed of the analysis of a 1080p stage video with four members, as a ratio to decoding it.

The analysis decodes, finds shots, detects, tracks, identifies and plans the cameras, as
``closeup fancam --no-video`` does. Each run is a process of its own from its start to its end, so
the time to start is included, and its peak memory is known. Before each run another process only
decodes the same video with PyAV, with as many threads as FFmpeg likes. ``ratio`` compares the
frames a second of both, ``cpu_ratio`` the frames a second of processor time, which other programs
on the machine disturb less. Processes are bound to two processors. The long video repeats the
short one ten times, so that starting hardly counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import av

from benchmarks.recording import save, settings, shared_data, show
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.testing import write_members, write_scene

_ANALYSE = """
import json, resource, sys, time
from closeup import FancamOptions, make_fancams
made = make_fancams(*sys.argv[1:4], FancamOptions(video=False), detector="yunet-n")
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "frames": made.report["video"]["frames"],
    "cpu": usage.ru_utime + usage.ru_stime,
    "peak_mib": usage.ru_maxrss / 1024,
}))
"""

DECODE = """
import json, sys, time
import av
with av.open(sys.argv[1]) as container:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    frames = sum(1 for _ in container.decode(stream))
print(json.dumps({"frames": frames, "cpu": time.process_time()}))
"""

_PROCESSORS = 2


def main() -> None:
    """Measure, print a table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the short video")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # the processes that are started inherit it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_PROCESSORS])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scene = lfw_scene(
            shared_data() / "lfw" / "images", width=1920, height=1080, seconds=arguments.seconds
        )
        short, members = folder / "short.mp4", folder / "members"
        write_scene(scene, short)
        write_members(scene, members)
        long = repeated(short, 10)
        rows = [
            {"video": "short", **measured(short, members, arguments.runs)},
            {"video": "ten times as long", **measured(long, members, 1)},
        ]
    save("analysis_speed", {"rows": rows})
    show("Analysis of 1920x1080 at 25 frames/s, four members, YuNet", rows)


def repeated(video: Path, times: int) -> Path:
    """Repeat the video ``times`` times in a new file, with its packets copied."""
    target = video.with_name("long.mp4")
    with av.open(str(video)) as source, av.open(str(target), "w") as container:
        stream = source.streams.video[0]
        out = container.add_stream_from_template(stream)
        length = stream.duration or 0
        for number in range(times):
            source.seek(0)
            for packet in source.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.pts += number * length
                packet.dts += number * length
                packet.stream = out
                container.mux(packet)
    return target


def measured(video: Path, members: Path, runs: int) -> dict[str, Any]:
    """Return the medians over fresh processes that take turns on one video."""
    decoded, analysed = [], []
    for _ in range(runs):
        decoded.append(timed(DECODE, video))
        with tempfile.TemporaryDirectory() as out:
            analysed.append(timed(_ANALYSE, video, members, Path(out)))
    frames = analysed[0]["frames"]
    speeds = {
        key: [frames / median(run[key] for run in side) for side in (decoded, analysed)]
        for key in ("seconds", "cpu")
    }
    return {
        "frames": frames,
        "decoded_frames_per_second": round(speeds["seconds"][0], 1),
        "analysed_frames_per_second": round(speeds["seconds"][1], 1),
        "ratio": round(speeds["seconds"][1] / speeds["seconds"][0], 3),
        "decoded_frames_per_cpu_second": round(speeds["cpu"][0], 1),
        "analysed_frames_per_cpu_second": round(speeds["cpu"][1], 1),
        "cpu_ratio": round(speeds["cpu"][1] / speeds["cpu"][0], 3),
        "peak_mib": round(max(run["peak_mib"] for run in analysed)),
    }


def timed(program: str, *arguments: Path) -> dict[str, float]:
    """Return what a program prints, and the seconds that its process took."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "CLOSEUP_MODELS": str(settings().models)},
    )
    printed: dict[str, float] = json.loads(done.stdout)
    return {**printed, "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    main()
