"""What tests of the main job look at."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from closeup.progress import Silent

RESULTS = ("coordinates.csv", "coordinates_yolo.csv", "report.json", "report.html")


class Listener(Silent):
    """Remembers what it heard."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stages: list[str] = []

    def begin(self, stage: str, total: int | None) -> None:  # noqa: ARG002
        self.stages.append(stage)

    def say(self, message: str) -> None:
        self.lines.append(message)


def pictures(video: Path) -> list[NDArray[np.uint8]]:
    """All frames in RGB."""
    with av.open(str(video)) as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def length(video: Path, kind: str) -> float:
    """Seconds of one stream, ``video`` or ``audio``; 0 when there is none."""
    with av.open(str(video)) as container:
        stream = next((s for s in container.streams if s.type == kind), None)
        if stream is None or stream.duration is None or stream.time_base is None:
            return 0.0
        return float(stream.duration * stream.time_base)


def files(folder: Path) -> set[str]:
    """Names of everything in a folder, hidden things too."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
