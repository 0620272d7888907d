"""Pupils by MediaPipe's network for irises.

Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital Puppetry", 2020
(Apache-2.0).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.models.network_input import planes
from closeup.models.sessions import Network
from closeup.models.tflite_onnx import tflite_onnx
from closeup.protocols import Landmarker
from closeup.pupils.contour import lid_openness
from closeup.pupils.crop_finder import CropPupilFinder
from closeup.pupils.darkness import clearness, darkness, grey
from closeup.pupils.eye_crops import CropShape, EyeCrop
from closeup.pupils.method import Located, Steps
from closeup.pupils.visibility import OF_NETWORKS

_SIDE, _WIDTH = 64, 1.05
"""Pixels and eye distances that a crop shows, 2.3 times the width of an eye as in MediaPipe."""

SHAPE = CropShape(unit=_SIDE / _WIDTH, width=_WIDTH, height=_WIDTH, least=1.0)
"""Shape of the crops; left eyes are mirrored."""

_LIDS = 16
"""Points of the eye's contour at the beginning: from the corner at the temple along the lower lid
to the corner at the nose, then the upper lid from the temple to the nose. Brows follow."""
_SIX = [0, 11, 13, 8, 5, 3]
"""Those of :func:`closeup.pupils.contour.aspect_ratio` among them."""
_AROUND = 0.35, 0.25
"""Half the width and height of the part by which the clearness is measured, in eye distances; that
of the crops of other methods."""
_LEAST_CONFIDENCE = 0.05

_FILE = "mediapipe-iris"
"""Name of the network's file in the catalogue."""


class IrisNetwork:
    """Finds the iris in a crop of one eye; an :class:`closeup.pupils.method.EyeMethod`.

    The point is the network's centre of the iris, also where a lid covers a part of it. Openness
    is the eye aspect ratio of its lids. The network states no confidence; it is derived from the
    contrast of a dark disc at the point, and at least 0.05, since points at a low contrast can be
    right.

    Args:
        model: The bytes of ``iris_landmark.tflite``.

    Raises:
        ModelCorruptError: the bytes are not such a network.

    """

    name = "mediapipe"

    def __init__(self, model: bytes) -> None:
        self._network = Network(tflite_onnx(model, _FILE, ("lids", "iris")), _FILE, 1)

    def locate(self, crop: EyeCrop, steps: Steps | None = None) -> Located:
        """See :class:`closeup.pupils.method.EyeMethod`."""
        lids, iris = self._points(crop.pixels)
        located = _located(crop, lids, iris[0])
        if steps:
            _show(steps, crop, lids, iris, located)
        return located

    def _points(self, pixels: RGBImage) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points (16, 2) of the lids and (5, 2) of the iris, its centre first, in the crop."""
        size = Size.of(pixels)
        eye = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        outputs = self._network.run(planes=planes(np.asarray(eye, np.uint8), 1 / 255))
        scale = np.array(size) / _SIDE
        lids, iris = (
            outputs[name].reshape(-1, 3)[:, :2].astype(np.float64) * scale - 0.5
            for name in ("lids", "iris")
        )
        return lids[:_LIDS], iris


def iris_finder(network: IrisNetwork, landmarker: Landmarker) -> CropPupilFinder:
    """A finder that cuts out the eyes of faces for the network.

    Args:
        network: Finds the iris in a crop.
        landmarker: Its points give the corners of the eyes; dlib's five suit best.

    """
    return CropPupilFinder(network, landmarker, SHAPE, mirror_left=True, demands=OF_NETWORKS)


def _located(crop: EyeCrop, lids: NDArray[np.float64], centre: NDArray[np.float64]) -> Located:
    openness = lid_openness(lids[_SIX])
    if openness == 0:
        return Located(None, openness=0.0, reason="the eye is closed")
    height, width = crop.pixels.shape[:2]
    across, down = (round(half * crop.unit) for half in _AROUND)
    left, top = max(0, width // 2 - across), max(0, height // 2 - down)
    gray = grey(crop, reflections_removed=True)
    dark = darkness(gray[top : top + 2 * down + 1, left : left + 2 * across + 1])
    x, y = (centre - [left, top]).tolist()
    clear = clearness(dark, (x, y), crop.unit)
    return Located(centre, _LEAST_CONFIDENCE + (1 - _LEAST_CONFIDENCE) * clear, openness)


def _show(
    steps: Steps,
    crop: EyeCrop,
    lids: NDArray[np.float64],
    iris: NDArray[np.float64],
    located: Located,
) -> None:
    eye = crop.unmirrored()
    lids, iris, centre = (eye.to_crop(crop.to_source(points)) for points in (lids, iris, iris[0]))
    drawn = eye.pixels.copy()
    for x, y in np.rint(np.concatenate([lids, iris[1:]])).astype(int).tolist():
        cv2.circle(drawn, (x, y), 0, (255, 255, 0))
    steps.show("eye", eye.pixels)
    steps.show("lids and iris", drawn)
    if located.point is None:
        steps.show(located.reason, eye.pixels)
    else:
        steps.show("result", eye.pixels, (float(centre[0]), float(centre[1])))
