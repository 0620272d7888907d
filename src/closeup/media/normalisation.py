"""Bringing all pictures of a video into one form: progressive, square pixels, one size, SDR."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av

from closeup.geometry import Size
from closeup.media.colours import ColourTags, tag
from closeup.media.decoded_frame import Converter
from closeup.media.filters import PictureFilter
from closeup.media.interlacing import Fields, deinterlacer
from closeup.media.planes import Planes

_TONE_MAPPING = (
    "scale",
    "out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:out_range=tv:intent=perceptual",
)
"""FFmpeg's ``scale`` maps the tones of PQ and HLG to those of BT.709, and its gamut as well."""


@dataclass(frozen=True, slots=True)
class PictureForm:
    """The form that the pictures of a video are brought into.

    Attributes:
        size: Width and height in square pixels, as stored, before rotation.
        pixel_aspect: Width over height of a stored pixel.
        fields: How the lines of the stored pictures are to be read.
        matrix: Code point of the matrix of pictures that are resized.

    """

    size: Size
    pixel_aspect: Fraction
    fields: Fields
    matrix: int


def shown_size(width: int, height: int, pixel_aspect: Fraction) -> Size:
    """Size of a stored picture in square pixels: the shorter-sampled side is enlarged.

    The enlarged side is rounded to an even number, since 4:2:0 stores colours of pixel pairs.
    """
    if pixel_aspect > 1:
        return Size(2 * round(width * pixel_aspect / 2), height)
    if pixel_aspect < 1:
        return Size(width, 2 * round(height / pixel_aspect / 2))
    return Size(width, height)


def normalised(pictures: Iterable[av.VideoFrame], form: PictureForm) -> Iterator[av.VideoFrame]:
    """Bring pictures into the form; those that have it already are passed on as they are.

    Args:
        pictures: Decoded pictures in the order of display.
        form: The form of all of them.

    Yields:
        One picture for each picture, with its time and duration.

    """
    converter, tones = Converter(), PictureFilter(_TONE_MAPPING, ("format", "yuv420p"))
    for picture in _progressive(pictures, form.fields):
        for standard in tones.push(picture) if tag(picture).high_dynamic_range else (picture,):
            yield _fitted(standard, form, converter)


def _progressive(pictures: Iterable[av.VideoFrame], fields: Fields) -> Iterator[av.VideoFrame]:
    bwdif = deinterlacer(fields)
    if bwdif is None:
        yield from pictures
        return
    for picture in pictures:
        yield from bwdif.push(picture)
    yield from bwdif.end()


def _fitted(picture: av.VideoFrame, form: PictureForm, converter: Converter) -> av.VideoFrame:
    """The whole picture in the middle of the form's size, with black bars where it is narrower."""
    if (picture.width, picture.height) == form.size and form.pixel_aspect == 1:
        return picture
    shown = shown_size(picture.width, picture.height, form.pixel_aspect)
    inner = _inside(shown, form.size)
    scaled = converter.convert(picture, inner, "yuv420p", form.matrix)
    fitted = scaled if inner == form.size else _with_bars(scaled, form.size)
    fitted.time_base, fitted.pts, fitted.dts = picture.time_base, picture.pts, picture.dts
    fitted.duration = picture.duration
    return fitted


def _inside(shown: Size, size: Size) -> Size:
    """The largest size of the shape of ``shown`` inside ``size``; bars have even widths."""
    scale = min(size.width / shown.width, size.height / shown.height)
    width = size.width - 2 * round((size.width - shown.width * scale) / 2)
    height = size.height - 2 * round((size.height - shown.height * scale) / 2)
    return Size(max(2, width), max(2, height))


def _with_bars(picture: av.VideoFrame, size: Size) -> av.VideoFrame:
    canvas = av.VideoFrame(*size, "yuv420p")
    black = 0 if ColourTags.of(picture).full_range else 16
    planes, inner = Planes.of(canvas), Size(picture.width, picture.height)
    for plane, value in zip(planes, (black, 128, 128), strict=True):
        plane[:] = value
    x, y = ((outer - own) // 4 * 2 for outer, own in zip(size, inner, strict=True))
    inside = planes.part(x, y, inner)
    for target, source in zip(inside, Planes.of(picture), strict=True):
        target[:] = source
    canvas.colorspace, canvas.color_range = picture.colorspace, picture.color_range
    canvas.color_primaries, canvas.color_trc = picture.color_primaries, picture.color_trc
    return canvas
