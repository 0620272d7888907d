"""The main job: one close-up video for every member of a stage video."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closeup.atomic import claiming
from closeup.detection.nothing import NoFaces
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.fancam.analysis import Analysis, analyse, key_distance
from closeup.fancam.analysis_store import AnalysisStore
from closeup.fancam.coordinates import write_coordinates, write_coordinates_yolo
from closeup.fancam.corrections import Corrections, read_corrections
from closeup.fancam.member_sight import MemberSight
from closeup.fancam.options import FancamOptions
from closeup.fancam.outputs import ANALYSIS, Outputs, render_changed
from closeup.fancam.reporting.report import build_report, write_report
from closeup.fancam.solution import Solution, solve
from closeup.identity.calibration import calibration_of
from closeup.identity.enrolment import Rejection
from closeup.identity.gallery import Gallery
from closeup.media.video_reader import VideoReader, open_video
from closeup.opening import open_detector, open_embedder
from closeup.pipeline.member_search import MemberSearch
from closeup.pipeline.members import find_members, open_members
from closeup.progress import Progress, Silent
from closeup.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Fancams:
    """What one run made.

    Attributes:
        videos: Member → video; empty without rendering.
        grid: All members side by side, where the options ask for it.
        preview: The stage with boxes and names, where the options ask for it.
        coordinates: ``coordinates.csv``.
        page: ``report.html``.
        report: Content of ``report.json``.
        solution: Tracklets, identities, trajectories and camera paths.

    """

    videos: dict[str, Path]
    grid: Path | None
    preview: Path | None
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
    embedder: str = "dlib-128",
    fix: Path | str | None = None,
    progress: Progress | None = None,
    settings: Settings | None = None,
) -> Fancams:
    """Make a close-up video of every member.

    A second run re-uses the analysis in ``out`` and renders only what changed.

    Args:
        video: The stage video.
        members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``, or a gallery's file (*.npz).
        out: Folder for the results; made when it does not exist.
        options: What to make and how.
        embedder: One of :data:`closeup.opening.EMBEDDERS`, or the path of a face embedding.
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
    with open_video(Path(video)) as reader, claiming(out), claiming(out / ANALYSIS):
        job = _Job(reader, Path(members), out, options, embedder, progress, settings)
        return job.run(fix)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    video: VideoReader
    members: Path
    out: Path
    options: FancamOptions
    embedder: str
    progress: Progress
    settings: Settings

    def run(self, fix: Path | str | None) -> Fancams:
        corrections = self._corrections(fix)
        gallery, rejections, analysis, key = self._see()
        sight = self._members_seen(gallery, analysis, corrections, key)
        solution = solve(analysis, gallery, corrections, self.options, self.progress, sight)
        outputs = Outputs(self.out, solution.names)
        write_coordinates(
            outputs.coordinates, solution.trajectories, solution.seconds, solution.size
        )
        write_coordinates_yolo(outputs.yolo, solution.trajectories, solution.size)
        if self.options.video:
            render_changed(self.video, analysis, solution, outputs, self.options, self.progress)
        report = build_report(self.video.path, analysis, solution, rejections, gallery)
        write_report(report, analysis, solution, self.out)
        return self._made(outputs, report, solution)

    def _made(self, outputs: Outputs, report: dict[str, Any], solution: Solution) -> Fancams:
        wanted = self.options.video
        videos = {name: path for name, path in outputs.videos.items() if path.exists()}
        return Fancams(
            videos=videos if wanted else {},
            grid=outputs.grid if wanted and self.options.grid else None,
            preview=outputs.preview if wanted and self.options.preview else None,
            coordinates=outputs.coordinates,
            page=outputs.page,
            report=report,
            solution=solution,
        )

    def _corrections(self, fix: Path | str | None) -> Corrections:
        path = Path(fix) if fix is not None else self.out / "corrections.json"
        return read_corrections(path) if fix is not None or path.exists() else Corrections()

    def _members_seen(
        self, gallery: Gallery, analysis: Analysis, corrections: Corrections, key: dict[str, Any]
    ) -> MemberSight | None:
        """What a detector of members says, where the options ask for one."""
        every = key_distance(self.video.rate, self.options)
        search = MemberSearch(
            self.video, gallery.names, self.out, key, every, self.options, self.settings,
            self.progress,
        )  # fmt: skip
        if self.options.member_file:
            return search.by_file(self.options.member_file)
        if self.options.self_train:
            first = solve(analysis, gallery, corrections, self.options, self.progress)
            return search.by_itself(first)
        return None

    def _see(self) -> tuple[Gallery, list[Rejection], Analysis, dict[str, Any]]:
        members = find_members(self.members)
        threads = max(1, (os.cpu_count() or 1) - 1)  # one processor decodes meanwhile
        detector = open_detector(
            self.options.face_detector or "auto",
            settings=self.settings,
            progress=self.progress,
            threads=threads,
        )
        embedder = open_embedder(self.settings, threads, self.embedder)
        calibration = calibration_of(embedder, self.embedder)
        gallery, rejections = open_members(members, detector, embedder, self.progress)
        if self.options.face_detector is None:
            detector = NoFaces()
        key = self._key(detector.name, calibration)
        store = AnalysisStore(self.out / ANALYSIS, key)
        analysis = analyse(self.video, detector, embedder, store, self.options, self.progress)
        for line in (*self.video.warnings, analysis.ended_early):
            if line:
                self.progress.say(line)
        return gallery, rejections, analysis, key

    def _key(self, detector: str, calibration: EmbeddingCalibration) -> dict[str, Any]:
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
            "embedder": calibration.embedder,
            "calibration": calibration.digest,
        }
