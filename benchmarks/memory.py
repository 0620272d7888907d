"""Peak memory of ``closeup fancam`` on 4K videos, and what rendering in several passes costs.

The demo scene is enlarged to 2160x3840, to 3840x2160, and to 2160x3840 that is stored lying with a
stated rotation, as phones do. Two members are those of the scene; nine are these and
seven people from Labeled Faces in the Wild, who never appear: ``--absent wide`` makes their videos,
too, which takes the encoders as much memory as close-ups. Each run is a process of its own.

``in one pass`` renders all videos at once, whatever memory it takes: the processor time beside it
shows what the passes cost. ``ten times as long`` shows whether the memory grows with the video.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av

from benchmarks.analysis_speed import repeated
from benchmarks.recording import save, settings, shared_data, show
from closeup.geometry import Size
from closeup.media.video_reader import open_video
from closeup.synthesis.demo_scene import demo_scene
from closeup.testing import write_members, write_scene

_RUN = """
import json, resource, sys, time
from closeup import FancamOptions, make_fancams
from closeup.fancam.rendering import passes
video, members, out, memory, options = sys.argv[1:]
if memory != "bounded":
    passes.MEMORY = 1 << 50
made = make_fancams(video, members, out, FancamOptions(**json.loads(options)), detector="yunet-n")
print(json.dumps({
    "frames": made.report["video"]["frames"],
    "videos": len(made.videos),
    "cpu_seconds": round(time.process_time(), 1),
    "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
}))
"""

_UPRIGHT, _WIDE = Size(2160, 3840), Size(3840, 2160)
_MORE = 7
"""Members who never appear."""


def main() -> None:
    """Measure, print a table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = list(measured(Path(name), arguments.frames))
    save("memory", {"rows": rows})
    show("closeup fancam on 4K, 1080x1920 a member", rows)


def measured(folder: Path, frames: int) -> Iterator[dict[str, Any]]:
    """Yield one row a run."""
    scene = demo_scene()
    small = write_scene(scene, folder / "demo.mp4")
    two = write_members(scene, folder / "two")
    nine = more_members(two, folder / "nine")
    wide = {"absent": "wide"}
    for size, lying in ((_UPRIGHT, False), (_WIDE, False), (_UPRIGHT, True)):
        video = enlarged(small, folder / f"{size}-{lying}.mp4", size, frames, lying=lying)
        about = {"video": f"{size}{', stored lying' * lying}"}
        yield {**about, "members": 2, "how": "", **run(video, two)}
        yield {**about, "members": 9, "how": "", **run(video, nine, wide)}
        if size == _UPRIGHT and not lying:
            yield {**about, "members": 9, "how": "in one pass", **run(video, nine, wide, "")}
            long = repeated(video, 10)
            analysed = {"video": False}
            yield {**about, "members": 2, "how": "analysis", **run(video, two, analysed)}
            yield {
                **about, "members": 2, "how": "analysis, ten times as long",
                **run(long, two, analysed),
            }  # fmt: skip


def more_members(two: Path, folder: Path) -> Path:
    """Copy the members, and add people with five photos."""
    shutil.copytree(two, folder)
    people = (
        person
        for person in sorted((shared_data() / "lfw" / "images").iterdir())
        if len(list(person.glob("*.jpg"))) >= 5
    )
    for person in islice(people, _MORE):
        for photo in sorted(person.glob("*.jpg"))[:5]:
            (folder / person.name).mkdir(exist_ok=True)
            shutil.copy(photo, folder / person.name)
    return folder


def enlarged(source: Path, target: Path, size: Size, frames: int, *, lying: bool) -> Path:
    """Write the first frames in another size; ``lying`` with a stated rotation by 90 degrees."""
    with open_video(source) as video, av.open(str(target), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = reversed(size) if lying else size
        stream.pix_fmt = "yuv420p"
        if lying:
            stream.set_display_rotation(90)
        graph = enlarging(video.size, size, lying=lying)
        for number, frame in enumerate(islice(video, frames)):
            graph.push(av.VideoFrame.from_ndarray(frame.rgb(), "rgb24"))
            picture = graph.pull()
            assert isinstance(picture, av.VideoFrame)
            picture.pts, picture.time_base = number, Fraction(1, 25)
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    return target


def enlarging(source: Size, size: Size, *, lying: bool) -> av.filter.Graph:
    """Return a filter that enlarges pictures, adds black bars, and lays them on their side."""
    graph = av.filter.Graph()
    width, height = size
    source_node = graph.add_buffer(
        width=source.width,
        height=source.height,
        format=av.VideoFormat("rgb24"),
        time_base=Fraction(1, 25),
    )
    nodes = [
        source_node,
        graph.add("scale", f"{width}:-2"),
        graph.add("pad", f"{width}:{height}:0:(oh-ih)/2"),
        *([graph.add("transpose", "clock")] if lying else []),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    return graph


def run(
    video: Path, members: Path, options: dict[str, Any] | None = None, memory: str = "bounded"
) -> dict[str, Any]:
    """Return the figures of one run."""
    with tempfile.TemporaryDirectory() as out:
        arguments = [str(video), str(members), out, memory, json.dumps(options or {})]
        done = subprocess.run(
            [sys.executable, "-c", _RUN, *arguments],
            check=True,
            stdout=subprocess.PIPE,
            env={**os.environ, "CLOSEUP_MODELS": str(settings().models)},
        )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
