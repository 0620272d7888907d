"""Colour tags of YUV pictures: their meaning must be kept so that copies look the same."""

from __future__ import annotations

from typing import NamedTuple

import av
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc

MATRIX_RGB = 0
MATRIX_BT709 = 1
MATRIX_BT601 = 5
"""Values of AVColorSpace (ITU-T H.273, MatrixCoefficients)."""

_UNSPECIFIED = 2
"""Primaries, transfer and matrix that a file does not state; the range has 0 for this."""

_HD_WIDTH, _HD_HEIGHT = 1280, 720
"""Size from which players take an untagged picture as high definition."""

_LINES_625 = (576, 288)
"""Heights of pictures of 625-line television, whose primaries differ from those of 525 lines."""


class ColourTags(NamedTuple):
    """The code points of ITU-T H.273, as FFmpeg numbers them."""

    range: int
    primaries: int
    transfer: int
    matrix: int

    @classmethod
    def of(cls, picture: av.VideoFrame) -> ColourTags:
        """The tags of the picture, or BT.709 if it holds RGB and must be converted.

        What the picture does not state is what players assume for its size: BT.709 for high
        definition, else BT.601 with the primaries of 625 or of 525 lines; a limited range.
        """
        if picture.format.is_rgb or picture.colorspace == MATRIX_RGB:
            return BT709
        colour_range = picture.color_range or ColorRange.MPEG
        if picture.format.name.startswith("yuvj"):
            colour_range = ColorRange.JPEG
        usual = _usual(picture.width, picture.height)
        stated = (picture.color_primaries, picture.color_trc, picture.colorspace)
        chosen = (
            other if own == _UNSPECIFIED else own
            for own, other in zip(stated, usual[1:], strict=True)
        )
        return cls(colour_range, *chosen)

    @property
    def full_range(self) -> bool:
        """Whether luma has the range 0–255 instead of 16–235."""
        return self.range == ColorRange.JPEG

    @property
    def high_dynamic_range(self) -> bool:
        """Whether the transfer is PQ (SMPTE ST 2084) or HLG (ARIB STD-B67)."""
        return self.transfer in (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67)


BT709 = ColourTags(ColorRange.MPEG, ColorPrimaries.BT709, ColorTrc.BT709, MATRIX_BT709)


def _usual(width: int, height: int) -> ColourTags:
    if width >= _HD_WIDTH or height >= _HD_HEIGHT:
        return BT709
    primaries = ColorPrimaries.BT470BG if height in _LINES_625 else ColorPrimaries.SMPTE170M
    return ColourTags(ColorRange.MPEG, primaries, ColorTrc.SMPTE170M, MATRIX_BT601)


def tag(picture: av.VideoFrame) -> ColourTags:
    """Write the tags of :meth:`ColourTags.of` into a picture that holds YUV, and return them."""
    tags = ColourTags.of(picture)
    if not picture.format.is_rgb:
        picture.color_range, picture.color_primaries = tags.range, tags.primaries
        picture.color_trc, picture.colorspace = tags.transfer, tags.matrix
    return tags
