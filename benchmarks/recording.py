"""Shared by the benchmarks: locations of real data, and writing of results."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from rich.console import Console
from rich.table import Table

from closeup.settings import Settings
from closeup.synthesis.demo_scene import demo_scene
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.synthesis.scene import Scene

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
EXPERIMENTS = ROOT / "docs" / "experiments"

WIDEST = 300
"""Columns of a table; in a narrower terminal, broken lines are better than truncated words."""

P = ParamSpec("P")
R = TypeVar("R")


class Stopwatch:
    """Sums up the processor time of this thread in the calls of wrapped functions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, work: Callable[P, R]) -> Callable[P, R]:
        """Return the same function, timed."""

        @wraps(work)
        def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            start = time.thread_time()
            try:
                return work(*args, **kwargs)
            finally:
                self.seconds += time.thread_time() - start

        return measured


def shared_data() -> Path:
    """Return the folder of real photos and videos: ``CLOSEUP_TEST_DATA`` or ``../shared/data``."""
    return Path(os.environ.get("CLOSEUP_TEST_DATA", ROOT.parent / "shared" / "data"))


def settings() -> Settings:
    """Return this machine's settings; by default with the models beside the real data."""
    own = Settings.from_environment()
    return own if own.models else Settings(shared_data().parent / "models", own.cache)


def known_scenes(lfw: int) -> dict[str, Scene]:
    """Return the demo scene, and ``lfw`` scenes of four members and a non-member, by name."""
    photos = shared_data() / "lfw" / "images"
    return {"demo": demo_scene(), **{f"lfw {seed}": lfw_scene(photos, seed) for seed in range(lfw)}}


def save(name: str, result: Mapping[str, Any]) -> None:
    """Write ``results/NAME.json``, with the number of processors of this machine.

    NaN, which JSON does not have, becomes null.
    """
    RESULTS.mkdir(exist_ok=True)
    plain = json.loads(json.dumps(result), parse_constant=lambda _: None)
    text = json.dumps({"processors": os.cpu_count(), **plain}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n")


def publish(name: str, seed: int, result: Mapping[str, Any]) -> Path:
    """Write ``docs/experiments/NAME/results.json``, with instructions to reproduce it.

    Args:
        name: Name of the experiment.
        seed: Seed of all random choices.
        result: Results of the experiment.

    Returns:
        The folder, for figures.

    """
    folder = EXPERIMENTS / name
    folder.mkdir(parents=True, exist_ok=True)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    spec = sys.modules["__main__"].__spec__
    head = {
        "command": shlex.join(["python", "-m", spec.name if spec else "?", *sys.argv[1:]]),
        "seed": seed,
        "machine": {"processors": os.cpu_count(), "memory_gib": round(memory)},
    }
    (folder / "results.json").write_text(json.dumps({**head, **result}, indent=1) + "\n")
    return folder


def show(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows of the same keys as a table, numbers to the right."""
    table = Table(title=title)
    for name, value in rows[0].items():
        table.add_column(name.replace("_", " "), justify="left" if type(value) is str else "right")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(width=WIDEST).print(table)


def markdown(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows of the same keys as a table in Markdown, numbers to the right."""
    sides = ["---" if type(value) is str else "---:" for value in rows[0].values()]
    lines = [
        [name.replace("_", " ") for name in rows[0]],
        sides,
        *(["" if value is None else str(value) for value in row.values()] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
