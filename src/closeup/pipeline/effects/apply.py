"""Applies effects to the faces of a photo, a folder of photos or a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from closeup.background import ahead
from closeup.effects.catalogue import Chain, open_effect
from closeup.effects.covered_faces import find_covers
from closeup.effects.options import EffectOptions
from closeup.effects.privacy import CoveringEffect
from closeup.errors import ImageError, InputError, OutputError
from closeup.executors.threads import Threads
from closeup.faces import Faces
from closeup.files.atomic import claiming, claiming_file
from closeup.files.folders import refuse_replacing
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Boxes
from closeup.identity.gallery import Gallery
from closeup.media.pictures import Picture, Pictures, SourceKind, open_pictures
from closeup.media.video_reader import VideoReader
from closeup.media.whole_images import WRITTEN, WholeImage
from closeup.open_models import Models
from closeup.parts import checked_picture
from closeup.pipeline.effects.kept_faces import (
    KeptFaces,
    KeptInPhotos,
    check_kept,
    kept_in_video,
)
from closeup.pipeline.effects.parts import METHOD, EffectParts, effect_parts
from closeup.pipeline.people.members import embedder_for, find_members, open_members
from closeup.pipeline.search.drawn_faces import drawn_names
from closeup.pipeline.search.drawn_video import drawn_video
from closeup.progress import Progress, Silent
from closeup.protocols import Effect, FaceDetector, Landmarker, PupilFinder

_AHEAD = 2
"""Frames that are decoded, and drawn, in advance."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of one run.

    Attributes:
        path: The picture, the video, or the folder of pictures.
        pictures: Number of pictures or frames.
        faces: Number of faces in all of them.

    """

    path: Path
    pictures: int
    faces: int


def apply_effect(
    source: Path | str,
    effect: str | Effect | Sequence[str | Effect],
    out: Path | str,
    *,
    options: EffectOptions | None = None,
    detector: str | FaceDetector = "auto",
    method: str | PupilFinder = METHOD,
    landmarks: str | Landmarker = "auto",
    members: Path | str | Gallery | None = None,
    keep: Sequence[str] = (),
    rotate: int = 0,
    any_rotation: bool = False,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Applied:
    """Apply an effect to all faces of a photo, a folder of photos or a video.

    A photo keeps its depth, its transparency and its colour profile; a video keeps its time stamps
    and its sound.

    Args:
        source: A picture, a folder of pictures, or a video.
        effect: An effect, a name of :func:`closeup.effect_names`, several names separated by
            commas, or a sequence of names and effects that are applied one after another.
        out: File of the result, or folder for the results of a folder.
        options: Options of effects that are given by name; None for the defaults.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        method: A pupil finder, or a name of :data:`closeup.opening.PUPIL_METHODS`.
        landmarks: A landmarker, a name of :data:`closeup.opening.LANDMARKERS`, or "auto":
            MediaPipe's 468 points, which show the lids, where their file is on this machine, else
            dlib's five.
        members: For ``keep``: a folder with photos, a gallery's file, or a gallery.
        keep: Names of members whose faces the privacy effects leave visible.
        rotate: Rotation of the pictures in degrees clockwise: 0, 90, 180 or 270.
        any_rotation: See :func:`closeup.find_faces`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        The result. A picture without a face is written unchanged, and ``progress`` receives a line.

    Raises:
        InputError: there is no picture or effect, or a file of an effect cannot be used.
        PartError: an effect did not return an RGB picture of the same size.
        OutputError: the result cannot be written, or would replace a picture that is read.
        ValueError: ``keep`` without ``members``, or ``rotate`` is no quarter turn.

    """
    models, progress = models or Models(), progress or Silent()
    effects = opened_effects(effect, options)
    if keep and members is None:
        raise ValueError("keep needs the photos of the members: give members")
    pictures = open_pictures(source, rotate=rotate)
    parts = effect_parts(models, detector, method, landmarks, progress, pictures, any_rotation)
    job = _Job(pictures, Path(out), effects, parts, progress, rotate)
    if keep and members is not None:
        job.kept = _kept(job, members, keep, detector, models)
    return job.run()


def opened_effects(
    effect: str | Effect | Sequence[str | Effect], options: EffectOptions | None = None
) -> list[Effect]:
    """Single effects, in the order in which they are applied."""
    given = [effect] if isinstance(effect, str) or callable(effect) else list(effect)
    found: list[Effect] = []
    for one in given:
        opened = open_effect(one, options) if isinstance(one, str) else one
        found += opened.effects if isinstance(opened, Chain) else [opened]
    return found


def _kept(
    job: _Job,
    members: Path | str | Gallery,
    keep: Sequence[str],
    detector: str | FaceDetector,
    models: Models,
) -> KeptFaces:
    if job.pictures.video is not None:
        return kept_in_video(
            job.pictures.path, members, keep, rotate=job.rotate, detector=detector,
            models=models, progress=job.progress,
        )  # fmt: skip
    known = find_members(members, job.progress)
    embedder = models.embedder(embedder_for(known, "auto"))
    gallery = open_members(known, job.parts.detector, embedder, job.progress, strict=True)
    check_kept(keep, gallery.names)
    return KeptInPhotos(gallery, embedder, frozenset(keep))


@dataclass(slots=True, eq=False)
class _Job:
    """One run; see :func:`apply_effect`."""

    pictures: Pictures
    out: Path
    effects: list[Effect]
    parts: EffectParts
    progress: Progress
    rotate: int
    kept: KeptFaces | None = None
    _faces: int = field(default=0, init=False)

    def run(self) -> Applied:
        video, several = self.pictures.video, self.pictures.kind is SourceKind.FOLDER
        with claiming(self.out) if several else claiming_file(self.out):
            count = self._photos() if video is None else self._video(video)
        if not self._faces:
            self.progress.say("no face was found; the result is the same as the input")
        return Applied(self.out, count, self._faces)

    def _photos(self) -> int:
        pictures = list(self.pictures)
        single = self.pictures.kind is SourceKind.IMAGE
        if single:
            names = {pictures[0].name: self.out}
        else:
            self.pictures.refuse_results_in(self.out)
            drawn = drawn_names((p.name for p in pictures), WRITTEN)
            names = {name: self.out / path for name, path in drawn.items()}
        sources = {picture.path.resolve() for picture in pictures}
        for path in names.values():
            refuse_replacing(path, sources)
        passed = PassedOver(self.progress, self.pictures.others)
        self.progress.begin("drawing", len(pictures))
        done = 0
        for picture, result in Threads().map(_Photo(self), pictures):
            self.progress.advance()
            if isinstance(result, ImageError):
                if single:
                    raise result
                passed.leave_out(f"{result}; it is left out", result.kind)
                continue
            image, faces = result
            image.write(names[picture.name])
            self._faces += faces
            done += 1
        passed.say_sum()
        if not done:
            raise InputError(f"{self.pictures.path}: no picture can be read")
        return done

    def _video(self, video: VideoReader) -> int:
        if self.out.suffix.lower() != ".mp4":
            raise OutputError(f"{self.out}: videos are written as .mp4; give such a name")
        refuse_replacing(self.out, {video.path.resolve()})
        covers = self._covers(video)
        self.progress.begin("drawing", video.frame_estimate)
        count = 0
        with drawn_video(self.out, video, self.progress) as target:
            for seconds, drawn in ahead(self._drawn(video, covers), _AHEAD):
                target.write(seconds, target.prepared(drawn))
                self.progress.advance()
                count += 1
        for line in (*video.warnings, video.ended_early):
            if line:
                self.progress.say(line)
        return count

    def _covers(self, video: VideoReader) -> list[Boxes] | None:
        """The faces that privacy effects cover in each frame; None without such an effect.

        A face may be covered since it is found later, so the whole video is searched first.
        """
        if not any(isinstance(effect, CoveringEffect) for effect in self.effects):
            return None
        self.progress.begin("finding faces", video.frame_estimate)
        with closing(ahead(video.frames(), _AHEAD)) as frames:
            return find_covers(frames, self.parts.cover_detector, self.progress)

    def _drawn(
        self, video: VideoReader, covers: list[Boxes] | None
    ) -> Iterator[tuple[Fraction, RGBImage]]:
        """The frames with their effects, and their times."""
        all_covering = all(isinstance(effect, CoveringEffect) for effect in self.effects)
        following = None if all_covering else self.parts.following()
        for frame in ahead(video.frames(), _AHEAD):
            image, faces = frame.rgb(), Faces.none()
            if following is not None:
                faces = following.find(frame, image)
            hidden = Faces.none()
            if covers is not None:
                boxes = covers[frame.index]
                hidden = self._hidden(image, Faces.of(boxes, np.ones(len(boxes))), frame.index)
            self._faces += len(hidden if following is None else faces)
            yield frame.timecode.seconds, self.apply(image, faces, hidden)

    def _hidden(self, image: RGBImage, covers: Faces, frame: int | None) -> Faces:
        """The faces that privacy effects cover."""
        if self.kept is None or not len(covers):
            return covers
        return covers[~self.kept.visible(image, covers, frame)]

    def photo(self, image: RGBImage) -> tuple[RGBImage, int]:
        """A photo with its effects, and the number of its faces; any thread may call it."""
        faces = self.parts.find(image)
        return self.apply(image, faces, self._hidden(image, faces, None)), len(faces)

    def apply(self, image: RGBImage, faces: Faces, hidden: Faces) -> RGBImage:
        """Apply all effects to a picture."""
        for effect in self.effects:
            own = hidden if isinstance(effect, CoveringEffect) else faces
            image = checked_picture(effect(image, own), image)
        return image


@dataclass(frozen=True, slots=True, eq=False)
class _Photo:
    """Reads and draws a photo; returns a read error instead of raising it."""

    job: _Job

    def __call__(self, picture: Picture) -> tuple[WholeImage, int] | ImageError:
        try:
            whole = WholeImage.read(picture.path).rotated(self.job.rotate)
        except ImageError as error:
            return error
        drawn, faces = self.job.photo(whole.rgb)
        return whole.changed(drawn), faces
