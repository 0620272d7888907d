"""Processor time that the command line takes before any work.

Each command runs in its own process, in rounds that take turns, so that a busy machine
slows all of them equally. For comparison, in the same rounds: a Python that only imports numpy,
OpenCV and onnxruntime, which any such program needs. ``ratio`` is a command's
processor time over that process's, both medians over the rounds. ``verify`` opens three models
and compares two photos; ``mistyped`` uses names of files that do not exist. ``fancam to its first
frame`` imports, surveys a video of 9 s, opens the models and reads the photos of two members; it is
stopped when the first frame is about to be analysed.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.recording import save, settings, shared_data, show

BASE = "import numpy, cv2, onnxruntime"
WITHOUT_MODELS = {
    "--help": ("--help",),
    "--version": ("--version",),
    "fancam --help": ("fancam", "--help"),
    "mistyped command": ("fancma",),
    "fancam, mistyped video": ("fancam", "none.mp4", "--members", "none", "--out", "out"),
    "faces, mistyped photo": ("faces", "none.jpg", "--json"),
    "verify, mistyped photo": ("verify", "none.jpg", "none.jpg"),
}
VERIFY = "verify A B"
FANCAM = "fancam to its first frame"
_FANCAM = """
import sys
import closeup as cu

class ToTheFirstFrame(cu.Silent):
    def begin(self, stage, total):
        if stage == "analysing":
            sys.exit()

cu.make_fancams(*sys.argv[1:], "out", detector="yunet-n", progress=ToTheFirstFrame())
"""


def main() -> None:
    """Measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds: int = parser.parse_args().rounds
    photos = sorted((shared_data().resolve() / "lfw" / "images").rglob("*.jpg"))[:2]
    stage, closeup = shared_data().resolve() / "stage", ("-m", "closeup")
    commands = {
        BASE: ("-c", BASE),
        **{name: (*closeup, *arguments) for name, arguments in WITHOUT_MODELS.items()},
        VERIFY: (*closeup, "verify", *map(str, photos)),
        FANCAM: ("-c", _FANCAM, str(stage / "performance.mp4"), str(stage / "members")),
    }
    seconds = measured(commands, rounds)
    rows = [
        {
            "command": name,
            "cpu_seconds": round(own := statistics.median(seconds[name]), 3),
            "slowest": round(max(seconds[name]), 3),
            "ratio": round(own / statistics.median(seconds[BASE]), 2),
        }
        for name in commands
    ]
    show("Processor time of the command line", rows)
    save("startup", {"rounds": rounds, "commands": rows})


def measured(commands: Mapping[str, tuple[str, ...]], rounds: int) -> dict[str, list[float]]:
    """Return the processor seconds of each command in each round, after one warm-up round."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as empty:
        for number in range(rounds + 1):
            for name, arguments in commands.items():
                taken = cpu_seconds(arguments, Path(empty))
                if number:
                    seconds[name].append(taken)
    return seconds


def cpu_seconds(arguments: tuple[str, ...], folder: Path) -> float:
    """Return the processor time of one process on all processors together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "CLOSEUP_MODELS": str(settings().models)},
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
