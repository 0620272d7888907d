"""Paints of the drawn effects, in colours as ARGB integers."""

from __future__ import annotations

import skia

INK = 0xFF1B1B22
"""Colour of outlines."""


def shadow(canvas: skia.Canvas, oval: skia.Rect) -> None:
    """Draw the soft shadow of an oval."""
    blur = skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.12)
    paint = skia.Paint(AntiAlias=True, Color=0x60000000, MaskFilter=blur)
    canvas.drawOval(oval.makeOffset(0.03, 0.1), paint)


def radial(centre: tuple[float, float], radius: float, colours: list[int]) -> skia.Paint:
    """Paint with a radial gradient of ARGB colours."""
    shade = skia.GradientShader.MakeRadial(centre, radius, colours)
    return skia.Paint(AntiAlias=True, Shader=shade)


def fill(colour: int) -> skia.Paint:
    """Paint with one ARGB colour."""
    return skia.Paint(AntiAlias=True, Color=colour)


def stroke(width: float, colour: int = INK) -> skia.Paint:
    """Paint that draws lines with round ends."""
    return skia.Paint(
        AntiAlias=True,
        Color=colour,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
    )
