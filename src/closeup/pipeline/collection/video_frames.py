"""``closeup collect video``: frames of videos as pictures, with a manifest."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

from closeup.collection.frame_choice import (
    frames_of_shots,
)
from closeup.collection.manifest import (
    DOCUMENT,
    TABLE,
    CollectedPicture,
    CollectionJournal,
    JournalEntry,
    write_manifest_table,
)
from closeup.collection.picture_measures import require_hashes
from closeup.errors import InputError, VideoError
from closeup.executors.threads import ordered_map
from closeup.files.atomic import claiming, replacing
from closeup.files.unique_names import UniqueNames, portable_stem
from closeup.files.workfolder import WorkFolder
from closeup.frames import Frame
from closeup.geometry import Size
from closeup.identity.gallery import FALSE_ACCEPT_RATE, Gallery
from closeup.media.images import encode_jpeg
from closeup.media.video_reader import VideoReader, open_video
from closeup.open_models import Models
from closeup.pipeline.collection.collect_options import CollectOptions
from closeup.pipeline.collection.different_pictures import DifferentPictures, KeptAndDropped
from closeup.pipeline.collection.frame_faces import (
    FoundFaces,
    FrameFaceFinder,
    picture_features,
)
from closeup.pipeline.people.identify import FaceIdentifier
from closeup.pipeline.people.members import embedder_for, find_members, open_members
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector, ShotDetector
from closeup.timecode import Timecode

_HASHED_SIDE, _THUMBNAIL_SIDE = 128, 48
"""Longer side in pixels of what is hashed, and of what cuts are found in."""
_MARKED = 25
"""Chosen frames from one mark of the journal to the next."""
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """Pictures that were collected.

    Attributes:
        folder: Their folder.
        table: ``manifest.csv``.
        document: Content of ``manifest.json``.

    """

    folder: Path
    table: Path
    document: dict[str, Any]


def collect_video(
    videos: Sequence[Path | str],
    out: Path | str,
    options: CollectOptions | None = None,
    *,
    members: Path | str | Gallery | None = None,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    shot_detector: str | ShotDetector = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Write frames of videos as JPEG files, with a manifest that says where each came from.

    An interrupted run is continued by the same call. The memory that is needed does not grow with
    the length of a video. A video that cannot be read is reported and left out.

    Args:
        videos: The videos.
        out: Folder for the pictures; made when it does not exist.
        options: Which frames are collected; None for the defaults.
        members: Folder of the members' photos, a gallery's file or a gallery; required if a
            member must be recognised.
        detector: A face detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        shot_detector: Finds the cuts: a detector, or a name of
            :data:`closeup.opening.SHOT_DETECTORS`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        InputError: there is no video, none can be read, a member is unknown, an earlier run in
            ``out`` had other options or videos, or the extra ``collect`` is not installed and
            different frames are to be kept.
        ModelError: a model cannot be opened.
        OutputError: a result cannot be written.

    """
    options, progress = options or CollectOptions(), progress or Silent()
    models, out, paths = models or Models(), Path(out), [Path(video) for video in videos]
    if not paths:
        raise InputError("there is no video to collect from; name one or more")
    if options.diverse is not None:
        require_hashes()
    finder = _finder(options, members, detector, embedder, models, progress)
    shots = models.shot_detector(shot_detector)
    with claiming(out):
        return _Collection(paths, out, options, finder, shots, progress).run()


def _finder(
    options: CollectOptions,
    members: Path | str | Gallery | None,
    detector: str | FaceDetector,
    embedder: str | Embedder,
    models: Models,
    progress: Progress,
) -> FrameFaceFinder | None:
    """What finds the wanted faces; None if frames are collected without a look at faces."""
    wanted = options.faces
    if wanted is None:
        return None
    faces = models.detector(detector, threads=1, progress=progress)  # frames share the processors
    if not wanted.members:
        aligned = wanted.detail > 0 or options.diverse is not None
        network = models.embedder(embedder, threads=1, calibrated=False) if aligned else None
        return FrameFaceFinder(wanted, faces, network)
    if members is None:
        raise InputError("a member is recognised by photos; give the folder of all members")
    known = find_members(members, progress)
    network = models.embedder(embedder_for(known, embedder), threads=1)
    gallery = open_members(known, models.turned_detector(faces, photos=True), network, progress)
    if unknown := wanted.members - set(gallery.names):
        raise InputError(f"{min(unknown)} is no member; the members are {', '.join(gallery.names)}")
    identifier = FaceIdentifier(faces, network, gallery, FALSE_ACCEPT_RATE)
    return FrameFaceFinder(wanted, faces, network, identifier)


