"""Models that are opened once and kept: what a server, a notebook and the command line share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

from closeup.errors import InputError
from closeup.identity.calibration import calibration_of
from closeup.opening import (
    open_detector,
    open_embedder,
    open_landmarker,
    open_member_detector,
    open_pupil_finder,
)
from closeup.parts import CheckedDetector, required
from closeup.progress import Progress, Silent
from closeup.protocols import (
    Embedder,
    FaceDetector,
    Landmarker,
    MemberDetector,
    PupilFinder,
)
from closeup.pupils.calibration import CalibratedPupilFinder, Calibration
from closeup.settings import Settings

T = TypeVar("T")


class Models:
    """Opens models by name, each of them once, and keeps them open.

    A use case takes a name or an object for each part. It asks here for the part: a name is
    opened at its first use and kept, an object is checked against its protocol and used as it
    is. The path of a file that has changed since is opened again. Any thread may call any method.

    Args:
        settings: Where model files are, and whether the work is commercial; by default what the
            environment says.

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
            threads: Threads inside one operator, by default one a processor; of a detector that
                is opened here.
            progress: Receives one line that names the detector.

        Raises:
            PartError: the object is no face detector.
            ModelError: there is no such model, it cannot be read, or its licence does not allow
                commercial use and the settings ask for it.

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

    def member_detector(
        self, part: str | MemberDetector, *, threads: int | None = None
    ) -> MemberDetector:
        """A detector of the members of a stage.

        Args:
            part: The path of an ONNX file, or a detector.
            threads: As of :meth:`detector`.

        Raises:
            PartError: the object is no detector of members.
            ModelError: the file cannot be read or used.

        """
        if not isinstance(part, str):
            return required(part, MemberDetector)
        return self._kept(
            "members",
            part,
            threads,
            lambda: open_member_detector(part, settings=self.settings, threads=threads),
        )

    def landmarker(self, part: str | Landmarker) -> Landmarker:
        """A finder of feature points.

        Args:
            part: A name of :data:`closeup.opening.LANDMARKERS`, or a landmarker.

        Raises:
            PartError: the object is no landmarker.
            ModelError: there is no such model, or its licence does not allow commercial use and
                the settings ask for it.

        """
        if not isinstance(part, str):
            return required(part, Landmarker)
        return self._kept(
            "landmarker", part, None, lambda: open_landmarker(part, settings=self.settings)
        )

    def pupil_finder(
        self, part: str | PupilFinder, calibration: Calibration | None = None
    ) -> PupilFinder:
        """A way to find pupils.

        Args:
            part: A name of :data:`closeup.opening.PUPIL_METHODS`, the path of an ONNX file,
                several of both with commas between them (their mean), or a finder.
            calibration: The constant error of the method, which is then subtracted.

        Raises:
            PartError: the object is no pupil finder.
            InputError: the calibration is of another method.
            ModelError: there is no such method, or a model cannot be used.

        """
        if isinstance(part, str):
            finder: PupilFinder = self._kept(
                "pupils", part, None, lambda: open_pupil_finder(part, settings=self.settings)
            )
        else:
            finder = required(part, PupilFinder)
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
        part: str | Embedder = "dlib-128",
        *,
        threads: int | None = None,
        calibrated: bool = True,
    ) -> Embedder:
        """A face embedding.

        Args:
            part: A name of :data:`closeup.opening.EMBEDDERS`, the path of an ONNX file, or an
                embedder.
            threads: As of :meth:`detector`.
            calibrated: Whether its distances are turned into odds: then an embedder without a
                calibration of its own is refused.

        Raises:
            PartError: the object is no embedder.
            CalibrationError: the embedder has no calibration, or that of another one.
            ModelError: there is no such model, or it cannot be used.

        """
        if isinstance(part, str):
            embedder: Embedder = self._kept(
                "embedder",
                part,
                threads,
                lambda: open_embedder(part, settings=self.settings, threads=threads),
            )
        else:
            embedder = required(part, Embedder)
        if calibrated:
            calibration_of(embedder, part if isinstance(part, str) else None)
        return embedder

    def _kept(self, kind: str, name: str, threads: int | None, open_it: Callable[[], T]) -> T:
        with self._lock:
            key, version = (kind, name, threads), _version(name)
            if key not in self._opened or self._opened[key][0] != version:
                self._opened[key] = version, open_it()
            return self._opened[key][1]  # type: ignore[return-value]


def _version(name: str) -> tuple[tuple[int, int] | None, ...]:
    """When each file of a name was written, and its size; None where there is no such file."""
    found = []
    for part in map(Path, name.split(",")):
        stat = part.stat() if part.is_file() else None
        found.append(stat and (stat.st_mtime_ns, stat.st_size))
    return tuple(found)


class _Lines(Silent):
    """Keeps the last line that is said."""

    last = ""

    def say(self, message: str) -> None:
        """Keep the message."""
        self.last = message
