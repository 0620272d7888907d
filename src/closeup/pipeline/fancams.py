"""The main job: one close-up video for every member of a stage video."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closeup.errors import CloseupError, OutputError
from closeup.fancam.analysis import Analysis, analyse, key_distance
from closeup.fancam.analysis_store import AnalysisStore
from closeup.fancam.coordinates import write_coordinates, write_coordinates_yolo
from closeup.fancam.corrections import Corrections, read_corrections
from closeup.fancam.options import FancamOptions
from closeup.fancam.outputs import Outputs, render_changed
from closeup.fancam.report import build_report, write_report
from closeup.fancam.solution import Solution, solve
from closeup.identity.enrolment import Rejection, enrol, find_photos
from closeup.identity.gallery import Gallery
from closeup.media.video_reader import VideoReader, open_video
from closeup.opening import open_detector, open_embedder
from closeup.progress import Progress, Silent
from closeup.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Fancams:
    """What one run made.

    Attributes:
        videos: Member → video; empty without rendering.
        coordinates: ``coordinates.csv``.
        page: ``report.html``.
        report: Content of ``report.json``.
        solution: Tracklets, identities, trajectories and camera paths.

    """

    videos: dict[str, Path]
    coordinates: Path
    page: Path
    report: dict[str, Any]
    solution: Solution


def make_fancams(
    video: Path | str,
    members: Path | str,
    out: Path | str,
    options: FancamOptions | None = None,
    *,
    fix: Path | str | None = None,
    progress: Progress | None = None,
    settings: Settings | None = None,
) -> Fancams:
    """Make a close-up video of every member.

    A second run re-uses the analysis in ``out`` and renders only what changed.

    Args:
        video: The stage video.
        members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``.
        out: Folder for the results; made when it does not exist.
        options: What to make and how.
        fix: A corrections file; by default ``out/corrections.json`` where it exists.
        progress: Who listens to the progress; nobody by default.
        settings: Where model files are; by default what the environment says.

    Raises:
        CloseupError: something given cannot be used, or a result cannot be written; the
            message is one line and nothing is left half-written.

    """
    options, progress = options or FancamOptions(), progress or Silent()
    settings = settings or Settings.from_environment()
    out = Path(out)
    made = not out.exists()
    try:
        with open_video(Path(video)) as reader:
            return _Job(reader, Path(members), out, options, progress, settings).run(fix)
    except CloseupError:
        if made:
            _remove_empty(out)
        raise


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    video: VideoReader
    members: Path
    out: Path
    options: FancamOptions
    progress: Progress
    settings: Settings

    def run(self, fix: Path | str | None) -> Fancams:
        corrections = self._corrections(fix)
        gallery, rejections, analysis = self._see()
        solution = solve(analysis, gallery, corrections, self.options, self.progress)
        outputs = Outputs(self.out, solution.names)
        write_coordinates(
            outputs.coordinates, solution.trajectories, solution.seconds, solution.size
        )
        write_coordinates_yolo(outputs.yolo, solution.trajectories, solution.size)
        videos = {}
        if self.options.video:
            videos = render_changed(
                self.video, analysis, solution, outputs, self.options, self.progress
            )
        report = build_report(self.video.path, analysis, solution, rejections, gallery)
        write_report(report, analysis, solution, self.out)
        return Fancams(videos, outputs.coordinates, outputs.page, report, solution)

    def _corrections(self, fix: Path | str | None) -> Corrections:
        path = Path(fix) if fix is not None else self.out / "corrections.json"
        return read_corrections(path) if fix is not None or path.exists() else Corrections()

    def _see(self) -> tuple[Gallery, list[Rejection], Analysis]:
        photos = find_photos(self.members)
        threads = max(1, (os.cpu_count() or 1) - 1)  # one processor decodes meanwhile
        detector = open_detector(
            self.options.detector,
            settings=self.settings,
            progress=self.progress,
            threads=threads,
        )
        embedder = open_embedder(self.settings, threads)
        gallery, rejections = enrol(photos, detector, embedder, self.progress)
        key = self._key(detector.name, embedder.name)
        store = AnalysisStore(self._folder() / "analysis", key)
        analysis = analyse(self.video, detector, embedder, store, self.options, self.progress)
        if analysis.ended_early:
            self.progress.say(analysis.ended_early)
        return gallery, rejections, analysis

    def _folder(self) -> Path:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot write to {self.out}: {error.strerror}; choose another --out"
            ) from error
        return self.out

    def _key(self, detector: str, embedder: str) -> dict[str, Any]:
        """All that the analysis depends on."""
        stat = self.video.path.stat()
        return {
            "version": 1,
            "video": self.video.path.name,
            "bytes": stat.st_size,
            "modified": stat.st_mtime_ns,
            "from": None if self.options.start is None else str(self.options.start),
            "to": None if self.options.end is None else str(self.options.end),
            "every": key_distance(self.video.rate, self.options),
            "appearance": self.options.appearance,
            "detector": detector,
            "embedder": embedder,
        }


def _remove_empty(folder: Path) -> None:
    """Leave no trace of a run that failed before it made anything."""
    for path in (folder / "analysis", folder):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
