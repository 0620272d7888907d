"""Paths of the results, and rendering of the videos that have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from closeup.camera_path import CameraPath, View
from closeup.errors import InputError
from closeup.fancam.analysis import Analysis
from closeup.fancam.options import Absent, FancamOptions
from closeup.fancam.rendering.close_up import CloseUp
from closeup.fancam.rendering.grid import FancamGrid
from closeup.fancam.rendering.overlay import Preview
from closeup.fancam.rendering.passes import passes, return_freed_memory
from closeup.fancam.rendering.picture import FrameRenderer
from closeup.fancam.rendering.render import CRF, PRESET, RenderJob, render
from closeup.fancam.solution import Solution
from closeup.files.documents import read_document, write_document
from closeup.files.unique_names import UniqueNames, portable_stem
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress

ANALYSIS = "analysis"
"""Name of the folder for the saved analysis, below the folder of the results."""


class Outputs:
    """Paths of all results in one folder.

    A member's video has the member's name. Characters that some file systems forbid become
    underscores, very long names are cut, and a number is added if two names would be equal.

    Args:
        folder: Folder of the results.
        names: Names of the members.

    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.coordinates = folder / "coordinates.csv"
        self.yolo = folder / "coordinates_yolo.csv"
        self.page = folder / "report.html"
        self.grid = folder / "grid.mp4"
        self.preview = folder / "preview.mp4"
        unique = UniqueNames((self.grid.name, self.preview.name))
        files = [unique.take(PurePath(f"{portable_stem(name)}.mp4")) for name in names]
        self.videos = {name: folder / file for name, file in zip(names, files, strict=True)}


def render_changed(
    video: VideoReader,
    analysis: Analysis,
    solution: Solution,
    outputs: Outputs,
    options: FancamOptions,
    progress: Progress,
) -> None:
    """Render the videos that are missing, damaged or out of date.

    There are as few passes over the stage video as the memory allows. A member without a close-up
    gets no video unless the options ask for the wide view; an older video is deleted then.

    Raises:
        VideoError: the video has changed since it was analysed.
        OutputError: a video cannot be written.

    """
    _leave_out_absent(solution, outputs, options, progress)
    wanted = _pictures(solution, outputs, options)
    source = _source(video, analysis)
    marks = {
        path.name: _digest(source, PRESET, str(CRF), *parts) for path, (_, parts) in wanted.items()
    }
    ledger = outputs.folder / ANALYSIS / "rendered.json"
    done = _read(ledger)
    changed = [p for p in wanted if not _is_whole(p, marks[p.name], done.get(p.name))]
    start, end = options.span(video.start)
    for jobs in passes([RenderJob(wanted[path][0], path) for path in changed], video.size):
        return_freed_memory()
        render(
            video.path,
            jobs,
            start=start,
            end=end,
            rotate=video.rotate,
            expected_frames=len(analysis.pts),
            progress=progress,
        )
        made = [job.output for job in jobs if job.output.exists()]
        done |= {path.name: _entry(path, marks[path.name]) for path in made}
        write_document(ledger, done)  # an interrupted run keeps the videos of finished passes


def _is_made(camera: CameraPath, options: FancamOptions) -> bool:
    """Whether a member gets a video: a wide view of the stage alone is made only on request."""
    return options.absent is Absent.WIDE or bool((camera.views == View.CLOSE).any())


def _leave_out_absent(
    solution: Solution, outputs: Outputs, options: FancamOptions, progress: Progress
) -> None:
    for trajectory, camera in zip(solution.trajectories, solution.paths, strict=True):
        if not _is_made(camera, options):
            outputs.videos[trajectory.name].unlink(missing_ok=True)
            seen = "appears only for a moment" if trajectory.present.any() else "never appears"
            progress.say(
                f"{trajectory.name} {seen}, so no video is made; --absent wide makes one of the "
                "whole stage"
            )


def _pictures(
    solution: Solution, outputs: Outputs, options: FancamOptions
) -> dict[Path, tuple[FrameRenderer, list[bytes | str]]]:
    """Each video to make: its renderer, and everything that its content depends on."""
    wanted: dict[Path, tuple[FrameRenderer, list[bytes | str]]] = {}
    for path, camera in zip(outputs.videos.values(), solution.paths, strict=True):
        if _is_made(camera, options):
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
    areas = b"" if path.areas is None else path.areas.tobytes()
    return [str(path.size), path.windows.tobytes(), path.views.tobytes(), areas]


def _source(video: VideoReader, analysis: Analysis) -> str:
    """All that the content of every video depends on, as JSON."""
    return json.dumps(
        {
            "bytes": video.path.stat().st_size,
            "pts": _digest(analysis.pts.tobytes()),
            "rotate": video.rotate,
        }
    )


def _digest(*parts: bytes | str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()


def _entry(path: Path, mark: str) -> dict[str, Any]:
    """A video's entry in the ledger: what its content depends on, and what its file contains."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"content": mark, "bytes": path.stat().st_size, "sha256": digest}


def _is_whole(path: Path, mark: str, entry: object) -> bool:
    """Whether a file is, byte for byte, the video that was rendered from the same content.

    Reading all bytes costs little beside opening the analysis; the index of a damaged or cut MP4
    may well be whole, since it comes first.
    """
    if not isinstance(entry, dict) or entry.get("content") != mark or not path.is_file():
        return False
    return entry.get("bytes") == path.stat().st_size and entry == _entry(path, mark)


def _read(ledger: Path) -> dict[str, Any]:
    """The entries of earlier videos; empty if the ledger is damaged."""
    try:
        return read_document(ledger, dict, "delete it")
    except InputError:
        return {}
