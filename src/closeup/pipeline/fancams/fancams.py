"""Makes one close-up video for every member of a stage video."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from closeup.detection.no_faces import NoFaces
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import MembersError, UnusableMembersError
from closeup.fancam.analysis import Analysis, analyse, key_distance
from closeup.fancam.analysis_store import AnalysisStore
from closeup.fancam.better_rotation import rotation_line
from closeup.fancam.coordinates import write_coordinates, write_coordinates_yolo
from closeup.fancam.corrections import Corrections, read_corrections
from closeup.fancam.options import FancamOptions
from closeup.fancam.outputs import ANALYSIS, Outputs, render_changed
from closeup.fancam.reporting.report import build_report, write_report
from closeup.fancam.solution import Solution, solve
from closeup.files.atomic import claiming
from closeup.files.folders import refuse_inside, refuse_replacing
from closeup.identity.calibration import calibration_of
from closeup.identity.gallery import Gallery
from closeup.media.video_reader import VideoReader, open_video
from closeup.open_models import Models
from closeup.parts import required
from closeup.pipeline.people.members import Members, embedder_for, find_members, open_members
from closeup.progress import Progress, Silent
from closeup.protocols import (
    Embedder,
    FaceDetector,
    MemberDetector,
    PersonDetector,
    ShotDetector,
)
from closeup.tracking.head_tracker import HeadTracker
from closeup.tracking.tracker import Tracker

if TYPE_CHECKING:
    from closeup.pipeline.fancams.member_search import MemberSearch


@dataclass(frozen=True, slots=True, eq=False)
class Fancams:
    """Results of one run.

    Attributes:
        videos: Member → video; empty without rendering.
        grid: Video of all members side by side; None if the options do not ask for it.
        preview: Stage video with boxes and names; None if the options do not ask for it.
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
    members: Path | str | Gallery | None,
    out: Path | str,
    options: FancamOptions | None = None,
    *,
    detector: str | FaceDetector | None = "auto",
    embedder: str | Embedder = "auto",
    tracker: Tracker | None = None,
    member_detector: str | MemberDetector | None = None,
    person_detector: str | PersonDetector | None = None,
    shot_detector: str | ShotDetector = "auto",
    fix: Path | str | None = None,
    skip_members: bool = False,
    name_persons: bool = False,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Fancams:
    """Make a close-up video of every member.

    A second run re-uses the analysis in ``out`` and renders only what changed. Members are known
    by photos, by corrections that name persons of the video, or by both.

    Args:
        video: The stage video.
        members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``, a gallery's file (*.npz), or a
            gallery; None if all members are named by corrections.
        out: Folder for the results; made when it does not exist.
        options: Options of the run; None for the defaults.
        detector: A face detector, or a name of :data:`closeup.opening.DETECTORS`; None skips
            face detection in the video, which requires a ``member_detector``.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        tracker: Follows the heads from frame to frame; None for a :class:`HeadTracker`.
        member_detector: Finds the members by hair and clothes: a detector, or the path of an
            ONNX file that ``closeup train members`` made; None for none.
        person_detector: Finds the feet of the members, for the framings AUTO and BODY: a detector,
            or a name of :data:`closeup.opening.PERSON_DETECTORS`. None derives them from the faces.
        shot_detector: Finds the cuts: a detector, or a name of
            :data:`closeup.opening.SHOT_DETECTORS`.
        fix: A corrections file; None for ``out/corrections.json`` where it exists.
        skip_members: Leave out members without a usable photo, instead of an error.
        name_persons: Find the persons of the video and make no videos: the report shows them, and
            makes the corrections that name them. ``members`` may then be None.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        CloseupError: an input cannot be used, or a result cannot be written or would lie among the
            inputs; the message is one line and no partial file is left.
        ValueError: there is no detector at all, ``member_detector`` and self-training, or
            ``blur_others`` without a face detector.

    """
    options, progress, models = options or FancamOptions(), progress or Silent(), models or Models()
    _check_parts(options, detector, member_detector)
    if name_persons:
        options = replace(options, video=False)
    out = Path(out)
    refuse_among_inputs(out, Path(video), members)
    with open_video(Path(video), options.rotate) as reader, claiming(out), claiming(out / ANALYSIS):
        parts = _Parts(
            detector, embedder, tracker, member_detector, person_detector,
            models.shot_detector(shot_detector),
        )  # fmt: skip
        people = _People(members, skip_members, name_persons)
        job = _Job(reader, people, out, options, parts, models, progress)
        return job.run(fix)


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    """How the members are known; see :func:`make_fancams`."""

    members: Path | str | Gallery | None
    skip_members: bool
    name_persons: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """The parts as they were given, but for the shot detector; see :func:`make_fancams`."""

    detector: str | FaceDetector | None
    embedder: str | Embedder
    tracker: Tracker | None
    member_detector: str | MemberDetector | None
    person_detector: str | PersonDetector | None
    shot_detector: ShotDetector


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    video: VideoReader
    people: _People
    out: Path
    options: FancamOptions
    parts: _Parts
    models: Models
    progress: Progress

    def run(self, fix: Path | str | None) -> Fancams:
        self._tell_size()
        corrections = self._corrections(fix)
        self._check_named(corrections)
        further = self._further_detectors()  # before the analysis, which takes long
        gallery, analysis, key = self._see(corrections)
        solution = self._solution(analysis, gallery, corrections, key, *further)
        outputs = Outputs(self.out, solution.names)
        write_coordinates(
            outputs.coordinates, solution.trajectories, solution.seconds, solution.size
        )
        write_coordinates_yolo(outputs.yolo, solution.trajectories, solution.size)
        if self.options.video:
            render_changed(self.video, analysis, solution, outputs, self.options, self.progress)
        report = build_report(self.video.path, analysis, solution, gallery, self.video.warnings)
        write_report(report, analysis, solution, self.out)
        if self.people.name_persons:
            self.progress.say(
                f"name the persons on {outputs.page}, save corrections.json beside it, and run "
                "the same command without --name-persons"
            )
        return self._made(outputs, report, solution)

    def _check_named(self, corrections: Corrections) -> None:
        """Refuse a run in which nobody can be a member."""
        people = self.people
        if people.members is None and not (corrections.named or people.name_persons):
            raise MembersError(
                "there are no members: give their photos with --members, or find the persons of "
                "the video with --name-persons and name them in persons of corrections.json"
            )

    def _tell_size(self) -> None:
        larger = self.options.larger_size(self.video.size)
        if larger and self.options.video:
            self.progress.say(
                f"the videos are {self.options.output_size(self.video.size)}; --size source makes "
                f"them {larger}"
            )

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

    def _further_detectors(self) -> tuple[MemberDetector | None, PersonDetector | None]:
        """The detectors of members and of persons; None where none is given."""
        members, persons = self.parts.member_detector, self.parts.person_detector
        return (
            None if members is None else self.models.member_detector(members),
            None if persons is None else self.models.person_detector(persons),
        )

    def _solution(
        self,
        analysis: Analysis,
        gallery: Gallery,
        corrections: Corrections,
        key: dict[str, Any],
        member_detector: MemberDetector | None,
        person_detector: PersonDetector | None,
    ) -> Solution:
        """All decisions, with the boxes of the given or self-trained detectors."""
        decide = partial(
            solve, analysis, gallery, corrections, self.options, self.progress,
            shot_detector=self.parts.shot_detector,
        )  # fmt: skip
        if not (member_detector or person_detector or self.options.self_train):
            return decide()
        search, sight = self._search(gallery, key), None
        if member_detector is not None:
            sight = search.by(member_detector)
        elif self.options.self_train:
            sight = search.by_itself(decide())
        persons = search.persons(person_detector) if person_detector else None
        return decide(sight=sight, persons=persons)

    def _search(self, gallery: Gallery, key: dict[str, Any]) -> MemberSearch:
        # Late, since it imports all that trains a detector.
        from closeup.pipeline.fancams.member_search import MemberSearch

        every = key_distance(self.video.rate, self.options)
        return MemberSearch(
            self.video, gallery.names, self.out, key, every, self.options, self.models,
            self.progress,
        )  # fmt: skip

    def _see(self, corrections: Corrections) -> tuple[Gallery, Analysis, dict[str, Any]]:
        given = self.people.members
        known = None if given is None else find_members(given, self.progress)
        threads = max(1, (os.cpu_count() or 1) - 1)  # one processor decodes meanwhile
        detector = self.models.detector(
            "auto" if self.parts.detector is None else self.parts.detector,
            threads=threads,
            progress=self.progress,
        )
        chosen = self.parts.embedder if known is None else embedder_for(known, self.parts.embedder)
        embedder = self.models.embedder(chosen, threads=threads)
        tracker = self.parts.tracker
        if tracker is None:
            tracker = HeadTracker(appearance=self.options.appearance)
        required(tracker, Tracker)
        gallery = self._with_named(self._gallery(known, detector, embedder), corrections)
        if self.options.video:
            self._check_videos(gallery)
        if self.parts.detector is None:
            detector = NoFaces()
        key = self._key(detector.name, calibration_of(embedder), tracker.name)
        store = AnalysisStore(self.out / ANALYSIS, key)
        analysis = analyse(
            self.video, detector, embedder, tracker, store, self.options, self.progress
        )
        for line in (*self.video.warnings, analysis.ended_early):
            if line:
                self.progress.say(line)
        if analysis.better_rotation is not None:
            self.progress.say(rotation_line(self.video.path.name, analysis.better_rotation))
        return gallery, analysis, key

    def _gallery(
        self, known: Members | None, detector: FaceDetector, embedder: Embedder
    ) -> Gallery:
        """The members with photos; all of them, unless some may be skipped."""
        if known is None:
            return Gallery.of(calibration_of(embedder), {})
        strict = not self.people.skip_members
        of_photos = self.models.turned_detector(detector, photos=True)
        try:
            return open_members(known, of_photos, embedder, self.progress, strict=strict)
        except UnusableMembersError as error:
            raise UnusableMembersError(
                f"{error}, or leave such members out with --skip-members"
            ) from error

    def _with_named(self, gallery: Gallery, corrections: Corrections) -> Gallery:
        """The members with photos, and those whom corrections name."""
        further = [name for name in corrections.named if name not in gallery.names]
        if further and self.people.members is not None:
            self.progress.say(
                f"without photos, known by corrections alone: {', '.join(further)}; the others "
                f"are {', '.join(gallery.names)}"
            )
        return gallery.with_members(further)

    def _check_videos(self, gallery: Gallery) -> None:
        """Refuse to replace the stage video by one of the results."""
        outputs = Outputs(self.out, gallery.names)
        for path in (*outputs.videos.values(), outputs.grid, outputs.preview):
            refuse_replacing(path, {self.video.path.resolve()})

    def _key(
        self, detector: str, calibration: EmbeddingCalibration, tracker: str
    ) -> dict[str, Any]:
        """Everything that the analysis depends on, for JSON."""
        stat = self.video.path.stat()
        return {
            "version": 4,
            "video": self.video.path.name,
            "bytes": stat.st_size,
            "modified": stat.st_mtime_ns,
            "from": None if self.options.start is None else str(self.options.start),
            "to": None if self.options.end is None else str(self.options.end),
            "rotate": self.options.rotate,
            "every": key_distance(self.video.rate, self.options),
            "appearance": self.options.appearance,
            "detector": detector,
            "embedder": calibration.embedder,
            "calibration": calibration.digest,
            "tracker": tracker,
        }


def refuse_among_inputs(out: Path, video: Path, members: Path | str | Gallery | None) -> None:
    """Reject a folder for results that is the video's file or lies among the members' photos.

    Raises:
        OutputError: it is one of these, symbolic links followed.

    """
    refuse_replacing(out, {video.resolve()})
    if isinstance(members, Path | str):
        refuse_inside(out, Path(members))


def _check_parts(
    options: FancamOptions,
    detector: str | FaceDetector | None,
    member_detector: str | MemberDetector | None,
) -> None:
    if detector is None and member_detector is None:
        raise ValueError("give a detector of faces, a detector of members, or both")
    if detector is None and options.blur_others:
        raise ValueError("blur_others needs a detector of faces, or the faces of others are missed")
    if member_detector is not None and options.self_train:
        raise ValueError("self_train makes a detector of members; give no member_detector")
