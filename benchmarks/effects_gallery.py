"""Redraws the pictures of ``docs/effects.md``, from the two public-domain portraits.

Every effect before and at three amounts, every direction of a glare, and ``startled`` as a short
animation of a portrait that is moved a little.

    python -m benchmarks.effects_gallery
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import skia
from matplotlib import cbook
from PIL import Image
from skimage import data

from benchmarks.recording import ROOT, settings
from closeup.drawing.sheets import captioned, grid
from closeup.effects.cartoon_eyes import EyeStyle
from closeup.effects.catalogue import open_effect
from closeup.effects.extras import Extra
from closeup.effects.glare import Direction
from closeup.effects.options import EffectOptions
from closeup.effects.sticker import Anchor, Sticker, StickerPlacement
from closeup.effects.triggers import TriggerKind
from closeup.faces import Faces
from closeup.frames import ArrayFrame, RGBImage
from closeup.media.images import encode_jpeg, read_image
from closeup.open_models import Models
from closeup.pipeline.effects.parts import EffectParts, effect_parts
from closeup.progress import Silent
from closeup.protocols import Effect
from closeup.timecode import Timecode

PICTURES = ROOT / "docs" / "images"
AMOUNTS = {
    "startled": (0.6, 1.0, 1.4),
    "bigger-eyes": (0.3, 0.6, 1.0),
    "sparkle": (0.6, 1.0, 1.5),
    "googly": (0.7, 1.0, 1.4),
    "laser": (0.5, 1.0, 2.0),
}
"""Effects with three amounts each; those of a glare are drawn for all directions."""

_TILE = 220
_RATE = 25
_SECONDS = 2.6
_EVERY = 2
"""Every second frame is kept in the animation."""


def main() -> None:
    """Draw all pictures."""
    write("effects.jpg", gallery())
    write("effects_glare.jpg", glares())
    animate(PICTURES / "effects_startled.webp")


@cache
def parts() -> EffectParts:
    """What finds the faces: dlib's five points, as on a fresh machine."""
    models = Models(replace(settings(), models=None))
    return effect_parts(models, "closeup", "network", "dlib-5-points", Silent())


@cache
def portraits() -> tuple[RGBImage, RGBImage]:
    """Eileen Collins and Grace Hopper, in the public domain."""
    hopper = Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    astronaut = np.asarray(data.astronaut()[:300, 75:375], np.uint8)
    return astronaut, np.ascontiguousarray(read_image(hopper)[60:400, 90:430])


def drawn(effect: Effect, image: RGBImage) -> RGBImage:
    """A portrait with an effect, in the size of a tile."""
    return tile(effect(image, parts().find(image)))


def tile(image: RGBImage) -> RGBImage:
    """A picture in the size of a tile."""
    return np.asarray(cv2.resize(image, (_TILE, _TILE), interpolation=cv2.INTER_AREA), np.uint8)


def gallery() -> RGBImage:
    """Return a row for each effect."""
    astronaut, hopper = portraits()
    rows: list[RGBImage] = []
    for number, (name, amounts) in enumerate(AMOUNTS.items()):
        image = (astronaut, hopper)[number % 2]
        rows += row(image, [(f"{name} {a}", open_effect(name, options(a))) for a in amounts])
    styles = [
        ("startled, style anime", replace(options(1.0), style=EyeStyle.ANIME)),
        ("with sweat and lines", replace(options(0.9), extras=(Extra.SWEAT, Extra.LINES))),
    ]
    rows += row(
        hopper,
        [
            *((title, open_effect("startled", own)) for title, own in styles),
            ("sticker", Sticker(hat(), StickerPlacement(Anchor.HEAD, width=2.6, down=-0.75))),
        ],
    )
    covers = [(name, open_effect(name)) for name in ("blur-faces", "pixelate", "black-bar")]
    return grid(rows + row(astronaut, covers), columns=4, gap=8)


