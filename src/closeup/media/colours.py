"""Colour tags of YUV pictures: their meaning must be kept so that copies look the same."""

from __future__ import annotations

from typing import NamedTuple

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

MATRIX_RGB = 0
MATRIX_BT709 = 1
MATRIX_UNSPECIFIED = 2
"""Values of AVColorSpace (ITU-T H.273, MatrixCoefficients)."""


class ColourTags(NamedTuple):
    """The code points of ITU-T H.273, as FFmpeg numbers them."""

    range: int
    primaries: int
    transfer: int
    matrix: int

    @classmethod
    def of(cls, picture: av.VideoFrame) -> ColourTags:
        """The tags of the picture, or BT.709 if it holds RGB and must be converted."""
        if picture.format.is_rgb or picture.colorspace == MATRIX_RGB:
            return cls(ColorRange.MPEG, ColorPrimaries.BT709, ColorTrc.BT709, MATRIX_BT709)
        colour_range = picture.color_range
        if picture.format.name.startswith("yuvj"):
            colour_range = ColorRange.JPEG
        return cls(colour_range, picture.color_primaries, picture.color_trc, picture.colorspace)

    @property
    def full_range(self) -> bool:
        """Whether luma has the range 0–255 instead of 16–235."""
        return self.range == ColorRange.JPEG


def assumed_matrix(picture: av.VideoFrame) -> Colorspace | None:
    """The conversion matrix of an untagged picture: BT.709 for HD, else BT.601, as in players."""
    if picture.colorspace != MATRIX_UNSPECIFIED or picture.format.is_rgb:
        return None
    high_definition = max(picture.width, picture.height) >= 1280
    return Colorspace.ITU709 if high_definition else Colorspace.ITU601
