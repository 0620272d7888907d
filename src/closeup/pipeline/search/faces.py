"""Every face of a source: boxes, scores and feature points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from closeup.drawing.marks import Mark
from closeup.errors import ModelError
from closeup.faces import Faces, PointScheme
from closeup.frames import RGBImage
from closeup.media.pictures import PictureSource, SourceKind, open_pictures
from closeup.open_models import Models
from closeup.pipeline.search.search import Search
from closeup.pipeline.search.tables import write_faces_table
from closeup.progress import Progress, Silent
from closeup.protocols import Executor, FaceDetector, Landmarker

Points = PointScheme | Landmarker | Literal["auto"] | None
"""Feature points of the faces: a scheme, a landmarker, ``"auto"`` (the detector's own five if it
gives them, else dlib's five), or None for no points."""

_LANDMARKERS = {
    PointScheme.DLIB_5: "dlib-5-points",
    PointScheme.DLIB_68: "dlib-68-points",
    PointScheme.MEDIAPIPE_468: "mediapipe-468",
}


@dataclass(frozen=True, slots=True, eq=False)
class FaceFinder:
    """Finds faces and their feature points.

    Attributes:
        detector: Finds the faces.
        landmarker: Finds the points; None if the detector gives them or there are none.
        scheme: Scheme of the points; None without points.
        score_threshold: Faces with a lower score are left out; None keeps all.

    """

    detector: FaceDetector
    landmarker: Landmarker | None
    scheme: str | None
    score_threshold: float | None = None

    def find(self, image: RGBImage) -> Faces:
        """The faces with ``points`` (n, k, 2) in pixels and ``scheme``; any thread may call it."""
        faces = self.detector.detect(image)
        if self.score_threshold is not None:
            faces = faces[faces.scores >= self.score_threshold]
        if self.landmarker:
            points = self.landmarker.find(image, faces)
        elif self.scheme is None:
            points = np.empty((len(faces), 0, 2), np.float32)
        else:
            own = faces.landmarks
            points = np.empty((0, 5, 2), np.float32) if own is None else own
        return faces.with_columns(points=points, scheme=self.scheme)

    def marks(self, faces: Faces) -> list[Mark]:
        """Box, points and score of each face."""
        points = np.empty((len(faces), 0, 2)) if faces.points is None else faces.points
        rows = zip(faces.boxes, faces.scores, points, strict=True)
        return [Mark(box, dots, f"{score:.2f}") for box, score, dots in rows]


def find_faces(
    source: PictureSource,
    detector: str | FaceDetector = "auto",
    *,
    points: Points = "auto",
    every: int = 1,
    score_threshold: float | None = None,
    rotate: int = 0,
    any_rotation: bool = False,
    executor: Executor | None = None,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Search:
    """Search a source for faces.

    Args:
        source: Path of an image, a folder or a video; an RGB array of shape (H, W, 3); or an
            iterable of such arrays or of frames.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        points: Feature points of the faces; see :data:`Points`.
        every: Use every ``every``-th frame of a video or an iterable; 1 uses all.
        score_threshold: Leave out faces with a lower score, on the detector's own scale; None
            keeps all that the detector returns.
        rotate: Rotation of all pictures in degrees clockwise: 0, 90, 180 or 270; boxes and points
            are in the pixels of the rotated picture.
        any_rotation: Search every picture in all four quarter turns, for heads at any roll. By
            default photos are, if no upright head is found in them, and frames are not.
        executor: Calls the detector for several pictures in parallel: :class:`Threads`,
            :class:`Processes` or one of your own; None for one thread per processor. Videos are
            always drawn in threads.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        The search. Iterate it: each picture has ``faces`` with ``points``.

    Raises:
        InputError: there is no picture.
        PartError: a part does not implement its protocol.
        ModelError: the detector or the points cannot be opened.
        ValueError: ``every`` is less than 1, or ``rotate`` is another number.

    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, got {every}")
    models, progress = models or Models(), progress or Silent()
    pictures = open_pictures(source, every, rotate)
    # One image uses all processors; several images run in parallel, one thread each.
    threads = None if pictures.kind is SourceKind.IMAGE else 1
    opened = models.detector(detector, threads=threads, progress=progress)
    landmarker, scheme = _points_of(points, opened, models)
    opened = models.turned_detector(opened, photos=pictures.photos, any_rotation=any_rotation)
    finder = FaceFinder(opened, landmarker, scheme, score_threshold)
    return Search(pictures, finder, progress, "faces", write_faces_table, executor=executor)


def _points_of(
    points: Points, detector: FaceDetector, models: Models
) -> tuple[Landmarker | None, str | None]:
    """Return the landmarker and the scheme of the points; None where not needed."""
    if points is None:
        return None, None
    if points == "auto":
        own = gives_points(detector)
        points = PointScheme.EYES_NOSE_MOUTH if own else PointScheme.DLIB_5
    if points == PointScheme.EYES_NOSE_MOUTH:
        if not gives_points(detector):
            raise ModelError(
                f"{detector.name} gives no points; take those of dlib, or the detector yunet-n"
            )
        return None, PointScheme.EYES_NOSE_MOUTH
    name = _LANDMARKERS[PointScheme(points)] if isinstance(points, str) else points
    landmarker = models.landmarker(name)
    return landmarker, landmarker.scheme


def gives_points(detector: FaceDetector) -> bool:
    """Whether the faces of a detector have landmarks."""
    return detector.detect(np.zeros((64, 64, 3), np.uint8)).landmarks is not None
