"""A decoded picture that is converted only when needed."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import NamedTuple

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from closeup.frames import GrayImage, RGBImage
from closeup.geometry import Size
from closeup.media.colours import MATRIX_BT709, ColourTags
from closeup.media.orientation import Orientation
from closeup.media.planes import Halvings, Planes
from closeup.timecode import Timecode

_LIMITED_TO_FULL = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(np.uint8)
"""Luma 16–235 stretched to 0–255 (ITU-R BT.601 and BT.709, quantisation)."""


class Converter:
    """Converts pictures with one cached swscale context for each output size and format.

    Setting up a context costs more than a small conversion. A lock makes it safe for threads.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._contexts: dict[tuple[Size, str], VideoReformatter] = {}

    def convert(
        self, picture: av.VideoFrame, size: Size, format_name: str, matrix: int | None = None
    ) -> av.VideoFrame:
        """The picture in another size and pixel format.

        Args:
            picture: The picture.
            size: Size of the result.
            format_name: Pixel format of the result, as FFmpeg names it.
            matrix: Code point of the matrix of a result in YUV; None for that of the picture, or
                BT.709 if the picture holds RGB.

        """
        shrinks = size.width < picture.width
        to_yuv = format_name == "yuv420p" and picture.format.is_rgb
        with self._turn:
            context = self._contexts.setdefault((size, format_name), VideoReformatter())
            return context.reformat(
                picture,
                *size,
                format_name,
                dst_colorspace=MATRIX_BT709 if to_yuv and matrix is None else matrix,
                dst_color_range=ColorRange.MPEG if to_yuv else None,
                interpolation=Interpolation.AREA if shrinks else Interpolation.BICUBIC,
                threads=1,
            )


class _PlaneHalvings(NamedTuple):
    y: Halvings
    u: Halvings
    v: Halvings


class DecodedFrame:
    """A :class:`closeup.frames.Frame` over a picture that FFmpeg decoded.

    Attributes:
        index: Number in the range that is read, counted from the given first index.
        timecode: Presentation time on the video stream's clock.
        duration: Duration stated by the container, in units of the time base.

    """

    def __init__(
        self,
        picture: av.VideoFrame,
        index: int,
        timecode: Timecode,
        duration: int,
        orientation: Orientation,
        converter: Converter,
    ) -> None:
        self.index = index
        self.timecode = timecode
        self.duration = duration
        self._picture = picture
        self._converter = converter
        self._orientation = orientation

    @property
    def size(self) -> Size:
        """Size as shown, in pixels, after rotation."""
        return self._orientation.size(self._stored_size)

    @property
    def colours(self) -> ColourTags:
        """Colour tags of :attr:`planes`."""
        return ColourTags.of(self._picture)

    @cached_property
    def planes(self) -> Planes:
        """The picture as shown, in yuv420p.

        If no conversion is needed they are views of the decoder's memory and must not be written
        to. Once computed, any number of threads may read them.
        """
        picture = self._picture
        if picture.format.name not in ("yuv420p", "yuvj420p"):
            picture = self._converter.convert(picture, self._stored_size, "yuv420p")
        return Planes(*map(self._orientation.apply, Planes.of(picture)))

    def rgb(self, size: Size | None = None) -> RGBImage:
        """The picture in RGB uint8, resized to ``size`` if given; shape (H, W, 3)."""
        stored = self._orientation.size(size or self.size)
        picture = self._shrunk(stored) if self._can_shrink(stored) else self._picture
        converted = self._converter.convert(picture, stored, "rgb24")
        return self._orientation.apply(np.asarray(converted.to_ndarray(), np.uint8))

    def gray(self, size: Size | None = None) -> GrayImage:
        """Luma stretched to 0–255, resized to ``size`` if given; shape (H, W), uint8."""
        stored = self._orientation.size(size or self.size)
        if self._can_shrink(stored):
            luma = self._halvings.y.shrunk(stored)
        else:
            luma = Planes.of(self._converter.convert(self._picture, stored, "yuv420p")).y
        if not self.colours.full_range:
            luma = np.asarray(cv2.LUT(luma, _LIMITED_TO_FULL), np.uint8)
        return np.ascontiguousarray(self._orientation.apply(luma))

    @cached_property
    def _halvings(self) -> _PlaneHalvings:
        return _PlaneHalvings(*map(Halvings, Planes.of(self._picture)))

    def _can_shrink(self, stored: Size) -> bool:
        """Whether a picture of this size can be made from the planes without a conversion."""
        planar = self._picture.format.name in ("yuv420p", "yuvj420p")
        return (
            planar and stored.width <= self._picture.width and stored.height <= self._picture.height
        )

    def _shrunk(self, stored: Size) -> av.VideoFrame:
        """The picture in another size, in YUV with as much colour as it has; swscale is slower."""
        if stored == self._stored_size:
            return self._picture
        coloured = all(np.less_equal(stored, Size.of(Planes.of(self._picture).u)))
        small = av.VideoFrame(*stored, "yuv444p" if coloured else "yuv420p")
        for target, plane in zip(Planes.of(small), self._halvings, strict=True):
            target[:] = plane.shrunk(Size.of(target))
        small.colorspace, small.color_range = self.colours.matrix, self.colours.range
        return small

    @property
    def _stored_size(self) -> Size:
        return Size(self._picture.width, self._picture.height)
