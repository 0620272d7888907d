"""Both eyes of every face of a picture, cut out and labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from closeup.collection.eye_table import EyeRow, normalised
from closeup.collection.label_places import inside
from closeup.errors import ImageError
from closeup.eyes import Eyes
from closeup.frames import RGBImage
from closeup.geometry import Size, areas
from closeup.labels import EYES, FaceLabel
from closeup.media.pictures import Picture
from closeup.protocols import FaceDetector, Landmarker, PupilFinder
from closeup.pupils.eye_crops import CropShape, EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame

SIDES = ("right", "left")
OUTSIDE = "the label lies outside of the crop"
BY_HAND = "label"
"""Method of labels that people have made."""

_UNREADABLE = "the picture cannot be read"
_FACELESS = "no face found"
_UNMATCHED = "no face found at the label"
_EXCHANGED = "the label has right and left exchanged; right is the subject's right"
_UNLABELLED = "not labelled"
_SMALL = "the eyes are too small for crops of this size"
_MOST_ENLARGED = 4.0
"""Times a picture may be enlarged; in crops of 64 pixels an iris has then 2.5 of the source."""
_REACH = 0.5
"""How far a label may be from where the landmarks have the eyes, in eye distances."""


@dataclass(slots=True)
class Cut:
    """What became of one picture.

    Attributes:
        picture: Which.
        rows: Its eyes, with a reason where one was left out.
        crops: Of the others, in their order.
        error: Why the picture could not be read.

    """

    picture: Picture
    rows: list[EyeRow] = field(default_factory=list)
    crops: list[RGBImage] = field(default_factory=list)
    error: ImageError | None = None


@dataclass(frozen=True, slots=True, eq=False)
class EyeCutter:
    """Finds faces, cuts out their eyes, and asks where the pupils are.

    Attributes:
        detector: Finds the faces.
        landmarker: Finds the corners of the eyes.
        finder: Finds the pupils, where nobody has labelled them.
        labels: Labels by picture's name, instead.
        size: Of the crops.
        width: Of the crops, in eye distances.

    """

    detector: FaceDetector
    landmarker: Landmarker
    finder: PupilFinder
    labels: Mapping[str, Sequence[FaceLabel]] | None
    size: Size
    width: float

    def cut(self, picture: Picture) -> Cut:
        """The eyes of a picture, largest face first; any thread may call it."""
        cut = Cut(picture)
        here = EyeRow(picture.name, picture.frame)
        try:
            image = picture.read()
        except ImageError as error:
            cut.error = error
            cut.rows.append(replace(here, reason=_UNREADABLE))
            return cut
        (faces,) = self.detector.detect([image])
        faces = faces[np.argsort(-areas(faces.boxes), kind="stable")]
        if not len(faces):
            cut.rows.append(replace(here, reason=_FACELESS))
            return cut
        frames = [EyeFrame.of(points) for points in self.landmarker.find(image, faces)]
        if self.labels is None:
            chosen, eyes = list(range(len(faces))), self.finder.find(image, faces)
        else:
            chosen, eyes, lost = _matched(self.labels[picture.name], frames)
            cut.rows += [replace(here, reason=reason) for reason in lost]
        for number, face in enumerate(chosen):
            row = replace(here, face=face, method=self.method)
            self._cut_face(cut, image, row, frames[face], eyes, number)
        return cut

    def _cut_face(
        self, cut: Cut, image: RGBImage, face: EyeRow, frame: EyeFrame, eyes: Eyes, number: int
    ) -> None:
        found = eyes.found[number]
        crops: Sequence[EyeCrop | None] = (None, None)
        shape = self._shape
        if found.any() and frame.distance * _MOST_ENLARGED >= shape.unit:
            crops = eye_crops(image, frame, shape, mirror_left=True)
        for eye, (side, crop) in enumerate(zip(SIDES, crops, strict=True)):
            row = replace(face, side=side, reason=eyes.reasons[number][eye] or _SMALL)
            if crop is not None and found[eye]:
                row = labelled(row, crop, eyes.centres[number, eye].astype(np.float64), self.size)
                row = replace(
                    row,
                    openness=float(eyes.openness[number, eye]),
                    confidence=float(eyes.confidence[number, eye]),
                )
                if not row.reason:
                    cut.crops.append(crop.pixels)
            cut.rows.append(row)

    @property
    def method(self) -> str:
        """What labels the eyes."""
        return self.finder.name if self.labels is None else BY_HAND

    @property
    def _shape(self) -> CropShape:
        unit = self.size.width / self.width
        return CropShape(unit, self.width, self.size.height / unit, least=1.0)


def labelled(row: EyeRow, crop: EyeCrop, centre: NDArray[np.float64], size: Size) -> EyeRow:
    """The row with its label, and a reason to leave it out where that is outside of the crop."""
    label = normalised(crop.to_crop(centre), size)
    (a, minus_b, tx), (_, _, ty) = crop.similarity.matrix.tolist()
    return replace(
        row,
        x=float(label[0]), y=float(label[1]),
        source_x=float(centre[0]), source_y=float(centre[1]),
        a=a, b=-minus_b, tx=tx, ty=ty,
        reason="" if inside(label[None])[0] else OUTSIDE,
    )  # fmt: skip


def _matched(
    labels: Sequence[FaceLabel], frames: Sequence[EyeFrame]
) -> tuple[list[int], Eyes, list[str]]:
    """Which found faces the labels are of, the labelled eyes of these, and why others have none.

    The crop must not know the label: it is cut where the landmarks have the eyes, as it will
    be when a network looks for a pupil that nobody has labelled.
    """
    chosen: list[int] = []
    centres: list[NDArray[np.float64]] = []
    lost: list[str] = []
    for label in labels:
        eyes = np.array([label.points.get(name, (np.nan, np.nan)) for name in EYES])
        far = {face: _far(frame, eyes) for face, frame in enumerate(frames) if face not in chosen}
        if far and min(far.values()) <= _REACH:
            chosen.append(min(far, key=far.__getitem__))
            centres.append(eyes)
        elif any(_far(frames[face], eyes[::-1]) <= _REACH for face in far):
            lost.append(_EXCHANGED)
        else:
            lost.append(_UNMATCHED)
    return chosen, _by_hand(np.array(centres, np.float32)), lost


def _by_hand(centres: NDArray[np.float32]) -> Eyes:
    """Labels of faces as what a finder gives; NaN where an eye is not labelled."""
    centres = centres.reshape(-1, 2, 2)
    there: NDArray[np.bool_] = np.isfinite(centres[..., 0]) & np.isfinite(centres[..., 1])
    reasons = [["" if labelled else _UNLABELLED for labelled in face] for face in there]
    unknown = np.full(there.shape, np.nan, np.float32)
    pairs = tuple((right, left) for right, left in reasons)
    return Eyes(centres, unknown, there.astype(np.float32), pairs)


def _far(frame: EyeFrame, eyes: NDArray[np.float64]) -> float:
    """The larger distance of labelled eyes from a frame's, in its eye distances."""
    known = np.isfinite(eyes).all(axis=1)
    if frame.distance < 1 or not known.any():
        return np.inf
    apart = np.linalg.norm(eyes - np.array([frame.right, frame.left]), axis=1)
    return float(apart[known].max() / frame.distance)
