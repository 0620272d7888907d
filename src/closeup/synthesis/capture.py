"""How a scene is filmed and stored: shutter, lens, exposure, bars, cuts, compression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.synthesis.sprites import Patch

_WORST_CRF = 51
"""x264's lowest quality."""


@dataclass(frozen=True, slots=True)
class Capture:
    """The camera and the file of a scene.

    Attributes:
        shutter: Share of the time between two frames in which the shutter is open, 0..1: moving
            performers are smeared by their motion in that time.
        softness: Standard deviation of the lens' blur, in pixels.
        exposure: Factor of the light of performers and background; below 1 is dark.
        glow: Factor of the stage's moving coloured light, 0..1.
        bars: Height of each of the black bars above and below, as a share of the frame's.
        blended: Whether the last frame before a cut is a mixture with the first one behind it, as
            in films whose frame rate was changed.
        crf: x264's constant rate factor; 18 is near lossless, 35 is a bad web video.

    Raises:
        InputError: a value is out of range.

    """

    shutter: float = 0.0
    softness: float = 0.0
    exposure: float = 1.0
    glow: float = 1.0
    bars: float = 0.0
    blended: bool = False
    crf: int = 18

    def __post_init__(self) -> None:
        limits = {
            "shutter": 1.0, "softness": 20.0, "exposure": 4.0, "glow": 1.0, "bars": 0.4,
            "crf": _WORST_CRF,
        }  # fmt: skip
        for name, most in limits.items():
            if not 0 <= getattr(self, name) <= most:
                raise InputError(f"{name} is {getattr(self, name)}; give 0 to {most:g}")

    def exposed(self, picture: RGBImage) -> RGBImage:
        """Return the picture blurred by the lens and darkened by the exposure; (H, W, 3)."""
        if self.softness:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), self.softness), np.uint8)
        if self.exposure != 1:
            picture = np.asarray(cv2.convertScaleAbs(picture, alpha=self.exposure), np.uint8)
        return picture

    def bars_of(self, size: Size) -> list[Patch]:
        """Return the areas of the bars in a frame; none without bars."""
        high = round(self.bars * size.height)
        if not high:
            return []
        alpha = np.full((high, size.width), 255, np.uint8)
        return [Patch(0, 0, alpha), Patch(0, size.height - high, alpha)]

    def barred(self, picture: RGBImage) -> RGBImage:
        """Blacken the bars in place, and return the picture."""
        for bar in self.bars_of(Size.of(picture)):
            rows, columns = bar.alpha.shape
            picture[bar.top : bar.top + rows, bar.left : bar.left + columns] = 0
        return picture
