"""Pupils of any finder without its constant error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import Landmarker, PupilFinder
from closeup.pupils.calibration import Calibration
from closeup.pupils.eye_crops import CropShape, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.method import Steps, showing


class CalibratedPupilFinder:
    """Adds a constant offset an eye to what a finder finds.

    The offset follows the face by its eye corners, not by the pupils: so it is known for an
    eye whose other one was not found.

    Args:
        finder: Finds the pupils.
        landmarker: dlib's five or sixty-eight points.
        calibration: Fitted to pupils of that finder.

    """

    def __init__(
        self, finder: PupilFinder, landmarker: Landmarker, calibration: Calibration
    ) -> None:
        self.name = finder.name
        self._finder = finder
        self._landmarker = landmarker
        self._offsets = calibration.offsets

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """See :meth:`closeup.protocols.PupilFinder.find`."""
        eyes = self._finder.find(image, faces)
        points = self._landmarker.find(image, faces)
        moves = [EyeFrame.of(face).moved(self._offsets) for face in points]
        centres = eyes.centres + np.array(moves, np.float32).reshape(-1, 2, 2)
        return replace(eyes, centres=centres)

    def show(self, image: RGBImage, face: Faces) -> tuple[Steps, Steps]:
        """Every step of the finder, then the pupil where the offset puts it."""
        steps = showing(self._finder).show(image, face)
        frame = EyeFrame.of(self._landmarker.find(image, face)[0])
        if frame.distance >= 1:
            centres = self.find(image, face).centres[0]
            crops = eye_crops(image, frame, CropShape())
            for own, crop, centre in zip(steps, crops, centres, strict=True):
                if np.isfinite(centre).all():
                    x, y = crop.to_crop(centre).tolist()
                    own.show("calibrated", crop.pixels, (x, y))
        return steps
