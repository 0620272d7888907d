"""Stickers: pictures with transparency that are fixed to a part of every face."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray
from PIL import Image

from closeup.effects.face_shapes import FaceShape, Point, face_shapes
from closeup.effects.layer import layer_over
from closeup.errors import InputError
from closeup.faces import Faces
from closeup.files.text import read_text
from closeup.frames import RGBImage

_LEAST = 6.0
"""Width of a sticker in pixels, from which it is drawn."""
_HEAD_UP = 0.55
"""Distance of the middle of a head above the eyes, in eye distances."""


class Anchor(StrEnum):
    """The part of a face that a sticker is fixed to."""

    EYES = "eyes"
    """The middle between the eyes, as for glasses."""
    EACH_EYE = "each-eye"
    """Each eye, with one copy on each."""
    NOSE = "nose"
    """The base of the nose."""
    MOUTH = "mouth"
    """The middle of the mouth."""
    HEAD = "head"
    """The forehead, as for hats."""


@dataclass(frozen=True, slots=True)
class StickerPlacement:
    """Where a sticker is drawn; the fields of its JSON file.

    Attributes:
        anchor: Part of the face.
        width: Width of the sticker in eye distances.
        across: Distance of its middle from the anchor towards the subject's left, in the same unit.
        down: The same down the face.
        rotate: Clockwise rotation in degrees.

    """

    anchor: Anchor = Anchor.EYES
    width: float = 2.2
    across: float = 0.0
    down: float = 0.0
    rotate: float = 0.0

    @classmethod
    def read(cls, path: Path) -> StickerPlacement:
        """Read a JSON file, an object with some of the attributes.

        Raises:
            InputError: the file cannot be read, is no such JSON, or a value is out of range; the
                message names the file and the field.

        """
        try:
            said: Any = json.loads(read_text(path))
        except ValueError as error:
            raise InputError(
                f"{path} is no JSON ({error}); write one object such as "
                '{"anchor": "nose", "width": 1.2}'
            ) from error
        if not isinstance(said, dict):
            raise InputError(f"{path} holds no object; write one in braces: {_EXAMPLE}")
        known = {field.name for field in fields(cls)}
        if unknown := sorted(said.keys() - known):
            raise InputError(
                f"{path}: {unknown[0]!r} is no field of a sticker; there are "
                f"{', '.join(sorted(known))}"
            )
        return cls(**{name: _checked(path, name, value) for name, value in said.items()})


_EXAMPLE = '{"anchor": "nose", "width": 1.2}'


def _checked(path: Path, name: str, value: object) -> Any:
    if name == "anchor":
        if value not in list(Anchor):
            raise InputError(f"{path}: the anchor {value!r} is none of {', '.join(Anchor)}")
        return Anchor(str(value))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(float(value)):  # type: ignore[arg-type]
        raise InputError(f"{path}: {name} is {value!r}; give a number")
    if name == "width" and float(value) <= 0:  # type: ignore[arg-type]
        raise InputError(f"{path}: width is {value!r}; give a number above 0")
    return float(value)  # type: ignore[arg-type]


def read_sticker(path: Path) -> NDArray[np.uint8]:
    """Read a picture with transparency as RGBA uint8 of shape (H, W, 4).

    Raises:
        InputError: it is no picture, or has no transparency.

    """
    try:
        with Image.open(path) as picture:
            transparent = picture.has_transparency_data
            pixels = np.asarray(picture.convert("RGBA"), np.uint8)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; check the name") from error
    except Exception as error:  # decoders raise anything for damaged files
        raise InputError(f"{path} cannot be read as a picture: {error}; give a PNG file") from error
    if not transparent:
        raise InputError(
            f"{path} has no transparency, so it would cover faces as a rectangle; save it as a PNG "
            "with an alpha channel"
        )
    return pixels


class Sticker:
    """Draws a picture on every face; it turns with the head.

    Args:
        picture: RGBA uint8 of shape (H, W, 4), not premultiplied.
        placement: Where it is drawn.
        amount: Factor on its size.

    """

    def __init__(
        self, picture: NDArray[np.uint8], placement: StickerPlacement, amount: float = 1.0
    ) -> None:
        self._image = skia.Image.fromarray(np.ascontiguousarray(picture), skia.kRGBA_8888_ColorType)
        self._placement, self._amount = placement, amount

    def __call__(self, image: RGBImage, faces: Faces) -> RGBImage:
        """See :meth:`closeup.protocols.Effect.__call__`."""
        drawn = image.copy()
        for face in face_shapes(faces):
            opacity = max((eye.opacity for eye in face.eyes), default=1.0)
            for place in _places(face, self._placement.anchor):
                self._draw(drawn, face, place, opacity)
        return drawn

    def _draw(self, drawn: RGBImage, face: FaceShape, place: Point, opacity: float) -> None:
        own = self._placement
        width = own.width * self._amount * face.unit
        if width < _LEAST:
            return
        turned = math.cos(face.yaw)
        centre = place + face.axes @ np.array([own.across * turned, own.down]) * face.unit
        height = width * self._image.height() / self._image.width()
        with layer_over(drawn, centre, math.hypot(width, height) / 2, opacity) as canvas:
            if canvas is None:
                return
            canvas.translate(*centre.tolist())
            canvas.rotate(math.degrees(face.roll))
            canvas.scale(turned, 1)
            canvas.rotate(own.rotate)
            area = skia.Rect.MakeXYWH(-width / 2, -height / 2, width, height)
            sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
            canvas.drawImageRect(self._image, area, sampling, skia.Paint(AntiAlias=True))


def _places(face: FaceShape, anchor: Anchor) -> list[Point]:
    match anchor:
        case Anchor.EACH_EYE:
            return [eye.pupil for eye in face.eyes]
        case Anchor.NOSE:
            return [face.nose]
        case Anchor.MOUTH:
            return [face.mouth]
        case Anchor.HEAD:
            return [face.centre + face.axes @ np.array([0, -_HEAD_UP]) * face.unit]
    return [face.centre]