@dataclass(slots=True)
class _State:
    """What a run that goes on must know: the part that is complete."""

    video: int = 0
    frame: int = -1
    pts: int | None = None
    looked_at: int = 0
    failed: int = 0
    notes: list[str] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Examined:
    frame: Frame
    content: bytes | None
    found: FoundFaces | None
    features: tuple[float, ...] | None


class _Collection:
    """One run of :func:`collect_video`."""

    def __init__(
        self,
        paths: Sequence[Path],
        out: Path,
        options: CollectOptions,
        finder: FrameFaceFinder | None,
        shots: ShotDetector,
        progress: Progress,
    ) -> None:
        self._paths, self._out, self._options = paths, out, options
        self._finder, self._shots, self._progress = finder, shots, progress
        names = UniqueNames()
        self._stems = [names.take(Path(portable_stem(path.stem))).name for path in paths]
        self._journal = CollectionJournal(out)
        self._different = DifferentPictures(options.diverse) if options.diverse else None

    def run(self) -> Collected:
        """Collect from all videos that are not complete, and write the manifest."""
        sources = [self._source(path) for path in self._paths]
        work = WorkFolder(
            self._out, DOCUMENT, {"options": self._options.document(), "sources": sources},
            fingerprints={"sources": "other videos"}, foreign=(TABLE,),
        )  # fmt: skip
        earlier = work.earlier()
        if earlier is not None and "pictures" in earlier:
            return Collected(self._out, self._out / TABLE, earlier)
        if earlier is None:
            work.write()
        mark = self._journal.recover()
        state = _State(**mark) if mark else _State()
        self._restore()
        with self._journal:
            for number in range(state.video, len(self._paths)):
                self._video(number, state)
            if state.failed == len(self._paths):
                for path in (work.manifest, self._journal.path):  # right names may come next
                    path.unlink()
                raise InputError(f"no video can be read; the last: {state.notes[-1]}")
            if self._different and self._options.diverse:
                self._keep(self._different.most_different(self._options.diverse), state)
            return self._finished(work, state)

    def _restore(self) -> None:
        """Go on with the pictures of an interrupted run; delete those that it had given up."""
        kept = set[str]()
        for entry in self._journal.entries():
            kept.add(entry.picture.file)
            if self._different:
                self._different.add(entry)
        for stem in self._stems:
            for path in self._out.glob(f"{escape(stem)}_f*_t*.jpg"):
                if path.name not in kept:
                    path.unlink(missing_ok=True)

    def _finished(self, work: WorkFolder, state: _State) -> Collected:
        pictures = (entry.picture for entry in self._journal.entries())
        table = write_manifest_table(self._out, pictures)
        count = sum(1 for _ in self._journal.entries())
        document = work.write(
            {"pictures": count, "frames": state.looked_at, "notes": state.notes, **state.found}
        )
        self._journal.path.unlink(missing_ok=True)
        return Collected(self._out, table, document)

    def _source(self, path: Path) -> dict[str, Any]:
        """Name and hash of a video; no hash if it cannot be read."""
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
        except OSError:
            return {"name": path.name, "sha256": None}
        return {"name": path.name, "sha256": digest.hexdigest()}

    def _video(self, number: int, state: _State) -> None:
        path = self._paths[number]
        try:
            with open_video(path, self._options.rotate) as reader:
                self._frames_of(number, reader, state)
                notes = [*reader.warnings, reader.ended_early]
        except VideoError as error:
            notes = [f"{error}; it is left out"]
            state.failed += 1
        for note in notes:
            if note:
                self._progress.say(note)
                state.notes.append(note)
        state.video, state.frame, state.pts = number + 1, -1, None
        self._mark(state)

    def _frames_of(self, number: int, reader: VideoReader, state: _State) -> None:
        chosen = self._chosen(reader, state)
        self._progress.begin(f"collecting from {reader.path.name}", None)
        for place, examined in enumerate(ordered_map(self._examine, chosen), 1):
            self._progress.advance()
            self._take(number, reader, examined, state)
            if place % _MARKED == 0:
                self._mark(state)

    def _chosen(self, reader: VideoReader, state: _State) -> Iterator[Frame]:
        """The chosen frames behind those that are complete."""
        numbers = self._numbers(reader) if self._options.of_shots else ()
        choice = self._options.choice(numbers)
        frames: Iterator[Frame] = reader.frames()
        if state.pts is not None:
            begin = Timecode(state.pts, reader.time_base)
            frames = reader.frames(begin, first_index=state.frame)
        done = state.frame
        return (f for f in choice.chosen(frames, reader.start.seconds) if f.index > done)

    def _numbers(self, reader: VideoReader) -> Sequence[int]:
        """The numbers of the frames that are taken of the shots."""
        size, count = reader.size.fitted(_THUMBNAIL_SIDE), 0
        self._progress.begin(f"finding cuts of {reader.path.name}", reader.frame_estimate)

        def thumbnails() -> Iterator[Any]:
            nonlocal count
            for frame in reader:
                count += 1
                self._progress.advance()
                yield frame.rgb(size)

        cuts = self._shots.find(thumbnails(), reader.rate)
        return sorted(frames_of_shots(cuts, count, self._options.of_shots or 1))

    def _examine(self, frame: Frame) -> _Examined:
        """Look at a frame, and encode it if it is wanted; called from several threads."""
        image, found = frame.rgb(), None
        if self._finder is not None:
            found = self._finder.find(image)
            if found is None:
                return _Examined(frame, None, None, None)
        features = None
        if self._different:
            small = frame.rgb(Size.of(image).fitted(_HASHED_SIDE))
            features = picture_features(small, found)
        return _Examined(frame, encode_jpeg(image, self._options.quality), found, features)

    def _take(self, number: int, reader: VideoReader, seen: _Examined, state: _State) -> None:
        """Write a frame if it is wanted, and note how far the video is complete."""
        frame = seen.frame
        state.frame, state.pts = frame.index, frame.timecode.pts
        state.looked_at += 1
        if seen.content is None:
            state.found = dict(Counter(state.found) + Counter({"without_wanted_faces": 1}))
            return
        seconds = float(frame.timecode.seconds - reader.start.seconds)
        name = f"{self._stems[number]}_f{frame.index:06d}_t{seconds:08.3f}.jpg"
        with replacing(self._out / name) as temporary:
            temporary.write_bytes(seen.content)
        found = seen.found
        picture = CollectedPicture(
            file=name, sha256=hashlib.sha256(seen.content).hexdigest(),
            source=str(self._paths[number]), frame=frame.index, seconds=round(seconds, 6),
            width=frame.size.width, height=frame.size.height,
            faces=found.count if found else None, face_height=found.height if found else None,
            detail=found.detail if found else None, member=found.member if found else None,
            confidence=found.confidence if found else None,
        )  # fmt: skip
        entry = JournalEntry(picture, seen.features)
        self._journal.add(entry)
        if self._different:
            self._different.add(entry)

    def _mark(self, state: _State) -> None:
        """Make complete what was taken so far; thin the pictures out if they are many."""
        if self._different and self._different.is_full:
            self._keep(self._different.most_different(self._different.most // 2), state)
        else:
            self._journal.mark(asdict(state))

    def _keep(self, choice: KeptAndDropped, state: _State) -> None:
        """Hold the kept pictures only, then delete the files of the others."""
        self._journal.replace(choice.kept, asdict(state))
        for entry in choice.dropped:
            (self._out / entry.picture.file).unlink(missing_ok=True)
