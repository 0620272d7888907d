"""The pupils of every face of a source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from closeup.drawing.colours import Colour
from closeup.drawing.marks import PLAIN, Mark
from closeup.drawing.sheets import PictureStrip, draw_strips
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import areas
from closeup.media.pictures import PictureSource, SourceKind, open_pictures
from closeup.open_models import Models
from closeup.pipeline.search.records import SIDES
from closeup.pipeline.search.search import FacesInPicture, Search
from closeup.pipeline.search.tables import write_pupils_table
from closeup.progress import Progress, Silent
from closeup.protocols import Executor, FaceDetector, Landmarker, PupilFinder
from closeup.pupils.calibration import Calibration
from closeup.pupils.method import showing
from closeup.pupils.smoothed_gaze import SmoothedGaze
from closeup.pupils.with_eyes import with_eyes

METHOD = "network"
"""The default: the most accurate method, which is not free for commercial use."""

_EYELESS: Colour = (170, 170, 170)


@dataclass(frozen=True, slots=True, eq=False)
class FaceAndPupilFinder:
    """Finds faces and their pupils.

    Attributes:
        detector: Finds the faces.
        finder: Finds their pupils.
        landmarker: Finds dlib's five points, which the gaze is relative to.

    """

    detector: FaceDetector
    finder: PupilFinder
    landmarker: Landmarker

    def find(self, image: RGBImage) -> Faces:
        """The faces, largest first, with ``eyes``; any thread may call it."""
        faces = self.detector.detect(image)
        faces = faces[np.argsort(-areas(faces.boxes), kind="stable")]
        described = with_eyes(image, faces, self.finder, self.landmarker)
        return faces.with_columns(eyes=described.eyes)

    def marks(self, faces: Faces) -> list[Mark]:
        """Box, number and pupil crosses per face; grey with the reason if no pupil was found."""
        eyes = faces.eyes
        if eyes is None:
            return []
        rows = zip(faces.boxes, eyes.centres, eyes.found, eyes.reasons, strict=True)
        return [
            Mark(
                box,
                np.empty((0, 2), np.float32),
                ": ".join(filter(None, (str(face), _explained(reasons)))),
                str(face),
                PLAIN if found.any() else _EYELESS,
                centres[found],
            )
            for face, (box, centres, found, reasons) in enumerate(rows)
        ]


def find_pupils(
    source: PictureSource,
    method: str | PupilFinder = METHOD,
    *,
    detector: str | FaceDetector = "auto",
    calibration: Path | str | None = None,
    every: int = 1,
    steps: bool = False,
    rotate: int = 0,
    any_rotation: bool = False,
    executor: Executor | None = None,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Search:
    """Search the faces of a source for pupils.

    Args:
        source: Path of an image, a folder or a video; an RGB array of shape (H, W, 3); or an
            iterable of such arrays or of frames.
        method: A pupil finder, a name of :data:`closeup.opening.PUPIL_METHODS`, or the path of a
            network's file.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        calibration: File with the method's constant error, which is then subtracted; None for
            no correction.
        every: Use every ``every``-th frame of a video or an iterable; 1 uses all.
        steps: Draw how each pupil is found; :func:`closeup.draw_faces` writes it as
            ``steps/NAME-FACE.png``.
        rotate: See :func:`closeup.find_faces`.
        any_rotation: See :func:`closeup.find_faces`.
        executor: See :func:`closeup.find_faces`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        The search. Iterate it: each picture has ``faces``, largest first, with ``eyes``; in a
        video their gaze is smoothed.

    Raises:
        InputError: there is no picture, or the calibration cannot be used.
        PartError: a part does not implement its protocol, or a finder cannot draw its steps.
        ModelError: the detector or the method cannot be opened.
        ValueError: ``every`` is less than 1, or ``rotate`` is no quarter turn.

    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, got {every}")
    models, progress = models or Models(), progress or Silent()
    pictures = open_pictures(source, every, rotate)
    correction = Calibration.load(Path(calibration)) if calibration is not None else None
    threads = None if pictures.kind is SourceKind.IMAGE else 1
    opened = models.detector(detector, threads=threads, progress=progress)
    opened = models.turned_detector(opened, photos=pictures.photos, any_rotation=any_rotation)
    pupils = models.pupil_finder(method, correction)
    if steps:
        showing(models.pupil_finder(method))
    finder = FaceAndPupilFinder(opened, pupils, models.landmarker("dlib-5-points"))
    return Search(
        pictures, finder, progress, "pupils", write_pupils_table,
        method=pupils.name,
        steps=StepsDrawer(pupils) if steps else None,
        smoothing=None if pictures.kind in (SourceKind.IMAGE, SourceKind.FOLDER) else _smoothing,
        executor=executor,
    )  # fmt: skip


def _smoothing() -> Callable[[FacesInPicture], FacesInPicture]:
    """Return a function that smooths the gaze over a video's frames, called in order."""
    smoother = SmoothedGaze()

    def smooth(found: FacesInPicture) -> FacesInPicture:
        eyes = found.faces.eyes
        if eyes is None or eyes.gaze is None or found.seconds is None:
            return found
        looks = smoother.step(found.faces.boxes, eyes.gaze, float(found.seconds))
        faces = found.faces.with_columns(eyes=replace(eyes, gaze=looks))
        return replace(found, faces=faces)

    return smooth


@dataclass(frozen=True, slots=True, eq=False)
class StepsDrawer:
    """Draws the intermediate steps of finding pupils, one PNG per face.

    Attributes:
        finder: The finder whose steps are drawn.

    """

    finder: PupilFinder

    def __call__(self, image: RGBImage, faces: Faces) -> list[bytes]:
        """One PNG per face, in the order of ``faces``."""
        reasons = faces.eyes.reasons if faces.eyes else (("", ""),) * len(faces)
        return [_sheet(self.finder, image, *row) for row in zip(faces, reasons, strict=True)]


def _sheet(finder: PupilFinder, image: RGBImage, face: Faces, reasons: tuple[str, str]) -> bytes:
    strips = [
        PictureStrip(f"{side} eye{f': {why}' if why else ''}", steps.pictures)
        for side, why, steps in zip(SIDES, reasons, showing(finder).show(image, face), strict=True)
    ]
    sheet = cv2.cvtColor(draw_strips(strips), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", sheet)[1].tobytes()


def _explained(reasons: tuple[str, str]) -> str:
    """Short label text for why the eyes have no pupil."""
    right, left = (reason.partition(":")[0] for reason in reasons)
    if right == left:
        return right
    return ", ".join(
        f"{side} eye: {why}" for side, why in zip(SIDES, (right, left), strict=True) if why
    )
