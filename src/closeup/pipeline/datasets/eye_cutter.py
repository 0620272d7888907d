"""Cuts out and labels both eyes of every face of a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.eye_table import EyeRow
from closeup.datasets.eyes.label_places import inside
from closeup.errors import ImageError
from closeup.eyes import Eyes
from closeup.frames import RGBImage
from closeup.geometry import Size, areas
from closeup.labels import EYES, FaceLabel
from closeup.media.pictures import Picture
from closeup.protocols import FaceDetector, Landmarker, PupilFinder
from closeup.pupils.eye_crops import CropShape, EyeCrop, eye_crops, normalised
from closeup.pupils.eye_frame import EyeFrame

SIDES = ("right", "left")
OUTSIDE = "the label lies outside of the crop"
BY_HAND = "label"
"""Name of the method for labels by hand."""

_UNREADABLE = "the picture cannot be read"
_FACELESS = "no face found"
_UNMATCHED = "no face found at the label"
_EXCHANGED = "the label has right and left exchanged; right is the subject's right"
_UNLABELLED = "not labelled"
_SMALL = "the eyes are too small for crops of this size"
_MOST_ENLARGED = 4.0
"""Maximum enlargement; an iris in a crop of 64 pixels then spans 2.5 source pixels."""

_REACH = 0.5
"""Maximum distance of a label from the eye of the landmarks, in eye distances."""

_FOUND = {5: ((2, 3), (0, 1)), 68: ((36, 39), (45, 42))}
"""Outer and inner corner of the subject's right and left eye among dlib's points."""

_ALL = frozenset(f"p{number}" for number in range(68))
"""The 68 points of 300-W, as importers name them; the order of fewer points is unknown."""


@dataclass(slots=True)
class CutEyes:
    """The eyes of one picture.

    Attributes:
        picture: The picture.
        rows: Its eyes, with a reason if one was left out.
        crops: Crops of the eyes that were kept, in the order of ``rows``.
        error: Why the picture could not be read; None if it was read.

    """

    picture: Picture
    rows: list[EyeRow] = field(default_factory=list)
    crops: list[RGBImage] = field(default_factory=list)
    error: ImageError | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Label of the eyes of one face, the subject's right one first, in source pixels.

    Attributes:
        centres: (2, 2) pupils; NaN where there is a reason.
        corners: (2, 2, 2), see :func:`found_corners`.
        openness: (2,); NaN where the finder does not know.
        confidence: (2,) confidence of the centres.
        reasons: Why there is no centre; empty where there is one.

    """

    centres: NDArray[np.float64]
    corners: NDArray[np.float64]
    openness: NDArray[np.float32]
    confidence: NDArray[np.float32]
    reasons: tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class EyeCutter:
    """Finds faces, cuts out their eyes, and labels the pupils.

    Attributes:
        detector: Finds the faces.
        landmarker: Finds the corners of the eyes.
        finder: Finds the pupils if there are no labels, and measures how open eyes are.
        labels: Picture name → its labels by hand, which replace found pupils; or None.
        size: Width and height of the crops, in pixels.
        width: Width of the crops, in eye distances.

    """

    detector: FaceDetector
    landmarker: Landmarker
    finder: PupilFinder
    labels: Mapping[str, Sequence[FaceLabel]] | None
    size: Size
    width: float

    def cut(self, picture: Picture) -> CutEyes:
        """The eyes of a picture, largest face first; any thread may call it."""
        cut = CutEyes(picture)
        here = EyeRow(picture.name, picture.frame)
        try:
            image = picture.read()
        except ImageError as error:
            cut.error = error
            cut.rows.append(replace(here, reason=_UNREADABLE))
            return cut
        faces = self.detector.detect(image)
        faces = faces[np.argsort(-areas(faces.boxes), kind="stable")]
        if not len(faces):
            cut.rows.append(replace(here, reason=_FACELESS))
            return cut
        points = self.landmarker.find(image, faces)
        frames = [EyeFrame.of(own) for own in points]
        chosen, lost = self._chosen(picture, frames)
        cut.rows += [replace(here, reason=reason) for reason in lost]
        told = self.finder.find(image, faces[np.array([face for face, _ in chosen], np.intp)])
        for number, (face, label) in enumerate(chosen):
            corners = found_corners(points[face])
            known = (
                _by_method(told, number, corners) if label is None else
                _by_hand(label, told.openness[number], corners)
            )  # fmt: skip
            row = replace(here, face=face, method=self.method)
            self._cut_face(cut, image, row, frames[face], known)
        return cut

    def _chosen(
        self, picture: Picture, frames: Sequence[EyeFrame]
    ) -> tuple[list[tuple[int, FaceLabel | None]], list[str]]:
        """The faces whose eyes are cut out, with labels, and why other labels have no face."""
        if self.labels is None:
            return [(face, None) for face in range(len(frames))], []
        return _matched(self.labels[picture.name], frames)

    def _cut_face(
        self, cut: CutEyes, image: RGBImage, face: EyeRow, frame: EyeFrame, known: _Known
    ) -> None:
        found = [not reason for reason in known.reasons]
        crops: Sequence[EyeCrop | None] = (None, None)
        shape = self._shape
        if any(found) and frame.distance * _MOST_ENLARGED >= shape.unit:
            crops = eye_crops(image, frame, shape, mirror_left=True)
        for eye, (side, crop) in enumerate(zip(SIDES, crops, strict=True)):
            row = replace(face, side=side, reason=known.reasons[eye] or _SMALL)
            if crop is not None and found[eye]:
                row = labelled(row, crop, known.centres[eye], self.size)
                row = with_corners(row, crop, known.corners[eye], self.size)
                row = self._with_state(row, known, eye)
                if not row.reason:
                    cut.crops.append(crop.pixels)
            cut.rows.append(row)

    def _with_state(self, row: EyeRow, known: _Known, eye: int) -> EyeRow:
        openness = float(known.openness[eye])
        return replace(
            row,
            openness=openness,
            openness_method="" if np.isnan(openness) else self.finder.name,
            confidence=float(known.confidence[eye]),
        )

    @property
    def method(self) -> str:
        """Name of the method that labels the pupils."""
        return self.finder.name if self.labels is None else BY_HAND

    @property
    def _shape(self) -> CropShape:
        unit = self.size.width / self.width
        return CropShape(unit, self.width, self.size.height / unit, least=1.0)


