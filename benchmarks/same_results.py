"""Compare every result of the working tree with that of an earlier revision, number by number.

For changes that must not change results: ``python -m benchmarks.same_results REVISION`` checks the
revision out beside this tree, runs the same commands with both on the same real data, and prints
the number of compared values and the largest difference of each job. It exits with 1 if
anything differs. Both sides run on this machine, so no figure from another machine is needed.

Jobs: fancams of four real videos by two detectors (coordinates and camera windows), faces by seven
detectors, pupils by five methods, identities, clusters, a verification, aligned crops, View 2 of
LFW, the pupil evaluation, and the drawn scenes with their truth.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.recording import ROOT, settings, shared_data, show

FANCAM = """
import json, sys
from closeup import FancamOptions, make_fancams
video, members, out, detector = sys.argv[1:]
try:
    made = make_fancams(video, members, out, FancamOptions(video=False), detector=detector)
except TypeError:  # an older revision: the detector was an option
    options = FancamOptions(detector=detector, video=False)
    made = make_fancams(video, members, out, options)
windows = [path.windows.tolist() for path in made.solution.paths]
table = made.coordinates.read_text(encoding="utf-8").splitlines()
print(json.dumps({"coordinates": table, "windows": windows}))
"""
"""Uses public names only, because it must run with both revisions."""

VIDEOS = ("clips/avengers_film", "clips/herapheri_film", "clips/jimin_stage", "stage")
DETECTORS = ("yunet-n", "yunet", "closeup", "mmod", "hog", "haar", "ssd")
METHODS = ("network", "contour", "darkest", "projection", "mean-shift")
PERSON = "lfw/images/Tony_Blair"
"""144 photos for pupils and aligned crops."""
VOLATILE = {"seconds", "file", "ms_a_face"}
"""Keys whose values are times or paths."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two trees under comparison.

    Attributes:
        tree: The checkout.
        out: Folder for the output of its commands.

    """

    tree: Path
    out: Path

    def run(self, *command: str | Path) -> str:
        """Return the standard output of Python with this tree's package; errors end the run."""
        environment = {
            **os.environ,
            "PYTHONPATH": f"{self.tree / 'src'}",
            "CLOSEUP_MODELS": str(settings().models),
            "CLOSEUP_TEST_DATA": str(shared_data().resolve()),
        }
        ran = subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=self.tree, env=environment, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return ran.stdout

    def closeup(self, *arguments: str | Path) -> Any:
        """Return the JSON output of a command."""
        return json.loads(self.run("-m", "closeup", *arguments, "--json"))


Job = Callable[[Side], Any]


def main() -> None:
    """Run the jobs with both trees, print a table, and fail if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision", help="what the working tree is compared with")
    parser.add_argument("--only", default="", help="jobs whose names contain this")
    chosen = parser.parse_args()
    wanted = {name: job for name, job in jobs().items() if chosen.only in name}
    with tempfile.TemporaryDirectory() as folder:
        before = Side(Path(folder) / "tree", Path(folder) / "before")
        after = Side(ROOT, Path(folder) / "after")
        git = ("git", "-C", str(ROOT), "worktree")
        subprocess.run([*git, "add", "--detach", before.tree, chosen.revision], check=True)
        try:
            rows = [compared(name, job, before, after) for name, job in wanted.items()]
        finally:
            subprocess.run([*git, "remove", "--force", before.tree], check=True)
    show(f"The working tree and {chosen.revision}", rows)
    sys.exit(any(row["different"] for row in rows))


def jobs() -> dict[str, Job]:
    """Return every job by name."""
    data = shared_data().resolve()
    photos, person = data / "named_faces" / "photos", data / PERSON
    lfw = ("evaluate", "lfw", data / "lfw", "--pairs", data / "lfw" / "pairs.txt")
    truth = ("--truth", data / "eyes" / "truth_validation.csv", "--images", data / "lfw" / "images")
    members = ("--members", data / "named_faces" / "members")
    pair = sorted(person.iterdir())[:2]
    found: dict[str, Job] = {
        f"fancam {video} {detector}": fancam(data / video, detector)
        for video in VIDEOS
        for detector in ("yunet-n", "closeup")
    }
    for name in DETECTORS:
        found[f"faces {name}"] = command("faces", photos, "--points", "5", "--detector", name)
        found[f"crowds {name}"] = command("faces", data / "crowds", "--detector", name)
    for method in METHODS:
        found[f"pupils {method}"] = command("pupils", person, "--method", method)
    return found | {
        "identify": command("identify", photos, *members),
        "verify": command("verify", *pair),
        "cluster": cluster(photos),
        "align": align(person),
        "evaluate lfw": command(*lfw),
        "evaluate pupils": command("evaluate", "pupils", *truth),
        "scenes": scenes,
    }


def command(*arguments: str | Path) -> Job:
    """Return a job that runs a command with JSON output."""
    return lambda side: side.closeup(*arguments)


def fancam(folder: Path, detector: str) -> Job:
    """Return a job for coordinates and camera windows of a real video."""
    video = next(path for path in sorted(folder.iterdir()) if path.suffix == ".mp4")

    def run(side: Side) -> Any:
        out = side.out / f"{folder.name} {detector}"
        return json.loads(side.run("-c", FANCAM, video, folder / "members", out, detector))

    return run


def cluster(photos: Path) -> Job:
    """Return a job for the clusters of photos."""

    def run(side: Side) -> Any:
        side.run("-m", "closeup", "cluster", photos, "--out", side.out / "cluster")
        return json.loads((side.out / "cluster" / "clusters.json").read_text(encoding="utf-8"))

    return run


def align(photos: Path) -> Job:
    """Return a job for the digests of all crops."""

    def run(side: Side) -> Any:
        out = side.out / "align"
        side.run("-m", "closeup", "align", photos, "--template", "dlib150", "--out", out)
        crops = sorted(path for path in out.rglob("*") if path.suffix in {".png", ".jpg"})
        return {str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in crops}

    return run


def scenes(side: Side) -> Any:
    """Run the benchmark of drawn stages with each tree's own code."""
    file = side.tree / "benchmarks" / "results" / "scenes.json"
    kept = file.read_bytes()
    side.run("-m", "benchmarks.scenes")
    found = json.loads(file.read_text(encoding="utf-8"))["rows"]
    file.write_bytes(kept)
    return found


def compared(name: str, job: Job, before: Side, after: Side) -> dict[str, Any]:
    """Return one row of the table."""
    old, new = dict(leaves(job(before))), dict(leaves(job(after)))
    different = [key for key in old if key not in new or old[key] != new[key]]
    apart = [
        abs(old[key] - new[key])
        for key in different
        if isinstance(old[key], float) and isinstance(new.get(key), float)
    ]
    row = {
        "job": name,
        "compared": len(old),
        "different": len(different),
        "added": len(new.keys() - old.keys()),
        "largest difference": max(apart, default=0.0),
        "first": different[0] if different else "",
    }
    print(row, flush=True)
    return row


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every number and text of a document, with its path in it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in VOLATILE:
                yield from leaves(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{place}/{number}")
    elif isinstance(value, int) and not isinstance(value, bool):
        yield place, float(value)
    else:
        yield place, value


if __name__ == "__main__":
    main()
