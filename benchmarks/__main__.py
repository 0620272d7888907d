"""Run all benchmarks in turn, or the named ones: ``python -m benchmarks [NAME…]``.

Each runs in its own process, so that none warms up, slows down or fails another.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
NO_BENCHMARKS = {
    "__main__",
    "box_guidance",
    "composed_cuts",
    "detector_figures",
    "followers",
    "footage_runs",
    "hard_portraits",
    "look_alikes",
    "moved_irises",
    "nearest_photo",
    "opened_eyes",
    "pupil_pictures",
    "real_footage_page",
    "quality_faces",
    "quality_gallery",
    "quality_maps",
    "report_picture",
    "effects_gallery",
    "labelling_gallery",
    "recording",
    "same_results",
    "timed_camera",
}


def main() -> None:
    """Run the benchmarks; exit with 1 at the end if one failed."""
    known = sorted({path.stem for path in FOLDER.glob("*.py")} - NO_BENCHMARKS)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    names: list[str] = parser.parse_args().names or known
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; choose from {', '.join(known)}")
    failed = [name for name in names if not succeeds(name)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def succeeds(name: str) -> bool:
    """Run one benchmark with its defaults; its output is passed through."""
    print(f"== {name}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    return subprocess.run(command, cwd=FOLDER.parent, check=False).returncode == 0


if __name__ == "__main__":
    main()