def labelled(row: EyeRow, crop: EyeCrop, centre: NDArray[np.float64], size: Size) -> EyeRow:
    """The row with its label, and a reason to leave it out if the label is outside the crop."""
    label = normalised(crop.to_crop(centre), size)
    (a, minus_b, tx), (_, _, ty) = crop.similarity.matrix.tolist()
    return replace(
        row,
        x=float(label[0]), y=float(label[1]),
        source_x=float(centre[0]), source_y=float(centre[1]),
        a=a, b=-minus_b, tx=tx, ty=ty,
        reason="" if inside(label[None])[0] else OUTSIDE,
    )  # fmt: skip


def with_corners(row: EyeRow, crop: EyeCrop, corners: NDArray[np.float64], size: Size) -> EyeRow:
    """The row with the corners of its eye, (2, 2) source pixels, outer one first."""
    (left_x, left_y), (right_x, right_y) = normalised(crop.to_crop(corners), size).tolist()
    return replace(
        row,
        left_corner_x=left_x, left_corner_y=left_y,
        right_corner_x=right_x, right_corner_y=right_y,
    )  # fmt: skip


def _matched(
    labels: Sequence[FaceLabel], frames: Sequence[EyeFrame]
) -> tuple[list[tuple[int, FaceLabel | None]], list[str]]:
    """Match labels with found faces, and say why some labels have none.

    The crop must not depend on the label: it is cut by the landmarks, as it will be when a network
    searches an unlabelled eye.
    """
    chosen: dict[int, FaceLabel | None] = {}
    lost: list[str] = []
    for label in labels:
        eyes = _eyes_of(label)
        far = {face: _far(frame, eyes) for face, frame in enumerate(frames) if face not in chosen}
        if far and min(far.values()) <= _REACH:
            chosen[min(far, key=far.__getitem__)] = label
        elif any(_far(frames[face], eyes[::-1]) <= _REACH for face in far):
            lost.append(_EXCHANGED)
        else:
            lost.append(_UNMATCHED)
    return list(chosen.items()), lost


def _by_method(told: Eyes, number: int, corners: NDArray[np.float64]) -> _Known:
    return _Known(
        told.centres[number].astype(np.float64), corners,
        told.openness[number], told.confidence[number], told.reasons[number],
    )  # fmt: skip


def _by_hand(
    label: FaceLabel, openness: NDArray[np.float32], corners: NDArray[np.float64]
) -> _Known:
    """Pupils and corners of a label; corners that it lacks are those of the landmarks."""
    centres, given = _eyes_of(label), labelled_corners(label)
    there: NDArray[np.bool_] = np.isfinite(centres[:, 0]) & np.isfinite(centres[:, 1])
    right, left = ("" if labelled else _UNLABELLED for labelled in there)
    corners = np.where(np.isfinite(given), given, corners)
    return _Known(centres, corners, openness, there.astype(np.float32), (right, left))


def _eyes_of(label: FaceLabel) -> NDArray[np.float64]:
    """(2, 2) pupils, the subject's right one first; NaN where one is not labelled."""
    return np.array([label.points.get(name, (np.nan, np.nan)) for name in EYES])


def _far(frame: EyeFrame, eyes: NDArray[np.float64]) -> float:
    """Maximum distance of labelled eyes from a frame's, in eye distances; inf if unknown."""
    known = np.isfinite(eyes).all(axis=1)
    if frame.distance < 1 or not known.any():
        return np.inf
    apart = np.linalg.norm(eyes - np.array([frame.right, frame.left]), axis=1)
    return float(apart[known].max() / frame.distance)


def found_corners(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """The corners among the points of one face.

    Args:
        points: (5, 2) or (68, 2) in dlib's order.

    Returns:
        (2, 2, 2) x and y: the subject's right eye first, of each eye the outer corner first. In
        crops with mirrored left eyes, the outer corner is on the left.

    """
    return np.asarray(points[np.array(_FOUND[len(points)])], np.float64)


def labelled_corners(label: FaceLabel) -> NDArray[np.float64]:
    """The corners of a label that has the 68 points of 300-W; else (2, 2, 2) of NaN."""
    if not label.points.keys() >= _ALL:
        return np.full((2, 2, 2), np.nan)
    return np.array([[label.points[f"p{number}"] for number in eye] for eye in _FOUND[68]])
