"""Cartoon eyes as vector drawings, in units of their own radius around their own centre."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import skia

from closeup.effects.face_shapes import Point
from closeup.effects.paints import fill, radial, shadow, stroke
from closeup.frames import RGBImage

EyeDrawing = Callable[[skia.Canvas, Point], None]
"""Draws one eye on a canvas whose unit is the eye's radius, with the iris towards a direction (2,)
whose components are in -1..1 (right and down)."""

REACH = 1.5
"""Distance from the centre, in radii, up to which a drawing and its shadow reach."""


class EyeStyle(StrEnum):
    """Drawn styles of startled eyes."""

    POP = "pop"
    """Tall white eyes with small pupils, as in films of the 1940s."""
    ANIME = "anime"
    """Large irises with a colour gradient and highlights."""
    PICTURE = "picture"
    """A picture of the user's own."""


def drawing_of(style: EyeStyle, picture: RGBImage | None = None) -> EyeDrawing:
    """The drawing of a style.

    Args:
        style: The style.
        picture: RGBA uint8 of shape (H, W, 4), for PICTURE.

    Raises:
        ValueError: PICTURE without a picture, or a picture for another style.

    """
    if (style is EyeStyle.PICTURE) != (picture is not None):
        raise ValueError("the style picture needs a picture, and no other style does")
    if picture is not None:
        return _picture_drawing(picture)
    return {EyeStyle.POP: draw_pop, EyeStyle.ANIME: draw_anime}[style]


def draw_pop(canvas: skia.Canvas, look: Point) -> None:
    """Draw an eye of the style POP; see :data:`EyeDrawing`."""
    oval = skia.Rect.MakeLTRB(-0.86, -1.1, 0.86, 1.1)
    shadow(canvas, oval)
    canvas.drawOval(oval, radial((-0.2, -0.35), 1.5, [0xFFFFFFFF, 0xFFF4F6FA, 0xFFC4CBD9]))
    canvas.drawOval(oval, stroke(0.085))
    x, y = np.asarray(look) * (0.4, 0.55)
    canvas.drawCircle(x, y, 0.34, radial((x, y), 0.34, [0xFF3C3F4A, 0xFF0B0B10]))
    canvas.drawCircle(x - 0.11, y - 0.13, 0.1, fill(0xFFFFFFFF))
    canvas.drawCircle(x + 0.12, y + 0.12, 0.04, fill(0xB0FFFFFF))


def draw_anime(canvas: skia.Canvas, look: Point) -> None:
    """Draw an eye of the style ANIME; see :data:`EyeDrawing`."""
    oval = skia.Rect.MakeLTRB(-1, -0.95, 1, 0.95)
    shadow(canvas, oval)
    canvas.drawOval(oval, radial((0, 0.2), 1.2, [0xFFFFFFFF, 0xFFFFFFFF, 0xFFD9DFEC]))
    x, y = np.asarray(look) * (0.26, 0.2)
    canvas.save()
    canvas.clipPath(skia.Path.Oval(oval), doAntiAlias=True)
    iris = skia.Rect.MakeXYWH(x - 0.62, y - 0.72, 1.24, 1.44)
    shade = skia.GradientShader.MakeLinear(
        [(x, y - 0.72), (x, y + 0.72)], [0xFF10254F, 0xFF2463C9, 0xFF7FD4FF], [0.0, 0.55, 1.0]
    )
    canvas.drawOval(iris, skia.Paint(AntiAlias=True, Shader=shade))
    canvas.drawOval(iris, stroke(0.06, 0xFF0B1A3A))
    canvas.drawOval(skia.Rect.MakeXYWH(x - 0.27, y - 0.36, 0.54, 0.72), fill(0xFF070B18))
    canvas.drawOval(skia.Rect.MakeXYWH(x - 0.48, y - 0.58, 0.44, 0.5), fill(0xFFFFFFFF))
    canvas.drawCircle(x + 0.26, y + 0.36, 0.12, fill(0xE0FFFFFF))
    canvas.restore()
    canvas.drawOval(oval, stroke(0.06))
    lash = skia.Path().moveTo(-1.08, -0.28).quadTo(-0.75, -1.1, 0, -1.02)
    lash.quadTo(0.75, -1.1, 1.08, -0.28)
    canvas.drawPath(lash, stroke(0.16))


def _picture_drawing(picture: RGBImage) -> EyeDrawing:
    image = skia.Image.fromarray(np.ascontiguousarray(picture), skia.kRGBA_8888_ColorType)
    scale = 2 / max(image.width(), image.height())
    sides = image.width() * scale, image.height() * scale
    place = skia.Rect.MakeXYWH(-sides[0] / 2, -sides[1] / 2, *sides)
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)

    def draw(canvas: skia.Canvas, look: Point) -> None:  # noqa: ARG001 - it looks as it is drawn
        canvas.drawImageRect(image, place, sampling, skia.Paint(AntiAlias=True))

    return draw
