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
from closeup.fancam.rendering.other_faces import OtherFaces, other_faces
from closeup.fancam.rendering.overlay import Preview
from closeup.fancam.rendering.passes import passes, return_freed_memory
from closeup.fancam.rendering.picture import FrameRenderer
from closeup.fancam.rendering.render import CRF, PRESET, RenderJob, render
from closeup.fancam.solution import Solution
from closeup.files.documents import read_document, write_document
from closeup.files.unique_names import UniqueNames, portable_stem
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress
from closeup.tracks import Trajectory

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
    others = [_others(solution, [own], options) for own in solution.trajectories]
    for path, camera, hidden in zip(outputs.videos.values(), solution.paths, others, strict=True):
        if _is_made(camera, options):
            wanted[path] = (CloseUp(camera, hidden), _content(camera, hidden))
    if options.grid:
        cells = zip(solution.paths, others, strict=True)
        parts = [part for camera, hidden in cells for part in _content(camera, hidden)]
        wanted[outputs.grid] = (FancamGrid(solution.paths, others), parts)
    if options.preview:
        boxes = [t.boxes.tobytes() + t.sources.tobytes() for t in solution.trajectories]
        nobody = _others(solution, solution.trajectories, options)
        wanted[outputs.preview] = (
            Preview(solution.trajectories, solution.size, others=nobody),
            [*boxes, *solution.names, *_concealed(nobody)],
        )
    return wanted


def _others(
    solution: Solution, own: Sequence[Trajectory], options: FancamOptions
) -> OtherFaces | None:
    """The faces that a video of some members conceals; None if the options do not ask for it."""
    if not options.blur_others:
        return None
    return other_faces(solution.tracklets, own, solution.seconds, solution.cuts, solution.size)


def _content(path: CameraPath, others: OtherFaces | None) -> list[bytes | str]:
    areas = b"" if path.areas is None else path.areas.tobytes()
    camera = str(path.size), path.windows.tobytes(), path.views.tobytes(), areas
    return [*camera, *_concealed(others)]


def _concealed(others: OtherFaces | None) -> list[bytes]:
    return [] if others is None else [others.boxes.tobytes(), others.starts.tobytes()]


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