def glares() -> RGBImage:
    """Return a row for each direction of a glare, with the eyes alone."""
    image = portraits()[0][40:160, 90:210]
    large = np.asarray(cv2.resize(image, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC), np.uint8)
    faces = parts().find(large)
    tiles = []
    for direction in Direction:
        tiles.append(captioned(eyes(large), "before"))
        for amount in (0.4, 0.7, 1.0):
            effect = open_effect("glare", replace(options(amount), direction=direction))
            tiles.append(captioned(eyes(effect(large, faces)), f"{direction} {amount}"))
    return grid(tiles, columns=4, gap=8)


def eyes(image: RGBImage) -> RGBImage:
    """The part of a portrait of :func:`glares` with the eyes, in the width of a tile."""
    part = image[240:430, 140:560]
    size = (_TILE, _TILE * part.shape[0] // part.shape[1])
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


def options(amount: float) -> EffectOptions:
    """Options of an amount."""
    return EffectOptions(amount=amount, trigger=TriggerKind.ALWAYS)


def row(image: RGBImage, effects: Sequence[tuple[str, Effect]]) -> list[RGBImage]:
    """A portrait before and after each of three effects, with captions."""
    tiles = [("before", tile(image)), *((title, drawn(fx, image)) for title, fx in effects)]
    return [captioned(picture, title) for title, picture in tiles]


def hat() -> RGBImage:
    """A party hat, RGBA."""
    pixels = np.zeros((240, 200, 4), np.uint8)
    canvas = skia.Canvas(pixels, colorType=skia.kRGBA_8888_ColorType)
    cone = skia.Path().moveTo(100, 20).lineTo(185, 230).quadTo(100, 250, 15, 230).close()
    shade = skia.GradientShader.MakeLinear([(20, 0), (180, 0)], [0xFFE4406A, 0xFF8C3FD1])
    canvas.drawPath(cone, skia.Paint(AntiAlias=True, Shader=shade))
    for x, y in ((100, 90), (75, 150), (125, 160), (60, 205), (105, 215), (145, 210)):
        canvas.drawCircle(x, y, 9, skia.Paint(AntiAlias=True, Color=0xFFFFE066))
    canvas.drawCircle(100, 20, 18, skia.Paint(AntiAlias=True, Color=0xFFFFE066))
    return pixels


def animate(path: Path) -> None:
    """Write ``startled`` on a portrait that nods and turns a little, as an animated WebP."""
    following = parts().following()
    effect = open_effect("startled", replace(options(1.0), extras=(Extra.SWEAT,)))
    pictures = []
    for frame in moving():
        image = frame.rgb()
        faces: Faces = following.find(frame, image)
        shown = frame.index > 0.5 * _RATE
        pictures.append(Image.fromarray(effect(image, faces) if shown else image))
    shown_frames = pictures[::_EVERY]
    shown_frames[0].save(
        path, save_all=True, append_images=shown_frames[1:],
        duration=1000 * _EVERY // _RATE, loop=0, quality=60, method=6,
    )  # fmt: skip


def moving() -> Iterator[ArrayFrame]:
    """Frames of a portrait that is turned and moved."""
    image = portraits()[0]
    for number in range(int(_RATE * _SECONDS)):
        turn = 2 * math.pi * number / (_RATE * _SECONDS)
        matrix = cv2.getRotationMatrix2D((150.0, 120.0), 5 * math.sin(turn), 1.15)
        matrix[:, 2] += np.array([8 * math.sin(turn), 4 * math.sin(2 * turn)])
        moved = cv2.warpAffine(
            image, matrix, (300, 300), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        yield ArrayFrame(number, Timecode(number, Fraction(1, _RATE)), np.asarray(moved, np.uint8))


def write(name: str, image: RGBImage) -> None:
    """Write a picture of the documentation."""
    (PICTURES / name).write_bytes(encode_jpeg(image, 88))


if __name__ == "__main__":
    main()
