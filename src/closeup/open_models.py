"""Models that are opened once and kept, for servers, notebooks and the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

from closeup.errors import InputError
from closeup.identity.calibration import calibration_of
from closeup.opening import (
    USUAL_EMBEDDER,
    open_cover_detector,
    open_detector,
    open_embedder,
    open_landmarker,
    open_member_detector,
    open_person_detector,
    open_pupil_finder,
    open_shot_detector,
)
from closeup.parts import CheckedDetector, required
from closeup.progress import Progress, Silent
from closeup.protocols import (
    Embedder,
    FaceDetector,
    Landmarker,
    MemberDetector,
    PersonDetector,
    PupilFinder,
    ShotDetector,
)
from closeup.pupils.calibration import CalibratedPupilFinder, Calibration
from closeup.settings import Settings

T = TypeVar("T")


class Models:
    """Opens models by name, each of them once, and keeps them open.

    A use case accepts a name or an object for each part and gets the part from here: a name is
    opened at its first use and kept, an object is checked against its protocol and used as it
    is. A file that has changed since is opened again. Any thread may call any method.

    Args:
        settings: Folders of model files, and whether the work is commercial; by default from the
            environment variables.

    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self._opened: dict[tuple[str, str, int | None], tuple[object, object]] = {}
        self._lock = Lock()

    def detector(
        self,
        part: str | FaceDetector = "auto",
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> FaceDetector:
        """A face detector.

        Args:
            part: A name of :data:`closeup.opening.DETECTORS`, the path of an ONNX file, or a
                detector.
            threads: Threads inside one operator of a detector that is opened here; by default one
                per processor.
            progress: Receives one line that names the detector; silent by default.

        Raises:
            PartError: the object is not a face detector.
            ModelError: there is no such model, it cannot be read, or its licence does not allow
                commercial use and the settings require it.

        """
        progress = progress or Silent()
        if not isinstance(part, str):
            own = CheckedDetector(part)
            progress.say(f"finding faces with {own.name}")
            return own

        def open_it() -> tuple[FaceDetector, str]:
            lines = _Lines()
            found = open_detector(part, settings=self.settings, progress=lines, threads=threads)
            return found, lines.last

        detector, line = self._kept("detector", part, threads, open_it)
        progress.say(line)
        return detector

    def cover_detector(
        self, part: str | FaceDetector = "auto", *, threads: int | None = None
    ) -> tuple[FaceDetector, float]:
        """A face detector for covers; see :func:`closeup.opening.open_cover_detector`.

        Args:
            part: As for :meth:`detector`; all faces of a detector that is an object are certain.
            threads: As for :meth:`detector`.

        Returns:
            The detector, and the score from which its faces are certain.

        Raises:
            PartError, ModelError: as for :meth:`detector`.

        """
        if not isinstance(part, str):
            return CheckedDetector(part), 0.0
        return self._kept(
            "covers",
            part,
            threads,
            lambda: open_cover_detector(part, settings=self.settings, threads=threads),
        )

    def turned_detector(
        self, detector: FaceDetector, *, photos: bool, any_rotation: bool = False
    ) -> FaceDetector:
        """A detector that also finds heads that are not upright, if that suits the source.

        Photos are searched in all quarter turns if they show no upright head, frames only if
        ``any_rotation`` is set; then every picture is.

        Args:
            detector: Finds upright heads.
            photos: Whether the pictures are photos, not frames.
            any_rotation: Whether heads at any roll are searched in every picture.

        """
        if not (photos or any_rotation):
            return detector
        from closeup.detection.any_rotation import AnyRotation
        from closeup.landmarks.rolls import RollFinder

        rolls = RollFinder(detector, self.landmarker("dlib-5-points"))
        return AnyRotation(detector, rolls.find, always=any_rotation)

    def member_detector(
        self, part: str | MemberDetector, *, threads: int | None = None
    ) -> MemberDetector:
        """A detector of the members of a stage.

        Args:
            part: The path of an ONNX file, or a detector.
            threads: As for :meth:`detector`.

        Raises:
            PartError: the object is not a detector of members.
            ModelError: the file cannot be read or used.

        """
        return self._part(MemberDetector, part, open_member_detector, threads=threads)

    def person_detector(
        self, part: str | PersonDetector, *, threads: int | None = None
    ) -> PersonDetector:
        """A detector of persons.

        Args:
            part: A name of :data:`closeup.opening.PERSON_DETECTORS`, or a detector.
            threads: As for :meth:`detector`.

        Raises:
            PartError: the object is not a detector of persons.
            ModelError: there is no such detector, or its file cannot be read.

        """
        return self._part(PersonDetector, part, open_person_detector, threads=threads)

    def shot_detector(
        self, part: str | ShotDetector = "auto", *, threads: int | None = None
    ) -> ShotDetector:
        """A detector of the cuts of a video.

        Args:
            part: A name of :data:`closeup.opening.SHOT_DETECTORS`, or a detector.
            threads: As for :meth:`detector`.

        Raises:
            PartError: the object is not a shot detector.
            ModelError: there is no such detector, or its file cannot be read.

        """
        return self._part(ShotDetector, part, open_shot_detector, threads=threads)

    def landmarker(self, part: str | Landmarker) -> Landmarker:
        """A finder of feature points.

        Args:
            part: A name of :data:`closeup.opening.LANDMARKERS`, or a landmarker.

        Raises:
            PartError: the object is not a landmarker.
            ModelError: there is no such model, or its licence does not allow commercial use and
                the settings require it.

        """
        return self._part(Landmarker, part, open_landmarker)

    def pupil_finder(
        self, part: str | PupilFinder, calibration: Calibration | None = None
    ) -> PupilFinder:
        """A pupil finder.

        Args:
            part: A name of :data:`closeup.opening.PUPIL_METHODS`, the path of an ONNX file,
                several of both separated by commas (their mean is taken), or a finder.
            calibration: Constant error of the method, which is subtracted; None to subtract none.

        Raises:
            PartError: the object is not a pupil finder.
            InputError: the calibration is of another method.
            ModelError: there is no such method, or a model cannot be used.

        """
        finder = self._part(PupilFinder, part, open_pupil_finder)
        if calibration is None:
            return finder
        asked = part if isinstance(part, str) else finder.name
        if calibration.method != finder.name:
            raise InputError(
                f"the calibration is of the method {calibration.method}, not of {finder.name}; "
                f"fit another with: closeup calibrate pupils --method {asked}"
            )
        return CalibratedPupilFinder(finder, self.landmarker("dlib-5-points"), calibration)

    def embedder(
        self,
        part: str | Embedder = "auto",
        *,
        threads: int | None = None,
        calibrated: bool = True,
    ) -> Embedder:
        """A face embedding.

        Args:
            part: A name of :data:`closeup.opening.EMBEDDERS`, the path of an ONNX file, or an
                embedder.
            threads: As for :meth:`detector`.
            calibrated: Whether a calibration is required, since distances are converted to odds;
                an embedder without its own calibration is then refused.

        Raises:
            PartError: the object is not an embedder.
            CalibrationError: a calibration is required, and the embedder has none or that of
                another embedder.
            ModelError: there is no such model, or it cannot be used.

        """
        if part == "auto":
            part = USUAL_EMBEDDER
        embedder = self._part(Embedder, part, open_embedder, threads=threads)
        if calibrated:
            calibration_of(embedder, part if isinstance(part, str) else None)
        return embedder

    def _part(
        self, protocol: type, part: str | T, opener: Callable[..., T], **options: int | None
    ) -> T:
        """The object itself if it has the protocol's members; else the part of that name, kept."""
        if not isinstance(part, str):
            return required(part, protocol)
        return self._kept(
            protocol.__name__,
            part,
            options.get("threads"),
            lambda: opener(part, settings=self.settings, **options),
        )

    def _kept(self, kind: str, name: str, threads: int | None, open_it: Callable[[], T]) -> T:
        with self._lock:
            key, version = (kind, name, threads), _version(name)
            if key not in self._opened or self._opened[key][0] != version:
                self._opened[key] = version, open_it()
            return self._opened[key][1]  # type: ignore[return-value]


def _version(name: str) -> tuple[tuple[int, int] | None, ...]:
    """Modification time (ns) and size (bytes) of each file of a name; None if it is not a file."""
    found = []
    for part in map(Path, name.split(",")):
        stat = part.stat() if part.is_file() else None
        found.append(stat and (stat.st_mtime_ns, stat.st_size))
    return tuple(found)


class _Lines(Silent):
    """A progress object that keeps the last message."""

    last = ""

    def say(self, message: str) -> None:
        """Keep the message."""
        self.last = message
