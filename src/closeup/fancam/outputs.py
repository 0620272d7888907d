"""Where the results go, and which videos have to be made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from closeup.atomic import write_text
from closeup.camera_path import CameraPath
from closeup.fancam.analysis import Analysis
from closeup.fancam.options import FancamOptions
from closeup.fancam.rendering.close_up import CloseUp
from closeup.fancam.rendering.grid import FancamGrid
from closeup.fancam.rendering.overlay import Preview
from closeup.fancam.rendering.picture import FrameRenderer
from closeup.fancam.rendering.render import CRF, PRESET, RenderJob, render
from closeup.fancam.solution import Solution
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress

ANALYSIS = "analysis"
"""Folder for what later runs go on from, below that of the results."""

_LONGEST_STEM = 200
"""Bytes; file systems allow 255, of which a number, the suffix and a temporary name need some."""

_FORBIDDEN = frozenset('<>:"/\\|?*') | {chr(code) for code in range(32)}
"""No file system of a common computer takes all of these in a name."""


class Outputs:
    """Paths of all results in one folder.

    A member's video has the member's name; characters that some file system forbids become
    underscores, a very long name is cut, and a number is added where two names would meet.

    Args:
        folder: Where they go.
        names: The members.

    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.coordinates = folder / "coordinates.csv"
        self.yolo = folder / "coordinates_yolo.csv"
        self.page = folder / "report.html"
        self.grid = folder / "grid.mp4"
        self.preview = folder / "preview.mp4"
        self.videos = {
            name: folder / f"{stem}.mp4" for name, stem in zip(names, _stems(names), strict=True)
        }


def _stems(names: Sequence[str]) -> list[str]:
    taken = {"grid", "preview"}
    stems: list[str] = []
    for name in names:
        plain = "".join("_" if c in _FORBIDDEN else c for c in name)
        plain = plain.encode()[:_LONGEST_STEM].decode(errors="ignore").strip(" .") or "_"
        stem, number = plain, 2
        while stem.casefold() in taken:
            stem, number = f"{plain} {number}", number + 1
        taken.add(stem.casefold())
        stems.append(stem)
    return stems


def render_changed(
    video: VideoReader,
    analysis: Analysis,
    solution: Solution,
    outputs: Outputs,
    options: FancamOptions,
    progress: Progress,
) -> None:
    """Render the videos that do not exist yet as they should be, all in one pass.

    An older video that would show no frame any more is deleted.

    Raises:
        VideoError: the video has changed since it was analysed.
        OutputError: a video cannot be written.

    """
    wanted = _pictures(solution, outputs, options)
    source = {"bytes": video.path.stat().st_size, "pts": _digest(analysis.pts.tobytes())}
    marks = {
        path.name: _digest(json.dumps(source), PRESET, str(CRF), *parts)
        for path, (_, parts) in wanted.items()
    }
    ledger = outputs.folder / ANALYSIS / "rendered.json"
    done = _read(ledger)
    changed = [p for p in wanted if not (p.exists() and done.get(p.name) == _mark(p, marks))]
    if changed:
        start, end = options.span(video.start)
        render(
            video.path,
            [RenderJob(wanted[path][0], path) for path in changed],
            start=start,
            end=end,
            expected_frames=len(analysis.pts),
            progress=progress,
        )
    for path in changed:
        picture = wanted[path][0]
        if not any(map(picture.shows, range(len(picture)))):
            path.unlink(missing_ok=True)
    done |= {path.name: _mark(path, marks) for path in wanted if path.exists()}
    write_text(ledger, json.dumps(done, indent=1))


def _pictures(
    solution: Solution, outputs: Outputs, options: FancamOptions
) -> dict[Path, tuple[FrameRenderer, list[bytes | str]]]:
    """Each video to make: what it shows, and all that decides its content."""
    wanted: dict[Path, tuple[FrameRenderer, list[bytes | str]]] = {}
    for path, camera in zip(outputs.videos.values(), solution.paths, strict=True):
        wanted[path] = (CloseUp(camera), _content(camera))
    if options.grid:
        parts = [part for camera in solution.paths for part in _content(camera)]
        wanted[outputs.grid] = (FancamGrid(solution.paths), parts)
    if options.preview:
        boxes = [t.boxes.tobytes() + t.sources.tobytes() for t in solution.trajectories]
        wanted[outputs.preview] = (
            Preview(solution.trajectories, solution.size),
            [*boxes, *solution.names],
        )
    return wanted


def _content(path: CameraPath) -> list[bytes | str]:
    return [str(path.size), path.windows.tobytes(), path.views.tobytes()]


def _digest(*parts: bytes | str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()


def _mark(path: Path, marks: dict[str, str]) -> list[Any]:
    """What the ledger says of a video: its content, and the size it had when it was made."""
    return [marks[path.name], path.stat().st_size]


def _read(ledger: Path) -> dict[str, Any]:
    try:
        data = json.loads(ledger.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
