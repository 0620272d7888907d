"""Time and memory of the analysis of a 1080p stage video with four members.

The analysis decodes, finds shots, detects, tracks, identifies and plans the cameras, as
``closeup fancam --no-video`` does. Each run is a separate process, so that its peak memory
is known; the long video repeats the short one ten times.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import av

from benchmarks.recording import save, settings, shared_data, show
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.testing import write_members, write_scene

_RUN = """
import json, resource, sys, time
from closeup import FancamOptions, make_fancams
start = time.perf_counter()
made = make_fancams(*sys.argv[1:4], FancamOptions(video=False), detector="yunet-n")
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "frames": made.report["video"]["frames"],
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def main() -> None:
    """Measure, print a table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the short video")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
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
    """Return the median over fresh processes on one video."""
    results = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as out:
            done = subprocess.run(
                [sys.executable, "-c", _RUN, str(video), str(members), out],
                check=True,
                capture_output=True,
                env={**os.environ, "CLOSEUP_MODELS": str(settings().models)},
            )
            results.append(json.loads(done.stdout))
    seconds = median(result["seconds"] for result in results)
    frames = results[0]["frames"]
    return {
        "frames": frames,
        "seconds": round(seconds, 2),
        "frames_per_second": round(frames / seconds, 1),
        "times_real_time": round(frames / 25 / seconds, 2),
        "peak_mib": round(max(result["peak_mib"] for result in results)),
    }


if __name__ == "__main__":
    main()
